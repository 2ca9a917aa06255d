"""What the driver's other modules say, live, recorded and replayed."""

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

SHOW = """
def show(name, call):
    try:
        said = repr(call())
    except Exception as error:
        said = f"{type(error).__module__}.{type(error).__name__}: {error}"
    print(name, said)
"""

ERRORS = """
import copy, pickle
from psycopg import errors, pq

def seen(error):
    diag = error.diag
    fields = {n: getattr(diag, n) for n in dir(diag) if not n.startswith("_")}
    result = error.pgresult
    return [
        type(error).__module__, type(error).__name__, error.args, error.sqlstate,
        error.pgconn, fields,
        result and [
            int(result.status), result.ntuples, result.nfields, result.command_status,
            result.command_tuples, result.error_message, result.get_error_message(),
            [result.error_field(field) for field in pq.DiagnosticField],
        ],
    ]

STATEMENTS = (
    "select 1/0",
    "select foo from bar",
    "insert into seen_errors values (1), (1)",
    "insert into seen_errors values (-1)",
    "insert into seen_errors values (null)",
    "do $$ begin raise exception 'own' using errcode = 'U0001', detail = 'd', hint = 'h'; end $$",
    "select 'x'::int",
)
with psycopg.connect(url) as connection:
    connection.execute("drop table if exists seen_errors")
    connection.execute("create table seen_errors (n int primary key check (n > 0))")
    connection.commit()
    for statement in STATEMENTS:
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            print(statement, seen(error))
            for copied in (
                pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)
            ):
                print("copied", seen(copied))
            print(pickle.loads(pickle.dumps(error.diag)).sqlstate == error.sqlstate)
        connection.rollback()
    try:
        connection.execute("select %s %s", (1,))
    except psycopg.Error as error:
        print(seen(error), seen(copy.copy(error)))
for name in ("23505", "unique_violation", "Unique_Violation", "UniqueViolation", "x"):
    show(name, lambda: errors.lookup(name).__name__)
show("made", lambda: seen(errors.UniqueViolation("a", 1, info={})))
"""

ESCAPING = r"""
from psycopg.pq import Escaping

TEXTS = (
    b"", b"a", b"it's", b'"', b"\\", b"\\'", b"a\0b", b"\xc3\xa9", b"a\xff", b"a\xc3",
    b"\xe2\x82x", b"\xf0\x9f\x98", b"\xed\xa0\x80", bytearray(b"x"), memoryview(b"y"), "text",
)
ESCAPED = (
    b"\\x0102", b"\\x1 2", b"\\xzz", b"\\x1", b"\\x01 02", b"\\x01zz02", b"\\x0z102", b"\\9",
    b"\\400", b"\\08", b"\\1", b"\\12", b"\\\\", b"a\\", b"\\377\\3777", b"\\X01", b"a''b",
)
CALLS = ("escape_literal", "escape_identifier", "escape_string", "escape_bytea")

def escapes(name, escaping):
    for call in CALLS:
        for text in TEXTS if name != "closed" else TEXTS[:2]:
            show(f"{name} {call} {bytes(text) if not isinstance(text, str) else text!r}",
                 lambda: getattr(escaping, call)(text))
    for text in ESCAPED:
        show(f"{name} {text}", lambda: escaping.unescape_bytea(text))

with psycopg.connect(url) as connection:
    escapes("on", Escaping(connection.pgconn))
    connection.execute("set standard_conforming_strings to off")
    escapes("off", Escaping(connection.pgconn))
    connection.execute("set standard_conforming_strings to on")
    connection.execute("set client_encoding to latin1")
    escapes("latin1", Escaping(connection.pgconn))
    connection.rollback()
escapes("closed", Escaping(connection.pgconn))
"""

NO_CONNECTION = r"""
from psycopg.pq import Escaping
for call in ("escape_literal", "escape_identifier", "escape_string", "escape_bytea"):
    for text in (b"a", b"it's", b"\\", b"a\0b", b"\xff"):
        show(f"{call} {text}", lambda: getattr(Escaping(), call)(text))
show("unescaped", lambda: Escaping().unescape_bytea(b"\\x0102"))
psycopg.connect(url).close()
"""

RESULTS = """
from psycopg import pq
with psycopg.connect(url) as connection:
    for statement in ("select 1 as a, 'x' as b, null as c", "select where false", "", "set time zone 'UTC'"):
        result = connection.execute(statement).pgresult
        print(isinstance(result, pq.PGresult), [
            int(result.status), result.ntuples, result.nfields, result.command_status,
            result.command_tuples, result.error_message, result.get_error_message(),
            [(result.fname(i), result.ftype(i), result.fmod(i), result.fsize(i),
              result.fformat(i)) for i in range(-1, result.nfields + 1)],
            [result.get_value(0, i) for i in range(result.nfields) if result.ntuples],
            result.error_field(pq.DiagnosticField.SQLSTATE),
        ])
    pgconn = connection.pgconn
    print(isinstance(pgconn, pq.PGconn), pgconn.db, pgconn.user, pgconn.status,
          pgconn.transaction_status, pgconn.pipeline_status, pgconn.options,
          pgconn.parameter_status(b"client_encoding"), pgconn.error_message)
    cursor = psycopg.ServerCursor(connection, "n")
    show("keyword", lambda: cursor.execute("select 1", prepare=True))
    show("other", lambda: cursor.execute("select 1", other=True))
    cursor.close()
    cursor = connection.cursor()
    cursor.executemany("select %s::int", [(1,), (2,), (3,)], returning=True)
    for number in (0, 2, -1, -3, 3, -4):
        show(number, lambda: (cursor.set_result(number) is cursor, cursor.fetchall()))
    connection.prepare_threshold = None
    connection.prepared_max = 0
    print(connection.prepare_threshold, connection.prepared_max)

async def main():
    async with await psycopg.AsyncConnection.connect(url) as connection:
        cursor = connection.cursor()
        await cursor.executemany("select %s::int", [(4,), (5,)], returning=True)
        print(await (await cursor.set_result(-1)).fetchone(), await cursor.fetchall())
        try:
            await cursor.set_result(2)
        except IndexError as error:
            print(error)
asyncio.run(main())
"""


@pytest.fixture
def replayed(tmp_path: Path) -> Replays:
    return functools.partial(Replayed, tmp_path)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (ERRORS, "'U0001'"),
        (ESCAPING, "invalid multibyte character"),
        (NO_CONNECTION, "no connection provided"),
        (RESULTS, "keyword not supported: prepare"),
    ],
)
def test_the_same_is_said(replayed: Replays, script: str, said: str) -> None:
    made = replayed(SHOW + script)
    assert said in made.output
    assert made.left() == []
    assert made.entered("miss") == made.entered("unsupported") == []
