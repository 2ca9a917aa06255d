"""Where HTTP servers take up an application, as a table; each is wrapped there.

Server by server and not framework by framework: an application that is called by a
test client runs in the test's scope. A server that is missing here opens no scopes;
its application can be wrapped with a middleware by hand.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from . import asgi, wsgi
from .imports import when_imported


class EntryPoint(NamedTuple):
    """After ``method`` has run, ``attribute`` of its object is the application."""

    module: str
    class_name: str
    method: str
    attribute: str


ENTRY_POINTS = (
    EntryPoint("uvicorn.config", "Config", "load", "loaded_app"),
    EntryPoint("hypercorn.app_wrappers", "ASGIWrapper", "__init__", "app"),
    EntryPoint("hypercorn.app_wrappers", "WSGIWrapper", "__init__", "app"),
    EntryPoint("daphne.server", "Server", "__init__", "application"),
    EntryPoint("gevent.pywsgi", "WSGIServer", "__init__", "application"),
    EntryPoint("gunicorn.workers.base", "Worker", "load_wsgi", "wsgi"),
    EntryPoint("wsgiref.simple_server", "WSGIServer", "set_app", "application"),
    EntryPoint("werkzeug.serving", "BaseWSGIServer", "__init__", "app"),
    EntryPoint("waitress.server", "BaseWSGIServer", "__init__", "application"),
    EntryPoint("cheroot.wsgi", "Server", "__init__", "wsgi_app"),
)


def install() -> None:
    """Wrap the application of every server that is imported from now on. Idempotent."""
    global _installed
    if _installed:
        return
    _installed = True
    for entry_point in ENTRY_POINTS:
        when_imported(entry_point.module, functools.partial(_hook, entry_point))


def wrap(application: Any) -> Any:
    """The application in the middleware of its kind, once."""
    if isinstance(application, asgi.ScopeMiddleware | wsgi.ScopeMiddleware):
        return application
    if _is_asgi(application):
        return asgi.ScopeMiddleware(application)
    return wsgi.ScopeMiddleware(application)


def _hook(entry_point: EntryPoint, module: ModuleType) -> None:
    cls = getattr(module, entry_point.class_name, None)
    method: Callable[..., Any] | None = getattr(cls, entry_point.method, None)
    if cls is None or method is None:
        # Another version of the server; without it there is nothing to wrap.
        return
    original = method

    @functools.wraps(original)
    def hooked(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        application = getattr(self, entry_point.attribute, None)
        if application is not None:
            setattr(self, entry_point.attribute, wrap(application))
        return result

    setattr(cls, entry_point.method, hooked)


def _is_asgi(application: Any) -> bool:
    call = getattr(application, "__call__", None)  # noqa: B004
    if inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(call):
        return True
    # Decorated applications hide the coroutine function, not the three arguments.
    try:
        parameters = inspect.signature(application).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    return sum(parameter.kind in positional for parameter in parameters) == 3


_installed = False
