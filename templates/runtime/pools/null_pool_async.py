"""`AsyncNullConnectionPool`: a connection for each client, and none kept.

`null_pool.py` is derived from this file.
"""

from __future__ import annotations

from typing import Any

from ..connection_async import AsyncConnection
from .abc import (
    ACT,
    AsyncConnectFailedCB,
    AsyncConnectionCB,
    AsyncConninfoParam,
    AsyncKwargsParam,
)
from .base import Request
from .pool_async import AsyncConnectionPool
from .waiting import AsyncSignal


class AsyncNullConnectionPool(AsyncConnectionPool[ACT]):
    """A pool that only limits how many connections there are at a time.

    A client makes its connection itself, and sees why that fails. What is put back is
    closed, unless another client waits for it.
    """

    def __init__(
        self,
        conninfo: AsyncConninfoParam = "",
        *,
        connection_class: type[Any] = AsyncConnection,
        kwargs: AsyncKwargsParam | None = None,
        min_size: int = 0,
        max_size: int | None = None,
        open: bool | None = None,
        configure: AsyncConnectionCB[ACT] | None = None,
        check: AsyncConnectionCB[ACT] | None = None,
        reset: AsyncConnectionCB[ACT] | None = None,
        name: str | None = None,
        close_returns: bool = False,
        timeout: float = 30.0,
        max_waiting: int = 0,
        max_lifetime: float = 60 * 60.0,
        max_idle: float = 10 * 60.0,
        reconnect_timeout: float = 5 * 60.0,
        reconnect_failed: AsyncConnectFailedCB | None = None,
        num_workers: int = 3,
    ) -> None:
        super().__init__(
            conninfo,
            connection_class=connection_class,
            kwargs=kwargs,
            min_size=min_size,
            max_size=max_size,
            open=open,
            configure=configure,
            check=check,
            reset=reset,
            name=name,
            # As in psycopg_pool, where `close()` closes whatever was asked for.
            close_returns=False,
            timeout=timeout,
            max_waiting=max_waiting,
            max_lifetime=max_lifetime,
            max_idle=max_idle,
            reconnect_timeout=reconnect_timeout,
            reconnect_failed=reconnect_failed,
            num_workers=num_workers,
        )

    async def resize(self, min_size: int, max_size: int | None = None) -> None:
        """Have another limit from now on."""
        await super().resize(min_size, max_size)
        self._grow()

    def _sizes(self, min_size: int, max_size: int | None) -> tuple[int, int]:
        # 0 is no limit.
        largest = max_size or 0
        if min_size != 0:
            raise ValueError("null pools must have min_size = 0")
        if largest < 0:
            raise ValueError("max_size must be greater or equal than min_size")
        return min_size, largest

    def _takes_place(self, client: Request | None) -> bool:
        """Whether there may be one connection more; else the client waits for one."""
        with self._lock:
            if not self._max_size or self._size < self._max_size:
                self._size += 1
                return True
            if client is not None:
                self._queue(client)
            return False

    def _is_waited_for(self) -> bool:
        with self._lock:
            while self._clients and self._clients[0].is_over:
                self._clients.popleft()
            return bool(self._clients)

    def _starts_growing(self) -> bool:
        return self._is_waited_for() and self._takes_place(None)

    def _is_full(self, client: Request) -> bool:
        # One connection is made, to see whether that works.
        with self._lock:
            self._until_full.append(client)
            self._size += 1
        self._work(self._make)
        return False

    def _accept(self, connection: Any) -> bool:
        with self._lock:
            self._tell_full()
            if not self.closed and self._give(connection):
                return True
            self._size -= 1
            return False

    async def _next(self, timeout: float) -> ACT | None:
        client = Request(AsyncSignal())
        if not self._takes_place(client):
            return await self._wait(client, timeout)
        try:
            return await self._connect(timeout)
        except BaseException:
            await self._replace(None)
            raise

    async def _put(self, connection: ACT) -> None:
        if not self.closed and self._is_waited_for():
            await self._return(connection)
            return
        if connection.closed:
            self._count("returns_bad")
        await self._discard(connection)
        self._lose()

    async def _replace(self, connection: ACT | None) -> None:
        """Make another connection only if a client waits for it."""
        if connection is not None:
            await self._discard(connection)
        if self._is_waited_for():
            self._work(self._make)
        else:
            self._lose()
