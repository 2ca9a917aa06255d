"""A writer of `cursor.copy()` that keeps the data in a file."""

from __future__ import annotations

from typing import IO

from .abc import Buffer
from .copy_writers import Writer


class FileWriter(Writer):
    """Writes to a file of the application; the server gets nothing."""

    __module__ = "psycopg.copy"

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def write(self, data: Buffer) -> None:
        self.file.write(data)
