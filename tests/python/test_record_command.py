"""``cargo xtask record`` when it is stopped, and when what it records goes wrong.

Each case is a stack of its own, with an application that has no dependency but the
driver, recorded by the command as it is built.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from launcher_folder import REPOSITORY
from recorded_scripts import require_server

require_server()

APPLICATION = """
import datetime, os, random, sys, time, uuid
from wsgiref.simple_server import make_server
with open("pid", "a") as pids: print(os.getpid(), file=pids)
import psycopg
{first}
def application(environ, start_response):
    path = environ["PATH_INFO"]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("select %s::text", (path,))
        if path == "/die":
            os._exit(3)
        if path == "/sleep":
            time.sleep(600)
        if path == "/raise":
            raise ValueError("of the application")
        if path.startswith("/draw"):
            drawn = f"{{uuid.uuid4()}} {{random.random()}} {{datetime.datetime.now()}}"
            row = connection.execute("select md5(%s)", (drawn,)).fetchone()
            path = f"{{drawn}} {{row[0]}}"
    start_response("200 OK", [("content-type", "text/plain")])
    return [path.encode()]
make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()
"""


class Recorded:
    """A stack in a scratch folder and the command that records it."""

    def __init__(
        self, folder: Path, *paths: str, first: str = "", settings: str = ""
    ) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        requirements = REPOSITORY / "xtask" / "environments" / "client.txt"
        requests = [
            {"name": f"GET {path}", "method": "GET", "path": path} for path in paths
        ]
        files = {
            "app.py": APPLICATION.format(first=first),
            "stack.toml": 'profile = "psycopg"\n'
            f'command = ["python", "app.py", "{{port}}"]\n{settings}',
            "requirements.txt": requirements.read_text(),
            "schema.sql": "create table t (n int);\n",
            "requests.jsonl": "".join(f"{json.dumps(each)}\n" for each in requests),
        }
        for name, text in files.items():
            (folder / name).write_text(text)

    def start(self, *options: str) -> subprocess.Popen[str]:
        return self.command("record", str(self.folder), *options)

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [os.environ["MOCK_CURSOR_XTASK"], *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *options: str) -> tuple[int, str]:
        """The exit code and all that the command says."""
        return self.end_of(self.start(*options))

    def end_of(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        """The same of a command that runs; nothing that it started may be left."""
        out, err = process.communicate(timeout=120)
        for pid in self.pids():
            wait_until(lambda pid=pid: not is_running(pid))  # type: ignore[misc]
        return process.returncode, out + err

    def pids(self) -> list[int]:
        path = self.folder / "pid"
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def kept(self, said: str) -> list[str]:
        """The SQL parameters in the trace that a failed recording has kept."""
        (line,) = [each for each in said.splitlines() if ": kept the " in each]
        path = REPOSITORY / line.partition(": kept the ")[0]
        return asked(path)

    def untouched(self) -> bool:
        """Whether the stack's folder has neither a trace nor responses."""
        return not [*self.folder.glob("trace*"), *self.folder.glob("responses*")]


def asked(trace: Path) -> list[str]:
    text = trace.read_text()
    assert text.endswith("\n"), "the last line is incomplete"
    events = [json.loads(line) for line in text.splitlines()]
    exchanges = [event["exchange"] for event in events if "exchange" in event]
    return [one["parameters"][0] for one in exchanges if "parameters" in one]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return ") Z " not in state


def wait_until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def stack(tmp_path: Path) -> Callable[..., Recorded]:
    # The folder's name is the stack's, and the command keeps a folder for each name.
    return lambda *paths, **options: Recorded(
        tmp_path / tmp_path.name, *paths, **options
    )


def test_a_recording_puts_trace_and_responses_into_the_stack(stack: Any) -> None:
    made = stack("/a", "/raise", "/b")
    code, said = made.run()
    assert code == 0, said
    assert asked(made.folder / "trace.jsonl") == ["/a", "/raise", "/b"]
    lines = (made.folder / "responses.jsonl").read_text().splitlines()
    assert [json.loads(line)["status"] for line in lines] == [200, 500, 200]


def test_an_application_that_does_not_start(stack: Any) -> None:
    made = stack("/a", first='raise ImportError("of the application")')
    code, said = made.run()
    assert code == 2
    assert "the application ended with exit status: 1" in said
    assert "  | ImportError: of the application" in said
    assert made.untouched()


def test_an_application_that_dies_in_a_request(stack: Any) -> None:
    made = stack("/a", "/die", "/b")
    code, said = made.run()
    assert code == 2
    assert "GET /die: the application ended with exit status: 3" in said
    assert made.kept(said) == ["/a", "/die"]
    assert made.untouched()


def test_ctrl_c_keeps_whole_lines_and_stops_everything(stack: Any) -> None:
    made = stack("/a", "/sleep")
    process = made.start()
    assert process.stdout is not None
    while "GET /a" not in process.stdout.readline():
        assert process.poll() is None
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    code, said = made.end_of(process)
    assert code == 130, said
    assert "interrupted" in said
    assert made.kept(said) == ["/a", "/sleep"]
    assert made.untouched()


def test_a_killed_command_leaves_no_application(stack: Any) -> None:
    made = stack("/sleep")
    process = made.start()
    wait_until(made.pids)
    process.kill()
    code, _ = made.end_of(process)
    assert code == -signal.SIGKILL


def test_a_taken_port_is_no_failure(stack: Any) -> None:
    made = stack(
        "/a",
        first="if open('pid').read().count('\\n') == 1: "
        "psycopg.connect(os.environ['DATABASE_URL']).execute('select 1'); "
        "sys.exit('OSError: [Errno 98] Address already in use')",
    )
    code, said = made.run()
    assert code == 0, said
    assert asked(made.folder / "trace.jsonl") == ["/a"]
    assert len(made.pids()) == 2


def test_a_port_that_stays_taken_is_one(stack: Any) -> None:
    made = stack("/a", first="sys.exit('OSError: [Errno 98] Address already in use')")
    code, said = made.run()
    assert code == 2
    assert "  | OSError: [Errno 98] Address already in use" in said


def test_a_server_that_is_not_there(stack: Any) -> None:
    made = stack("/a")
    code, said = made.run("--database-url", "postgresql://nobody@127.0.0.1:1/none")
    assert code == 2
    assert "Connection refused" in said and "hint: the server must be reachable" in said
    assert not made.pids()


def test_a_schema_with_a_mistake(stack: Any) -> None:
    made = stack("/a")
    (made.folder / "schema.sql").write_text("create tabel t (n int);\n")
    code, said = made.run()
    assert code == 2
    assert "schema.sql: cannot be applied" in said
    assert 'syntax error at or near "tabel"' in said
    assert not made.pids() and made.untouched()


def test_a_deterministic_stack_replays_what_it_draws(tmp_path: Path) -> None:
    paths = ("/draw/1", "/draw/2")
    settings = "deterministic = true\n"
    stack = Recorded(tmp_path / "drawing", *paths, settings=settings)
    fixtures = str(tmp_path / "fixtures")
    options = ("--record", "--fixtures", fixtures)
    code, said = stack.end_of(stack.command("stack-test", str(stack.folder), *options))
    assert code == 0, said
    for path in paths:
        assert f"ok   GET {path}\n" in said, said
