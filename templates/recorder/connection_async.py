"""Recording of the driver's connections. ``connection.py`` is derived from this file.

Every way by which a connection reaches the server is named here: recorded, passed on
because nothing can be observed of it, or refused.
"""

from __future__ import annotations

import functools
from types import TracebackType
from typing import Any

import psycopg

from .faults import RecorderUnsupported
from .proxy import Proxy
from .recording import ConnectionRecording, Recording
from .server_cursor_async import wrap
from .step import Step, ending
from .transaction_async import transaction_block
from .two_phase import recovered, xid_parameters


class AsyncRecordingConnection(Proxy):
    """Stands for a connection of the driver."""

    __slots__ = ()

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        real = self._real.cursor(*args, **kwargs)
        return wrap(real, self._recording, self)

    async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        with Step(self._recording, "execute") as step:
            query, params = step.statement(self._real, query, params)
            real = await self._real.execute(query, params, **options)
            step.take_results(real)
        return wrap(real, self._recording, self)

    async def commit(self) -> None:
        with ending(self._recording, "commit"):
            await self._real.commit()

    async def rollback(self) -> None:
        with ending(self._recording, "rollback"):
            await self._real.rollback()

    def transaction(self, *args: Any, **kwargs: Any) -> Any:
        block = self._real.transaction(*args, **kwargs)
        return transaction_block(block, self._recording, self)

    async def close(self) -> None:
        pool = getattr(self._real, "_pool", None)
        if not self._real.closed and getattr(pool, "close_returns", False):
            # The driver would put its own object back, and the pool hand that out.
            await pool.putconn(self)  # type: ignore[union-attr]
        else:
            await self._real.close()

    async def tpc_begin(self, xid: Any) -> None:
        with Step(self._recording, "tpc_begin") as step:
            step.encoded = xid_parameters(xid)
            await self._real.tpc_begin(xid)

    async def tpc_prepare(self) -> None:
        with Step(self._recording, "tpc_prepare"):
            await self._real.tpc_prepare()

    async def tpc_commit(self, xid: Any = None) -> None:
        with Step(self._recording, "tpc_commit") as step:
            step.encoded = xid_parameters(xid)
            await self._real.tpc_commit(xid)

    async def tpc_rollback(self, xid: Any = None) -> None:
        with Step(self._recording, "tpc_rollback") as step:
            step.encoded = xid_parameters(xid)
            await self._real.tpc_rollback(xid)

    async def tpc_recover(self) -> Any:
        with Step(self._recording, "tpc_recover") as step:
            xids = await self._real.tpc_recover()
            step.results = [recovered(xids)]
        return xids

    def pipeline(self) -> Any:
        raise RecorderUnsupported("Connection.pipeline()", "results arrive too late")

    def notifies(self, *args: Any, **kwargs: Any) -> Any:
        raise RecorderUnsupported("Connection.notifies()")

    def add_notify_handler(self, callback: Any) -> None:
        raise RecorderUnsupported("Connection.add_notify_handler()")

    async def __aenter__(self) -> Any:
        await self._real.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Any:
        # The driver's own: it commits or rolls back, and closes unless a pool has it.
        if self._real.closed:
            return await self._real.__aexit__(exc_type, error, traceback)
        operation = "commit" if error is None else "rollback"
        with ending(self._recording, operation) as step:
            result = await self._real.__aexit__(exc_type, error, traceback)
            if self._real.closed:
                step.status = "IDLE"
        return result


def hook_connect(recording: Recording) -> None:
    """Let `AsyncConnection.connect`, of subclasses too, return proxies."""
    original = vars(psycopg.AsyncConnection)["connect"].__func__

    @functools.wraps(original)
    async def connect(cls: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            real = await original(cls, *args, **kwargs)
        except BaseException as error:
            recording.refused(error)
            raise
        return AsyncRecordingConnection(real, ConnectionRecording(recording, real))

    psycopg.AsyncConnection.connect = classmethod(connect)  # type: ignore[assignment,method-assign]
