"""The network's guard: what is refused, and what is this machine's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from launcher_folder import run
from recordings import make_fixture

SCRIPT = """
import socket, sys
sys.path.insert(0, {folder!r})
from {package}.runtime.activate import activate
activate()
try:
    {action}
except OSError as error:
    print(type(error).__name__)
else:
    print("done")
"""


def said(folder: Path, action: str) -> str:
    package = make_fixture(folder, {}).__name__
    script = SCRIPT.format(folder=str(folder), package=package, action=action)
    done = run(script, {"MOCK_CURSOR_GUARD": "1"})
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize(
    "action",
    [
        "socket.getaddrinfo(NAME, 80)",
        "socket.gethostbyname(NAME)",
        "socket.gethostbyname(NAME.upper())",
        "socket.gethostbyaddr(NAME)",
        "socket.getaddrinfo(NAME.encode(), 80)",
        "socket.getaddrinfo('localhost', 80)",
        "socket.getaddrinfo(None, 80)",
        "socket.getnameinfo(('127.0.0.1', 80), 0)",
    ],
)
def test_own_names_are_looked_up(tmp_path: Path, action: str) -> None:
    # Whether a machine knows its own name is not the guard's business.
    action = action.replace("NAME", "socket.gethostname()")
    assert said(tmp_path, action) in ("done", "gaierror", "herror")


@pytest.mark.parametrize(
    "action",
    [
        "socket.getaddrinfo('example.invalid', 80)",
        "socket.gethostbyname(socket.gethostname() + '.example.invalid')",
        "socket.gethostbyname('192.0.2.1')",
        "socket.create_connection(('localhost', 1))",
    ],
)
def test_others_are_refused(tmp_path: Path, action: str) -> None:
    assert said(tmp_path, action) == "NetworkDenied"
