"""The recorder against a live server: what is written, and that nothing else changes.

Each case is a script that runs twice, plain and under the launcher; what it prints
must be equal, and its trace must be what the case says.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
from recorded_scripts import Recorded, require_server, run_both

require_server()


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return functools.partial(run_both, tmp_path)


def one(exchanges: list[dict[str, Any]], sql: str) -> dict[str, Any]:
    (found,) = [exchange for exchange in exchanges if exchange["sql"] == sql]
    return found


def test_statement(recorded: Recorded) -> None:
    output, trace = recorded("""
with psycopg.connect(url) as c:
    cur = c.execute("select %s::text, 1.50, null, '\\\\xff00'::bytea", ("é",))
    print(cur.fetchall(), cur.rowcount, cur.statusmessage, cur.description)
    print(cur.connection is c, isinstance(c, psycopg.Connection), isinstance(cur, psycopg.Cursor))
print(c.closed)
""")
    assert "True True True" in output
    exchange, commit = trace.exchanges
    assert exchange["parameters"] == ["é"]
    (result,) = exchange["results"]
    assert result["rows"] == [["é", "1.50", None, "\\xff00"]]
    assert (result["rowcount"], result["command_tag"]) == (1, "SELECT 1")
    assert exchange["status"] == "INTRANS"
    assert (commit["operation"], commit["status"]) == ("commit", "IDLE")
    (connect,) = trace.by_id["connect"].values()
    assert {"server_version", "TimeZone"} <= set(connect["server_parameters"])
    assert (connect["scope"], connect["status"]) == (0, "IDLE")


def test_async_is_recorded_as_sync(recorded: Recorded) -> None:
    _, trace = recorded("""
def sync():
    with psycopg.connect(url) as c:
        cur = c.cursor()
        cur.execute("select generate_series(1, 3)")
        print([row for row in cur])
        cur.executemany("select %s::int", [(1,), (2,)], returning=True)
        for one in cur.results():
            print(one is cur, one.fetchone())
        with c.transaction() as tx, c.transaction():
            print(tx.connection is c)
            c.execute("select 5")
        print(list(cur.stream("select generate_series(1, 3)")))
        with c.cursor("named") as named:
            named.execute("select generate_series(1, 5)")
            named.itersize = 2
            print(named.fetchone(), list(named))
        print(psycopg.Cursor(c).execute("select 9").fetchone())
        print(psycopg.types.TypeInfo.fetch(c, "text"))
        try:
            c.execute("select 1/0")
        except psycopg.errors.DivisionByZero as error:
            print(error)
        c.rollback()
async def main():
    async with await psycopg.AsyncConnection.connect(url) as c:
        cur = c.cursor()
        await cur.execute("select generate_series(1, 3)")
        print([row async for row in cur])
        await cur.executemany("select %s::int", [(1,), (2,)], returning=True)
        async for one in cur.results():
            print(one is cur, await one.fetchone())
        async with c.transaction() as tx, c.transaction():
            print(tx.connection is c)
            await c.execute("select 5")
        print([row async for row in cur.stream("select generate_series(1, 3)")])
        async with c.cursor("named") as named:
            await named.execute("select generate_series(1, 5)")
            named.itersize = 2
            print(await named.fetchone(), [row async for row in named])
        print(await (await psycopg.AsyncCursor(c).execute("select 9")).fetchone())
        print(await psycopg.types.TypeInfo.fetch(c, "text"))
        try:
            await c.execute("select 1/0")
        except psycopg.errors.DivisionByZero as error:
            print(error)
        await c.rollback()
sync()
asyncio.run(main())
""")
    kept = [
        {key: value for key, value in exchange.items() if key not in ("id",)}
        for exchange in trace.exchanges
    ]
    sync = [one for one in kept if one.pop("connection") == 1]
    other = kept[len(sync) :]
    assert sync == other
    assert [one["operation"] for one in sync] == [
        "execute",
        "executemany",
        "execute",
        "stream",
        "declare",
        "execute",
        "type_info",
        "execute",
        "rollback",
    ]
    declared = sync[4]["results"][0]
    assert declared["rows"] == [["1"], ["2"], ["3"], ["4"], ["5"]]
    assert declared["complete"]


def test_errors(recorded: Recorded) -> None:
    _, trace = recorded("""
c = psycopg.connect(url, autocommit=True)
c.execute("drop table if exists recorder_errors")
c.execute("create table recorder_errors (n int unique deferrable initially deferred)")
c.execute("insert into recorder_errors values (1)")
def attempt(function, *args):
    try:
        function(*args)
    except Exception as error:
        diag = getattr(error, "diag", None)
        print(type(error), error, getattr(diag, "constraint_name", None))
