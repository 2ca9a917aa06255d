"""What copies of both kinds share: rows made of data and data made of rows.

Where the data come from, or go to, is in `copy_out` and `copy_in`.  Nothing here waits
for anything.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .copy_format import BinaryRows, RowForm, TextRows
from .copy_out import CopyOut
from .summary import shown
from .transformer import Transformer

if TYPE_CHECKING:
    from .cursor_base import BaseCursor

logger = logging.getLogger("psycopg")

_LARGEST = 32 * 1024
"""Bytes of rows that are kept before they are written."""


class BaseCopy:
    """A COPY that is under way."""

    __module__ = "psycopg"

    writer: Any = None
    """Where the data go that are sent."""

    def __init__(
        self, cursor: BaseCursor[Any], *, binary: bool | None = None, writer: Any = None
    ) -> None:
        server = cursor.copying
        self.cursor = cursor
        self.connection = cursor.connection
        self.writer = writer
        self._server = server
        self._is_binary = server.binary if binary is None else binary
        rows: type[RowForm] = BinaryRows if self._is_binary else TextRows
        transformer = Transformer(cursor, cursor.connection.session)
        self._rows = rows(transformer, server.width)
        # Whatever becomes of the connection within the block.
        self._encoding = transformer.dump_encoding
        self._pending = bytearray()
        # Whether anything was written, and any of it row by row.
        self._is_begun = False
        self._has_rows = False
        # A block that ended with an error of the server may be read, and fails again.
        self._is_finished = False

    def __repr__(self) -> str:
        return shown(self, self.connection)

    def set_types(self, types: Sequence[int | str]) -> None:
        """The types of the columns of rows, by OID or by name."""
        registry = self.cursor.adapters.types
        oids = [t if isinstance(t, int) else registry.get_oid(t) for t in types]
        if isinstance(self._server, CopyOut):
            self._rows.load_as(oids)
        else:
            self._rows.dump_as(oids)

    def _enter(self) -> None:
        if self._is_finished:
            raise TypeError("copy blocks can be used only once")

    def _block(self) -> bytes:
        block = b"" if self._is_finished else self._server.block()
        self._is_finished = not block
        return block

    def _data(self, buffer: Any) -> Any:
        """What is written as it is, in the client's encoding if it is text."""
        if isinstance(buffer, str):
            if self._is_binary:
                raise TypeError(
                    "cannot copy str data in binary mode: use bytes instead"
                )
            buffer = buffer.encode(self._encoding)
        self._is_begun = True
        return buffer

    def _take_row(self, row: Any) -> bool:
        """Keep the data of a row; whether they are many by now."""
        data = self._rows.data_of(row)
        if not self._is_begun:
            self._pending += self._rows.head
        self._is_begun = self._has_rows = True
        self._pending += data
        return len(self._pending) > _LARGEST

    def _taken(self) -> bytearray:
        """The data that were kept, which are not any more."""
        taken, self._pending = self._pending, bytearray()
        return taken

    def _last(self) -> bytearray:
        """The data that are still to be written at the end."""
        if not self._is_begun:
            self._pending += self._rows.head + self._rows.tail
        elif self._has_rows:
            self._pending += self._rows.tail
        return self._taken()
