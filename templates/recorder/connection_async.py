"""Recording of the driver's connections. ``connection.py`` is derived from this file.

Every way by which a connection reaches the server is named here: recorded, passed on
because nothing can be observed of it, or refused.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any

import psycopg

from .connects import asked_place
from .libpq import warn_of_use
from .notifies_run import NotifiesRun
from .overrides import record_calls, shaped
from .pipeline_async import pipeline_block
from .proxy import Proxy, on_proxy
from .recording import ConnectionRecording, Recording
from .server_cursor_async import wrap
from .step import ending
from .transaction_async import transaction_block
from .two_phase import TwoPhaseStep, recovered

CALLS = ("commit", "rollback", "transaction", "close", "pipeline", "notifies")
TWO_PHASE = ("tpc_begin", "tpc_prepare", "tpc_commit", "tpc_rollback", "tpc_recover")


class AsyncRecordingConnection(Proxy):
    """Stands for a connection of the driver."""

    __slots__ = ()

    @property
    def pgconn(self) -> Any:
        warn_of_use("Connection.pgconn", sys._getframe(1))
        return self._real.pgconn

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        # Run on the proxy, the driver gives the proxy to the cursor's factory.
        made = on_proxy(self, self._driver.cursor)(*args, **kwargs)
        if issubclass(type(made), Proxy):
            return made
        return wrap(made, self._recording, self)

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        return await on_proxy(self, self._driver.execute)(*args, **kwargs)

    async def commit(self) -> None:
        with ending(self._recording, "commit"):
            await self._driver.commit()

    async def rollback(self) -> None:
        with ending(self._recording, "rollback"):
            await self._driver.rollback()

    def transaction(self, *args: Any, **kwargs: Any) -> Any:
        block = self._driver.transaction(*args, **kwargs)
        return transaction_block(block, self._recording, self)

    async def close(self) -> None:
        pool = getattr(self._real, "_pool", None)
        if not self._real.closed and getattr(pool, "close_returns", False):
            # The driver would put its own object back, and the pool hand that out.
            await pool.putconn(self)  # type: ignore[union-attr]
        else:
            self._recording.lose(None)
            await self._driver.close()

    async def tpc_begin(self, xid: Any) -> None:
        with TwoPhaseStep(self._recording, "tpc_begin", xid):
            await self._driver.tpc_begin(xid)

    async def tpc_prepare(self) -> None:
        with TwoPhaseStep(self._recording, "tpc_prepare"):
            await self._driver.tpc_prepare()

    async def tpc_commit(self, xid: Any = None) -> None:
        with TwoPhaseStep(self._recording, "tpc_commit", xid):
            await self._driver.tpc_commit(xid)

    async def tpc_rollback(self, xid: Any = None) -> None:
        with TwoPhaseStep(self._recording, "tpc_rollback", xid):
            await self._driver.tpc_rollback(xid)

    async def tpc_recover(self) -> Any:
        with TwoPhaseStep(self._recording, "tpc_recover") as step:
            xids = await self._driver.tpc_recover()
            step.results = [recovered(xids)]
        return xids

    def pipeline(self) -> Any:
        return pipeline_block(self._driver.pipeline(), self._recording, self)

    async def notifies(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        with NotifiesRun(self._recording) as run:
            notifies = self._driver.notifies(*args, **kwargs)
            try:
                async for notify in notifies:
                    yield notify
                run.complete = True
            finally:
                await notifies.aclose()

    def wait(self, *args: Any, **kwargs: Any) -> Any:
        warn_of_use("Connection.wait()", sys._getframe(1))
        return self._real.wait(*args, **kwargs)

    async def __aenter__(self) -> Any:
        return await on_proxy(self, self._driver.__aenter__)()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Any:
        # It commits or rolls back, and closes unless a pool has it.
        return await on_proxy(self, self._driver.__aexit__)(exc_type, error, traceback)


def hook_connect(recording: Recording) -> None:
    """Let `AsyncConnection.connect`, of subclasses too, return proxies."""
    original = vars(psycopg.AsyncConnection)["connect"].__func__

    @functools.wraps(original)
    async def connect(cls: Any, *args: Any, **kwargs: Any) -> Any:
        asked = asked_place(args, kwargs)
        try:
            real = await original(cls, *args, **kwargs)
        except BaseException as error:
            recording.refused(error, asked)
            raise
        proxy = shaped(AsyncRecordingConnection, type(real))
        return proxy(real, ConnectionRecording(recording, real, asked))

    record_calls(psycopg.AsyncConnection, AsyncRecordingConnection, CALLS + TWO_PHASE)
    psycopg.AsyncConnection.connect = classmethod(connect)  # type: ignore[assignment,method-assign]
