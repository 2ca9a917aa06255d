"""Threads belong to the scope that started them, and jobs to that which submitted them.

A new thread has an empty context, and a worker of a pool the context of its first job;
both would put a request's statements into the wrong scope. What no context carries,
as the scope of a test, they need not be given. Starts no thread itself.
"""

from __future__ import annotations

import functools
import threading
from contextvars import Context
from types import ModuleType
from typing import Any

from .imports import when_imported
from .scopes import bound


def install() -> None:
    """Carry scopes into every thread and job from now on. Idempotent."""
    global _installed
    if _installed:
        return
    _installed = True
    _hook_start(threading.Thread)
    when_imported("concurrent.futures.thread", _hook_submit)


def _hook_start(cls: Any) -> None:
    original = cls.start

    @functools.wraps(original)
    def start(self: Any) -> None:
        run = self.run
        run_bound = bound(run)
        if run_bound is run:
            original(self)
            return
        # On the object and not on the class, because subclasses override `run`. It
        # is taken away again before anybody can look at it.
        own = vars(self).get("run")

        def restore() -> None:
            if own is None:
                vars(self).pop("run", None)
            else:
                self.run = own

        def run_in_scope() -> None:
            restore()
            run_bound()

        self.run = run_in_scope
        try:
            original(self)
        except BaseException:
            restore()
            raise

    cls.start = start


def _hook_submit(module: ModuleType) -> None:
    executor: Any = module.ThreadPoolExecutor
    original = executor.submit

    @functools.wraps(original)
    def submit(self: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        # The worker that this may start outlives the job, and its initializer is
        # nobody's in particular.
        context = Context()
        return context.run(original, self, bound(function), *args, **kwargs)

    executor.submit = submit


_installed = False
