"""Cursors that write parameters into the statement and send nothing but text."""

from __future__ import annotations

from typing import Any

from .cursor import MockCursor
from .cursor_async import MockAsyncCursor
from .cursor_base import BaseCursor
from .errors import NotSupportedError
from .exchange import Exchange
from .pq import Format
from .query import client_query
from .rows import Row


class ClientCursorMixin(BaseCursor[Row]):
    """What both kinds add to a cursor."""

    __module__ = "psycopg.client_cursor"

    _form = staticmethod(client_query)

    def mogrify(self, query: Any, params: Any = None) -> str:
        """The statement as it would be sent, parameters and all."""
        connection = self._connection
        sent = self._sent_query(connection.as_text(query), params)
        return sent.query.decode(connection.session.encoding)

    def _perform(
        self, operation: str, query: Any, parameters: Any, binary: bool | None = None
    ) -> Exchange:
        if not (self.format == Format.BINARY if binary is None else binary):
            return super()._perform(operation, query, parameters)
        statement, parameters = self._start(operation, query, parameters)
        self._check_sendable()
        self._connection.refuse(operation, statement, parameters, self.adapters)
        raise NotSupportedError("client-side cursors don't support binary results")


class ClientCursor(ClientCursorMixin[Row], MockCursor[Row]):
    """`Cursor` with parameters written in by the client."""

    __module__ = "psycopg"


class AsyncClientCursor(ClientCursorMixin[Row], MockAsyncCursor[Row]):
    """`AsyncCursor` with parameters written in by the client."""

    __module__ = "psycopg"
