"""The mode that a client begins its transactions with.

BEGIN is the driver's own and no exchange, but what the server answers within may depend
on what it says.
"""

from __future__ import annotations

from typing import Any


def transaction_mode(connection: Any) -> str | None:
    """As BEGIN says it, e.g. ``SERIALIZABLE READ ONLY``; None where it says nothing.

    `connection` is the driver's or stands for one.
    """
    level = connection.isolation_level
    read_only, deferrable = connection.read_only, connection.deferrable
    if level is None and read_only is None and deferrable is None:
        return None
    words = [] if level is None else [level.name.replace("_", " ")]
    if read_only is not None:
        words.append("READ ONLY" if read_only else "READ WRITE")
    if deferrable is not None:
        words.append("DEFERRABLE" if deferrable else "NOT DEFERRABLE")
    return " ".join(words)
