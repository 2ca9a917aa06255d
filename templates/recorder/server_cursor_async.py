"""Recording of named cursors. ``server_cursor.py`` is derived from this file.

The declaration is an exchange, and what is fetched are its rows, each once: they are
known by position, however the application moves about in them.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import psycopg

from .cursor_async import AsyncRecordingCursor
from .fetches import Fetches
from .overrides import enter, leave, make_row_maker, record_calls, refuse_others, shaped
from .proxy import Proxy, real_of
from .recording import ConnectionRecording
from .step import Step

STATEMENTS = ("execute", "executemany", "stream", "copy")
FETCHES = ("execute", "executemany", "fetchone", "fetchmany", "fetchall", "scroll")


class AsyncRecordingServerCursor(AsyncRecordingCursor):
    """Stands for a cursor of the driver whose results are on the server."""

    __slots__ = ("_fetches",)

    def __init__(self, real: Any, recording: ConnectionRecording, owner: Any) -> None:
        super().__init__(real, recording, owner)
        object.__setattr__(self, "_fetches", None)

    async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        if options.keys() - {"binary"}:
            # The driver refuses it without asking the server.
            before = enter()
            try:
                return await self._driver.execute(query, params, **options)
            finally:
                leave(before)
        with Step(self._recording, "declare") as step:
            query, params = step.statement(self._real, query, params)
            await self._driver.execute(query, params, **options)
            fetches = Fetches(step, self._real, options.get("binary"))
            object.__setattr__(self, "_fetches", fetches)
        return self

    async def fetchone(self) -> Any:
        with self._fetching(1):
            return await self._driver.fetchone()

    async def fetchmany(self, size: int = 0) -> Any:
        with self._fetching(size or self._real.arraysize):
            return await self._driver.fetchmany(size)

    async def fetchall(self) -> Any:
        with self._fetching(None):
            return await self._driver.fetchall()

    async def scroll(self, value: int, mode: str = "relative") -> None:
        if self._fetches is None:
            await self._driver.scroll(value, mode)
            return
        with self._fetches.scrolling(value, mode):
            await self._driver.scroll(value, mode)

    async def executemany(self, *args: Any, **kwargs: Any) -> None:
        # The driver refuses it without asking the server.
        await self._driver.executemany(*args, **kwargs)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        with self._fetching(self._real.itersize):
            return await self._driver.__anext__()

    def _fetching(self, count: int | None) -> AbstractContextManager[None]:
        if self._fetches is None:
            # Nothing is declared; the driver is about to say so.
            return nullcontext()
        fetches: Fetches = self._fetches
        return fetches.fetching(count)


def wrap(real: Any, recording: ConnectionRecording, owner: Any) -> Any:
    """The proxy of a cursor; ``owner`` is its connection's proxy."""
    on_server = isinstance(real, psycopg.AsyncServerCursor)
    proxy = AsyncRecordingServerCursor if on_server else AsyncRecordingCursor
    return shaped(proxy, type(real))(real, recording, owner)


def hook_cursor() -> None:
    """Record `AsyncCursor(connection)` of a proxy, and what overrides call."""
    cursor: Any = psycopg.AsyncCursor
    server_cursor: Any = psycopg.AsyncServerCursor
    refuse_others(cursor, STATEMENTS)
    refuse_others(server_cursor, ("execute",))
    record_calls(cursor, AsyncRecordingCursor, STATEMENTS)
    step = AsyncRecordingServerCursor.__anext__.__name__
    record_calls(server_cursor, AsyncRecordingServerCursor, (*FETCHES, step))
    for cls in (cursor, server_cursor):
        cls.__init__ = _initializer(cls.__init__)
    cursor._make_row_maker = make_row_maker
    cursor.__new__ = _new


def _new(cls: Any, connection: Any = None, *args: Any, **kwargs: Any) -> Any:
    real = object.__new__(cls)
    if not issubclass(type(connection), Proxy):
        return real
    proxy = wrap(real, connection._recording, connection)
    # What is returned is of another class, so Python does not initialise it.
    cls.__init__(proxy, connection, *args, **kwargs)
    return proxy


def _initializer(original: Any) -> Any:
    # The driver's own object gets the driver's own connection, who ever calls.
    @functools.wraps(original)
    def init(self: Any, connection: Any, *args: Any, **kwargs: Any) -> None:
        original(real_of(self), real_of(connection), *args, **kwargs)

    return init
