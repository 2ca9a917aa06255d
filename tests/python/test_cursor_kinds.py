"""Cursors of every kind live, recorded and replayed: the same calls see the same."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from recorded_scripts import require_server
from replayed_scripts import Replayed

require_server()

Replays: TypeAlias = Callable[[str], Replayed]


@pytest.fixture
def replayed(tmp_path: Path) -> Replays:
    return functools.partial(Replayed, tmp_path)


def check_all_was_asked(replayed: Replayed) -> None:
    assert replayed.left() == []
    assert replayed.entered("miss") == replayed.entered("unsupported") == []


SHOW = """
import datetime as dt, decimal, re
from psycopg import pq, rows, sql
from psycopg.rows import dict_row, scalar_row

OWN = re.compile(r" at 0x[0-9a-f]+| \\(database=.*?\\)|psycopg\\.|Mock")

def shown(value):
    return OWN.sub("", repr(value))

def show(connection, name, call):
    try:
        said = shown(call())
    except Exception as error:
        said = f"{type(error).__module__}.{type(error).__name__}: {error}"
    print(name, said, connection.info.transaction_status.name)

async def ashow(connection, name, call):
    try:
        said = shown(await call())
    except Exception as error:
        said = f"{type(error).__module__}.{type(error).__name__}: {error}"
    print(name, said, connection.info.transaction_status.name)
"""

# Statements, each with parameters, which one kind of cursor takes and others refuse.
CALLS = """
CALLS = (
    ("select %s::int + 1, %s", (1, "it's")),
    ("select %(b)s, %(a)s::int", {"a": 1, "b": None, "c": 3}),
    ("select $1::int + 1, $2", (1, "it's")),
    ("select 5 % 2", None),
    ("select 5 %% 2", ()),
    ("select 5 % 2", ()),
    ("select %s::jsonb, %s, %s", (Jsonb({"a": [1]}), dt.date(2026, 1, 2), [1, None])),
    ("select %s, %s, %s", (b"\\\\x\\xff", decimal.Decimal("NaN"), "\\\\")),
    ("select %s; select %s", (1, 2)),
    ("select %s", (1, 2)),
    ("select %(a)s", (1,)),
    ("select $1::int", {"a": 1}),
    ("select $1::int", None),
    ("select %s", "x"),
    ("select %x", (1,)),
    ("select %s::int", ("no number",)),
    (sql.SQL("select {}, {}").format("x", sql.Placeholder()), (1,)),
    (b"select %s", (1,)),
)
"""

SYNC = """
def calls(connection, cursor):
    for query, params in CALLS:
        def executed():
            cursor.execute(query, params)
            seen = []
            for each in cursor.results():
                seen += [each.fetchall(), each.statusmessage, each.description]
            return cursor, seen, cursor._query and cursor._query.query
        show(connection, str(query), executed)
        connection.rollback()
    show(connection, "many", lambda: (
        cursor.executemany("select %s::int", [(1,), (2,)], returning=True),
        [each.fetchone() for each in cursor.results()],
    ))
    show(connection, "raw many", lambda: (
        cursor.executemany("select $1::int", [(1,), (2,)], returning=True),
        cursor.fetchone(), cursor.nextset(), cursor.fetchone(), cursor.nextset(),
        cursor.set_result(0).fetchone(), cursor.set_result(-1).rownumber,
    ))
    connection.rollback()
    show(connection, "stream", lambda: list(cursor.stream("select %s::int", (1,))))
    connection.rollback()
    show(connection, "binary", lambda: cursor.execute("select 11", binary=True).fetchall())
    cursor.format = pq.Format.BINARY
    show(connection, "format", lambda: cursor.execute("select 2").fetchall())
    cursor.format = pq.Format.TEXT
    show(connection, "prepared", lambda: cursor.execute("select 3", prepare=True).fetchall())
    if hasattr(cursor, "mogrify"):
        print([cursor.mogrify(query, params) for query, params in CALLS[:2]])
    cursor.close()
    show(connection, "closed", lambda: cursor.execute("select 4"))
    connection.rollback()

