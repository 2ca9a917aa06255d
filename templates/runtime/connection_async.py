"""`MockAsyncConnection`: psycopg's `AsyncConnection` with no server behind it.

`connection.py` is derived from this file.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

from . import errors
from .adapt import AdaptersMap, adapters_of
from .conninfo import conninfo_to_dict, make_conninfo
from .cursor_async import MockAsyncCursor
from .listening import Listening
from .opening import Opening
from .pipeline_async import AsyncPipeline
from .pq import Format, TransactionStatus
from .refusal import refuses
from .replay import replay
from .rows import Row, tuple_row
from .server_cursor_async import MockAsyncServerCursor
from .settings import place, settings
from .transaction_async import AsyncTransaction
from .turns import next_turn, until_cancelled
from .two_phase import TwoPhaseConnection
from .waiting import AsyncLock, AsyncWait
from .xid import Notify, Xid

logger = logging.getLogger("psycopg")

_TWO_WAYS = (
    "using 'notifies()' together with notifies handlers on the same connection is not "
    "reliable. Please use only one of these methods"
)


@refuses("psycopg.AsyncConnection")
class MockAsyncConnection(TwoPhaseConnection[Row]):
    """A connection that answers from the fixture, with psycopg's interface."""

    __module__ = "psycopg"

    _pipeline: AsyncPipeline | None = None

    row_factory: Any
    cursor_factory: Any
    server_cursor_factory: Any

    def __init__(self, pgconn: Opening, row_factory: Any = tuple_row) -> None:
        super().__init__(pgconn)
        self.lock = AsyncLock()
        self.row_factory = row_factory
        self.cursor_factory = MockAsyncCursor
        self.server_cursor_factory = MockAsyncServerCursor

    @classmethod
    async def connect(
        cls,
        conninfo: str = "",
        *,
        autocommit: bool = False,
        prepare_threshold: int | None = 5,
        context: Any = None,
        row_factory: Any = None,
        cursor_factory: Any = None,
        **kwargs: Any,
    ) -> Self:
        """A connection as it was when recorded, or the recorded error."""
        asked = conninfo_to_dict(make_conninfo(conninfo, **kwargs))
        await next_turn()
        outcome = replay().connect(settings(asked), place(asked))
        error = outcome.get("error")
        if error is not None:
            raise errors.from_record(error)
        parameters, pid = outcome["server_parameters"], outcome["backend_pid"]
        self = cls(Opening(asked, parameters, pid))
        if row_factory is not None:
            self.row_factory = row_factory
        if cursor_factory is not None:
            self.cursor_factory = cursor_factory
        if context is not None:
            self._adapters = AdaptersMap(adapters_of(context))
        self._autocommit = bool(autocommit)
        self.prepare_threshold = prepare_threshold
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._closed:
            return
        if exc_type is None:
            await self.commit()
        else:
            try:
                await self.rollback()
            except Exception as error:  # noqa: BLE001 - the first exception goes on
                logger.warning("error ignored in rollback on %s: %s", self, error)
        # A pool keeps its connections: psycopg marks them with `_pool`.
        if not getattr(self, "_pool", None):
            await self.close()

    def cursor(
        self,
        name: str = "",
        *,
        binary: bool = False,
        row_factory: Any = None,
        scrollable: bool | None = None,
        withhold: bool = False,
    ) -> Any:
        """A cursor; with a `name`, one on the server's side."""
        if self._closed:
            # Of a connection that was lost, too.
            raise errors.OperationalError("the connection is closed")
        options: dict[str, Any] = {"row_factory": row_factory or self.row_factory}
        if name:
            options |= {"name": name, "scrollable": scrollable, "withhold": withhold}
        factory = self.server_cursor_factory if name else self.cursor_factory
        cursor = factory(self, **options)
        if binary:
            cursor.format = Format.BINARY
        return cursor

    async def execute(
        self,
        query: Any,
        params: Any = None,
        *,
        prepare: bool | None = None,
        binary: bool = False,
    ) -> Any:
        """Execute on a new cursor and return it."""
        cursor = self.cursor(binary=binary)
        return await cursor.execute(query, params, prepare=prepare)

    async def commit(self) -> None:
        """Commit the transaction, if there is one."""
        await next_turn()
        self._end("commit")

    async def rollback(self) -> None:
        """Roll back the transaction, if there is one."""
        await next_turn()
        self._end("rollback")

    async def close(self) -> None:
        """Close the connection; an open transaction is lost, as on the server."""
        pool: Any = getattr(self, "_pool", None)
        if not self._closed and getattr(pool, "close_returns", False):
            await pool.putconn(self)
        else:
            self._closed = True
            self._deliveries.wake()

    async def cancel_safe(self, *, timeout: float = 30.0) -> None:
        """As `cancel()`."""

    async def set_autocommit(self, value: bool) -> None:
        self._set("autocommit", value)

    async def set_isolation_level(self, value: Any) -> None:
        self._set("isolation_level", value)

    async def set_read_only(self, value: bool | None) -> None:
        self._set("read_only", value)

    async def set_deferrable(self, value: bool | None) -> None:
        self._set("deferrable", value)

    @asynccontextmanager
    async def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> AsyncIterator[AsyncTransaction]:
        """A block that commits at its end, or rolls back on an exception.

        In pipeline mode it is a point of synchronisation at either end.
        """
        block = AsyncTransaction(self, savepoint_name, force_rollback)
        if self._pipeline is None:
            async with block:
                yield block
            return
        # What is left of an error within is found out before the block ends.
        async with self._pipeline, block, self._pipeline:
            yield block

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator[AsyncPipeline]:
        """A block in which statements are sent without waiting for their results."""
        outermost = self._pipeline is None
        pipeline = self._pipeline or AsyncPipeline(self)
        try:
            async with pipeline:
                self._pipeline = pipeline
                yield pipeline
        finally:
            if outermost:
                self._pipeline = None

    async def notifies(
        self, *, timeout: float | None = None, stop_after: int | None = None
    ) -> AsyncGenerator[Notify]:
        """Notifications, from the backlog and as they came to `notifies()` when recorded.

        One that a recorded statement sent comes when that has been replayed.  Where
        nothing was recorded nothing comes, as long as it is waited for.
        """
        self.check_open()
        if self._notify_handlers:
            warnings.warn(_TWO_WAYS, RuntimeWarning, stacklevel=2)
        deadline = None if timeout is None else time.monotonic() + timeout
        with Listening(self) as listening:
            await next_turn()
            while True:
                while listening.is_due():
                    yield listening.take()
                if listening.is_over():
                    break
                if listening.has_enough(stop_after):
                    return
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    return
                await AsyncWait(self._deliveries).until(listening.has_news, left)
                self.check_open()
            if listening.end():
                await until_cancelled()

    async def tpc_begin(self, xid: Xid | str) -> None:
        """Begin a transaction that may be ended in two phases."""
        await next_turn()
        self._begin_two_phase(xid)

    async def tpc_prepare(self) -> None:
        """End its first phase: from here on it outlives the connection."""
        await next_turn()
        self._prepare_two_phase()

    async def tpc_commit(self, xid: Xid | str | None = None) -> None:
        """Commit it, or the prepared transaction of `xid`, whoever prepared it."""
        await next_turn()
        self._end_two_phase("tpc_commit", xid)

    async def tpc_rollback(self, xid: Xid | str | None = None) -> None:
        """Roll it back, or the prepared transaction of `xid`."""
        await next_turn()
        self._end_two_phase("tpc_rollback", xid)

    async def tpc_recover(self) -> list[Xid]:
        """The prepared transactions that nobody has ended."""
        await next_turn()
        return self._recover()

    async def _type_info(self, kind: str, name: Any) -> tuple[Any, ...] | None:
        if self.transaction_status == TransactionStatus.INERROR:
            # The driver asks within a block, which the server refuses to begin.
            async with self.transaction():
                pass
        return self._type_row(kind, name)


# By the driver's name, as this stands for its module.
AsyncConnection = MockAsyncConnection
