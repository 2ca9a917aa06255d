"""The stand-in for ``psycopg.copy``: what is replayed of it, and refusals by name."""

from __future__ import annotations

from .copy import Copy
from .copy_async import AsyncCopy
from .unsupported import stand_in

__all__ = ["AsyncCopy", "Copy"]


def __getattr__(name: str) -> type:
    found = stand_in(name)
    if found is None:
        raise AttributeError(f"{name} has no stand-in in this fixture")
    return found
