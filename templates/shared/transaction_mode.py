"""The mode that a client begins its transactions with.

BEGIN is the driver's own and no exchange, but what the server answers within may depend
on what it says.
"""

from __future__ import annotations

from typing import Any


def transaction_mode(connection: Any) -> str | None:
    """As BEGIN says it, e.g. ``SERIALIZABLE READ ONLY``; None for PostgreSQL's own mode.

    `connection` is the driver's or stands for one.  Which of a pool's connections says
    ``READ COMMITTED`` and which says nothing depends on what was reset before.
    """
    level = connection.isolation_level
    words = []
    if level is not None and level.name != "READ_COMMITTED":
        words.append(level.name.replace("_", " "))
    if connection.read_only:
        words.append("READ ONLY")
    if connection.deferrable:
        words.append("DEFERRABLE")
    return " ".join(words) or None
