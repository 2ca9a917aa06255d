"""`AsyncConnectionPool`: as many connections as are needed, to nothing.

`pool.py` is derived from this file.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from types import TracebackType
from typing import Any, Self, cast

from ..connection_async import AsyncConnection
from ..miss import ReplayMiss
from .abc import (
    ACT,
    AsyncConnectFailedCB,
    AsyncConnectionCB,
    AsyncConninfoParam,
    AsyncKwargsParam,
)
from .base import Request, delays
from .errors import PoolTimeout
from .opening import AsyncOpening
from .upkeep_async import AsyncUpkeep
from .waiting import AsyncSignal

logger = logging.getLogger("psycopg.pool")


class AsyncConnectionPool(AsyncUpkeep[ACT]):
    """A pool that keeps the connections which it made."""

    def __init__(
        self,
        conninfo: AsyncConninfoParam = "",
        *,
        connection_class: type[Any] = AsyncConnection,
        kwargs: AsyncKwargsParam | None = None,
        min_size: int = 4,
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
            configure=configure,
            check=check,
            reset=reset,
            name=name,
            close_returns=close_returns,
            timeout=timeout,
            max_waiting=max_waiting,
            max_lifetime=max_lifetime,
            max_idle=max_idle,
            reconnect_timeout=reconnect_timeout,
            reconnect_failed=reconnect_failed,
            num_workers=num_workers,
        )
        # Whether to say that a context or `open()` is the better way.
        self._opened_by_default = open is None
        if open:
            AsyncOpening.asked_for(self)
        if open or open is None:
            self._open()

    async def __aenter__(self) -> Self:
        await self.open()
        self._opened_by_default = False
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def open(self, wait: bool = False, timeout: float = 30.0) -> None:
        """Begin to make connections, and with `wait` stay until they are made."""
        self._open()
        if wait:
            await self.wait(timeout)

    async def wait(self, timeout: float = 30.0) -> None:
        """Stay until the pool is full; it is closed if that takes too long."""
        self._check_in_use()
        client = Request(AsyncSignal())
        if self._is_full(client):
            return
        logger.info("waiting for pool %r initialization", self.name)
        if not await client.signal.wait(timeout):
            await self.close()
            raise PoolTimeout(f"pool initialization incomplete after {timeout} sec")
        if client.error is not None:
            raise client.error
        logger.info("pool %r is ready to use", self.name)

    async def close(self, timeout: float = 5.0) -> None:
        """Close all connections; those that are out once they are put back."""
        connections = self._end()
        if connections is None:
            return
        self._ended.set()
        for connection in connections:
            await self._discard(connection)
        for worker in tuple(self._workers):
            if not worker.is_current and not await worker.join(timeout):
                logger.warning(
                    "couldn't stop thread %r within %s seconds", worker.name, timeout
                )

    @asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncIterator[ACT]:
        """A block with a connection, which commits at its end or rolls back."""
        lent = await self.getconn(timeout=timeout)
        since = monotonic()
        try:
            async with lent:
                yield lent
        finally:
            self._count_since("usage_ms", since)
            await self.putconn(lent)

    async def getconn(self, timeout: float | None = None) -> ACT:
        """A connection that has to be put back."""
        logger.info("connection requested from %r", self.name)
        self._count("requests_num")
        self._check_in_use()
        for connection in self._take_surplus():
            await self._discard(connection)
        lent = await self._checked(self.timeout if timeout is None else timeout)
        logger.info("connection given by %r", self.name)
        return lent

    async def putconn(self, conn: ACT) -> None:
        """Put back what `getconn()` gave."""
        self._take_back(conn)
        await self._put(conn)

    async def check(self) -> None:
        """Ask all idle connections whether they work, and replace those that don't."""
        for connection in self._take_all():
            if self._is_expired(connection):
                logger.info("discarding expired connection %s", connection)
                await self._replace(connection)
                continue
            try:
                await self.check_connection(connection)
            except Exception:  # noqa: BLE001 - whatever it is, it doesn't work
                self._count("connections_lost")
                logger.warning("discarding broken connection: %s", connection)
                await self._replace(connection)
            else:
                await self._add(connection)
        self._grow()

    @staticmethod
    async def check_connection(conn: ACT) -> None:
        """Ask a connection whether it works; it raises if not."""
        switched = not conn.autocommit
        if switched:
            await conn.set_autocommit(True)
        try:
            await conn.execute("")
        finally:
            if switched and not conn.closed:
                await conn.set_autocommit(False)

    async def drain(self) -> None:
        """Replace all connections; those that are out once they are put back."""
        for connection in self._drained():
            await self._replace(connection)

    async def resize(self, min_size: int, max_size: int | None = None) -> None:
        """Have other sizes from now on."""
        for _ in range(self._resize(min_size, max_size)):
            self._work(self._make)

    def _open(self) -> None:
        AsyncOpening.require_loop(self)
        for _ in range(self._begin()):
            self._work(self._make)

    def _check_in_use(self) -> None:
        self._check_open()
        if self._opened_by_default:
            self._opened_by_default = False
            AsyncOpening.by_default(self)

    async def _checked(self, timeout: float) -> ACT:
        """A connection that passes the application's check, if there is any."""
        deadline = monotonic() + timeout
        pauses = delays(0.0)
        while (left := deadline - monotonic()) > 0:
            found = await self._next(left)
            if found is None:
                break
            found._pool = self
            if self._check is None:
                return found
            try:
                await self._ask(self._check, found)
            except BaseException as error:
                await self._return(found, is_new=True)
                if not isinstance(error, Exception) or isinstance(error, ReplayMiss):
                    raise
                logger.info("connection failed check: %s", error)
            else:
                return found
            await self._ended.wait(min(next(pauses), deadline - monotonic()))
        raise PoolTimeout(f"couldn't get a connection after {timeout:.2f} sec")

    async def _next(self, timeout: float) -> ACT | None:
        """The next connection that is free; None if there is none in time."""
        client = Request(AsyncSignal())
        found = self._take(client)
        if found is not None:
            return cast("ACT", found)
        self._grow()
        return await self._wait(client, timeout)

    async def _wait(self, client: Request, timeout: float) -> ACT | None:
        try:
            await client.signal.wait(timeout)
        except BaseException:
            given = self._leave(client)
            if given is not None:
                await self._add(given)
            raise
        given = self._leave(client)
        if client.error is not None:
            raise client.error
        return cast("ACT | None", given)

    async def _put(self, connection: ACT) -> None:
        if self.closed:
            await self._discard(connection)
        else:
            await self._return(connection)
