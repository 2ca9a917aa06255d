"""Recording of `connection.transaction()`. ``transaction.py`` is derived from it.

The driver sends BEGIN, SAVEPOINT and their ends by itself, at replay the stand-in
does: only what the server said of them is recorded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from .proxy import Proxy
from .recording import ConnectionRecording
from .step import ControlStep, QuietStep


class AsyncRecordingTransaction(Proxy):
    """Stands for the driver's transaction within its block."""

    __slots__ = ()

    @property
    def connection(self) -> Any:
        return self._owner


@asynccontextmanager
async def transaction_block(
    block: Any, recording: ConnectionRecording, owner: Any
) -> AsyncIterator[Any]:
    """Run a block of the driver; ``owner`` is the connection's proxy."""
    outermost = recording.status() == "IDLE"
    with QuietStep(recording, "begin"):
        real = await block.__aenter__()
    transaction = AsyncRecordingTransaction(real, recording, owner)
    try:
        yield transaction
    except BaseException as error:
        asked: Any = getattr(error, "transaction", None)
        if isinstance(error, psycopg.Rollback) and asked is transaction:
            # The driver compares it with its own object.
            error.transaction = real
        with QuietStep(recording, "rollback"):
            handled = await block.__aexit__(type(error), error, error.__traceback__)
        if not handled:
            raise
    else:
        operation = "rollback" if real.force_rollback else "commit"
        # What a scope has committed is counted, whoever sent the COMMIT.
        counts = outermost and operation == "commit"
        step = ControlStep if counts else QuietStep
        with step(recording, operation):
            await block.__aexit__(None, None, None)
