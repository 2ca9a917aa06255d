"""Scopes: names, ordinals, and what runs inside of a request on which server side."""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import io
import threading
from typing import Any

import pytest
from launcher_folder import shared

BODY_HASH = hashlib.sha256(b"hello").hexdigest()[:8]


class Log:
    def __init__(self, scopes: Any) -> None:
        self.lines: list[str] = []
        scopes.listen(self)

    def opened(self, scope: Any) -> None:
        self.lines.append(f"+{scope.name}/{scope.kind}")

    def closed(self, scope: Any) -> None:
        self.lines.append(f"-{scope.name}")


def module(name: str) -> tuple[Any, Any, Log]:
    """A module, and the scopes that it works on."""
    loaded = shared(name)
    package = loaded.__name__.rpartition(".")[0]
    scopes = __import__(f"{package}.scopes", fromlist=["scopes"])
    return loaded, scopes, Log(scopes)


def test_ordinals_only_among_equals() -> None:
    scopes = shared("scopes")
    names = []
    for name in ("a", "b", "a", "a"):
        with scopes.open_scope(name, "test") as scope:
            assert scopes.current() is scope
            names.append(scope.name)
    assert names == ["a", "b", "a (2)", "a (3)"]
    assert scopes.current() is None


def test_a_chosen_name_meets_no_ordinal() -> None:
    scopes = shared("scopes")
    names = []
    for name in ("a", "a", "a (2)", "a", "a (2)"):
        with scopes.open_scope(name, "test") as scope:
            names.append(scope.name)
    assert names == ["a", "a (2)", "a (2) (2)", "a (3)", "a (2) (3)"]


def test_a_name_can_be_written() -> None:
    scopes = shared("scopes")
    with scopes.open_scope("GET /\ud800é", "test") as scope:
        assert scope.name == "GET /\\ud800é"


def test_request_name() -> None:
    name = shared("scopes").request_name
    assert name("GET", "/a%20b", "", b"") == "GET /a%20b"
    assert name("POST", "/a", "q=1", b"hello") == f"POST /a?q=1 #{BODY_HASH}"


def test_tasks_belong_to_their_request_and_threads_with_its_context() -> None:
    scopes = shared("scopes")
    seen: dict[str, Any] = {}

    async def request(name: str) -> None:
        with scopes.open_scope(name, "request"):
            await asyncio.sleep(0)
            asyncio.get_running_loop().create_task(later(name))
            seen[name] = await asyncio.to_thread(lambda: scopes.current().name)

    async def later(name: str) -> None:
        await asyncio.sleep(0.01)
        seen[f"task of {name}"] = scopes.current().name

    async def main() -> None:
        await asyncio.gather(request("a"), request("b"))
        await asyncio.sleep(0.03)

    asyncio.run(main())
    assert seen == {"a": "a", "b": "b", "task of a": "a", "task of b": "b"}


def asgi_call(app: Any, scope: dict[str, Any], messages: list[Any]) -> list[Any]:
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def http(**fields: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"x=1",
        "headers": [],
        **fields,
    }


def chunk(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize(
    ("messages", "name"),
    [
        ([chunk(b"hello")], f"POST /a%20b?x=1 #{BODY_HASH}"),
        ([chunk(b"hel", True), chunk(b"lo")], f"POST /a%20b?x=1 #{BODY_HASH}"),
        ([chunk(b"")], "POST /a%20b?x=1"),
        ([{"type": "http.request"}], "POST /a%20b?x=1"),
        (
            [chunk(b"hello", True), {"type": "http.disconnect"}],
            f"POST /a%20b?x=1 #{BODY_HASH}",
        ),
        ([{"type": "http.disconnect"}], "POST /a%20b?x=1"),
    ],
)
def test_asgi_body(messages: list[Any], name: str) -> None:
    asgi, _, log = module("asgi")
    got: list[Any] = []
    count = len(messages)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        got.extend([await receive() for _ in range(count + 1)])

    original = list(messages)
    asgi_call(asgi.ScopeMiddleware(app), http(), messages)
    assert got == [*original, {"type": "http.disconnect"}]
    assert log.lines == [f"+{name}/request", f"-{name}"]


def test_asgi_header_wins_and_leaves_the_body_alone() -> None:
    asgi, scopes, log = module("asgi")
    messages = [chunk(b"x")]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert messages, "the body was read before the application asked for it"
        assert scopes.current().name.startswith("named")

    wrapped = asgi.ScopeMiddleware(app)
    for _ in range(2):
        asgi_call(wrapped, http(headers=[(b"mock-cursor-scope", b"named")]), messages)
    assert log.lines == ["+named/request", "-named", "+named (2)/request", "-named (2)"]


def test_asgi_is_never_nested_and_lifespan_is_start_up() -> None:
    asgi, scopes, log = module("asgi")
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scopes.current())

    wrapped = asgi.ScopeMiddleware(asgi.ScopeMiddleware(app))
    asgi_call(wrapped, {"type": "lifespan"}, [])
    asgi_call(wrapped, http(method="GET", raw_path=None), [chunk(b"")])
    socket = {"type": "websocket", "path": "/ws", "query_string": b"", "headers": []}
    asgi_call(wrapped, socket, [])
    assert seen[0] is None
    assert log.lines == [
        "+GET /a%20b?x=1/request",
        "-GET /a%20b?x=1",
        "+WEBSOCKET /ws/websocket",
        "-WEBSOCKET /ws",
    ]


