"""ASGI middleware that opens a scope for each request and each WebSocket.

Pure ASGI: the application's own context carries the scope, so background tasks and
worker threads inherit it. Lifespan events pass untouched. Never answers by itself.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from .scopes import open_scope, request_name

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

SCOPE_HEADER = "mock-cursor-scope"
"""The request header by which a client names the scope itself."""

_MARK = "mock_cursor.scope"


class ScopeMiddleware:
    """Wraps an ASGI application."""

    def __init__(self, app: Application) -> None:
        self.app = app

    def __getattr__(self, name: str) -> Any:
        # Servers and frameworks look for attributes of the application itself.
        if name == "app":
            raise AttributeError(name)
        return getattr(self.app, name)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or _MARK in scope:
            await self.app(scope, receive, send)
            return
        marked = {**scope, _MARK: True}
        kind = "request" if scope["type"] == "http" else "websocket"
        name = _header(scope)
        if name is None:
            body = b""
            if kind == "request":
                body, receive = await _buffered(receive)
            query = scope.get("query_string", b"").decode("latin-1")
            method = scope.get("method", "WEBSOCKET")
            name = request_name(method, _raw_path(scope), query, body)
        with open_scope(name, kind):
            await self.app(marked, receive, send)


def _header(scope: Message) -> str | None:
    wanted = SCOPE_HEADER.encode("ascii")
    for name, value in scope.get("headers", ()):
        if name.lower() == wanted:
            return bytes(value).decode("utf-8", "replace") or None
    return None


def _raw_path(scope: Message) -> str:
    raw: bytes | None = scope.get("raw_path")
    if raw:
        # Some servers leave the query in it.
        return raw.decode("latin-1").partition("?")[0]
    return urllib.parse.quote(scope["path"], safe="/:@!$&'()*+,;=~-._")


async def _buffered(receive: Receive) -> tuple[bytes, Receive]:
    """The whole body, and a ``receive`` that gives the application every message.

    The hash of the body is part of the name, and the scope must be open before the
    application runs. A client that disconnects half-way ends the body.
    """
    messages: list[Message] = []
    more = True
    while more:
        message = await receive()
        messages.append(message)
        more = message["type"] == "http.request" and message.get("more_body", False)
    body = b"".join(message.get("body", b"") for message in messages)
    messages.reverse()

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return body, replay
