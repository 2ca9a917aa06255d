"""What all cursors share: the results of the last exchange, and reading them.

Rows are decoded when they are fetched, through the cursor's own adapters.
Nothing here waits for anything, and nothing asks the fixture.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Generic

from . import errors
from .adapt import AdaptersMap
from .columns import Column, RowDescription
from .connection_base import BaseConnection
from .copy_in import CopyIn
from .copying import begin_copy
from .decoding import RowLoader, row_loader
from .exchange import COPIES, Exchange, RecordedResult
from .miss import ReplayMiss
from .pq import ExecStatus, Format
from .query import SentQuery, server_query
from .result import MockResult
from .rows import Row, tuple_row
from .summary import shown
from .transformer import Transformer

_SINGLE, _CHUNK = ExecStatus.SINGLE_TUPLE, ExecStatus.TUPLES_CHUNK
_NO_COUNTS: tuple[int, str | None] = (-1, None)


class BaseCursor(Generic[Row]):
    """The state of a cursor between `execute` and `close`.

    What a new cursor has is said once, on the class: most live for one statement.
    """

    __module__ = "psycopg"

    arraysize = 1
    format = Format.TEXT
    _closed = False
    _own_adapters: AdaptersMap | None = None
    _iterable_failed: Exception | None = None

    # How the driver sends a statement, and the last one that it was asked for.
    _form = staticmethod(server_query)
    _statement: str | None = None
    _parameters: Any = None

    # Of the last exchange, and of the result that is current in it.
    _exchange: Exchange | None = None
    _index = 0
    _result: RecordedResult | None = None
    _pgresult: MockResult | None = None
    _row_status: ExecStatus | None = None
    _rows: Sequence[str] | None = None
    _position = 0
    _counts = _NO_COUNTS
    # Of `executemany`: its results are not kept.
    _counts_only = False
    # How much has been told of what came with later rows.
    _told = 0
    _load: RowLoader | None = None
    _make_row: Callable[[Sequence[Any]], Any] | None = None

    copying: Any = None
    """The server's side of the last `copy()`."""

    def __init__(
        self, connection: BaseConnection[Any], *, row_factory: Any = None
    ) -> None:
        self._connection = connection
        self._inherited = connection._adapters.as_it_is()
        self._row_factory: Any = row_factory or getattr(connection, "row_factory", None)

    def __repr__(self) -> str:
        status = self.pgresult.status.name if self.pgresult else "no result"
        state = "closed" if self._closed else status
        return shown(self, self._connection, f"{self._label()} [{state}]")

    def _label(self) -> str:
        return ""

    @property
    def connection(self) -> Any:
        return self._connection

    @property
    def adapters(self) -> AdaptersMap:
        if self._own_adapters is None:
            self._own_adapters = AdaptersMap(self._inherited)
        return self._own_adapters

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def pgresult(self) -> MockResult | None:
        """The current result; None before an execute and after `executemany`."""
        if self._pgresult is None and self._result is not None:
            assert self._exchange is not None
            encoding = self._connection.session.encoding
            operation = self._exchange.operation
            self._pgresult = MockResult(
                self._result, encoding, operation, self._row_status
            )
        return self._pgresult

    @property
    def description(self) -> list[Column] | None:
        """The columns of the current result (PEP 249), or None without rows."""
        result = self._result
        if result is None or result.columns is None:
            return None
        return result.columns.known_to((self._own_adapters or self._inherited).types)

    @property
    def rowcount(self) -> int:
        """Rows of the last statement; -1 if there is none (PEP 249)."""
        return self._counts[0] if self._result is None else self._result.rowcount

    @property
    def rownumber(self) -> int | None:
        """The index of the next row, or None without rows."""
        return None if self._rows is None else self._position

    @property
    def statusmessage(self) -> str | None:
        """The command tag, e.g. ``INSERT 0 1``."""
        return self._counts[1] if self._result is None else self._result.tag

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

    @property
    def _results(self) -> Sequence[RecordedResult]:
        return () if self._exchange is None else self._exchange.results

    def _select_result(self, index: int) -> None:
        count = len(self._results)
        if not -count <= index < count:
            raise IndexError(f"index {index} out of range: {count} result(s) available")
        self._select(index % count)

    def _close(self) -> None:
        # SQLAlchemy's asyncio adapter closes with this, without awaiting it.
        self._closed = True
        self._reset()

    def _reset(self) -> None:
        # What else there is of a result is looked at only where there is one.
        if self._exchange is not None:
            self._exchange = self._result = self._pgresult = self._rows = None
            self._told = 0
        elif self._counts is not _NO_COUNTS:
            self._counts = _NO_COUNTS

    def _start(self, operation: str, query: Any, parameters: Any) -> tuple[str, Any]:
        """Begin a call as the driver does; the statement's text and its parameters."""
        if self._closed:
            raise errors.InterfaceError("the cursor is closed")
        connection = self._connection
        if operation == "executemany":
            connection.check_open()
            connection.check_idle()
        connection.begin()
        if self._statement is not None:
            self._reset()
        plain = type(query) is str and query.isascii()
        statement: str = query if plain else connection.as_text(query)
        self._statement, self._parameters = statement, parameters
        if operation == "executemany":
            parameters = self._taken(parameters)
            self._parameters = parameters[0] if parameters else None
        return statement, parameters

    def _perform(
        self, operation: str, query: Any, parameters: Any, binary: bool | None = None
    ) -> Exchange:
        statement, parameters = self._start(operation, query, parameters)
        adapters = self._own_adapters or self._inherited
        exchange = self._connection.perform(
            operation, statement, parameters, adapters, self._check_sendable
        )
        if operation == "executemany" and parameters:
            self._parameters = parameters[-1]
        pipeline = self._connection._pipeline
        if pipeline is not None:
            pipeline.send(exchange, self)
            return exchange
        self._exchange = exchange
        if exchange.results:
            self._select(0)
        return exchange

    def _receive(self, exchange: Exchange) -> None:
        """Take the outcome of a statement that was sent in a pipeline."""
        if exchange.error is None or exchange.results:
            self._reset()
            self._exchange = exchange
            if exchange.results:
                self._select(0)
            if self._counts_only:
                self._keep_counts_only()

    def _begin_copy(self, statement: Any, parameters: Any) -> bool:
        """Begin a COPY; whether the task was not cancelled before it began."""
        text, _ = self._start("copy", statement, parameters)
        adapters = self._own_adapters or self._inherited
        self.copying = begin_copy(self._connection, text, parameters, adapters)
        if self.copying is None:
            return False
        self._show(self.copying.shown)
        return True

    def _end_copy(self) -> None:
        """Show what the server said in the end, if it was sent something."""
        if isinstance(self.copying, CopyIn) and self.copying.said is not None:
            self._show(self.copying.said)

    def _show(self, result: RecordedResult) -> None:
        self._exchange = replace(self.copying.exchange, results=[result])
        self._select(0)

    @property
    def _query(self) -> SentQuery | None:
        """What the driver sent last: psycopg's documentation names it for debugging."""
        if self._statement is None:
            return None
        return self._sent_query(self._statement, self._parameters)

    def _sent_query(self, statement: str, parameters: Any) -> SentQuery:
        return self._form(statement, parameters, Transformer(self))

    def _check_sendable(self) -> None:
        """Raise what the driver itself raises of the statement, before it is sent."""
        assert self._statement is not None
        self._sent_query(self._statement, self._parameters)

    def _taken(self, iterable: Any) -> list[Any]:
        """The sets of an `executemany`, as far as the iterable gives them."""
        self._iterable_failed = None
        sets: list[Any] = []
        try:
            if isinstance(iterable, Sequence):
                sets.extend(iterable)
            else:
                # The driver sends each set before it asks for the next, which may be
                # the same object, filled anew.
                sets.extend(map(copy.copy, iterable))
        except Exception as error:
            if not hasattr(iterable, "__iter__"):
                raise
            # Those before it were sent.
            self._iterable_failed = error
        return sets

    def _raise_own(self, recorded: Exception) -> None:
        """Raise what the application's own iterable did, and not what stands for it."""
        own = self._iterable_failed
        if own is not None and not isinstance(recorded, errors.Error | ReplayMiss):
            raise own

    def _select(self, index: int) -> None:
        assert self._exchange is not None
        result = self._exchange.results[index]
        self._index = index
        self._result = result
        self._pgresult = self._row_status = None
        self._position = 0
        if result.columns is None or self._exchange.operation in COPIES:
            self._rows = None
            return
        self._rows = result.rows
        self._load = self._loader(result.columns)
        factory = self._row_factory
        self._make_row = tuple if factory is tuple_row else factory(self)

    def _loader(self, columns: RowDescription) -> RowLoader:
        connection = self._connection
        adapters = self._own_adapters or self._inherited
        session = connection.session
        load = columns.loader
        if load is None or not load.serves(adapters, session):
            load = row_loader(columns, adapters, session, connection)
        return load

    def _check_rows(self) -> Sequence[str]:
        pipeline = self._connection._pipeline
        if pipeline is not None and self._result is None and not self._counts_only:
            pipeline.flush()
        if self._closed:
            raise errors.InterfaceError("the cursor is closed")
        if self._rows is not None:
            return self._rows
        if self.pgresult is None:
            raise errors.ProgrammingError("no result available")
        if self.pgresult.status != ExecStatus.COMMAND_OK:
            status = f"result status: {self.pgresult.status.name}"
        else:
            status = f"command status: {self.statusmessage}"
        raise errors.ProgrammingError(
            f"the last operation didn't produce records ({status})"
        )

    def _fetch(self, count: int | None) -> list[Row]:
        """The next `count` rows as the row factory makes them; None for all."""
        rows = self._rows
        if rows is None or self._closed:
            rows = self._check_rows()
        start = self._position
        end = len(rows) if count is None else min(start + max(count, 0), len(rows))
        made = self._made(start, end) if start < end else []
        self._position = end
        return made

    def _check_known(
        self, end: int | None, result: RecordedResult | None = None
    ) -> None:
        """Raise what reading a result up to row `end`, or to the last one, ran into.

        The rows of a cursor that was read in parts are known as far as it was read.
        """
        result = result or self._result
        assert result is not None and self._exchange is not None
        for news in self._exchange.later[self._told :]:
            if end is not None and end <= news.after:
                break
            self._told += 1
            self._connection._hear(news.notices, news.server_parameters)
        if end is not None and end <= len(result.rows):
            return
        if not self._refuses_to_move():
            self._fail_late()
        if result.partial:
            raise self._connection.missed("fetch", self._statement)

    def _streamed(self, size: int) -> Iterator[Sequence[Any]]:
        """Each row of `stream()` by itself; results have up to `size` of them."""
        if size < 1:
            raise ValueError("size must be >= 1")
        whole, self._rows = self._result, None
        if whole is None or whole.columns is None:
            self._result = None
            return
        for number in itertools.count():
            self._check_known(number + 1, whole)
            if number == len(whole.rows):
                return
            if number % size == 0:
                self._result = replace(whole, rows=whole.rows[number : number + size])
                self._pgresult = None
                self._row_status = _CHUNK if size > 1 else _SINGLE
            yield self._made(number % size, number % size + 1)

    def _refuses_to_move(self) -> bool:
        """Whether what failed late was no fetch but a move back (`scroll()`)."""
        exchange = self._exchange
        error = None if exchange is None else exchange.error
        return error is not None and error.get("sqlstate") == "55000"

    def _fail_late(self) -> None:
        """Raise the error that results came before, if there is one."""
        exchange = self._exchange
        if exchange is None or exchange.error is None or not exchange.fails_late:
            return
        raise self._connection.fail_late(exchange)

    def _made(self, start: int, end: int) -> list[Any]:
        """Rows of the current result as the row factory makes them."""
        result, exchange = self._result, self._exchange
        load, make = self._load, self._make_row
        assert result is not None and exchange is not None
        assert load is not None and make is not None
        if self._own_adapters is not None and not load.uses(self._own_adapters):
            # A loader was registered since, which holds for the rows that are left.
            assert result.columns is not None
            load = self._load = self._loader(result.columns)
        is_asked_again = exchange.left or exchange.repeatable
        if load.is_pure and is_asked_again and end - start == len(result.rows):
            values = result.values(load)
        else:
            values = load.rows(result.rows[start:end])
        if self._connection._replay.binds:
            bindings = self._connection.bindings()
            values = [tuple(map(bindings.to_live, row)) for row in values]
        if self._connection._replay.lifts:
            assert result.columns is not None
            names = [column.name for column in result.columns]
            values = self._connection._replay.lifted(values, names, self._statement)
        # The list may be the one that is kept, and the caller's is its own.
        return values.copy() if make is tuple else [make(row) for row in values]

    def _moved(self, value: int, mode: str) -> int:
        if mode == "relative":
            return self._position + value
        if mode == "absolute":
            return value
        raise ValueError(f"bad mode: {mode}. It should be 'relative' or 'absolute'")

    def _keep_counts_only(self) -> None:
        # Without `returning`, psycopg keeps the number of rows and the last tag.
        counts = max(self.rowcount, 0), self.statusmessage
        self._reset()
        self._counts = counts
