"""WSGI middleware that opens a scope for each request.

The scope stays open while the response is iterated and ends with its ``close()``:
an application may answer with a generator that runs statements. Never answers itself.
"""

from __future__ import annotations

import io
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from .asgi import SCOPE_HEADER
from .scopes import Scope, begin, end, entered, request_name

Environ: TypeAlias = dict[str, Any]
Application: TypeAlias = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_MARK = "mock_cursor.scope"
_HEADER = "HTTP_" + SCOPE_HEADER.upper().replace("-", "_")


class ScopeMiddleware:
    """Wraps a WSGI application."""

    def __init__(self, app: Application) -> None:
        self.app = app

    def __getattr__(self, name: str) -> Any:
        # Servers and frameworks look for attributes of the application itself.
        if name == "app":
            raise AttributeError(name)
        return getattr(self.app, name)

    def __call__(
        self, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if _MARK in environ:
            return self.app(environ, start_response)
        environ[_MARK] = True
        scope = begin(_name(environ), "request")
        try:
            with entered(scope):
                response = self.app(environ, start_response)
        except BaseException:
            end(scope)
            raise
        if hasattr(response, "__len__"):
            return _SizedResponse(response, scope)
        return _Response(response, scope)


class _Response:
    """The application's response, iterated within the scope."""

    def __init__(self, response: Iterable[bytes], scope: Scope) -> None:
        self._response = response
        self._scope: Scope | None = scope
        self._context = scope
        self._iterator: Iterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        # Each step enters anew: a server may take the steps in different contexts.
        with entered(self._context):
            if self._iterator is None:
                self._iterator = iter(self._response)
            return next(self._iterator)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._response, name)

    def close(self) -> None:
        """Close the response, then the scope, once."""
        try:
            close = getattr(self._response, "close", None)
            if close is not None:
                with entered(self._context):
                    close()
        finally:
            scope, self._scope = self._scope, None
            if scope is not None:
                end(scope)


class _SizedResponse(_Response):
    """A response of known length: with one block, a server sends Content-Length.

    A class of its own, as servers ask with ``hasattr`` (PEP 3333).
    """

    def __len__(self) -> int:
        length: int = len(self._response)  # type: ignore[arg-type]
        return length


def _name(environ: Environ) -> str:
    header: str | None = environ.get(_HEADER)
    if header:
        # PEP 3333: header values are bytes spelt as latin-1 text.
        return header.encode("latin-1").decode("utf-8", "replace")
    query = environ.get("QUERY_STRING", "")
    return request_name(
        environ["REQUEST_METHOD"], _raw_path(environ), query, _body(environ)
    )


def _raw_path(environ: Environ) -> str:
    for variable in ("RAW_URI", "REQUEST_URI"):
        target = environ.get(variable, "")
        if target.startswith("/"):
            return str(target).partition("?")[0]
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return urllib.parse.quote(path.encode("latin-1"), safe="/:@!$&'()*+,;=~-._")


def _body(environ: Environ) -> bytes:
    """Read the body for its hash and leave a copy of it to the application."""
    length = environ.get("CONTENT_LENGTH") or ""
    stream = environ["wsgi.input"]
    if length.isdigit():
        body = stream.read(int(length)) if int(length) else b""
    elif environ.get("wsgi.input_terminated"):
        body = stream.read()
    else:
        return b""
    environ["wsgi.input"] = io.BytesIO(body)
    return bytes(body)