with psycopg.connect(url) as connection:
    for kind in (psycopg.Cursor, psycopg.ClientCursor, psycopg.RawCursor):
        print(kind.__name__.replace("Mock", ""))
        calls(connection, kind(connection))
        connection.cursor_factory = kind
        show(connection, "made", lambda: isinstance(connection.cursor(), kind))
"""

ASYNC = """
async def results(cursor):
    return [await each.fetchall() async for each in cursor.results()]

async def acalls(connection, cursor):
    for query, params in CALLS:
        async def executed():
            await cursor.execute(query, params)
            return cursor, await results(cursor), cursor._query and cursor._query.query
        await ashow(connection, str(query), executed)
        await connection.rollback()
    async def many(query):
        await cursor.executemany(query, [(1,), (2,)], returning=True)
        return await results(cursor)
    await ashow(connection, "many", lambda: many("select %s::int"))
    await ashow(connection, "raw many", lambda: many("select $1::int"))
    await connection.rollback()
    async def streamed(**options):
        return [row async for row in cursor.stream("select %s::int", (1,), **options)]
    await ashow(connection, "stream", streamed)
    await connection.rollback()
    await ashow(connection, "binary stream", lambda: streamed(binary=True))
    await connection.rollback()
    async def fetched(*args, **options):
        return await (await cursor.execute(*args, **options)).fetchall()
    await ashow(connection, "binary", lambda: fetched("select 11", binary=True))
    cursor.format = pq.Format.BINARY
    await ashow(connection, "format", lambda: fetched("select 2"))
    if hasattr(cursor, "mogrify"):
        print([cursor.mogrify(query, params) for query, params in CALLS[:2]])
    await cursor.close()
    await ashow(connection, "closed", lambda: fetched("select 4"))
    await connection.rollback()

async def main():
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for kind in (
            psycopg.AsyncCursor, psycopg.AsyncClientCursor, psycopg.AsyncRawCursor
        ):
            print(kind.__name__.replace("Mock", ""))
            await acalls(connection, kind(connection))
            connection.cursor_factory = kind
            print(isinstance(connection.cursor(), kind))
asyncio.run(main())
"""

SERVER = """
QUERIES = (
    ("select generate_series(1, %s::int)", (5,)),
    ("select generate_series(1, $1::int)", (5,)),
    ("select generate_series(1, $1::int)", {"a": 5}),
    ("select generate_series(1, $1::int)", None),
    ("select 5 % 3", None),
)
with psycopg.connect(url, row_factory=scalar_row) as connection:
    for kind in (psycopg.ServerCursor, psycopg.RawServerCursor):
        for query, params in QUERIES:
            cursor = kind(connection, "named", scrollable=True)
            show(connection, query, lambda: (
                cursor.execute(query, params), cursor._query.query, cursor.fetchone(),
                cursor.fetchmany(2), cursor.scroll(-2), cursor.rownumber, list(cursor),
                cursor.name, cursor.scrollable, cursor.withhold, cursor.itersize,
            ))
            connection.rollback()
            show(connection, "close", cursor.close)
        connection.server_cursor_factory = kind
        made = connection.cursor("other", row_factory=dict_row)
        show(connection, "made", lambda: (made, isinstance(made, kind)))
        show(connection, "used", lambda: made.execute(QUERIES[4][0]).fetchall())
        made.close()

async def main():
    connection = await psycopg.AsyncConnection.connect(url, row_factory=scalar_row)
    async with connection:
        for kind in (psycopg.AsyncServerCursor, psycopg.AsyncRawServerCursor):
            for query, params in QUERIES:
                cursor = kind(connection, "named", withhold=True)
                async def used():
                    await cursor.execute(query, params)
                    seen = [await cursor.fetchone(), [row async for row in cursor]]
                    return cursor._query.query, seen
                await ashow(connection, query, used)
                await connection.commit()
                await ashow(connection, "close", cursor.close)
            connection.server_cursor_factory = kind
            made = connection.cursor("other")
            print(shown(made), isinstance(made, kind))
            await made.close()
asyncio.run(main())
"""

FACTORIES = """
from collections import namedtuple

