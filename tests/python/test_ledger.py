"""The ledger of several processes, and what a report makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from recordings import exchange, make_fixture

SELECT = "SELECT name FROM users WHERE id = %s"

# Each process replays what its arguments name: a scope, and how often it asks.
SCRIPT = """
import sys
from {package}.runtime import activate
activate.activate()
import psycopg
from {package}.runtime.scopes import open_scope
name, times = sys.argv[1], int(sys.argv[2])
with open_scope(name, "test"):
    connection = psycopg.connect("", autocommit=True)
    for number in range(times):
        connection.execute("SELECT name FROM users WHERE id = %s", [number])
        connection.execute("SELECT 1")
"""


def fixture(folder: Path) -> Any:
    selects = [exchange(SELECT, [number], [["Ada"]]) for number in range(3)]
    ping = exchange("SELECT 1", None, [["1"]], repeatable=True)
    return make_fixture(folder, {"start-up": [ping], "a": selects, "b": [selects[0]]})


def run(folder: Path, script: str, ledger: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env={**os.environ, "MOCK_CURSOR_LEDGER": str(ledger)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def events(ledger: Path, event: str) -> list[Any]:
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    return [line[event] for line in lines if event in line]


def test_processes_share_a_file(tmp_path: Path) -> None:
    package = fixture(tmp_path).__name__
    ledger = tmp_path / "ledger.jsonl"
    for times in ("1", "2"):
        run(tmp_path, SCRIPT.format(package=package), ledger, "a", times)
    first, second = events(ledger, "replay")
    assert first["scopes"] == ["a", "b"]
    assert "scopes" not in second
    assert first["stack"] == second["stack"] == package
    assert first["process"] != second["process"]
    first, second = events(ledger, "used")
    assert first["exchanges"] == [[1, 1, 1, "execute", 0]]
    assert second["exchanges"] == [[1, 1, 1, "execute", 0], [2, 1, 1, "execute", 0]]
    assert first["sql"] == second["sql"] == [SELECT]
    left = [[e["exchange"] for e in u["exchanges"]] for u in events(ledger, "unused")]
    # Start-up and the scope, twice.
    assert left == [[1], [2, 3], [1], [3]]
    # Each ping, the first of each process and those that are answered again.
    assert events(ledger, "taken") == [{"scope": "start-up", "exchange": 1}] * 3


FORKED = """
import os
from {package}.runtime import activate
activate.activate()
import psycopg
from {package}.runtime.scopes import open_scope
def ask(number):
    psycopg.connect("", autocommit=True).execute(
        "SELECT name FROM users WHERE id = %s", [number])
with open_scope("a", "test"):
    ask(0)
    child = os.fork()
    if child == 0:
        ask(1)
        # Out of the block, as a worker that ends within its request.
        raise SystemExit(0)
    assert os.waitpid(child, 0)[1] == 0
    ask(2)
"""


def test_a_forked_process_tells_what_it_takes_and_does_not_end_the_scope(
    tmp_path: Path,
) -> None:
    package = fixture(tmp_path).__name__
    ledger = tmp_path / "ledger.jsonl"
    run(tmp_path, FORKED.format(package=package), ledger)
    assert events(ledger, "taken") == [{"scope": "a", "exchange": 2}]
    (used,) = events(ledger, "used")
    assert [each[:3] for each in used["exchanges"]] == [[1, 1, 1], [3, 1, 1]]
    assert events(ledger, "scope_end") == [{"scope": "a"}]


def test_what_is_asked_as_often_as_wanted_is_not_kept_in_memory(tmp_path: Path) -> None:
    made = fixture(tmp_path)
    replay = __import__(f"{made.__name__}.runtime.replay", fromlist=["replay"]).replay()
    before = len(replay.ledger.entries)
    for _ in range(50):
        replay.answer(("execute", "SELECT 1", None), lambda: None)
    assert len(replay.ledger.entries) == before + 1
