"""Verification: recorded statements run again, and what is said of what has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from launcher_folder import launcher, run
from project_commands import FIXTURES, Repository
from recorded_scripts import HEAD, require_server

require_server()
psycopg: Any = pytest.importorskip("psycopg")

SCHEMA = """
drop schema if exists verified cascade;
create schema verified;
set search_path to verified;
create table people (
    id int primary key, name varchar(40) not null, at timestamptz default now());
create table pairs (id int primary key,
    other int references pairs deferrable initially deferred);
insert into people (id, name) values (1, 'Ada'), (2, 'Grace');
"""

SCRIPT = """
from mock_cursor_recorder.scopes import open_scope
url += "&options=-csearch_path%3Dverified" if "?" in url else "?options=-csearch_path%3Dverified"
with open_scope("read", "request"), psycopg.connect(url) as c:
    c.execute("select id, name from people order by id")
    c.execute("select count(*) from people where id = any(%s)", ([1, 2],))
with open_scope("write", "request"), psycopg.connect(url) as c:
    c.execute("insert into people (id, name) values (%(id)s, %(name)s)", {"id": 3, "name": "Eve"})
    c.execute("update people set name = upper(name)")
    c.commit()
    for number in (7, 8, 9):
        try:
            with c.transaction():
                c.execute("insert into pairs values (%s)", (number,))
                c.execute("insert into people (id, name) values (5, 'Zoe')")
        except psycopg.errors.UniqueViolation:
            pass
    # The first of them has not been undone.
    c.execute("select id from pairs")
    c.execute("delete from people where id = 5")
    c.commit()
    c.execute("delete from people")
    c.rollback()
    try:
        c.execute("insert into people (id, name) values (3, 'again')")
    except psycopg.errors.UniqueViolation:
        c.rollback()
    try:
        c.execute("insert into pairs values (1, 9)")
        c.commit()
    except psycopg.errors.ForeignKeyViolation:
        pass
with open_scope("read again", "request"), psycopg.connect(url) as c:
    c.execute("select name from people order by id")
    with c.cursor("named") as cur:
        cur.execute("select id from people order by id")
        cur.fetchone()
    list(c.cursor().stream("select id from people order by id"))
    with c.cursor().copy("copy people (id, name) to stdout") as copy:
        list(copy)
    c.cursor().executemany("select %s::int", [(1,), (2,)], returning=True)
with open_scope("alone", "request"), psycopg.connect(url, autocommit=True) as c:
    c.execute("vacuum people")
    c.execute("create table t (n int); insert into t values (1); commit")
    c.execute("do $$ begin perform 1; end $$; select 1")
    c.execute("drop table if exists t")
