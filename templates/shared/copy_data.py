"""The data of COPY as a trace holds them, the same in both phases.

What a client sends is one stream, whatever pieces it is sent in: it is cut anew, into
lines, or into pieces of one size where it is binary. Knows nothing of rows.
"""

from __future__ import annotations

import base64
import re
from typing import Any, TypeAlias

Cell: TypeAlias = Any
"""A line of data: text, or an object with its bytes in base64; base64 of binary data."""

PIECE = 57
"""Bytes of binary data that stand in one line: 76 characters, as MIME has them."""

_FROM_CLIENT = re.compile(r"\bfrom\s+stdin\b", re.IGNORECASE)


def operation_of(statement: str) -> str:
    """The operation of a COPY that the server did not begin, by the look of it."""
    return "copy_in" if _FROM_CLIENT.search(statement) else "copy_out"


def cell_of(data: bytes, binary: bool, encoding: str) -> Cell:
    """The cell of a block of data; ``encoding`` is the client's."""
    if binary:
        return _base64(data)
    try:
        text = data.decode(encoding)
        # Some encodings have several bytes for one character.
        if text.encode(encoding) == data:
            return text
    except UnicodeError:
        pass
    return {"bytes": _base64(data)}


def data_of(cell: Cell, binary: bool, encoding: str) -> bytes:
    """The block of data of a cell."""
    if binary:
        return base64.b64decode(cell)
    if isinstance(cell, dict):
        return base64.b64decode(cell["bytes"])
    return str(cell).encode(encoding)


class Stream:
    """What was sent so far, and where the next cut is due."""

    def __init__(self, binary: bool) -> None:
        self._binary = binary
        self._open = bytearray()

    def lines(self, data: Any) -> list[bytes]:
        """The lines that are complete with more data, a buffer of bytes."""
        searched = len(self._open)
        self._open += data
        found = []
        start = 0
        while (end := self._end(start, searched)) <= len(self._open):
            found.append(bytes(self._open[start:end]))
            start = searched = end
        del self._open[:start]
        return found

    def rest(self) -> list[bytes]:
        """The last line, if it has no end."""
        rest, self._open = self._open, bytearray()
        return [bytes(rest)] if rest else []

    def _end(self, start: int, searched: int) -> int:
        """Where the line that begins at ``start`` ends; beyond the data if it does not."""
        if self._binary:
            return start + PIECE
        return self._open.find(b"\n", searched) + 1 or len(self._open) + 1


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
