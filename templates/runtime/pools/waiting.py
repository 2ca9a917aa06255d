"""How tasks and threads wait: the little in which the two kinds of pools differ.

The pools are written for tasks and derived for threads, which have other classes of
the same behaviour. Knows nothing of connections.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any

logger = logging.getLogger("psycopg.pool")


class AsyncSignal:
    """Set once; the task that waits for it goes on."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    async def wait(self, timeout: float) -> bool:
        """Whether it was set within so many seconds."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout)
        except TimeoutError:
            return self._event.is_set()
        return True


class Signal:
    """Set once; the thread that waits for it goes on."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def wait(self, timeout: float) -> bool:
        """Whether it was set within so many seconds."""
        return self._event.wait(timeout)


class AsyncWorker:
    """A task that works for a pool; `workers` has it for as long as it does."""

    def __init__(
        self,
        workers: set[Any],
        name: str,
        function: Callable[..., Awaitable[None]],
        *args: Any,
    ) -> None:
        self.name = name
        self._workers = workers
        workers.add(self)
        self._task = asyncio.create_task(self._run(function, *args), name=name)

    @property
    def is_current(self) -> bool:
        """Whether it is the task that asks."""
        return asyncio.current_task() is self._task

    async def join(self, timeout: float) -> bool:
        """Whether it has ended, within so many seconds."""
        await asyncio.wait((self._task,), timeout=timeout)
        return self._task.done()

    async def _run(self, function: Callable[..., Awaitable[None]], *args: Any) -> None:
        try:
            await function(*args)
        except Exception as error:  # noqa: BLE001 - there is nobody to raise it to
            log_failure(self.name, error)
        finally:
            self._workers.discard(self)


class Worker:
    """A thread that works for a pool; `workers` has it for as long as it does."""

    def __init__(
        self,
        workers: set[Any],
        name: str,
        function: Callable[..., None],
        *args: Any,
    ) -> None:
        self.name = name
        self._workers = workers
        workers.add(self)
        self._thread = threading.Thread(
            target=self._run, args=(function, *args), name=name, daemon=True
        )
        self._thread.start()

    @property
    def is_current(self) -> bool:
        """Whether it is the thread that asks."""
        return threading.current_thread() is self._thread

    def join(self, timeout: float) -> bool:
        """Whether it has ended, within so many seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self, function: Callable[..., None], *args: Any) -> None:
        try:
            function(*args)
        except Exception as error:  # noqa: BLE001 - there is nobody to raise it to
            log_failure(self.name, error)
        finally:
            self._workers.discard(self)


def log_failure(name: str, error: Exception) -> None:
    """Tell what a worker could not do."""
    logger.warning("task run in %s failed: %s: %s", name, type(error).__name__, error)


class AsyncOutcome:
    """What a function returned that may be a coroutine function or a plain one."""

    @staticmethod
    async def of(value: Any) -> Any:
        return await value if inspect.isawaitable(value) else value


class Outcome:
    """What a plain function returned."""

    @staticmethod
    def of(value: Any) -> Any:
        return value
