"""`MockAsyncCursor`: psycopg's `AsyncCursor` with no server behind it.

`cursor.py` is derived from this file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

from . import errors
from .copy_async import AsyncCopy
from .cursor_base import BaseCursor
from .rows import Row
from .turns import next_turn, until_cancelled


class MockAsyncCursor(BaseCursor[Row]):
    """Executes by asking the fixture, and fetches what was recorded."""

    __module__ = "psycopg"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the cursor; it can't be used again."""
        self._close()

    async def _ask(
        self, operation: str, query: Any, params: Any, binary: bool | None = None
    ) -> None:
        """Perform as a driver does: other tasks have their turns, and may cancel."""
        await next_turn()
        if self._counts_only:
            self._counts_only = False
        if self._perform(operation, query, params, binary).was_cancelled:
            await until_cancelled()

    async def execute(
        self,
        query: Any,
        params: Any = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        """Execute one statement; the result is there to be fetched."""
        await self._ask("execute", query, params, binary)
        return self

    async def executemany(
        self, query: Any, params_seq: Any, *, returning: bool = False
    ) -> None:
        """Execute one statement with each of several sets of parameters.

        Results are kept with `returning` only; `rowcount` is then that of the
        current result, and otherwise the sum, as far as it got.
        """
        # A closed cursor is refused, and keeps what it has.
        keeps = returning or self._closed or self._connection.closed
        try:
            await self._ask("executemany", query, params_seq)
            self._fail_late()
        except Exception as error:
            self._raise_own(error)
            raise
        finally:
            if not keeps:
                self._counts_only = True
                self._keep_counts_only()
        pipeline = self._connection._pipeline
        if returning and pipeline is not None:
            await next_turn()
            pipeline.flush()

    async def stream(
        self,
        query: Any,
        params: Any = None,
        *,
        binary: bool | None = None,
        size: int = 1,
    ) -> AsyncIterator[Row]:
        """Execute and yield row by row."""
        if self._connection._pipeline is not None:
            raise errors.ProgrammingError("stream() cannot be used in pipeline mode")
        await self._ask("stream", query, params, binary)
        with self._connection.streaming():
            for rows in self._streamed(size):
                yield rows[0]

    async def fetchone(self) -> Row | None:
        """The next row, or None at the end."""
        rows = self._fetch(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int = 0) -> list[Row]:
        """The next `size` rows; `arraysize` of them if no size is given."""
        return self._fetch(size or self.arraysize)

    async def fetchall(self) -> list[Row]:
        """All rows that are left."""
        return self._fetch(None)

    async def results(self) -> AsyncIterator[Self]:
        """The cursor itself, at each of its results from the current one on."""
        more = bool(self._results)
        while more:
            yield self
            more = bool(self.nextset())

    async def set_result(self, index: int) -> Self:
        """Move to the result `index`; negative ones count from the end."""
        self._select_result(index)
        return self

    async def scroll(self, value: int, mode: str = "relative") -> None:
        """Move in the result by or to `value`."""
        rows = self._check_rows()
        position = self._moved(value, mode)
        if not 0 <= position < len(rows):
            raise IndexError("position out of bound")
        self._position = position

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Row:
        rows = self._fetch(1)
        if not rows:
            raise StopAsyncIteration("no more records to return")
        return rows[0]

    @asynccontextmanager
    async def copy(
        self, statement: Any, params: Any = None, *, writer: Any = None
    ) -> AsyncIterator[AsyncCopy]:
        """Copy from or to the client within a block."""
        if self._connection._pipeline is not None:
            raise errors.NotSupportedError("COPY cannot be used in pipeline mode")
        await next_turn()
        if not self._begin_copy(statement, params):
            await until_cancelled()
        async with AsyncCopy(self, writer=writer) as copy:
            yield copy
        self._end_copy()


# By the driver's name, as this stands for its module.
AsyncCursor = MockAsyncCursor
