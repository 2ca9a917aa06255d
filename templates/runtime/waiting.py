"""Waiting, in a thread or in a task."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable

from .notification import Deliveries

# What connections have for a lock.
Lock = threading.Lock
AsyncLock = asyncio.Lock


class Wait:
    """Waits in the calling thread."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._changed = deliveries.changed

    def until(self, ready: Callable[[], bool], timeout: float | None) -> None:
        """Wait until `ready()`, or for `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(ready, timeout)


class AsyncWait:
    """Waits in the calling task."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    async def until(self, ready: Callable[[], bool], timeout: float | None) -> None:
        """Wait until `ready()`, or for `timeout` seconds."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def waker() -> None:
            # Its loop may have been closed while it was called.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(woken.set)

        self._deliveries.call(waker)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    while not ready():
                        await woken.wait()
                        woken.clear()
        finally:
            self._deliveries.leave(waker)
