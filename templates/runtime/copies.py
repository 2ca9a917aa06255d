"""The stand-in for ``psycopg.copy``: what is replayed of it, and refusals by name."""

from __future__ import annotations

from .copy import Copy
from .copy_async import AsyncCopy
from .refusal import refusing

__all__ = ["AsyncCopy", "Copy"]

__getattr__ = refusing("psycopg.copy")