"""


class Verified:
    """A recording, and the database that it was made on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trace = folder / "trace.jsonl"
        self.url = os.environ["DATABASE_URL"]
        self.prepare()

    def prepare(self, *changes: str) -> None:
        """The schema as it was, but for some changes."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in (SCHEMA, *changes):
                connection.execute(statement)

    def record(self, script: str, **environment: str) -> None:
        done = run(
            HEAD + script, {"MOCK_CURSOR_RECORD": str(self.trace), **environment}
        )
        assert done.returncode == 0, done.stderr
        self.prepare()

    def verify(self, *options: str, **environment: str) -> tuple[int, str]:
        """The exit code, and what is said."""
        command = [sys.executable, "-m", "mock_cursor_recorder.verify"]
        command += ["--database-url", self.url, *options, str(self.trace)]
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": str(launcher()), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            found: list[Any] = connection.execute(query).fetchall()
            return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verified]:
    verified = Verified(tmp_path_factory.mktemp("verified"))
    verified.record(SCRIPT)
    yield verified
    with psycopg.connect(verified.url, autocommit=True) as connection:
        connection.execute("drop schema verified cascade")


def test_nothing_has_drifted_and_nothing_is_left_behind(recorded: Verified) -> None:
    recorded.prepare()
    before = recorded.rows("select id, name from verified.people order by id")
    code, said = recorded.verify()
    assert code == 0, said
    assert (
        "0 differ in columns, 0 differ in errors, 0 differ in values; 2 not run" in said
    )
    assert "vacuum people: it runs in no transaction" in said
    assert "insert into t values (1); commit: one of its statements may end" in said
    assert recorded.rows("select id, name from verified.people order by id") == before
    assert recorded.rows("select to_regclass('verified.t')") == [(None,)]


def test_columns_and_types_come_first(recorded: Verified) -> None:
    recorded.prepare(
        "alter table verified.people alter name type text",
        "alter table verified.people alter id type int8",
        "update verified.people set name = 'Ava' where id = 1",
    )
    code, said = recorded.verify()
    assert code == 1
    lines = said.splitlines()
    assert lines[:4] == [
        "columns have drifted:",
        "  read: execute select id, name from people order by id",
        "    recorded id int4, name varchar(44)",
        "    found    id int8, name text",
    ]
    # Of one result, either columns or values.
    assert "read: execute select id, name" not in "\n".join(lines[4:])
    code, said = recorded.verify("--columns-only")
    assert code == 1 and "in values" not in said


def test_values_are_shown_cell_by_cell(recorded: Verified) -> None:
    recorded.prepare("update verified.people set name = 'Ava' where id = 1")
    code, said = recorded.verify()
    assert code == 1 and "columns have drifted" not in said
    assert 'row 1, name: recorded "Ada", found "Ava"' in said
    # What was committed is there for the scopes that follow.
    assert 'row 1, name: recorded "ADA", found "AVA"' in said
    assert "blocks of data, found 3: they differ from block 1 on" in said
    assert recorded.verify("--columns-only")[0] == 0


CLOCK = """
with psycopg.connect(url) as c:
    c.execute("select clock_timestamp(), 'same', {}")
"""


@pytest.mark.parametrize(("other", "drifted"), [("1", True), ("1 + 0", False)])
def test_what_two_recordings_have_otherwise_is_no_drift(
    tmp_path: Path, other: str, drifted: bool
) -> None:
    verified = Verified(tmp_path)
    verified.trace = tmp_path / "again.jsonl"
    verified.record(CLOCK.format("1 + 0"))
    verified.trace = tmp_path / "trace.jsonl"
    verified.record(CLOCK.format(other))
    # Of files by themselves nobody knows the second recording.
    code, said = verified.verify()
    assert code == 1 and "row 1, clock_timestamp: recorded" in said
    verified.trace = tmp_path
    code, said = verified.verify()
    assert (code == 1) == drifted, said
    assert ("1 differ in values" in said) == drifted


def test_counts_of_rows_are_values(recorded: Verified) -> None:
    recorded.prepare("insert into verified.people values (7, 'Joan')")
    code, said = recorded.verify()
    assert code == 1
    assert "recorded 2 rows, found 3" in said
    assert "recorded 3 rows affected, found 4" in said


def test_errors_that_are_new_or_gone_are_told(recorded: Verified) -> None:
    recorded.prepare(
        "alter table verified.people drop constraint people_pkey",
        "alter table verified.people add check (id <> 3)",
        "alter table verified.pairs drop constraint pairs_other_fkey",
    )
    code, said = recorded.verify()
    assert code == 1
    assert "errors have drifted:" in said
    new = 'recorded no error, found error 23514 new row for relation "people" violates'
    assert new in said
    assert "recorded error 23505, found error 23514" in said
    assert "recorded error 23503, found no error" in said


def test_a_missing_table_is_one_error_a_statement(recorded: Verified) -> None:
    recorded.prepare("drop table verified.people")
    code, said = recorded.verify()
    assert code == 1
    assert 'found error 42P01 relation "people" does not exist' in said
    # The transaction goes on after each.
    assert "do $$ begin perform 1; end $$" not in said


KEY = "a key of the tests, and long enough"
RULES = """
[[redact]]
columns = ["name"]
parameters = ["name"]
"""


def test_redacted_values_are_compared_by_their_pseudonyms(tmp_path: Path) -> None:
    verified = Verified(tmp_path)
    (tmp_path / "stack.toml").write_text(RULES)
    key = {"MOCK_CURSOR_REDACTION_KEY": KEY}
    rules = {"MOCK_CURSOR_REDACTION": str(tmp_path / "stack.toml")}
    # Of a COPY nobody can tell which of its data a rule means.
    script = SCRIPT.replace("with c.cursor().copy(", "if False: c.cursor().copy(")
    script = script.replace(") as copy:\n        list(copy)", ")")
    verified.record(script, **key, **rules)
    assert "Grace" not in verified.trace.read_text()
    code, said = verified.verify(**key)
    # What `upper()` makes of a pseudonym is the pseudonym of what it makes of the name.
    assert code == 0, said
    verified.prepare("update verified.people set name = 'Ava' where id = 1")
    code, said = verified.verify(**key)
    assert code == 1 and 'found "Ava"' in said
    # Without the key nothing can be said of them.
    assert verified.verify()[0] == 0


TESTS = """
import os, psycopg, pytest

