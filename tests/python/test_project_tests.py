"""A repository's own tests, recorded and replayed: modes, markers, and the plugin."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from project_commands import Repository

pytestmark = pytest.mark.skipif(
    "DATABASE_URL" not in os.environ, reason="needs a server"
)

TESTS = """
import os, psycopg, pytest

@pytest.fixture(scope="session")
def connection():
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection

@pytest.fixture
def ask(connection):
    return lambda sql: connection.execute(sql).fetchone()[0]

def test_one(ask):
    assert ask("select 10") == 10

def test_two(ask):
    assert ask("select 2") == 2
"""

ONE = "tests/test_it.py::test_one"
TWO = "tests/test_it.py::test_two"
PASSED = {ONE: "PASSED", TWO: "PASSED"}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path, test_it=TESTS)


def change(repository: Repository, before: str, after: str) -> None:
    path = repository.folder / "tests/test_it.py"
    path.write_text(path.read_text().replace(before, after))


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    names = sorted(before.keys() | after.keys())
    traces = [name for name in names if name.startswith("traces/")]
    return [name[7:-6] for name in traces if before.get(name) != after.get(name)]


def test_what_was_recorded_replays(repository: Repository) -> None:
    assert repository.record() == PASSED, repository.said
    assert repository.replay() == PASSED, repository.said
    assert repository.replay(TWO) == {TWO: "PASSED"}, repository.said


def test_pytest_alone_replays(repository: Repository) -> None:
    repository.record()
    nowhere = "postgresql://nowhere.invalid/x"
    assert repository.pytest("-v", DATABASE_URL=nowhere) == PASSED, repository.said
    assert "mock-cursor: replaying tests/fixtures/mock_cursor" in repository.said


def test_without_a_fixture_tests_run_as_they_are(repository: Repository) -> None:
    assert repository.pytest() == PASSED, repository.said
    assert repository.kept() == {}
    repository.pytest("--mock-cursor=none")
    assert repository.code == 4
    assert "nothing is recorded there" in repository.said


def test_pytest_records_when_it_is_told(repository: Repository) -> None:
    assert repository.pytest("--mock-cursor=once") == PASSED, repository.said
    assert "2 added" in repository.said
    before = repository.kept()
    change(repository, "select 2", "select 1 + 1")
    assert repository.pytest("--mock-cursor=new_episodes") == PASSED
    assert changed(before, repository.kept()) == []
    assert repository.pytest(MOCK_CURSOR_MODE="once") == PASSED, repository.said
    assert changed(before, repository.kept()) == ["tests_test_it_py_test_two"]
    assert repository.pytest("--mock-cursor=once", CI="true") == {}
    assert repository.code == 2


def test_the_command_line_comes_before_the_environment_and_that_before_markers(
    repository: Repository,
) -> None:
    repository.record()
    before = repository.kept()
    change(repository, "select 10", "select 11 - 1")
    change(repository, "def test_one", "@pytest.mark.mock_cursor('none')\ndef test_one")
    repository.record()
    assert changed(before, repository.kept()) == []
    repository.record(MOCK_CURSOR_MODE="new_episodes")
    assert changed(before, repository.kept()) == []
    table = '[tool.mock-cursor]\nmode = "new_episodes"\n'
    repository.write("pyproject.toml", table)
    change(repository, "('none')", "('once')")
    repository.record("--mode", "new_episodes", MOCK_CURSOR_MODE="all")
    assert changed(before, repository.kept()) == []
    repository.record()
    assert changed(before, repository.kept()) == ["tests_test_it_py_test_one"]


def test_a_failed_test_keeps_what_it_had(repository: Repository) -> None:
    repository.record()
    before = repository.kept()
    change(repository, '"select 10") == 10', '"select 30") == 1')
    change(repository, '"select 2")', '"select 4 - 2")')
    repository.record()
    assert repository.code == 1
    assert "1 failed test not kept" in repository.said
    assert changed(before, repository.kept()) == ["tests_test_it_py_test_two"]


def test_a_skipped_test_keeps_what_it_had(repository: Repository) -> None:
    repository.record()
    before = repository.kept()
    change(repository, 'assert ask("select 10") == 10', "pytest.skip('today')")
    repository.record()
    assert changed(before, repository.kept()) == []


def test_what_is_rewritten_loses_what_did_not_run(repository: Repository) -> None:
    repository.record()
    before = repository.kept()
    change(repository, "def test_two", "def not_a_test")
    repository.record("--mode", "rewrite")
    assert changed(before, repository.kept()) == ["tests_test_it_py_test_two"]


def test_a_test_sees_what_it_asked(repository: Repository) -> None:
    change(repository, "def test_two(ask):", "def test_two(ask, mock_cursor):")
    change(
        repository,
        "== 2",
        "== 2\n    assert mock_cursor.statements == ['select 2']"
        f"\n    assert mock_cursor.scope == {TWO!r}",
    )
    assert repository.record() == PASSED, repository.said
    assert repository.replay() == PASSED, repository.said


def test_requests_elsewhere_are_refused_when_asked_to(repository: Repository) -> None:
    repository.write(
        "tests/test_network.py",
        "import socket\n"
        "def test_network():\n"
        "    socket.create_connection(('127.0.0.1', 9), timeout=1)\n",
    )
    repository.record()
    name = "tests/test_network.py::test_network"
    repository.replay(name)
    assert "ConnectionRefusedError" in repository.said
    repository.replay(name, "--block-network")
    assert "NetworkDenied" not in repository.said, "the launcher came before pytest"
    repository.pytest(name, "--block-network")
    assert "NetworkDenied" in repository.said


def test_a_fixture_that_is_set_up_again_is_answered_again(
    repository: Repository,
) -> None:
    repository.write(
        "tests/test_it.py",
        TESTS.replace('scope="session"', 'scope="session", params=["a", "b"]')
        .replace("yield", "connection.execute('select 0')\n        yield")
        .replace("def test_two", "def test_two"),
    )
    tests = [f"{test}[{name}]" for name in "ab" for test in (ONE, TWO)]
    assert repository.record() == dict.fromkeys(tests, "PASSED"), repository.said
    # In this order each test sets the fixture up again.
    order = [tests[0], tests[2], tests[1], tests[3]]
    for test in order:
        assert repository.replay(test) == {test: "PASSED"}, repository.said
