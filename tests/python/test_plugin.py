"""The pytest plugin at replay: scopes of tests and fixtures, and what fails a test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from recordings import exchange, make_fixture
from tested_project import Project

TESTS = """
import psycopg, pytest

def ask(sql):
    return psycopg.connect("", autocommit=True).execute(sql).fetchone()

@pytest.fixture(scope="session")
def session():
    ask("session up")
    yield
    ask("session down")

@pytest.fixture(scope="class", params=["x", "y"])
def table(session, request):
    ask(f"{request.param} up")
    yield request.param
    ask(f"{request.param} down")

class TestTable:
    def test_one(self, table):
        assert ask("SELECT") == (f"one of {table}",)

    def test_two(self, table):
        assert ask("SELECT") == (f"two of {table}",)

def test_alone():
    assert ask("SELECT") == ("alone",)
"""


def one(sql: str, cell: str = "") -> dict[str, Any]:
    return exchange(sql, None, [[cell]], status="IDLE")


def up_and_down(name: str) -> list[dict[str, Any]]:
    return [one(f"{name} up"), one(f"{name} down")]


SCOPES = {
    "fixture session": up_and_down("session"),
    "test_it.py::TestTable fixture table[0]": up_and_down("x"),
    "test_it.py::TestTable fixture table[1]": up_and_down("y"),
    "test_it.py::test_alone": [one("SELECT", "alone")],
    **{
        f"test_it.py::TestTable::test_{name}[{table}]": [
            one("SELECT", f"{name} of {table}")
        ]
        for name in ("one", "two")
        for table in ("x", "y")
    },
}


class Replayed(Project):
    """A project on a scratch fixture."""

    def __init__(self, folder: Path, tests: str, scopes: Any = None) -> None:
        super().__init__(folder / "project", {"test_it.py": tests})
        package = make_fixture(folder, scopes or {})
        self.fixture = Path(package.__file__ or "").parent
        (self.fixture / "__init__.py").write_text("from .runtime.api import activate\n")

    def outcomes(self, *tests: str) -> dict[str, str]:
        return self.run({"MOCK_CURSOR_REPLAY": str(self.fixture)}, *tests)

    def outcome(self, *tests: str) -> str:
        (outcome,) = set(self.outcomes(*tests).values())
        return outcome


def test_each_test_is_answered_in_its_own_scope(tmp_path: Path) -> None:
    project = Replayed(tmp_path, TESTS, SCOPES)
    tests = {name for name in SCOPES if "fixture" not in name}
    assert project.outcomes() == dict.fromkeys(tests, "PASSED"), project.said


@pytest.mark.parametrize(
    "test", ["TestTable::test_two[y]", "TestTable::test_one[x]", "test_alone"]
)
def test_a_test_that_is_picked_replays_alone(test: str, tmp_path: Path) -> None:
    project = Replayed(tmp_path, TESTS, SCOPES)
    name = f"test_it.py::{test}"
    assert project.outcomes(name) == {name: "PASSED"}, project.said


def test_one_answer_is_given_to_one_test(tmp_path: Path) -> None:
    scopes = {name: list(each) for name, each in SCOPES.items()}
    scopes["test_it.py::test_alone"] = []
    project = Replayed(tmp_path, TESTS, scopes)
    outcomes = project.outcomes()
    assert [name for name in outcomes if outcomes[name] != "PASSED"] == [
        "test_it.py::test_alone"
    ]
    assert "scope: test_it.py::test_alone" in project.said


FAULTS = """
import psycopg, pytest

def ask(sql):
    try:
        return psycopg.connect("").execute(sql)
    except Exception:
        return None

def test_in_call():
    ask("in call")

@pytest.fixture
def before():
    ask("before")

def test_before(before):
    pass

@pytest.fixture
def after():
    yield
    ask("after")

def test_after(after):
    pass

@pytest.fixture(scope="module")
def module_after():
    yield
    ask("module after")

def test_skipped():
    ask("skipped")
    pytest.skip("after a miss")

def test_module_after(module_after):
    pass
"""


def test_a_swallowed_miss_fails_the_test_that_ran(tmp_path: Path) -> None:
    project = Replayed(tmp_path, FAULTS)
    outcomes = project.outcomes()
    failed = {name.partition("test_it.py::test_")[2] for name in outcomes}
    assert failed == {"in_call", "before", "after", "skipped", "module_after"}
    # Of tests that passed and failed in their tear-down, the last line counts.
    assert set(outcomes.values()) == {"FAILED", "ERROR"}, project.said
    for what in ("in call", "before", "after", "skipped", "module after"):
        # Told once, and by the report of the miss.
        assert project.said.count(f"  statement:\n    {what}\n") == 1, project.said


ELSEWHERE = """
import asyncio, threading, psycopg, pytest
from concurrent.futures import ThreadPoolExecutor

runner = asyncio.Runner()
runner.run(asyncio.sleep(0))
pool = ThreadPoolExecutor(1)
pool.submit(int).result()

def ask():
    return psycopg.connect("", autocommit=True).execute("SELECT").fetchone()[0]

async def aask():
    connection = await psycopg.AsyncConnection.connect("", autocommit=True)
    cursor = await connection.execute("SELECT")
    return (await cursor.fetchone())[0]