class Loud(psycopg.ClientCursor):
    def execute(self, query, params=None, **options):
        print("loud", self.mogrify(query, params))
        return super().execute(query, params, **options)

class Quiet(psycopg.Cursor):
    extra = "quiet"

class Named(psycopg.ServerCursor):
    def fetchall(self):
        return ["all", *super().fetchall()]

class Mine(psycopg.Connection):
    greeting = "hello"

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.made = True

    def greet(self, name):
        return self.execute("select %s || ' ' || %s", (self.greeting, name)).fetchone()

    def cursor(self, *args, **options):
        return super().cursor(*args, **options)

class Factories(Mine):
    def __init__(self, pgconn, row_factory=rows.tuple_row):
        super().__init__(pgconn, row_factory)
        self.cursor_factory = Loud
        self.server_cursor_factory = Named

Pair = namedtuple("Pair", "a b")
TWO = "select 1 as a, %s as b"
FACTORIES = (
    rows.tuple_row, rows.dict_row, rows.namedtuple_row, rows.scalar_row,
    rows.class_row(Pair), rows.args_row(Pair), rows.kwargs_row(dict),
    lambda cursor: [d.name for d in cursor.description or ()].__add__,
)

with Mine.connect(url, cursor_factory=Loud, row_factory=dict_row) as connection:
    show(connection, "mine", lambda: (connection.made, connection.greet("you")))
    show(connection, "given", lambda: (
        connection.cursor_factory is Loud, connection.row_factory is dict_row,
        connection.server_cursor_factory is psycopg.ServerCursor,
        isinstance(connection, Mine), isinstance(connection.cursor(), Loud),
    ))
    show(connection, "row", lambda: connection.cursor(row_factory=scalar_row).execute(TWO, ("x",)).fetchall())
    connection.cursor_factory = Quiet
    show(connection, "extra", lambda: connection.cursor().extra)
    for number, factory in enumerate(FACTORIES):
        connection.row_factory = factory
        cursor = connection.cursor()
        cursor.execute(TWO, (f"y{number}",))
        show(connection, number, cursor.fetchone)
        cursor.execute(TWO, (f"z{number}",))
        cursor.row_factory = rows.tuple_row
        show(connection, number, cursor.fetchone)
        show(connection, number, lambda: connection.execute("select 1 where false").fetchall())
    binary = connection.cursor(binary=True)
    show(connection, "binary", lambda: (binary.format, binary.execute(TWO, ("b",)).pgresult.fformat(0)))

with Factories.connect(url, cursor_factory=Quiet) as connection:
    show(connection, "given", lambda: connection.cursor_factory is Quiet)

with Factories.connect(url) as connection:
    show(connection, "own", lambda: connection.greet("me"))
    with connection.cursor("n") as named:
        show(connection, "own", lambda: named.execute("select 7").fetchall())
    show(connection, "seen", lambda: [
        hasattr(cls, name) for cls in (psycopg.Connection, Mine)
        for name in ("row_factory", "cursor_factory", "server_cursor_factory")
    ])
    show(connection, "where", lambda: (named.connection is connection, named.name))
"""


def test_statements(replayed: Replays) -> None:
    made = replayed(SHOW + CALLS + SYNC)
    assert "there is no parameter $1" in made.output
    assert "client-side cursors don't support binary results" in made.output
    check_all_was_asked(made)


def test_statements_that_are_awaited(replayed: Replays) -> None:
    made = replayed(SHOW + CALLS + ASYNC)
    assert "raw queries require a sequence of parameters" in made.output
    assert "client-side cursors don't support binary results" in made.output
    check_all_was_asked(made)


def test_named_cursors(replayed: Replays) -> None:
    made = replayed(SHOW + SERVER)
    assert 'DECLARE "named" SCROLL CURSOR FOR select 5 % 3' in made.output
    assert 'DECLARE "named" CURSOR WITH HOLD FOR select 5 % 3' in made.output
    check_all_was_asked(made)


def test_classes_and_factories_of_the_application(replayed: Replays) -> None:
    made = replayed(SHOW + FACTORIES)
    assert "loud select 'hello' || ' ' || 'you'" in made.output
    check_all_was_asked(made)
