"""The stand-in for ``psycopg.copy``: what is replayed of it, and refusals by name."""

from __future__ import annotations

from .copy import Copy
from .copy_async import AsyncCopy

# Refuses the others by name.
from .unsupported import __getattr__

__all__ = ["AsyncCopy", "Copy", "__getattr__"]