class Asked(threading.Thread):
    def run(self):
        self.answer = ask()

@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"

@pytest.fixture(scope="module")
async def shared(anyio_backend):
    answer = await aask()
    yield answer
    assert await aask() == "shared down"

@pytest.mark.parametrize("n", [1, 2])
class TestElsewhere:
    def test_runner(self, n):
        assert runner.run(aask()) == f"runner {n}"

    def test_thread(self, n):
        thread = Asked()
        thread.start()
        thread.join()
        assert thread.answer == f"thread {n}"

    def test_pool(self, n):
        assert pool.submit(ask).result() == f"pool {n}"

    @pytest.mark.anyio
    async def test_anyio(self, n, shared):
        assert shared == "shared up"
        assert await aask() == f"anyio {n}"
        assert await asyncio.to_thread(ask) == f"anyio {n} in a thread"
"""


def _answers(name: str, number: int) -> Sequence[dict[str, Any]]:
    cells = [f"{name} {number}"]
    if name == "anyio":
        cells.append(f"{name} {number} in a thread")
    return [one("SELECT", cell) for cell in cells]


def test_threads_and_loops_that_outlive_tests_see_their_scopes(tmp_path: Path) -> None:
    scopes = {
        f"test_it.py::TestElsewhere::test_{name}[{number}]": _answers(name, number)
        for name in ("runner", "thread", "pool", "anyio")
        for number in (1, 2)
    }
    shared = [one("SELECT", "shared up"), one("SELECT", "shared down")]
    scopes["test_it.py fixture shared"] = shared
    project = Replayed(tmp_path, ELSEWHERE, scopes)
    # Without a warning of pytest's that Python 3.12 would give of the open loop.
    assert project.outcomes() == {
        name: "PASSED" for name in scopes if "fixture" not in name
    }, project.said


INSIDE_OUT = """
import psycopg, pytest

@pytest.fixture(scope="session")
def outer():
    yield

@pytest.fixture(scope="module")
def inner(outer):
    yield

def ask(sql):
    cursor = psycopg.connect("", autocommit=True).execute(sql)
    return cursor.fetchone()[0]

def test_it(inner):
    assert [ask("SELECT") for _ in range(3)] == ["test", "inner", "outer"]

def test_without():
    with pytest.raises(Exception, match="no recorded exchange"):
        ask("SELECT")
"""


def test_a_test_is_answered_from_the_inside_out(tmp_path: Path) -> None:
    scopes = {
        "fixture outer": [one("SELECT", "outer")],
        "test_it.py fixture inner": [one("SELECT", "inner")],
        "test_it.py::test_it": [one("SELECT", "test")],
    }
    project = Replayed(tmp_path, INSIDE_OUT, scopes)
    assert project.outcomes("test_it.py::test_it") == {
        "test_it.py::test_it": "PASSED"
    }, project.said


SERVED = """
import psycopg, pytest
from wsgiref.util import setup_testing_defaults
from wsgiref.simple_server import WSGIServer, WSGIRequestHandler
import threading, urllib.request

def app(environ, start_response):
    connection = psycopg.connect("", autocommit=True)
    (text,) = connection.execute("SELECT").fetchone()
    start_response("200 OK", [])
    return [text.encode()]

@pytest.fixture(scope="session")
def url():
    server = WSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(app)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()

@pytest.mark.parametrize("n", [1, 2])
def test_served(url, n):
    for time in ("first", "second"):
        with urllib.request.urlopen(url) as response:
            assert response.read().decode() == f"{time} of {n}"
"""


def test_requests_are_counted_test_by_test(tmp_path: Path) -> None:
    scopes = {}
    for n in (1, 2):
        test = f"test_it.py::test_served[{n}]"
        scopes[f"{test} GET /"] = [one("SELECT", f"first of {n}")]
        scopes[f"{test} GET / (2)"] = [one("SELECT", f"second of {n}")]
    project = Replayed(tmp_path, SERVED, scopes)
    assert project.outcome() == "PASSED", project.said
    assert project.outcome("test_it.py::test_served[2]") == "PASSED", project.said


XUNIT = """
import unittest, psycopg

def ask(sql):
    psycopg.connect("", autocommit=True).execute(sql)

def setup_module():
    ask("module up")

class TestPlain:
    def setup_class(cls):
        ask("class up")

    def teardown_class(cls):
        ask("class down")

    def test_it(self):
        ask("test")

class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        ask("case up")

    def test_it(self):
        ask("test")
"""


def test_set_up_in_the_ways_of_xunit_has_scopes_too(tmp_path: Path) -> None:
    module = "test_it.py fixture _xunit_setup_module_fixture_test_it"
    scopes = {
        module: [one("module up")],
        "test_it.py::TestPlain fixture _xunit_setup_class_fixture_TestPlain": [
            one("class up"),
            one("class down"),
        ],
        "test_it.py::TestPlain::test_it": [one("test")],
        "test_it.py::Case fixture _unittest_setUpClass_fixture_Case": [one("case up")],
        "test_it.py::Case::test_it": [one("test")],
    }
    project = Replayed(tmp_path, XUNIT, scopes)
    assert project.outcome() == "PASSED", project.said
