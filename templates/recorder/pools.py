"""What ``psycopg_pool`` does on behalf of no one request.

Its workers belong to start-up: a pool that is opened, or grows, within a request starts
them there, and they go on when the request is over. What the application's callbacks
ask of a connection is set-up: it is asked whenever a pool makes, checks or takes back
one. Knows nothing of what they do.
"""

from __future__ import annotations

import functools
import inspect
import random
from types import ModuleType
from typing import Any

from .imports import when_imported
from .scopes import Scope, entered

SET_UP = Scope("set-up", "set-up")
"""The scope of all that callbacks ask, of whatever pool."""

_CALLBACKS = ("configure", "check", "reset")


def install() -> None:
    """Let pools' workers and callbacks belong to the scopes that are theirs."""
    # The pools' modules take the functions from here when they are imported, later.
    when_imported("psycopg_pool._acompat", _hook_workers)
    when_imported("psycopg_pool.base", _give_randomness)
    when_imported("psycopg_pool.pool", _hook_callbacks)
    when_imported("psycopg_pool.pool_async", _hook_callbacks)


def _hook_workers(module: ModuleType) -> None:
    for name in ("spawn", "aspawn"):
        original = getattr(module, name, None)
        if original is not None:
            setattr(module, name, _in_start_up(original))


def _give_randomness(module: ModuleType) -> None:
    # A pool draws lots for when its connections expire. At replay it does not, and the
    # numbers that the application draws besides may have to be the same.
    own = random.SystemRandom()
    given = getattr(module, "random", None)
    vars(module)["random"] = own if isinstance(given, ModuleType) else own.random


def _in_start_up(original: Any) -> Any:
    @functools.wraps(original)
    def spawn(*args: Any, **kwargs: Any) -> Any:
        with entered(None):
            return original(*args, **kwargs)

    return spawn


def _hook_callbacks(module: ModuleType) -> None:
    for name in ("ConnectionPool", "AsyncConnectionPool"):
        pool = getattr(module, name, None)
        if pool is not None:
            _hook_constructor(pool)


def _hook_constructor(pool: Any) -> None:
    original = pool.__init__

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        for name in _CALLBACKS:
            if callable(kwargs.get(name)):
                kwargs[name] = _in_set_up(kwargs[name])
        original(self, *args, **kwargs)

    pool.__init__ = __init__


def _in_set_up(callback: Any) -> Any:
    @functools.wraps(callback)
    def called(*args: Any) -> Any:
        with entered(SET_UP):
            result = callback(*args)
        return _awaited(result) if inspect.isawaitable(result) else result

    return called


async def _awaited(result: Any) -> Any:
    with entered(SET_UP):
        return await result
