"""``mock-cursor record -- …`` and ``replay -- …``, and what they keep."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from project_commands import FIXTURES, Repository, program

needs_server = pytest.mark.skipif(
    "DATABASE_URL" not in os.environ, reason="needs a server"
)

SCRIPT = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    print("answer:", connection.execute("select 6 * 7").fetchone()[0])
"""

TESTS = """
import os, psycopg, pytest

@pytest.fixture
def ask():
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        yield lambda sql: connection.execute(sql).fetchone()[0]

def test_one(ask):
    assert ask("select 10") == 10

def test_two(ask):
    assert ask("select 2") == 2
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path, test_it=TESTS, script=SCRIPT)


@needs_server
def test_a_script_is_recorded_and_replayed(repository: Repository) -> None:
    script = (sys.executable, "tests/script.py")
    assert repository.mock_cursor("record", "--", *script) == 0, repository.said
    assert "answer: 42" in repository.said
    assert repository.mock_cursor("gen", "--check") == 0, repository.said
    variables = {"DATABASE_URL": "postgresql://nowhere.invalid/x"}
    assert repository.mock_cursor("replay", "--", *script, **variables) == 0
    assert "answer: 42" in repository.said


@needs_server
@pytest.mark.parametrize("code", [0, 1, 7])
def test_the_exit_code_is_the_commands(repository: Repository, code: int) -> None:
    repository.write("tests/script.py", f"{SCRIPT}\nraise SystemExit({code})")
    script = (sys.executable, "tests/script.py")
    assert repository.mock_cursor("record", "--", *script) == code
    assert repository.mock_cursor("replay", "--", *script) == code


@needs_server
def test_a_swallowed_miss_fails_a_replay(repository: Repository) -> None:
    script = (sys.executable, "tests/script.py")
    repository.mock_cursor("record", "--", *script)
    changed = SCRIPT.replace("    print", "    try: connection.execute('select 43')")
    repository.write("tests/script.py", f"{changed}\n    except BaseException: pass")
    repository.write(
        "tests/script.py",
        "import os, psycopg\n"
        "connection = psycopg.connect('')\n"
        "try: connection.execute('select 43')\n"
        "except Exception: pass\n",
    )
    assert repository.mock_cursor("replay", "--", *script) == 1
    assert "no recorded exchange answers this execute" in repository.said
    assert "1 statement without an answer" in repository.said


@needs_server
def test_signals_are_passed_on(repository: Repository) -> None:
    waiting = f"{SCRIPT}\nimport time\nopen('ready', 'w').close()\ntime.sleep(600)"
    handler = "import signal\nsignal.signal(signal.SIGTERM, lambda *_: exit(9))\n"
    repository.write("tests/script.py", handler + waiting)
    command = [program(), "record", "--", sys.executable, "tests/script.py"]
    process = subprocess.Popen(
        command,
        cwd=repository.folder,
        env=repository.environment({}),
        start_new_session=True,
    )
    until = time.monotonic() + 30
    while not (repository.folder / "ready").exists() and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 9
    assert (repository.folder / FIXTURES / "traces/start_up.jsonl").exists()


def test_a_signal_that_kills_is_told_as_shells_do(repository: Repository) -> None:
    killed = ("sh", "-c", "kill -KILL $$")
    assert repository.mock_cursor("record", "--", *killed) == 128 + signal.SIGKILL


def test_nothing_is_recorded_in_ci(repository: Repository) -> None:
    command = ("record", "--", "touch", "ran")
    assert repository.mock_cursor(*command, CI="true") == 2
    assert "nothing is recorded where CI=true" in repository.said
    assert not (repository.folder / "ran").exists()
    told = ("record", "--in-ci", "--", "touch", "ran")
    repository.mock_cursor(*told, CI="true")
    assert (repository.folder / "ran").exists()


def test_without_a_recording_nothing_is_replayed(repository: Repository) -> None:
    assert repository.mock_cursor("replay", "--", "touch", "ran") == 2
    assert "hint: record first" in repository.said


def test_without_traffic_nothing_is_kept(repository: Repository) -> None:
    assert repository.mock_cursor("record", "--", "true") == 2
    assert "nothing was recorded" in repository.said
    assert repository.mock_cursor("record", "--", "sh", "-c", "exit 5") == 5
    assert not (repository.folder / FIXTURES).exists()


@pytest.mark.parametrize(
    "table, place",
    [
        ("fixture = 'x'", "pyproject.toml:2:1: unknown field `fixture`"),
        ("mode = 'always'", "pyproject.toml:2:8: unknown variant `always`"),
    ],
)
def test_settings_that_are_wrong_have_a_place(
    repository: Repository, table: str, place: str
) -> None:
    repository.write("pyproject.toml", f"[tool.mock-cursor]\n{table}\n")
    assert repository.mock_cursor("gen") == 2
    assert place in repository.said
    repository.pytest()
    assert repository.code == 4
    assert "pyproject.toml:2:1: " in repository.said


@needs_server
def test_another_sitecustomize_still_runs(repository: Repository) -> None:
    repository.write("site/sitecustomize.py", "print('theirs')")
    path = str(repository.folder / "site")
    script = (sys.executable, "tests/script.py")
    repository.mock_cursor("record", "--", *script, PYTHONPATH=path)
    assert "theirs" in repository.said
    assert repository.mock_cursor("replay", "--", *script, PYTHONPATH=path) == 0
    assert "theirs" in repository.said


@needs_server
def test_what_is_kept_is_shown_compared_and_pruned(repository: Repository) -> None:
    repository.record()
    assert repository.mock_cursor("show", "test_one") == 0
    assert "test_it.py::test_one (test)" in repository.said
    assert "select 10" in repository.said and "select 2" not in repository.said
    assert repository.mock_cursor("--format", "json", "show", "test_two") == 0
    assert '"sql":"select 2"' in repository.said
    assert repository.mock_cursor("show", "test_nothing") == 2

    before = repository.folder / "before"
    (repository.folder / FIXTURES).rename(before)
    repository.write("tests/test_it.py", TESTS.replace("test_two", "test_three"))
    repository.record()
    assert repository.mock_cursor("diff", "before", FIXTURES) == 1
    assert "1 added, 1 removed, 0 changed" in repository.said
    assert repository.mock_cursor("diff", "before", "before") == 0

    repository.write("tests/test_it.py", TESTS)
    listing = ("--", sys.executable, "-m", "pytest", "--co", "-q")
    kept = repository.kept()
    repository.mock_cursor("prune", "--dry-run", *listing)
    assert "would remove tests/test_it.py::test_three" in repository.said
    assert repository.kept() == kept
    assert repository.mock_cursor("prune", *listing) == 0
    assert sorted(kept.keys() - repository.kept().keys()) == [
        "scopes/tests_test_it_py_test_three.py",
        "traces/tests_test_it_py_test_three.jsonl",
    ]
    assert repository.mock_cursor("gen", "--check") == 0


@needs_server
def test_an_edited_fixture_is_noticed(repository: Repository) -> None:
    repository.record()
    module = repository.folder / FIXTURES / "scopes/tests_test_it_py_test_one.py"
    module.write_text(module.read_text().replace("select 10", "select 90"))
    assert repository.mock_cursor("gen", "--check") == 1
    assert "1 different" in repository.said
    assert repository.mock_cursor("--format", "github", "gen", "--check") == 1
    assert "::error file=" in repository.said


def test_shells_have_completions(repository: Repository) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert repository.mock_cursor("completions", shell) == 0
        assert "replay" in repository.said
