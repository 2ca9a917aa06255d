"""The stand-in for ``psycopg.copy``."""

from __future__ import annotations

from .copy import Copy
from .copy_async import AsyncCopy
from .copy_writers import LibpqWriter, QueuedLibpqWriter, Writer
from .copy_writers_async import AsyncLibpqWriter, AsyncQueuedLibpqWriter, AsyncWriter
from .file_writer import FileWriter

__all__ = [
    "AsyncCopy",
    "AsyncLibpqWriter",
    "AsyncQueuedLibpqWriter",
    "AsyncWriter",
    "Copy",
    "FileWriter",
    "LibpqWriter",
    "QueuedLibpqWriter",
    "Writer",
]