attempt(c.execute, "selec")
attempt(c.execute, "select %s %(a)s", (1,))
attempt(c.execute, "select %s", (object(),))
attempt(c.execute, "select %s", "text")
c.autocommit = False
c.execute("insert into recorder_errors values (1)")
attempt(c.commit)
def block():
    with c.transaction():
        c.execute("insert into recorder_errors values (1)")
attempt(block)
c.autocommit = True
c.execute("drop table recorder_errors")
c.close()
attempt(c.execute, "select 1")
attempt(psycopg.connect, "host=/nowhere")
""")
    failed = [one for one in trace.exchanges if "error" in one]
    assert [(one["error"]["class"], one["error"]["sqlstate"]) for one in failed] == [
        ("psycopg.errors.SyntaxError", "42601"),
        ("psycopg.ProgrammingError", None),
        ("psycopg.ProgrammingError", None),
        ("builtins.TypeError", None),
        ("psycopg.errors.UniqueViolation", "23505"),
        ("psycopg.errors.UniqueViolation", "23505"),
    ], "what a closed connection refuses is no exchange"
    assert [one["operation"] for one in failed[4:6]] == ["commit", "commit"]
    unique = failed[4]["error"]["diagnostics"]
    assert unique["constraint_name"] == "recorder_errors_n_key"
    refused = list(trace.by_id["connect"].values())[-1]
    assert refused["error"]["class"] == "psycopg.OperationalError"


def test_types_notices_and_server_parameters(recorded: Recorded) -> None:
    _, trace = recorded("""
with psycopg.connect(url, autocommit=True) as c:
    c.execute("drop type if exists recorder_mood; create type recorder_mood as enum ('a')")
    cur = c.execute("select 'a'::recorder_mood, array['a'::recorder_mood], array[1], row(1)")
    print(cur.fetchall(), c.info.transaction_status.name)
    c.execute("do $$ begin raise warning 'of %', 1; end $$")
    c.execute("set timezone to 'Asia/Tokyo'")
    print(c.cursor(binary=True).execute("select 1").fetchone(), c.execute("").rowcount)
    c.execute("set client_encoding to latin1")
    print(c.execute("select 'é' as é").fetchone(), c.execute("select 1; select 'x'").nextset())
    c.execute("drop type recorder_mood")
""")
    mood = trace.exchanges[1]["results"][0]["row_description"]
    columns = trace.by_id["row_description"][mood]["columns"]
    assert [column["type"] for column in columns] == [
        "recorder_mood",
        "_recorder_mood",
        "_int4",
        "record",
    ]
    notice, timezone, binary, empty, encoding, latin, two = trace.exchanges[2:9]
    assert notice["notices"][0]["message_primary"] == "of 1"
    assert timezone["server_parameters"] == {"TimeZone": "Asia/Tokyo"}
    assert binary["results"][0]["rows"] == [["AAAAAQ=="]]
    assert empty["results"] == [{"rowcount": -1, "command_tag": None, "empty": True}]
    assert encoding["server_parameters"] == {"client_encoding": "LATIN1"}
    assert latin["results"][0]["rows"] == [["é"]]
    assert [result["rows"] for result in two["results"]] == [[["1"]], [["x"]]]


def test_what_a_savepoint_undoes_is_told(recorded: Recorded) -> None:
    _, trace = recorded("""
with psycopg.connect(url, options="-c timezone=UTC") as c:
    for _ in range(2):
        with c.transaction(force_rollback=True), c.transaction(force_rollback=True):
            c.execute("set timezone to 'Asia/Seoul'")
            print(c.info.timezone)
        print(c.info.timezone)
""")
    ends = [one for one in trace.exchanges if one["operation"] == "rollback"]
    assert [(one["status"], one["server_parameters"]) for one in ends] == [
        ("INTRANS", {"TimeZone": "UTC"})
    ] * 2


def test_executemany(recorded: Recorded) -> None:
    _, trace = recorded("""
with psycopg.connect(url) as c:
    c.execute("create temp table t (n int)")
    cur = c.cursor()
    cur.executemany("insert into t values (%(n)s)", [{"n": 1}, {"n": 2}])
    print(cur.rowcount, cur.statusmessage)
    try:
        cur.executemany("insert into t values (%s)", [(1,), (object(),), (3,)])
    except psycopg.ProgrammingError as error:
        print(error, cur.rowcount)
    try:
        cur.executemany("select 1 / %s", [(1,), (0,), (3,)], returning=True)
    except psycopg.DataError as error:
        print(error, cur.rowcount, cur.fetchall(), cur.nextset())
    c.rollback()
    try:
        cur.executemany("select 1 / %s", [(0,), (1,)])
    except psycopg.DataError as error:
        print(error, cur.rowcount)
