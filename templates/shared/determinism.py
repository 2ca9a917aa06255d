"""The deterministic mode: randomness, clocks and garbage that a replay can repeat.

`random`, `uuid4` and `uuid1` draw from sources that are seeded by the scope's name, and
`datetime` ticks from the moment at which the scope first asked for the time when it was
recorded. Both start anew in each scope, so that one of them replays without the others.
Garbage is collected between scopes: an ORM that knows its objects by weak references
asks for those again that were in a cycle, depending on when it was found.
`time.time`, `monotonic`, `os.urandom` and `secrets` stay as they are.
"""

from __future__ import annotations

import datetime as dt
import functools
import gc
import random
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from .scopes import START_UP, Scope, current, listen

VARIABLE = "MOCK_CURSOR_DETERMINISTIC"
"""The variable that asks for this mode when recording; the replay knows from the trace."""

TICK = 1000
"""How much time passes between two looks at the clock, in microseconds."""

Start: TypeAlias = Callable[[Scope | None, int], int]
"""When the clock of a scope starts, in microseconds since the epoch.

Given the scope and the moment that is next in this process; asked once a scope.
"""


def install(start: Start) -> None:
    """Make this process deterministic from now on. Idempotent."""
    global _sources
    if _sources is not None:
        return
    _sources = _Sources(start)
    listen(_Garbage())
    _replace_random()
    uuid.uuid4 = _uuid4
    uuid.uuid1 = _uuid1
    _put(dt.date, "today", _today)
    _put(dt.datetime, "now", _now)
    _put(dt.datetime, "utcnow", _utcnow)


class _Source:
    """The randomness and the clock of one scope."""

    def __init__(self, name: str) -> None:
        # Two, because an application may seed its own, and still wants unique UUIDs.
        self.random = random.Random(name)
        self.uuids = random.Random(f"UUIDs of {name}")
        self.moment: int | None = None


class _Sources:
    """The sources of all scopes, made when first asked for."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._lock = threading.RLock()
        self._by_scope: WeakKeyDictionary[Scope, _Source] = WeakKeyDictionary()
        self._start_up = _Source(START_UP)
        self._next = time.time_ns() // 1000

    def current(self) -> _Source:
        scope = current()
        return self._start_up if scope is None else self._of(scope)

    def tick(self) -> int:
        """The time in the current scope, in microseconds since the epoch."""
        scope = current()
        with self._lock:
            source = self._start_up if scope is None else self._of(scope)
            moment = source.moment
            if moment is None:
                moment = self._start(scope, self._next)
            source.moment = moment + TICK
            self._next = max(self._next, source.moment)
            return moment

    def _of(self, scope: Scope) -> _Source:
        with self._lock:
            source = self._by_scope.get(scope)
            if source is None:
                source = self._by_scope[scope] = _Source(scope.name)
            return source


class _Garbage:
    """Stops the collector of cycles while a scope is open; what is due follows then.

    Not for that of a fixture, within which tests run.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0
        self._was_enabled = False

    def opened(self, scope: Scope) -> None:
        if scope.kind == "fixture":
            return
        with self._lock:
            if self._open == 0:
                self._was_enabled = gc.isenabled()
                gc.disable()
            self._open += 1

    def closed(self, scope: Scope) -> None:
        if scope.kind == "fixture":
            return
        with self._lock:
            self._open -= 1
            if self._open == 0 and self._was_enabled:
                gc.enable()


def _replace_random() -> None:
    own_seed = random.Random.seed

    @functools.wraps(own_seed)
    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        if a is None:
            a = _of_now().uuids.getrandbits(256)
        own_seed(self, a, version)

    # Of generators of the application's own, which the system would seed.
    random.Random.seed = seed  # type: ignore[method-assign]
    for name, function in tuple(vars(random).items()):
        if type(getattr(function, "__self__", None)) is random.Random:
            setattr(random, name, _in_scope(name, function))


def _in_scope(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the module `random`, on the scope's own generator."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(_of_now().random, name)(*args, **kwargs)

    return call


def _of_now() -> _Source:
    assert _sources is not None
    return _sources.current()


def _uuid4() -> uuid.UUID:
    return uuid.UUID(int=_of_now().uuids.getrandbits(128), version=4)


# Between the start of the calendar that RFC 9562 counts from and the epoch, in steps
# of 100 nanoseconds, as the timestamp itself.
_GREGORIAN = 0x01B21DD213814000


def _uuid1(node: int | None = None, clock_seq: int | None = None) -> uuid.UUID:
    draw = _of_now().uuids.getrandbits
    ticks = _tick() * 10 + _GREGORIAN
    sequence = draw(14) if clock_seq is None else clock_seq
    fields = (
        ticks & 0xFFFFFFFF,
        ticks >> 32 & 0xFFFF,
        ticks >> 48 & 0x0FFF,
        sequence >> 8 & 0x3F,
        sequence & 0xFF,
        # The multicast bit says that this is no card's address.
        draw(48) | 1 << 40 if node is None else node,
    )
    return uuid.UUID(fields=fields, version=1)


def _tick() -> int:
    assert _sources is not None
    return _sources.tick()


def _today(cls: Any) -> Any:
    return cls.fromtimestamp(_tick() / 1_000_000)


def _now(cls: Any, tz: dt.tzinfo | None = None) -> Any:
    return cls.fromtimestamp(_tick() / 1_000_000, tz)


def _utcnow(cls: Any) -> Any:
    return cls.fromtimestamp(_tick() / 1_000_000, dt.UTC).replace(tzinfo=None)


def _put(cls: Any, name: str, method: Callable[..., Any]) -> None:
    """Replace a class method.

    The class itself stays what it is. A subclass in its place would be another key in
    every table of types, and no value that the driver or the server makes is of it.
    """
    try:
        setattr(cls, name, classmethod(method))
    except TypeError:
        # A class that is written in C refuses it, but not its namespace.
        import ctypes

        (namespace,) = gc.get_referents(vars(cls))
        namespace[name] = classmethod(method)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))


_sources: _Sources | None = None
