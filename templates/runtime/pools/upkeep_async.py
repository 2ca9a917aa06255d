"""The connections of a pool: how they are made, configured, cleaned and replaced.

`upkeep.py` is derived from this file.
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import Any, Generic

from ..errors import ProgrammingError
from ..miss import ReplayMiss
from ..pq import TransactionStatus
from ..scopes import entered
from .abc import (
    ACT,
    AsyncConnectFailedCB,
    AsyncConnectionCB,
    AsyncConninfoParam,
    AsyncKwargsParam,
)
from .base import BasePool, delays
from .waiting import AsyncOutcome, AsyncSignal, AsyncWorker

logger = logging.getLogger("psycopg.pool")


class AsyncUpkeep(BasePool, Generic[ACT]):
    """What is done to connections while no client has them."""

    def __init__(
        self,
        conninfo: AsyncConninfoParam,
        *,
        connection_class: type[Any],
        kwargs: AsyncKwargsParam | None,
        configure: AsyncConnectionCB[ACT] | None,
        check: AsyncConnectionCB[ACT] | None,
        reset: AsyncConnectionCB[ACT] | None,
        reconnect_failed: AsyncConnectFailedCB | None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.conninfo = conninfo
        self.kwargs = kwargs
        self.connection_class: type[ACT] = connection_class
        self._configure = configure
        self._check = check
        self._reset = reset
        self._reconnect_failed = reconnect_failed
        self._ended = AsyncSignal()

    async def reconnect_failed(self) -> None:
        """Tell the application that a connection could not be made for too long."""
        failed: Any = self._reconnect_failed
        if failed is not None:
            await AsyncOutcome.of(failed(self))

    def _work(self, function: Any, *args: Any) -> None:
        """Let a worker do it, which belongs to start-up whoever had need of it."""
        if self.closed:
            return
        number = next(self._worker_numbers) % self.num_workers
        with entered(None):
            AsyncWorker(self._workers, f"{self.name}-worker-{number}", function, *args)

    async def _connect(self, timeout: float | None = None) -> ACT:
        """A new connection, configured."""
        self._count("connections_num")
        started = monotonic()
        conninfo: Any = self.conninfo
        if callable(conninfo):
            conninfo = await AsyncOutcome.of(conninfo())
        kwargs: Any = self.kwargs
        if callable(kwargs):
            kwargs = await AsyncOutcome.of(kwargs())
        options = dict(kwargs or {})
        if timeout is not None:
            options["connect_timeout"] = max(round(timeout), 1)
        try:
            made: ACT = await self.connection_class.connect(conninfo, **options)
        except Exception:
            self._count("connections_errors")
            raise
        made._pool = self
        if self._configure is not None:
            await self._call(self._configure, made, "configure")
        self._made(made, started)
        return made

    async def _make(self, growing: bool = False) -> None:
        """Make a connection for the pool, and try again for some time if that fails."""
        give_up_at = None
        pauses = delays(1.0)
        while not self.closed:
            try:
                made = await self._connect()
            except ReplayMiss as miss:
                self._lose(miss, growing)
                return
            except Exception as error:  # noqa: BLE001 - connecting may raise anything
                logger.warning("error connecting in %r: %s", self.name, error)
            except BaseException:
                self._lose(None, growing)
                raise
            else:
                logger.info("adding new connection to the pool")
                await self._add(made)
                if growing and self._has_grown():
                    self._grow()
                return
            now = monotonic()
            if give_up_at is None:
                give_up_at = now + self.reconnect_timeout
            elif now >= give_up_at:
                break
            await self._ended.wait(min(next(pauses), give_up_at - now))
        self._lose(None, growing)
        if not self.closed:
            logger.warning(
                "reconnection attempt in pool %r failed after %s sec",
                self.name,
                self.reconnect_timeout,
            )
            await self.reconnect_failed()

    async def _return(self, connection: ACT, is_new: bool = False) -> None:
        """Make a connection ready for the next client; `is_new` if it had none."""
        if self._reset is not None and not self.closed:
            self._work(self._clean, connection, is_new)
        else:
            await self._clean(connection, is_new)

    async def _clean(self, connection: ACT, is_new: bool) -> None:
        """Roll back what was left open, and reset the connection as was asked for."""
        was_closed = connection.closed
        await self._roll_back(connection)
        if self._reset is not None and not connection.closed:
            try:
                await self._call(self._reset, connection, "reset")
            except Exception as error:  # noqa: BLE001 - of the application
                logger.warning("error resetting connection: %s", error)
        if connection.closed:
            if is_new:
                self._count("connections_lost")
                logger.info("not serving connection found broken")
            else:
                self._count("returns_bad")
                logger.warning("discarding closed connection: %s", connection)
            if not was_closed:
                connection._pool = None
            await self._replace(None)
        elif self._is_expired(connection):
            logger.info("discarding expired connection")
            await self._replace(connection)
        else:
            connection._pool = None
            await self._add(connection)

    async def _roll_back(self, connection: ACT) -> None:
        status = connection.info.transaction_status
        if status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            logger.warning("rolling back returned connection: %s", connection)
            try:
                await connection.rollback()
            except Exception as error:  # noqa: BLE001 - whatever it is, it's no use
                logger.warning(
                    "rollback failed: %s: %s. Discarding connection %s",
                    type(error).__name__,
                    error,
                    connection,
                )
                await self._discard(connection)
        elif status == TransactionStatus.ACTIVE:
            logger.warning("closing returned connection: %s", connection)
            await self._discard(connection)

    async def _call(self, function: Any, connection: ACT, what: str) -> None:
        """Have the application prepare a connection; it is closed if that fails."""
        try:
            await self._ask(function, connection)
            status = TransactionStatus(connection.info.transaction_status)
            if status != TransactionStatus.IDLE:
                raise ProgrammingError(
                    f"connection left in status {status.name} by {what} function "
                    f"{function}: discarded"
                )
        except BaseException:
            await self._discard(connection)
            raise

    async def _ask(self, function: Any, connection: ACT) -> None:
        # What it asks of the connection was recorded as set-up, in no one's scope.
        with entered(None):
            await function(connection)

    async def _add(self, connection: ACT) -> None:
        if not self._accept(connection):
            await self._discard(connection)

    async def _discard(self, connection: ACT) -> None:
        # Else it might be put back instead of closed.
        connection._pool = None
        await connection.close()

    async def _replace(self, connection: ACT | None) -> None:
        """Make another connection in the place of one, which is closed."""
        if connection is not None:
            await self._discard(connection)
        self._work(self._make)

    def _grow(self) -> None:
        if self._starts_growing():
            self._work(self._make, True)
