"""Recording of the driver's cursors. ``cursor.py`` is derived from this file.

Results are taken when a statement has been executed; fetching them is the driver's
own business and is not seen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any

from .copy_async import copy_block
from .overrides import enter, leave
from .proxy import Proxy, on_proxy
from .recording import ConnectionRecording
from .row_stream import RowStream
from .sent import reading, statement_step
from .step import Step


class AsyncRecordingCursor(Proxy):
    """Stands for a cursor of the driver whose results are on the client."""

    __slots__ = ("_copying",)

    def __init__(self, real: Any, recording: ConnectionRecording, owner: Any) -> None:
        super().__init__(real, recording, owner)
        object.__setattr__(self, "_copying", None)

    @property
    def connection(self) -> Any:
        return self._owner

    async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        with statement_step(self._recording, "execute", self._real) as step:
            query, params = step.statement(self._real, query, params)
            before = self._real.pgresult
            try:
                await self._driver.execute(query, params, **options)
            except Exception:
                if self._real.pgresult not in (None, before):
                    step.take_answer(self._real)
                raise
            step.take_results(self._real)
        return self

    async def executemany(
        self, query: Any, params_seq: Any, *, returning: bool = False
    ) -> None:
        with statement_step(self._recording, "executemany", self._real) as step:
            query, params_seq = step.statements(self._real, query, params_seq)
            step.counts_only = not returning
            take = step.take_results if returning else step.take_counts
            try:
                await self._driver.executemany(query, params_seq, returning=returning)
            except Exception:
                # What came before the error is there to be read.
                if self._real.statusmessage is not None:
                    take(self._real)
                raise
            take(self._real)

    async def stream(
        self,
        query: Any,
        params: Any = None,
        **options: Any,
    ) -> AsyncIterator[Any]:
        step = Step(self._recording, "stream")
        query, params = step.statement(self._real, query, params)
        with RowStream(step) as stream:
            before = enter()
            try:
                rows = self._driver.stream(query, params, **options)
            finally:
                leave(before)
            try:
                async for row in rows:
                    stream.take(self._real._tx.pgresult)
                    yield row
                stream.complete = True
            finally:
                await rows.aclose()

    async def fetchone(self) -> Any:
        with reading(self._recording):
            return await self._driver.fetchone()

    async def fetchmany(self, size: int = 0) -> Any:
        with reading(self._recording):
            return await self._driver.fetchmany(size)

    async def fetchall(self) -> Any:
        with reading(self._recording):
            return await self._driver.fetchall()

    async def scroll(self, value: int, mode: str = "relative") -> None:
        with reading(self._recording):
            await self._driver.scroll(value, mode)

    def copy(self, statement: Any, params: Any = None, *, writer: Any = None) -> Any:
        return copy_block(self, statement, params, writer)

    async def results(self) -> AsyncIterator[Any]:
        async for one in on_proxy(self, self._driver.results)():
            yield one

    async def set_result(self, index: int) -> Any:
        return await on_proxy(self, self._driver.set_result)(index)

    async def __aenter__(self) -> Any:
        return await on_proxy(self, self._driver.__aenter__)()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Any:
        return await on_proxy(self, self._driver.__aexit__)(exc_type, error, traceback)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        with reading(self._recording):
            return await self._driver.__anext__()
