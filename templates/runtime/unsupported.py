"""Classes of the driver that are not replayed, refused when they are used.

Applications import them for one case among many, or only to compare types, so
that the import itself has to work.
"""

from __future__ import annotations

from typing import Any

from .replay import replay

_NAMES = frozenset(
    {
        "AsyncClientCursor",
        "AsyncCopy",
        "AsyncPipeline",
        "AsyncRawCursor",
        "AsyncRawServerCursor",
        "ClientCursor",
        "Copy",
        "Pipeline",
        "RawCursor",
        "RawServerCursor",
    }
)


class Unsupported:
    """The base of what stands in for a class that is not replayed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise replay().refused(type(self).__name__)


_made: dict[str, type] = {}


def stand_in(name: str) -> type | None:
    """The class of this name that raises when used; None for other names."""
    if name not in _NAMES:
        return None
    return _made.setdefault(name, type(name, (Unsupported,), {"__module__": "psycopg"}))
