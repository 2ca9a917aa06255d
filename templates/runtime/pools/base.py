"""What pools of both kinds share: their connections, their clients, and counts.

Nothing here waits for anything or calls a connection; whoever is given something
here does.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import Counter, deque
from collections.abc import Iterator
from time import monotonic
from typing import Any

from ..miss import ReplayMiss
from .errors import PoolClosed, TooManyRequests

logger = logging.getLogger("psycopg.pool")

_numbers = itertools.count(1)


class Request:
    """A client that waits for a connection, or for the pool to be full.

    What it is given and that it `is_over` change under the pool's lock.
    """

    __slots__ = ("connection", "error", "is_over", "signal", "since")

    def __init__(self, signal: Any) -> None:
        self.signal = signal
        self.connection: Any = None
        self.error: BaseException | None = None
        self.is_over = False
        self.since = monotonic()

    def end(self, connection: Any = None, error: BaseException | None = None) -> None:
        """Let the client go on."""
        self.connection, self.error = connection, error
        self.is_over = True
        self.signal.set()


class BasePool:
    """A pool's state. `_size` counts connections that are still being made."""

    __module__ = "psycopg_pool.base"

    def __init__(
        self,
        *,
        min_size: int,
        max_size: int | None,
        name: str | None,
        close_returns: bool,
        timeout: float,
        max_waiting: int,
        max_lifetime: float,
        max_idle: float,
        reconnect_timeout: float,
        num_workers: int,
    ) -> None:
        self._min_size, self._max_size = self._sizes(min_size, max_size)
        self.name = name or f"pool-{next(_numbers)}"
        if num_workers < 1:
            raise ValueError("num_workers must be at least 1")
        self.num_workers = num_workers
        self.close_returns = close_returns
        self.timeout = timeout
        self.max_waiting = max_waiting
        self.max_lifetime, self.max_idle = max_lifetime, max_idle
        self.reconnect_timeout = reconnect_timeout
        self._was_opened = self._was_closed = False
        self._size = self._min_size
        self._growing = False
        # Why no connection could be made or configured, if the recording has no answer.
        self._missed: ReplayMiss | None = None
        # Connections that are older than the last `drain()` are of another one.
        self._generation = 0
        self._idle: deque[Any] = deque()
        # How many were idle all the time since when, and those that are too many.
        self._unused = 0
        self._period_since = monotonic()
        self._surplus: list[Any] = []
        self._clients: deque[Request] = deque()
        self._until_full: list[Request] = []
        self._counts: Counter[str] = Counter()
        self._workers: set[Any] = set()
        self._worker_numbers = itertools.count()
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        cls = type(self)
        return f"<{cls.__module__}.{cls.__qualname__} {self.name!r} at 0x{id(self):x}>"

    @property
    def min_size(self) -> int:
        return self._min_size

    @property
    def max_size(self) -> int:
        return self._max_size

    @property
    def closed(self) -> bool:
        """Whether no connection can be had of it, be it closed or not open yet."""
        return not self._was_opened or self._was_closed

    def get_stats(self) -> dict[str, int]:
        """What was counted so far, and the sizes of now."""
        with self._lock:
            self._shrink()
            counted = {name: count for name, count in self._counts.items() if count}
            return counted | {
                "pool_min": self._min_size,
                "pool_max": self._max_size,
                "pool_size": self._size,
                "pool_available": len(self._idle),
                "requests_waiting": len(self._clients),
            }

    def pop_stats(self) -> dict[str, int]:
        """The same, and count from nothing again."""
        counted = self.get_stats()
        self._counts.clear()
        return counted

    def _sizes(self, min_size: int, max_size: int | None) -> tuple[int, int]:
        """The sizes that were asked for, if a pool may have them."""
        largest = min_size if max_size is None else max_size
        faults = {
            "min_size cannot be negative": min_size < 0,
            "max_size must be greater or equal than min_size": largest < min_size,
            "if min_size is 0 max_size must be greater than 0": largest == 0,
        }
        for fault, is_there in faults.items():
            if is_there:
                raise ValueError(fault)
        return min_size, largest

    def _begin(self) -> int:
        """Open it; how many connections are to be made now."""
        with self._lock:
            if self._was_closed:
                raise PoolClosed(
                    "pool has already been opened/closed and cannot be reused"
                )
            if self._was_opened:
                return 0
            self._was_opened = True
            self._period_since = monotonic()
            return self._size

    def _end(self) -> list[Any] | None:
        """Close it; the connections that it had, or None if it was not open."""
        with self._lock:
            if self.closed:
                return None
            self._was_closed = True
            closed = PoolClosed(f"the pool {self.name!r} is closed")
            self._fail(self._clients, closed)
            connections = [*self._idle, *self._surplus]
            self._idle.clear()
            self._surplus.clear()
        return connections

    def _check_open(self) -> None:
        if self.closed:
            state = "already closed" if self._was_closed else "not open yet"
            raise PoolClosed(f"the pool {self.name!r} is {state}")

    def _take_back(self, connection: Any) -> None:
        """A client puts a connection back; raises if it is not out of this pool."""
        pool = getattr(connection, "_pool", None)
        if pool is self:
            logger.info("returning connection to %r", self.name)
            return
        whence = "it doesn't come from any pool"
        if isinstance(pool, BasePool):
            whence = f"it comes from pool {pool.name!r}"
        raise ValueError(
            f"can't return connection to pool {self.name!r}, {whence}: {connection}"
        )

    def _take(self, client: Request) -> Any:
        """An idle connection; None if the client waits for one now."""
        with self._lock:
            self._shrink()
            if self._idle:
                connection = self._idle.popleft()
                self._unused = min(self._unused, len(self._idle))
                return connection
            self._queue(client)
            return None

    def _queue(self, client: Request) -> None:
        waiting = len(self._clients)
        if self.max_waiting and waiting >= self.max_waiting:
            self._counts["requests_errors"] += 1
            raise TooManyRequests(
                f"the pool {self.name!r} has already {waiting} requests waiting"
            )
        self._counts["requests_queued"] += 1
        self._clients.append(client)

    def _starts_growing(self) -> bool:
        """Whether to make one more connection; one at a time, as others may return."""
        with self._lock:
            if self._growing or self._size >= self._max_size:
                return False
            self._size += 1
            self._growing = True
            logger.info("growing pool %r to %s", self.name, self._size)
            return True

    def _give(self, connection: Any) -> bool:
        """Give it to the client that waits longest; whether there is one."""
        while self._clients:
            client = self._clients.popleft()
            if not client.is_over:
                client.end(connection)
                return True
        return False

    def _accept(self, connection: Any) -> bool:
        """Take a connection that is ready for use; whether the pool is open for it."""
        with self._lock:
            if self.closed:
                return False
            if not self._give(connection):
                self._shrink()
                self._idle.append(connection)
                if len(self._idle) >= self._min_size:
                    self._tell_full()
            return True

    def _tell_full(self) -> None:
        for client in self._until_full:
            client.end()
        self._until_full.clear()

    def _is_full(self, client: Request) -> bool:
        """Whether as many as have to be are idle; the client is told once they are."""
        with self._lock:
            full = len(self._idle) >= self._min_size
            if self._missed is not None:
                client.end(error=self._missed)
            elif not full:
                self._until_full.append(client)
            return full

    def _leave(self, client: Request) -> Any:
        """The client waits no longer; what it was given all the same."""
        with self._lock:
            client.is_over = True
            if client.connection is None:
                self._counts["requests_errors"] += 1
            else:
                self._count_since("requests_wait_ms", client.since)
            return client.connection

    def _lose(self, miss: ReplayMiss | None = None, growing: bool = False) -> None:
        """One connection less; with a miss that all who wait for any have to know."""
        with self._lock:
            self._size -= 1
            self._growing = self._growing and not growing
            if miss is not None:
                self._missed = miss
                self._fail(self._clients, miss)
                self._fail(self._until_full, miss)

    def _fail(self, clients: deque[Request] | list[Request], error: Any) -> None:
        for client in clients:
            if not client.is_over:
                client.end(error=error)
        clients.clear()

    def _has_grown(self) -> bool:
        """Whether clients still wait after the pool grew by a connection."""
        with self._lock:
            self._growing = False
            return any(not client.is_over for client in self._clients)

    def _take_all(self) -> list[Any]:
        """All idle connections."""
        with self._lock:
            self._unused = 0
            connections = list(self._idle)
            self._idle.clear()
            return connections

    def _take_surplus(self) -> list[Any]:
        """Idle connections that are to be closed."""
        with self._lock:
            surplus, self._surplus = self._surplus, []
            return surplus

    def _shrink(self) -> None:
        """Let go of a connection for every `max_idle` seconds in which one was unused.

        Found out when somebody looks at the pool, as nothing happens in between.
        """
        periods = 0
        if self.max_idle > 0:
            periods = int((monotonic() - self._period_since) / self.max_idle)
        self._period_since += periods * self.max_idle
        for _ in range(min(periods, len(self._idle) + 1)):
            if self._unused and self._size > self._min_size:
                self._size -= 1
                logger.info(
                    "shrinking pool %r to %s because %s unused connections in the "
                    "last %s sec",
                    self.name,
                    self._size,
                    self._unused,
                    self.max_idle,
                )
                self._surplus.append(self._idle.popleft())
            self._unused = len(self._idle)

    def _resize(self, min_size: int, max_size: int | None) -> int:
        """How many connections are to be made for the new sizes."""
        smallest, largest = self._sizes(min_size, max_size)
        logger.info(
            "resizing %r to min_size=%s max_size=%s", self.name, smallest, largest
        )
        with self._lock:
            more = max(smallest - self._min_size, 0)
            self._min_size, self._max_size = smallest, largest
            self._size += more
            return more

    def _drained(self) -> list[Any]:
        """The idle connections; those that are out are of an old generation now."""
        with self._lock:
            self._generation += 1
        return self._take_all()

    def _made(self, connection: Any, started: float) -> None:
        """Note when a connection was made, as it expires."""
        self._count_since("connections_ms", started)
        connection._generation = self._generation
        connection._expires = monotonic() + self.max_lifetime

    def _is_expired(self, connection: Any) -> bool:
        is_old = bool(connection._generation != self._generation)
        return is_old or monotonic() >= connection._expires

    def _count(self, name: str) -> None:
        with self._lock:
            self._counts[name] += 1

    def _count_since(self, name: str, started: float) -> None:
        with self._lock:
            self._counts[name] += int(1000 * (monotonic() - started))


def delays(first: float) -> Iterator[float]:
    """The seconds between attempts: the first, and then a second or twice as long."""
    yield first
    delay = 2 * first or 1.0
    while True:
        yield delay
        delay *= 2
