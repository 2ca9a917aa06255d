"""Classes of the application that derive from the driver's, under the recorder.

Each case is a script that runs twice, plain and under the launcher, as in
``test_recorder``; every statement of an override must be in the trace.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from launcher_folder import run
from recorded_scripts import HEAD, Recorded, require_server, run_both

require_server()


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return functools.partial(run_both, tmp_path)


def test_overrides_run_on_what_is_recorded(recorded: Recorded) -> None:
    _, trace = recorded("""
class K(psycopg.Cursor):
    def __init__(self, connection, **options):
        super().__init__(connection, **options)
        psycopg.Cursor(connection).execute("select 'init'")
    def execute(self, query, params=None, **options):
        if "audit" not in str(query):
            self.connection.cursor().execute("select 'audit'")
        return super().execute(query, params, **options)
    def fetchone(self):
        return ("own", *super().fetchone())
class C(psycopg.Connection):
    def commit(self):
        self.execute("select 'audit of commit'")
        super().commit()
    def cursor(self, *args, **options):
        made = super().cursor(*args, **options)
        print(isinstance(made, K), made.connection is self)
        return made
    @property
    def zone(self):
        return psycopg.Cursor(self).execute("show timezone").fetchone()
    @zone.setter
    def zone(self, value):
        psycopg.Cursor(self).execute("select set_config('TimeZone', %s, false)", [value])
with C.connect(url, cursor_factory=K) as c:
    print(c.cursor().execute("select 'main'").fetchone())
    c.zone = "Asia/Tokyo"
    print(c.zone)
print(c.closed)
""")
    init, audit = "select 'init'", "select 'audit'"
    assert trace.executed() == [
        *(init, init, audit, "select 'main'"),
        "select set_config('TimeZone', %s, false)",
        "show timezone",
        *(init, "select 'audit of commit'"),
    ]


def test_async_overrides_and_named_cursors(recorded: Recorded) -> None:
    _, trace = recorded("""
class K(psycopg.AsyncCursor):
    async def execute(self, query, params=None, **options):
        async with self.connection.cursor("named") as named:
            await named.execute("select generate_series(1, 3)")
            print(await named.fetchone(), [row async for row in named])
        return await super().execute(query, params, **options)
class S(psycopg.AsyncServerCursor):
    async def execute(self, query, params=None, **options):
        print(await psycopg.AsyncCursor(self.connection).execute("select 'of S'") is not None)
        return await super().execute(query, params, **options)
    async def fetchone(self):
        return ("own", *await super().fetchone())
async def main():
    async with await psycopg.AsyncConnection.connect(url, cursor_factory=K) as c:
        c.server_cursor_factory = S
        cursor = await c.execute("select 1")
        print(await cursor.fetchone(), isinstance(cursor, K))
asyncio.run(main())
""")
    asked = [(one["operation"], one["sql"]) for one in trace.exchanges]
    assert asked == [
        ("execute", "select 'of S'"),
        ("declare", "select generate_series(1, 3)"),
        ("execute", "select 1"),
        ("commit", None),
    ]
    assert trace.exchanges[1]["results"][0]["rows"] == [["1"], ["2"], ["3"]]


def test_row_factories_get_what_is_recorded(recorded: Recorded) -> None:
    _, trace = recorded("""
def factory(cursor):
    same = cursor.connection is c
    def make(values):
        with cursor.connection.cursor() as other:
            return same, other.execute("select 'in a row'").fetchone(), tuple(values)
    return make
with psycopg.connect(url, autocommit=True) as c:
    cursor = c.cursor(row_factory=factory)
    print(cursor.execute("select 1").fetchall(), cursor.row_factory is factory)
    cursor.row_factory = lambda cursor: lambda values: cursor.connection is c
    print(cursor.execute("select 2").fetchone())
""")
    assert trace.executed() == ["select 1", "select 'in a row'", "select 2"]


def test_a_statement_past_the_recorder_is_refused(tmp_path: Path) -> None:
    script = """
class C(psycopg.Connection):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.cursor().execute("select 'lost'")
C.connect(url)
"""
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(tmp_path / "t.jsonl")})
    assert done.returncode == 1
    assert "RecorderUnsupported: Cursor.execute() on an object" in done.stderr


def test_sql_is_recorded_as_an_override_changed_it(recorded: Recorded) -> None:
    _, trace = recorded("""
class K(psycopg.Cursor):
    def execute(self, query, params=None, **options):
        return super().execute(f"{query} /* tagged */", params, **options)
with psycopg.connect(url, cursor_factory=K) as c:
    print(c.execute("select 1").fetchone())
""")
    assert trace.executed() == ["select 1 /* tagged */"]
