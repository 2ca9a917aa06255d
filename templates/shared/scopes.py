"""Scopes: what is recorded and replayed as one unit, carried by a context variable.

Tasks and threads that copy the context of a request belong to that request; what has
no such context belongs to the test that runs, if one does. Knows nothing of HTTP
servers, test runners or drivers: those open scopes, and listeners act on them.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context, ContextVar
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar

from .texts import escaped

P = ParamSpec("P")
R = TypeVar("R")

START_UP = "start-up"
"""The scope of all that runs outside any other; its name and its kind."""

PUBLISHED = "mock_cursor_scopes"
"""The name in `sys.modules` by which a plugin finds this module."""


class Sent(NamedTuple):
    """A statement that was sent in a scope, as PEP 249 calls it."""

    operation: str
    sql: str | None
    parameters: Any


class Scope:
    """One open scope. Two scopes are never equal, whatever their names.

    `around` are the scopes that it stands in, the innermost last. `state` is what the
    replay knows of it, which ends with the scope; `faults` are the reports of what had
    no answer. A process that is not ``process``, where it was opened, goes on with it.
    Who opened it says whether what it stands for has ``failed``, in which ``mode`` it is
    kept, and whether what is ``asked`` in it is to be listed.
    """

    __slots__ = (
        "__weakref__",
        "around",
        "asked",
        "failed",
        "faults",
        "kind",
        "mode",
        "name",
        "process",
        "state",
    )

    def __init__(self, name: str, kind: str, around: Sequence[Scope] = ()) -> None:
        self.name = name
        self.kind = kind
        self.around = around
        self.faults: list[str] = []
        self.state: Any = None
        self.failed = False
        self.mode: str | None = None
        self.asked: list[Sent] | None = None
        self.process = os.getpid()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} ({self.kind})>"


class Listener(Protocol):
    """Who wants to know when scopes open and close."""

    def opened(self, scope: Scope) -> None: ...

    def closed(self, scope: Scope) -> None: ...


@contextmanager
def open_scope(name: str, kind: str) -> Iterator[Scope]:
    """Run the block in a new scope of that name."""
    scope = begin(name, kind)
    try:
        with entered(scope):
            yield scope
    finally:
        end(scope)


def begin(name: str, kind: str, around: Sequence[Scope] = ()) -> Scope:
    """Open a scope without entering it: a WSGI response outlives the call."""
    name = escaped(name)
    outer = current()
    if kind in _SERVED and outer is not None:
        # Which ordinal it gets must not depend on the tests that ran before.
        name = f"{outer.name} {name}"
    if name == START_UP:
        # A client may choose the name; start-up itself is never opened.
        name = f"{name} ({kind})"
    with _lock:
        scope = Scope(_unused(name), kind, around)
    for listener in tuple(_listeners):
        listener.opened(scope)
    return scope


def _unused(name: str) -> str:
    """The name itself, or with the first ordinal that makes it one of its own."""
    unused = name
    while unused in _ordinals:
        _ordinals[name] += 1
        unused = f"{name} ({_ordinals[name]})"
    _ordinals[unused] = 1
    return unused


def continued(name: str, kind: str) -> Scope:
    """A scope that another process has opened, and will close; one a name."""
    with _lock:
        scope = _continued.get(name)
        if scope is None:
            scope = _continued[name] = Scope(name, kind)
            scope.process = 0
        return scope


def carry(scope: Scope) -> None:
    """Belong to a scope from now on, in this context."""
    _current.set(scope)


@contextmanager
def entered(scope: Scope | None) -> Iterator[None]:
    """Run the block in an open scope; None enters start-up."""
    token = _current.set(scope)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def by_default(scope: Scope) -> Iterator[None]:
    """Let what has no scope of its own belong to this one while the block runs.

    In every thread and task, also in those that were there before: an event loop has
    its own context, however many tests it runs. For who runs one thing at a time.
    """
    global _default
    before = _default
    _default = scope
    try:
        yield
    finally:
        _default = before
        if before is not None:
            before.faults += scope.faults
            scope.faults.clear()


def fault(report: str) -> None:
    """Tell who runs one thing at a time that this thing has failed."""
    if _default is not None:
        _default.faults.append(report)


def bound(function: Callable[P, R]) -> Callable[P, R]:
    """The function, to be called in the scope that the context carries now, if any."""
    carried = _current.get(_NONE)
    if carried is _NONE and _elsewhere is not None:
        carried = _elsewhere() or _NONE
    if carried is _NONE:
        return function

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with entered(carried):
            return function(*args, **kwargs)

    return call


def current() -> Scope | None:
    """The scope of the running code; None is start-up. Asked for every statement."""
    scope: Scope | None = _current.get(_NONE)
    if scope is not _NONE:
        return scope
    found = None if _elsewhere is None else _elsewhere()
    return _default if found is None else found


def end(scope: Scope) -> None:
    """Close a scope. Tasks that it started still belong to it."""
    for listener in tuple(_listeners):
        listener.closed(scope)


def publish() -> None:
    """Let plugins find the scopes of this process, in whichever phase it is."""
    sys.modules[PUBLISHED] = sys.modules[__name__]


def listen(listener: Listener) -> None:
    """Tell the listener of every scope from now on."""
    _listeners.append(listener)


def redact_names(redact: Callable[[str], str]) -> None:
    """Let what clients send stand in no name as it is."""
    global _redact_name
    _redact_name = redact


def request_name(method: str, raw_path: str, query: str, body: bytes) -> str:
    """The name of a request's scope: what the client sent, nothing that varies."""
    target = f"{raw_path}?{query}" if query else raw_path
    if _redact_name is not None:
        target = _redact_name(target)
    name = f"{method} {target}"
    if body:
        name += f" #{hashlib.sha256(body).hexdigest()[:8]}"
    return name


def carried_in(context: Context) -> Scope | None:
    """The scope that another context carries."""
    return context.get(_current)


def look_elsewhere(find: Callable[[], Scope | None]) -> None:
    """Ask for the scope of code whose own context has never been in any."""
    global _elsewhere
    _elsewhere = find


_SERVED = ("request", "websocket")

_current: ContextVar[Scope | None] = ContextVar("mock_cursor_scope")
_default: Scope | None = None
_NONE: Any = object()
_elsewhere: Callable[[], Scope | None] | None = None

_redact_name: Callable[[str], str] | None = None
_listeners: list[Listener] = []
_ordinals: dict[str, int] = {}
_continued: dict[str, Scope] = {}
_lock = threading.Lock()


def _after_fork() -> None:
    # Another thread may have held the lock when the process was forked.
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