@pytest.fixture
def c():
    with psycopg.connect(os.environ["DATABASE_URL"]) as c:
        c.execute("create table made (n int)")
        c.execute("insert into made values (1)")
        c.execute("insert into made values (2)")
        c.execute("select * from made order by n")
        yield c
        c.execute("drop table made")
        c.rollback()

def test_one(c):
    c.execute("select n from made order by n")

def test_two(c):
    c.execute("select n, name from made, verified.people order by n, id")

def test_three(c):
    c.execute("insert into made values (3)")
    c.execute("select sum(n) from made")
"""


def test_what_tests_have_in_common_is_run_with_each(tmp_path: Path) -> None:
    verified = Verified(tmp_path)
    repository = Repository(tmp_path, test_it=TESTS)
    repository.record()
    shared = [each for each in repository.kept().values() if '"kind":"shared"' in each]
    assert shared, repository.said
    command = ("verify", "--database-url", verified.url, "--python", sys.executable)
    assert repository.mock_cursor(*command) == 0, repository.said
    assert "19 statements of 5 scopes run again: 0 differ" in repository.said
    verified.prepare("alter table verified.people alter name type text")
    assert repository.mock_cursor(*command, "--columns-only") == 1
    assert repository.said.startswith(
        "columns have drifted:\n  tests/test_it.py::test_two"
    )
    # Without the traces that others refer to, nothing can be said.
    folder = tmp_path / FIXTURES / "traces"
    (one,) = folder.glob("*test_one*")
    assert repository.mock_cursor(*command, str(one)) == 2
    assert "in common with others that are missing" in repository.said


def test_trouble_is_no_drift(tmp_path: Path, recorded: Verified) -> None:
    missing = tmp_path / "none.jsonl"
    command = [sys.executable, "-m", "mock_cursor_recorder.verify"]
    for url, trace, said in [
        (recorded.url, missing, "No such file"),
        ("postgresql://nowhere.invalid/x", recorded.trace, "the database: "),
    ]:
        done = subprocess.run(
            [*command, "--database-url", url, str(trace)],
            env={**os.environ, "PYTHONPATH": str(launcher())},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2 and said in done.stderr, done.stderr


def test_the_program_runs_it_with_the_python_that_it_is_told(
    recorded: Verified,
) -> None:
    recorded.prepare()
    program = Path(os.environ["MOCK_CURSOR_XTASK"]).with_name("mock-cursor")
    command = [program, "verify", "--database-url", recorded.url]
    command += ["--python", sys.executable, recorded.trace]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 differ in columns" in done.stdout
    command[command.index(sys.executable)] = "no-such-python"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "hint: name the Python" in done.stderr
