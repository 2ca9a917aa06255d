"""What of the driver is not replayed: classes, and attributes of connections.

They are refused by name when they are used.

Applications import them for one case among many, or only to compare types, so
that the import itself has to work.
"""

from __future__ import annotations

from types import new_class
from typing import Any, Generic

from .replay import replay
from .rows import Row


class Unsupported:
    """The base of what stands in for a class that is not replayed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise replay().refused(type(self).__name__)


class UnsupportedCursor(Unsupported, Generic[Row]):
    """The same of a class that applications subscribe with the type of their rows."""


_CURSORS = frozenset(
    {
        "AsyncClientCursor",
        "AsyncRawCursor",
        "AsyncRawServerCursor",
        "ClientCursor",
        "RawCursor",
        "RawServerCursor",
    }
)
_OTHERS = frozenset(
    {
        "AsyncLibpqWriter",
        "AsyncQueuedLibpqWriter",
        "AsyncWriter",
        "FileWriter",
        "LibpqWriter",
        "QueuedLibpqWriter",
        "Writer",
    }
)

NOT_REPLAYED = frozenset(
    {
        "fileno",
        "wait",
    }
)
"""Attributes of connections."""

_made: dict[str, type] = {}


def stand_in(name: str) -> type | None:
    """The class of this name that raises when used; None for other names."""
    base: Any
    if name in _CURSORS:
        base = UnsupportedCursor
        base = base[Row]
    elif name in _OTHERS:
        base = Unsupported
    else:
        return None
    # `type()` takes no subscribed class for a base.
    made = new_class(name, (base,))
    made.__module__ = "psycopg"
    return _made.setdefault(name, made)


def __getattr__(name: str) -> type:
    # This stands for the driver's modules that hold nothing but such classes, too.
    found = stand_in(name)
    if found is None:
        raise AttributeError(f"{name} has no stand-in in this fixture")
    return found
