"""`MockAsyncServerCursor`: a named cursor, served from the rows it once got.

All rows that the application read when recorded are known by position, so
they may be fetched in other portions; what lies beyond is a miss.
`server_cursor.py` is derived from this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

from . import errors, server_errors
from .connection_base import BaseConnection
from .cursor_async import MockAsyncCursor
from .pq import ExecStatus, TransactionStatus
from .query import SentQuery
from .result import MockResult
from .rows import Row
from .sql import Identifier
from .unclosed import warn_unclosed


class MockAsyncServerCursor(MockAsyncCursor[Row]):
    """A cursor declared on the server (DECLARE, FETCH, MOVE)."""

    __module__ = "psycopg"

    # Until it is made, for `__del__`.
    _closed = True
    _row: int
    _ahead: list[Row]
    itersize: int
    _declared_in: int

    def __init__(
        self,
        connection: BaseConnection[Any],
        name: str,
        *,
        row_factory: Any = None,
        scrollable: bool | None = None,
        withhold: bool = False,
    ) -> None:
        super().__init__(connection, row_factory=row_factory)
        self._closed = False
        self._name = name
        self._scrollable = scrollable
        self._withhold = withhold
        self.itersize = 100
        self._reset()

    def __del__(self) -> None:
        if not self._closed:
            warn_unclosed(self, "cursor")

    @property
    def name(self) -> str:
        return self._name

    @property
    def scrollable(self) -> bool | None:
        return self._scrollable

    @property
    def withhold(self) -> bool:
        return self._withhold

    @property
    def rowcount(self) -> int:
        """Always -1: the server does not tell how many rows there are."""
        return -1

    def _label(self) -> str:
        return f" {self._name!r}"

    def _sent_query(self, statement: str, parameters: Any) -> SentQuery:
        sent = super()._sent_query(statement, parameters)
        scroll = {None: "", True: "SCROLL ", False: "NO SCROLL "}[self._scrollable]
        hold = "WITH HOLD " if self._withhold else ""
        name = Identifier(self._name).as_string(self)
        declare = f"DECLARE {name} {scroll}CURSOR {hold}FOR "
        query = declare.encode(self._connection.session.encoding) + sent.query
        return sent._replace(query=query)

    async def execute(
        self,
        query: Any,
        params: Any = None,
        *,
        binary: bool | None = None,
        **kwargs: Any,
    ) -> Self:
        """Declare the cursor for `query`."""
        for keyword in kwargs:
            raise TypeError(f"keyword not supported: {keyword}")
        if self._connection._pipeline is not None:
            raise errors.NotSupportedError(
                "server-side cursors not supported in pipeline mode"
            )
        await self._ask("declare", query, params)
        self._declared_in = self._connection.transactions_ended
        self._shows((), ExecStatus.COMMAND_OK)
        return self

    async def executemany(
        self, query: Any, params_seq: Any, *, returning: bool = True
    ) -> None:
        raise errors.NotSupportedError(
            "executemany not supported on server-side cursors"
        )

    async def __anext__(self) -> Row:
        # Iteration fetches `itersize` rows ahead, which other fetches don't see.
        if not self._ahead:
            self._ahead = self._fetch(self.itersize)
            self._position -= len(self._ahead)
        if not self._ahead:
            raise StopAsyncIteration("no more records to return")
        self._position += 1
        return self._ahead.pop(0)

    async def scroll(self, value: int, mode: str = "relative") -> None:
        """Move by or to `value`; rows beyond the ends are no error (MOVE)."""
        position = self._moved(value, mode)
        if self._result is None:
            # The driver sends MOVE without a BEGIN before it.
            self._connection.check_open()
            self._connection.fail()
            raise self._connection.raised(server_errors.vanished_cursor(self._name))
        self._check_portal()
        assert self._result is not None
        after_last = len(self._result.rows) + 1
        row = value if mode == "absolute" else self._row + value
        if mode == "absolute" and value < 0:
            self._check_known(None)
            row += after_last
        if not self._result.partial:
            row = min(row, after_last)
        # Without either word it is the plan that decides, and most allow it.
        if row < self._row and self._refuses_to_move():
            self._fail_late()
        if row < self._row and self._scrollable is False:
            self._connection.fail()
            raise self._connection.raised(server_errors.forward_only())
        self._row = max(row, 0)
        self._position = position

    def _reset(self) -> None:
        super()._reset()
        # The server's current row: 0 is before the first one, as MOVE counts.
        self._row = 0
        self._ahead = []
        self._declared_in = 0

    def _check_portal(self) -> None:
        """Raise what the server says of a cursor that isn't there or can't be read."""
        if self._result is None:
            self._connection.begin()
            self._connection.fail()
            error = server_errors.undescribed_cursor(self._name)
            raise self._connection.raised(error)
        self._connection.check_open()
        if self._connection.transaction_status == TransactionStatus.INERROR:
            raise self._connection.in_failed_transaction()
        ended = self._declared_in != self._connection.transactions_ended
        if ended and not self._withhold:
            self._connection.fail()
            raise self._connection.raised(server_errors.vanished_cursor(self._name))

    def _fetch(self, count: int | None) -> list[Row]:
        if self._closed:
            raise errors.InterfaceError("the cursor is closed")
        self._check_portal()
        start = self._row
        end = None if count is None else start + count
        self._check_known(end)
        rows = self._check_rows()
        stop = len(rows) if end is None else min(end, len(rows))
        made = self._made(start, stop) if start < stop else []
        # A fetch that finds too few rows ends after the last one.
        self._row = len(rows) + 1 if end is None or end > len(rows) else end
        self._position += len(made)
        self._shows(rows[start:stop], ExecStatus.TUPLES_OK)
        return made

    def _shows(self, rows: Sequence[str], status: ExecStatus) -> None:
        """Let `pgresult` be that of the last DECLARE or FETCH, which has no other rows."""
        assert self._result is not None
        encoding = self._connection.session.encoding
        shown = replace(self._result, rows=rows)
        self._pgresult = MockResult(shown, encoding, status=status)
