"""Functions that are called somewhere else, and belong to the scope that sent them.

To another thread goes the scope itself; to another process goes its name, by which
that process goes on with it. Starts neither.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import Context
from typing import Any

from .scopes import Scope, continued, current, entered


class Job:
    """A function and its scope; pickled as the function is, or not at all."""

    __slots__ = ("_function", "_scope")

    def __init__(self, scope: Scope | None, function: Callable[..., Any]) -> None:
        self._scope = scope
        self._function = function

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._function!r}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with entered(self._scope):
            return self._function(*args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        scope = self._scope
        named = None if scope is None else (scope.name, scope.kind)
        return _received, (named, self._function)


def _received(named: tuple[str, str] | None, function: Callable[..., Any]) -> Job:
    return Job(None if named is None else continued(*named), function)


def send_in_scope(cls: Any, method: str) -> None:
    """Let a method's first argument, a function, be called in the caller's scope."""
    original = getattr(cls, method)

    @functools.wraps(original)
    def sent(self: Any, *args: Any, **kwargs: Any) -> Any:
        scope = current()
        if args:
            args = (Job(scope, args[0]), *args[1:])
        elif "func" in kwargs:
            kwargs["func"] = Job(scope, kwargs["func"])
        # The worker that this may start outlives the job.
        return Context().run(original, self, *args, **kwargs)

    setattr(cls, method, sent)
