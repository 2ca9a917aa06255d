"""`cursor.copy()` on asynchronous connections; `copy.py` is derived from this file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .copy_base import BaseCopy, logger
from .copy_out import CopyOut
from .copy_writers_async import AsyncLibpqWriter
from .miss import ReplayMiss
from .refusal import refuses
from .turns import next_turn, until_cancelled

if TYPE_CHECKING:
    from .copy_writers_async import AsyncWriter
    from .cursor_base import BaseCursor


@refuses("psycopg.AsyncCopy")
class AsyncCopy(BaseCopy):
    """A COPY that is under way."""

    __module__ = "psycopg"

    def __init__(
        self,
        cursor: BaseCursor[Any],
        *,
        binary: bool | None = None,
        writer: AsyncWriter | None = None,
    ) -> None:
        chosen = writer or AsyncLibpqWriter(cursor)
        super().__init__(cursor, binary=binary, writer=chosen)

    async def __aenter__(self) -> Self:
        self._enter()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self.finish(exc_value)
        finally:
            self._server.left()

    def __aiter__(self) -> AsyncIterator[memoryview]:
        return self._read_all()

    async def _read_all(self) -> AsyncIterator[memoryview]:
        while block := await self.read():
            yield block

    async def read(self) -> memoryview:
        """The next block of data; an empty one at the end."""
        if isinstance(self._server, CopyOut) and self._server.waits():
            await until_cancelled()
        return memoryview(self._block())

    async def rows(self) -> AsyncIterator[tuple[Any, ...]]:
        """The rows that are left, as `read_row` gives them."""
        while (row := await self.read_row()) is not None:
            yield row

    async def read_row(self) -> tuple[Any, ...] | None:
        """The next row; texts or bytes, or values of the types that were set."""
        block = await self.read()
        if not block:
            return None
        row = self._rows.row_of(bytes(block))
        if row is None:
            # The last block has no row; behind it there is the end.
            await self.read()
        return row

    async def write(self, buffer: Any) -> None:
        """Write data as they are, text or bytes in the format of the COPY."""
        data = self._data(buffer)
        if data:
            await self.writer.write(data)

    async def write_row(self, row: Any) -> None:
        """Write a row of values, through the dumpers of the cursor."""
        if self._take_row(row):
            await self.writer.write(self._taken())

    async def finish(self, exc: BaseException | None) -> None:
        """End the data, or give up what is under way; the block does it by itself."""
        if isinstance(self._server, CopyOut):
            if exc is not None:
                await next_turn()
                self._is_finished = self._server.cancel(exc)
            return
        try:
            if exc is None and (data := self._last()):
                await self.writer.write(data)
            await self.writer.finish(exc)
        except ReplayMiss:
            raise
        except Exception as error:
            if exc is None:
                raise
            # The one that the block raises came first.
            logger.warning("error ignored terminating %r: %s", self, error)
        else:
            self._is_finished = True
