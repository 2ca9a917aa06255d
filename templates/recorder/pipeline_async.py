"""Recording of `connection.pipeline()`. ``pipeline.py`` is derived from this file.

Statements are recorded where they are executed; here is what the server says when it
is synchronised, if it says anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

from .proxy import Proxy, proxy_of
from .recording import ConnectionRecording
from .sent import SyncStep


class AsyncRecordingPipeline(Proxy):
    """Stands for the driver's pipeline within its block."""

    __slots__ = ()

    async def sync(self) -> None:
        with SyncStep(self._recording):
            await self._driver.sync()

    async def __aenter__(self) -> Any:
        with SyncStep(self._recording):
            await self._driver.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Any:
        with SyncStep(self._recording):
            return await self._driver.__aexit__(exc_type, error, traceback)


@asynccontextmanager
async def pipeline_block(
    block: Any, recording: ConnectionRecording, owner: Any
) -> AsyncIterator[Any]:
    """Run a block of the driver; ``owner`` is the connection's proxy."""
    with SyncStep(recording):
        real = await block.__aenter__()
    try:
        # Within another block it is the same one.
        known = proxy_of(real)
        made = known is real
        yield AsyncRecordingPipeline(real, recording, owner) if made else known
    except BaseException as error:
        with SyncStep(recording):
            handled = await block.__aexit__(type(error), error, error.__traceback__)
        if not handled:
            raise
    else:
        with SyncStep(recording):
            await block.__aexit__(None, None, None)