""")
    done, failed, returning, first = [
        one for one in trace.exchanges if one["operation"] == "executemany"
    ]
    assert done["parameters"] == [{"n": 1}, {"n": 2}]
    assert done["results"] == [{"rowcount": 2, "command_tag": "INSERT 0 1"}]
    # The driver stops at the second; the key is that of the whole call.
    assert failed["parameters"][::2] == [[1], [3]]
    assert failed["results"] == [{"rowcount": 1, "command_tag": "INSERT 0 1"}]
    assert [result["rows"] for result in returning["results"]] == [[["1"]]]
    assert returning["error"]["sqlstate"] == first["error"]["sqlstate"] == "22012"
    assert "results" not in first


def test_streams(recorded: Recorded) -> None:
    _, trace = recorded("""
with psycopg.connect(url) as c:
    cur = c.cursor()
    print(sum(n for n, in cur.stream("select generate_series(1, 1200)")))
    print(len(list(cur.stream("select generate_series(1, 7)", size=3))))
    for row in cur.stream("select generate_series(1, 9)"):
        break
    try:
        list(cur.stream("select 1/(2 - g) from generate_series(1, 3) g"))
    except psycopg.Error as error:
        print(error)
    c.rollback()
    print(list(cur.stream("select 1 where false")))
""")
    long, chunks, broken, failed = [one["results"][0] for one in trace.exchanges[:4]]
    assert len(long["rows"]) == 1200 and long["complete"]
    assert len(chunks["rows"]) == 7 and chunks["complete"]
    assert broken["rows"] == [["1"]] and broken["partial"]
    assert failed["rows"] == [["1"]]
    last = [content for event, content in trace.events if event == "rows"][-1]
    assert last["error"]["sqlstate"] == "22012"


def test_sqlalchemy(recorded: Recorded) -> None:
    pytest.importorskip("sqlalchemy")
    output, trace = recorded("""
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import create_async_engine
calls = []
options = {
    "json_serializer": lambda value: calls.append("s") or json.dumps(value),
    "json_deserializer": lambda text: calls.append("d") or json.loads(text),
}
name = url.replace("postgresql:", "postgresql+psycopg:")
query = sa.select(sa.literal({"a": 1}, JSONB), sa.cast(sa.literal("1.50"), sa.Numeric))
with sa.create_engine(name, pool_pre_ping=True, **options).connect() as c:
    print(c.execute(query).all(), isinstance(c.connection.driver_connection, psycopg.Connection))
    try:
        with c.begin_nested():
            c.execute(sa.text("select * from nowhere"))
    except sa.exc.ProgrammingError as error:
        print(error.orig.sqlstate)
    print(c.execute(sa.text("select generate_series(1, 3)").execution_options(stream_results=True)).all())
async def main():
    engine = create_async_engine(name, **options)
    async def one(n):
        async with engine.connect() as c:
            return (await c.execute(sa.text("select cast(:n as int)"), {"n": n})).scalar()
    print(await asyncio.gather(one(1), one(2), one(3)))
    async with engine.connect() as c:
        print((await c.execute(query)).all())
        print([row async for row in await c.stream(sa.text("select generate_series(1, 3)"))])
    await engine.dispose()
asyncio.run(main())
print(calls)
""")
    assert "['s', 'd', 's', 'd']" in output
    operations = [one["operation"] for one in trace.exchanges]
    assert operations.count("declare") == 2
    assert operations.count("type_info") == 2
    gathered = [
        one for one in trace.exchanges if one["sql"] == "select cast(%(n)s as int)"
    ]
    assert sorted(json.dumps(one["parameters"]) for one in gathered) == [
        '{"n": 1}',
        '{"n": 2}',
        '{"n": 3}',
    ]


def test_connections_are_told_apart_by_their_settings(recorded: Recorded) -> None:
    _, trace = recorded("""
for options in ({}, {"options": "-c timezone=Asia/Tokyo", "application_name": "x"}):
    with psycopg.connect(url, **options) as c:
        print(c.execute("show timezone").fetchone())
""")
    plain, tokyo = trace.by_id["connect"].values()
    assert "settings" not in plain
    assert tokyo["settings"] == {
        "application_name": "x",
        "options": "-c timezone=Asia/Tokyo",
    }
    assert tokyo["server_parameters"]["TimeZone"] == "Asia/Tokyo"


def test_a_named_cursor_that_refuses_to_move_back(recorded: Recorded) -> None:
    _, trace = recorded("""
for rows in (2, 5):
    with psycopg.connect(url) as c, c.cursor("named", scrollable=False) as named:
        named.execute("select generate_series(1, 3)")
        print(named.fetchmany(rows))
        for value, mode in ((1, "odd"), (-1, "relative")):
            try:
                named.scroll(value, mode)
            except (ValueError, psycopg.Error) as error:
                print(type(error), error)
        c.rollback()
""")
    ends = [content for event, content in trace.events if event == "rows"]
    states = [one.get("error", {}).get("sqlstate") for one in ends]
    assert states == [None, "55000", None, "55000"]
