"""The pytest plugin when recording: in which scope each statement is written."""

from __future__ import annotations

from pathlib import Path

from recorded_scripts import require_server
from tested_project import Project
from trace_lines import TraceLines

require_server()

TESTS = """
import os, psycopg, pytest, threading

url = os.environ["DATABASE_URL"]

@pytest.fixture(scope="module")
def connection():
    with psycopg.connect(url) as connection:
        connection.execute("select 'module up'")
        yield connection
        connection.execute("select 'module down'")

@pytest.fixture(scope="class", params=["x"])
def table(connection, request):
    connection.execute("select 'class up'")
    # Torn down by the fixture that was set up first, before that one itself.
    request.addfinalizer(lambda: connection.execute("select 'class down'"))

@pytest.fixture
def own(connection):
    connection.execute("select 'test up'")
    yield
    connection.execute("select 'test down'")

class TestTable:
    def test_one(self, connection, table, own):
        thread = threading.Thread(target=connection.execute, args=["select 'one'"])
        thread.start()
        thread.join()

    def test_two(self, connection, table):
        connection.execute("select 'two'")
        raise ValueError

def test_fails_in_set_up(failing):
    pass

@pytest.fixture(scope="module")
def failing(connection):
    connection.execute("select 'failing'")
    raise ValueError
"""


def test_each_statement_is_written_in_its_scope(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    project = Project(tmp_path / "project", {"test_it.py": TESTS})
    outcomes = project.run({"MOCK_CURSOR_RECORD": str(trace)})
    assert outcomes == {
        "test_it.py::TestTable::test_one[x]": "PASSED",
        "test_it.py::TestTable::test_two[x]": "FAILED",
        "test_it.py::test_fails_in_set_up": "ERROR",
    }, project.said
    lines = TraceLines(trace)
    scopes = lines.by_id["scope"].values()
    statements = {
        (scope["kind"], scope["name"]): [
            one["sql"].removeprefix("select ").strip("'")
            for one in lines.of(scope["name"])
            if one["sql"]
        ]
        for scope in scopes
    }
    assert statements == {
        ("start-up", "start-up"): [],
        ("fixture", "test_it.py fixture connection"): ["module up", "module down"],
        ("fixture", "test_it.py::TestTable fixture table[0]"): [
            "class up",
            "class down",
        ],
        ("test", "test_it.py::TestTable::test_one[x]"): ["test up", "one", "test down"],
        ("test", "test_it.py::TestTable::test_two[x]"): ["two"],
        ("fixture", "test_it.py fixture failing"): ["failing"],
        # It has nothing of its own, and is a scope all the same.
        ("test", "test_it.py::test_fails_in_set_up"): [],
    }
    opened = {scope["id"] for scope in scopes if scope["kind"] != "start-up"}
    assert {end["id"] for event, end in lines.events if event == "scope_end"} == opened
