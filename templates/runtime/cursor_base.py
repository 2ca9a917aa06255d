"""What all cursors share: the results of the last exchange, and reading them.

Rows are decoded when they are fetched, through the cursor's own adapters.
Nothing here waits for anything, and nothing asks the fixture.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic

from . import errors
from .adapt import AdaptersMap
from .columns import Column
from .connection_base import BaseConnection
from .decoding import row_loader
from .exchange import Exchange, RecordedResult
from .pq import ExecStatus, Format
from .result import MockResult
from .rows import Row


class BaseCursor(Generic[Row]):
    """The state of a cursor between `execute` and `close`."""

    __module__ = "psycopg"

    def __init__(
        self, connection: BaseConnection[Any], *, row_factory: Any = None
    ) -> None:
        self._connection = connection
        self._adapters = AdaptersMap(connection.adapters)
        self._row_factory: Any = row_factory or getattr(connection, "row_factory", None)
        self._load: Callable[[Sequence[Any]], tuple[Any, ...]] | None = None
        self._make_row: Callable[[Sequence[Any]], Any] | None = None
        self.arraysize = 1
        self.format = Format.TEXT
        self._closed = False
        self._query: str | None = None
        self._reset()

    def __repr__(self) -> str:
        status = self.pgresult.status.name if self.pgresult else "no result"
        state = "closed" if self._closed else status
        closed = self._connection.closed
        connection = "BAD" if closed else self._connection.transaction_status.name
        name = f"{type(self).__name__}{self._label()}"
        return f"<{name} [{state}] [{connection}] at 0x{id(self):x}>"

    def _label(self) -> str:
        return ""

    @property
    def connection(self) -> Any:
        return self._connection

    @property
    def adapters(self) -> AdaptersMap:
        return self._adapters

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def pgresult(self) -> MockResult | None:
        """The current result; None before an execute and after `executemany`."""
        return self._pgresult

    @property
    def description(self) -> list[Column] | None:
        """The columns of the current result (PEP 249), or None without rows."""
        result = self._result
        if result is None or result.columns is None:
            return None
        return list(result.columns)

    @property
    def rowcount(self) -> int:
        """Rows of the last statement; -1 if there is none (PEP 249)."""
        return self._rowcount

    @property
    def rownumber(self) -> int | None:
        """The index of the next row, or None without rows."""
        return None if self._rows is None else self._position

    @property
    def statusmessage(self) -> str | None:
        """The command tag, e.g. ``INSERT 0 1``."""
        return self._statusmessage

    @property
    def row_factory(self) -> Any:
        return self._row_factory

    @row_factory.setter
    def row_factory(self, factory: Any) -> None:
        self._row_factory = factory
        if self._rows is not None:
            self._make_row = factory(self)

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """Nothing, as PEP 249 allows."""

    def setoutputsize(self, size: Any, column: int | None = None) -> None:
        """Nothing, as PEP 249 allows."""

    def nextset(self) -> bool | None:
        """Move to the next result; None if there is none."""
        following = self._index + 1
        if following >= len(self._results):
            return None
        self._select(following)
        return True

    def set_result(self, index: int) -> Any:
        """Move to the result `index`; negative ones count from the end."""
        count = len(self._results)
        if not -count <= index < count:
            raise IndexError(f"index {index} out of range: {count} result(s) available")
        self._select(index % count)
        return self

    def _close(self) -> None:
        # SQLAlchemy's asyncio adapter closes with this, without awaiting it.
        self._closed = True
        self._reset()

    def _reset(self) -> None:
        self._results: Sequence[RecordedResult] = ()
        self._operation = "execute"
        self._late_error: Mapping[str, Any] | None = None
        self._cancelled = False
        self._index = 0
        self._result: RecordedResult | None = None
        self._pgresult: MockResult | None = None
        self._rows: Sequence[str] | None = None
        self._position = 0
        self._rowcount = -1
        self._statusmessage: str | None = None
        self._load = self._make_row = None

    def _perform(self, operation: str, query: Any, parameters: Any) -> None:
        if self._closed:
            raise errors.InterfaceError("the cursor is closed")
        self._connection.begin()
        self._reset()
        self._query = self._connection.as_text(query)
        exchange = self._connection.perform(
            operation, self._query, parameters, self._adapters
        )
        self._take(exchange)

    def _take(self, exchange: Exchange) -> None:
        self._results = exchange.results
        self._operation = exchange.operation
        self._late_error = exchange.error if exchange.fails_late else None
        self._cancelled = exchange.was_cancelled
        if self._results:
            self._select(0)

    def _select(self, index: int) -> None:
        result = self._results[index]
        self._index = index
        self._result = result
        self._position = 0
        self._rowcount = result.rowcount
        self._statusmessage = result.tag
        session = self._connection.session
        self._pgresult = MockResult(result, session.encoding, self._operation)
        if result.columns is None:
            self._rows = None
            return
        self._rows = result.rows
        self._load = row_loader(
            result.columns, self._adapters, session, self._connection
        )
        self._make_row = self._row_factory(self)

    def _check_rows(self) -> Sequence[str]:
        if self._closed:
            raise errors.InterfaceError("the cursor is closed")
        if self._rows is not None:
            return self._rows
        if self._pgresult is None:
            raise errors.ProgrammingError("no result available")
        if self._pgresult.status == ExecStatus.EMPTY_QUERY:
            status = "result status: EMPTY_QUERY"
        else:
            status = f"command status: {self._statusmessage}"
        raise errors.ProgrammingError(
            f"the last operation didn't produce records ({status})"
        )

    def _fetch(self, count: int | None) -> list[Row]:
        """The next `count` rows as the row factory makes them; None for all."""
        rows = self._check_rows()
        start = self._position
        end = len(rows) if count is None else min(start + max(count, 0), len(rows))
        made = list(self._made(rows[start:end]))
        self._position = end
        return made

    def _check_known(self, end: int | None) -> None:
        """Raise what reading up to row `end`, or to the last one, ran into.

        The rows of a cursor that was read in parts are known as far as it was read.
        """
        result = self._result
        assert result is not None
        if end is not None and end <= len(result.rows):
            return
        if not self._refuses_to_move():
            self._fail_late()
        if result.partial:
            raise self._connection.missed("fetch", self._query)

    def _refuses_to_move(self) -> bool:
        """Whether what failed late was no fetch but a move back (`scroll()`)."""
        return (self._late_error or {}).get("sqlstate") == "55000"

    def _fail_late(self) -> None:
        """Raise the error that results came before, if there is one."""
        if self._late_error is None:
            return
        if self._late_error["sqlstate"]:
            self._connection.fail()
        raise errors.from_record(self._late_error)

    def _made(self, rows: Sequence[str]) -> Iterable[Row]:
        if not rows:
            return ()
        load, make = self._load, self._make_row
        assert load is not None and make is not None
        cells = json.loads(f"[{','.join(rows)}]") if len(rows) > 1 else _one(rows[0])
        bindings = self._connection.bindings()
        if bindings:
            to_live = bindings.to_live
            return [make(tuple(map(to_live, load(row)))) for row in cells]
        return [make(load(row)) for row in cells]

    def _moved(self, value: int, mode: str) -> int:
        if mode == "relative":
            return self._position + value
        if mode == "absolute":
            return value
        raise ValueError(f"bad mode: {mode}. It should be 'relative' or 'absolute'")

    def _keep_counts_only(self) -> None:
        # Without `returning`, psycopg keeps the number of rows and the last tag.
        rowcount, tag = max(self._rowcount, 0), self._statusmessage
        self._reset()
        self._rowcount, self._statusmessage = rowcount, tag


def _one(row: str) -> list[Any]:
    return [json.loads(row)]
