"""Cursors whose statements have the server's own placeholders: ``$1``."""

from __future__ import annotations

from .cursor import MockCursor
from .cursor_async import MockAsyncCursor
from .cursor_base import BaseCursor
from .query import raw_query
from .rows import Row
from .server_cursor import MockServerCursor
from .server_cursor_async import MockAsyncServerCursor


class RawCursorMixin(BaseCursor[Row]):
    """What all kinds change of a cursor."""

    __module__ = "psycopg.raw_cursor"

    _form = staticmethod(raw_query)


class RawCursor(RawCursorMixin[Row], MockCursor[Row]):
    """`Cursor` with the server's placeholders."""

    __module__ = "psycopg"


class AsyncRawCursor(RawCursorMixin[Row], MockAsyncCursor[Row]):
    """`AsyncCursor` with the server's placeholders."""

    __module__ = "psycopg"


class RawServerCursor(RawCursorMixin[Row], MockServerCursor[Row]):
    """`ServerCursor` with the server's placeholders."""

    __module__ = "psycopg"


class AsyncRawServerCursor(RawCursorMixin[Row], MockAsyncServerCursor[Row]):
    """`AsyncServerCursor` with the server's placeholders."""

    __module__ = "psycopg"