def test_asgi_errors_close_the_scope() -> None:
    asgi, _, log = module("asgi")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("of the application")

    with pytest.raises(ValueError, match="of the application"):
        asgi_call(asgi.ScopeMiddleware(app), http(method="GET"), [chunk(b"")])
    assert log.lines[-1] == "-GET /a%20b?x=1"


def environ(**fields: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/\u00c3\u00a9 b",
        "QUERY_STRING": "",
        "wsgi.input": io.BytesIO(b"hello and more"),
        **fields,
    }


@pytest.mark.parametrize(
    ("fields", "name", "body"),
    [
        ({"CONTENT_LENGTH": "5"}, f"POST /%C3%A9%20b #{BODY_HASH}", b"hello"),
        ({"CONTENT_LENGTH": ""}, "POST /%C3%A9%20b", b"hello and more"),
        (
            {"wsgi.input": io.BytesIO(b"hello"), "wsgi.input_terminated": True},
            f"POST /%C3%A9%20b #{BODY_HASH}",
            b"hello",
        ),
        ({"RAW_URI": "/raw%2F?x=1", "QUERY_STRING": "x=1"}, "POST /raw%2F?x=1", None),
        ({"HTTP_MOCK_CURSOR_SCOPE": "n\u00c3\u00a9"}, "né", b"hello and more"),
    ],
)
def test_wsgi_names(fields: dict[str, Any], name: str, body: bytes | None) -> None:
    wsgi, _, log = module("wsgi")
    got: list[bytes] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        got.append(environ["wsgi.input"].read())
        return [b"x"]

    response = wsgi.ScopeMiddleware(app)(environ(**fields), None)
    assert len(response) == 1
    assert list(response) == [b"x"]
    assert log.lines == [f"+{name}/request"]
    response.close()
    response.close()
    assert log.lines == [f"+{name}/request", f"-{name}"]
    assert body is None or got == [body]


def test_wsgi_generator_runs_in_its_scope_in_any_context() -> None:
    wsgi, scopes, log = module("wsgi")
    seen: list[Any] = []

    def app(environ: Any, start_response: Any) -> Any:
        def generate() -> Any:
            try:
                for block in (b"1", b"2"):
                    seen.append(scopes.current().name)
                    yield block
            finally:
                seen.append(scopes.current().name)

        return generate()

    response = wsgi.ScopeMiddleware(app)(environ(REQUEST_METHOD="GET"), None)
    assert not hasattr(response, "__len__")
    blocks: list[bytes] = []
    for _ in range(2):
        step = contextvars.copy_context()
        thread = threading.Thread(
            target=step.run, args=(lambda: blocks.append(next(response)),)
        )
        thread.start()
        thread.join()
    response.close()
    assert blocks == [b"1", b"2"]
    assert len(seen) == 3 and len(set(seen)) == 1
    assert log.lines[-1].startswith("-GET")
    assert scopes.current() is None


def test_wsgi_errors_close_the_scope() -> None:
    wsgi, _, log = module("wsgi")

    def app(environ: Any, start_response: Any) -> Any:
        raise ValueError("of the application")

    with pytest.raises(ValueError, match="of the application"):
        wsgi.ScopeMiddleware(app)(environ(), None)
    assert [line[0] for line in log.lines] == ["+", "-"]


def test_servers_wrap_by_kind_and_once() -> None:
    servers = shared("servers")

    def wsgi_app(environ: Any, start_response: Any) -> Any: ...

    async def asgi_app(scope: Any, receive: Any, send: Any) -> None: ...

    class Callable:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    assert isinstance(servers.wrap(wsgi_app), servers.wsgi.ScopeMiddleware)
    for application in (asgi_app, Callable()):
        wrapped = servers.wrap(application)
        assert isinstance(wrapped, servers.asgi.ScopeMiddleware)
        assert servers.wrap(wrapped) is wrapped


def test_wsgiref_is_wrapped() -> None:
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    servers = shared("servers")
    original = WSGIServer.set_app
    try:
        servers.install()
        server = WSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
        with server:
            server.set_app(lambda environ, start_response: [])
            assert isinstance(server.get_app(), servers.wsgi.ScopeMiddleware)
    finally:
        WSGIServer.set_app = original  # type: ignore[method-assign]


def test_post_import_hook(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    imports = shared("imports")
    (tmp_path / "hooked_package").mkdir()
    (tmp_path / "hooked_package" / "__init__.py").write_text(
        "from . import inner\nx = 1"
    )
    (tmp_path / "hooked_package" / "inner.py").write_text("y = __loader__.name")
    monkeypatch.syspath_prepend(tmp_path)
    seen: list[str] = []
    for name in ("hooked_package", "hooked_package.inner", "json"):
        imports.when_imported(name, lambda module: seen.append(module.__name__))
    assert seen == ["json"]
    import hooked_package  # type: ignore[import-not-found]

    assert seen == ["json", "hooked_package.inner", "hooked_package"]
    assert type(hooked_package.__spec__.loader).__name__ == "SourceFileLoader"
    assert hooked_package.inner.y == "hooked_package.inner"
    imports.when_imported("hooked_package", lambda module: seen.append("again"))
    assert seen[-1] == "again"
    sys.meta_path.remove(imports._finder)
