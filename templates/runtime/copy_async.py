"""`cursor.copy()` for ``COPY … TO STDOUT``: the blocks that the server sent.

What the client would send (``FROM STDIN``) is not replayed.  `copy.py` is derived
from this file.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from .summary import shown
from .transformer import Decode, Transformer

if TYPE_CHECKING:
    from .cursor_base import BaseCursor

SENT_BY_SERVER = re.compile(r"\bto\s+stdout\b", re.IGNORECASE)
"""What makes a COPY one that the server sends."""

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
_NULL = r"\N"


def fields_of(block: str) -> list[str | None]:
    """The fields of one row in COPY's text format."""
    fields = block.removesuffix("\n").split("\t")
    return [None if each == _NULL else _unescaped(each) for each in fields]


def _unescaped(field: str) -> str:
    if "\\" not in field:
        return field
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), field)


class AsyncCopy:
    """A COPY that is under way: its blocks, each of them a row in the text format."""

    __module__ = "psycopg"

    def __init__(self, cursor: BaseCursor[Any], blocks: Sequence[str]) -> None:
        self.cursor = cursor
        self._blocks = blocks
        self._position = 0
        self._decoders: list[Decode] = []

    def __repr__(self) -> str:
        return shown(self, self.cursor.connection)

    def __aiter__(self) -> AsyncIterator[memoryview]:
        return self._read_all()

    async def _read_all(self) -> AsyncIterator[memoryview]:
        while block := await self.read():
            yield block

    async def read(self) -> memoryview:
        """The next block; an empty one at the end."""
        return memoryview(self._next().encode(self.cursor.connection.session.encoding))

    async def rows(self) -> AsyncIterator[tuple[Any, ...]]:
        """The rows that are left, as `read_row` gives them."""
        while (row := await self.read_row()) is not None:
            yield row

    async def read_row(self) -> tuple[Any, ...] | None:
        """The next row; texts, or values of the types that `set_types` named."""
        block = self._next()
        if not block:
            return None
        fields = fields_of(block)
        if not self._decoders:
            return tuple(fields)
        pairs = zip(self._decoders, fields, strict=True)
        return tuple(None if field is None else load(field) for load, field in pairs)

    def set_types(self, types: Sequence[int | str]) -> None:
        """The types of the columns of `rows`, by OID or by name."""
        cursor = self.cursor
        transformer = Transformer(cursor, cursor.connection.session)
        registry = cursor.adapters.types
        oids = [
            each if isinstance(each, int) else registry.get_oid(each) for each in types
        ]
        self._decoders = [transformer.text_decoder(oid) for oid in oids]

    async def write(self, buffer: Any) -> None:
        """The server is the one that writes."""
        self._refuse("write()")

    async def write_row(self, row: Any) -> None:
        """The server is the one that writes."""
        self._refuse("write_row()")

    def _refuse(self, what: str) -> NoReturn:
        raise self.cursor.connection.refused(f"copy.{what}")

    def _next(self) -> str:
        if self._position == len(self._blocks):
            return ""
        (block,) = json.loads(self._blocks[self._position])
        self._position += 1
        return str(block)
