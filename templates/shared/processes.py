"""Processes belong to the scope that started them, and their jobs to that which sent them.

A process that is forked has its parent's context. One that is started anew is told the
scope by name: by a variable of its environment, or with what it is to run. It goes on
with that scope, beside its parent. Starts no process itself.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from .imports import when_imported
from .jobs import send_in_scope
from .scopes import Scope, carry, continued, current, entered

SCOPE = "MOCK_CURSOR_SCOPE"
"""The variable by which a child process knows its scope: `request GET /users`."""

_ATTRIBUTE = "_mock_cursor_scope"


def install() -> None:
    """Carry scopes into every process from now on, and take up our own. Idempotent."""
    global _installed
    if _installed:
        return
    _installed = True
    kind, _, name = os.environ.get(SCOPE, "").partition(" ")
    if name:
        carry(continued(name, kind))
    when_imported("subprocess", _hook_subprocess)
    when_imported("multiprocessing.process", _hook_process)
    when_imported("multiprocessing.pool", _hook_pool)
    when_imported("concurrent.futures.process", _hook_executor)


def _hook_subprocess(module: ModuleType) -> None:
    popen: Any = module.Popen
    original = popen.__init__
    signature = inspect.signature(original)

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        scope = current()
        if scope is None and SCOPE not in os.environ:
            original(self, *args, **kwargs)
            return
        try:
            call = signature.bind(self, *args, **kwargs)
        except TypeError:
            # Python says it best itself.
            original(self, *args, **kwargs)
            return
        given = call.arguments.get("env")
        call.arguments["env"] = _with_scope(
            os.environ if given is None else given, scope
        )
        original(*call.args, **call.kwargs)

    popen.__init__ = init


def _with_scope(environment: Mapping[Any, Any], scope: Scope | None) -> dict[Any, Any]:
    told = {name: value for name, value in environment.items() if name != SCOPE}
    # No variable may hold NUL, which a header of a request may.
    if scope is not None and "\0" not in scope.name:
        told[SCOPE] = f"{scope.kind} {scope.name}"
    return told


def _hook_process(module: ModuleType) -> None:
    process: Any = module.BaseProcess
    start, bootstrap = process.start, process._bootstrap

    @functools.wraps(start)
    def started(self: Any) -> None:
        scope = current()
        # On the object, which goes to the new process as it is.
        setattr(self, _ATTRIBUTE, None if scope is None else (scope.name, scope.kind))
        start(self)

    @functools.wraps(bootstrap)
    def bootstrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        named = getattr(self, _ATTRIBUTE, None)
        own = current()
        if own is not None and named == (own.name, own.kind):
            # Forked, or told by the environment.
            return bootstrap(self, *args, **kwargs)
        with entered(None if named is None else continued(*named)):
            return bootstrap(self, *args, **kwargs)

    process.start = started
    process._bootstrap = bootstrapped


def _hook_pool(module: ModuleType) -> None:
    pool = module.Pool
    for method in ("apply_async", "_map_async", "imap", "imap_unordered"):
        send_in_scope(pool, method)


def _hook_executor(module: ModuleType) -> None:
    send_in_scope(module.ProcessPoolExecutor, "submit")


_installed = False
