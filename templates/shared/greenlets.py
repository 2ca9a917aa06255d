"""Greenlets belong to the scope of who made them, or of their makers in turn.

A new greenlet has an empty context, so its scope is looked up along its parents. What
gevent makes has the hub for a parent, and is told its scope when it is made. Switches
to no greenlet itself.
"""

from __future__ import annotations

from contextvars import Context
from types import ModuleType
from typing import Any

from .imports import when_imported
from .jobs import send_in_scope
from .scopes import Scope, carried_in, carry, current, look_elsewhere


def install() -> None:
    """Carry scopes into every greenlet from now on. Idempotent."""
    global _installed
    if _installed:
        return
    _installed = True
    when_imported("greenlet", _hook_greenlet)
    when_imported("gevent.greenlet", _hook_gevent)
    when_imported("gevent.threadpool", _hook_threadpool)


def _hook_greenlet(module: ModuleType) -> None:
    getcurrent = module.getcurrent

    def of_parents() -> Scope | None:
        maker = getcurrent().parent
        while maker is not None:
            # None before it has run, and when it has ended.
            context = maker.gr_context
            scope = None if context is None else carried_in(context)
            if scope is not None:
                return scope
            maker = maker.parent
        return None

    look_elsewhere(of_parents)


def _hook_gevent(module: ModuleType) -> None:
    original: Any = module.Greenlet

    # The class is compiled: it can be derived from, and not be changed.
    class Greenlet(original):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            scope = current()
            if scope is not None:
                context = Context()
                context.run(carry, scope)
                self.gr_context = context

    Greenlet.__module__ = original.__module__
    Greenlet.__qualname__ = original.__qualname__
    module.Greenlet = Greenlet  # type: ignore[attr-defined]


def _hook_threadpool(module: ModuleType) -> None:
    send_in_scope(module.ThreadPool, "spawn")


_installed = False
