"""`MockAsyncConnection`: psycopg's `AsyncConnection` with no server behind it.

`connection.py` is derived from this file.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

from . import errors
from .adapt import AdaptersMap, adapters_of
from .conninfo import conninfo_to_dict, make_conninfo
from .cursor_async import MockAsyncCursor
from .opening import Opening
from .pq import Format
from .refusal import refuses
from .replay import replay
from .rows import Row, tuple_row
from .server_cursor_async import MockAsyncServerCursor
from .settings import place, settings
from .transaction_async import AsyncTransaction
from .turns import next_turn
from .two_phase import TwoPhaseConnection
from .xid import Xid

logger = logging.getLogger("psycopg")


@refuses("psycopg.AsyncConnection")
class MockAsyncConnection(TwoPhaseConnection[Row]):
    """A connection that answers from the fixture, with psycopg's interface."""

    __module__ = "psycopg"

    row_factory: Any
    cursor_factory: Any
    server_cursor_factory: Any

    def __init__(self, pgconn: Opening, row_factory: Any = tuple_row) -> None:
        super().__init__(pgconn)
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
        self = cls(Opening(asked, outcome["server_parameters"]))
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

    async def cancel_safe(self, *, timeout: float = 30.0) -> None:
        """Nothing runs, so there is nothing to cancel."""

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
        """A block that commits at its end, or rolls back on an exception."""
        async with AsyncTransaction(self, savepoint_name, force_rollback) as block:
            yield block

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
        return self._type_row(kind, name)


# By the driver's name, as this stands for its module.
AsyncConnection = MockAsyncConnection
