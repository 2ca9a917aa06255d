"""Errors of the server and of the driver: classes, codes, texts and diagnostics."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import errors

RAISE = (
    "DO $$ BEGIN RAISE EXCEPTION 'own' USING ERRCODE = 'AB123', DETAIL = 'd', HINT = 'h',"
    " TABLE = 't', COLUMN = 'c', CONSTRAINT = 'k', SCHEMA = 's', DATATYPE = 'y'; END $$"
)
STATEMENTS = (
    "INSERT INTO authors (email, name) VALUES ('ada@example.org', 'x')",
    "INSERT INTO authors (email, name) VALUES ('x@example.org', '')",
    "INSERT INTO authors (email, name) VALUES (NULL, 'x')",
    "INSERT INTO books (author, title) VALUES (99, 'x')",
    "DELETE FROM authors; TRUNCATE authors",
    "INSERT INTO bookings VALUES (1, '[1,5)'), (2, '[3,9)')",
    "INSERT INTO books (author, title) VALUES (1, 'a title of more than twenty')",
    "INSERT INTO books (author, title, price) VALUES (1, 'x', 123456)",
    "INSERT INTO books (id, author, title) VALUES (1, 1, 'x') ON CONFLICT (id) DO NOTHING",
    "SELECT 5::positive, (-5)::positive",
    "SELECT 'nobody'::mood",
    "SELEC 1",
    "SELECT",
    "SELECT FROM WHERE",
    "SELECT 'open",
    "SELECT (1",
    "SELECT * FROM no_such_table",
    "SELECT no_such_column FROM authors",
    "SELECT no_such_function(1)",
    "SELECT 1 + 'x'::text",
    "SELECT 'x'::no_such_type",
    "SELECT authors.id FROM authors, authors",
    "SELECT id FROM authors, books",
    "SELECT name, count(*) FROM authors",
    "SELECT sum(count(*)) FROM authors",
    "SELECT 1/0",
    "SELECT 2147483647 + 1",
    "SELECT 10.0 ^ 100000",
    "SELECT 'x'::int",
    "SELECT '2020-13-01'::date",
    "SELECT '2020-01-01'::date + 'x'::interval",
    "SELECT '{1,2'::int[]",
    "SELECT '[1,2'::int4range",
    "SELECT '{\"a\":'::json",
    "SELECT '\\xzz'::bytea",
    "SELECT 'x'::uuid",
    "SELECT '1.2.3'::inet",
    "SELECT sqrt(-1)",
    "SELECT ln(0)",
    "SELECT substring('x' FROM 1 FOR -1)",
    "SELECT chr(0)",
    "SELECT (SELECT id FROM authors)",
    "SELECT * FROM generate_series(1, 2) LIMIT -1",
    "SELECT ARRAY[1, 'x']",
    "SELECT CASE WHEN 1 THEN 2 END",
    "SELECT 1 UNION SELECT 'x'",
    "SELECT regexp_replace('x', '(', '')",
    "SELECT 'x' LIKE 'x' ESCAPE 'xx'",
    "SELECT to_date('x', 'YYYY')",
    "SELECT jsonb_path_query('1', '$.a[')",
    "CREATE TABLE authors (id int)",
    "CREATE TABLE odd (a int, a int)",
    "CREATE TYPE mood AS ENUM ('x')",
    "CREATE INDEX ON authors (nothing)",
    "DROP TABLE no_such_table",
    "DROP TABLE authors",
    "ALTER TABLE authors ADD COLUMN id int",
    "ALTER TABLE books DROP CONSTRAINT nothing",
    "GRANT SELECT ON authors TO nobody_at_all",
    "SET no_such_setting TO 1",
    "SET work_mem TO 'x'",
    "SET TimeZone TO 'Nowhere'",
    "SAVEPOINT a; ROLLBACK TO b",
    "FETCH 1 FROM no_such_cursor",
    "EXECUTE no_such_statement",
    "VACUUM",
    "CREATE DATABASE never",
    "LOCK no_such_table",
    "COPY no_such_table TO STDOUT",
    "LISTEN",
    "CALL no_such_procedure()",
    RAISE,
    "DO $$ BEGIN RAISE unique_violation; END $$",
    "DO $$ BEGIN ASSERT false, 'asserted'; END $$",
    "DO $$ BEGIN PERFORM 1/0; END $$",
    "DO $$ BEGIN EXECUTE 'SELEC 1'; END $$",
    "DO $$ DECLARE n int; BEGIN SELECT id INTO STRICT n FROM authors; END $$",
    "DO $$ BEGIN COMMIT; END $$",
    "SELECT pg_sleep('x')",
    "SELECT lo_get(0)",
    "SELECT nextval('no_such_sequence')",
    "SELECT currval('authors_id_seq')",
    "INSERT INTO authors VALUES (DEFAULT, 'é\u20ac\u2028', 'ü', '0044-03-15 BC', 1)",
    "SELECT \"é\", '\u20ac' FROM authors",
    "UPDATE authors SET id = 1",
    "SELECT 'a' AS x ORDER BY y",
    "SELECT id, rank() FROM authors",
    "WITH x AS (SELECT 1) SELECT * FROM y",
    "SELECT current_setting('no.setting')",
    "SET ROLE nobody_at_all",
    "SET SESSION AUTHORIZATION nobody_at_all",
    "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1",
    "SELECT pg_advisory_unlock(42)",
)


async def of_statements(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    for statement in STATEMENTS:
        await see.does(cursor.execute, statement)
        await connection.rollback()
    await connection.close()


async def of_statements_in_autocommit(see: Any) -> None:
    connection = await see.connect(autocommit=True)
    for statement in STATEMENTS[::7]:
        await see.does(connection.execute, statement)
    await connection.close()


async def of_parameters(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    for statement, parameters in (
        ("SELECT %s::int", ("x",)),
        ("SELECT id FROM authors WHERE id = %s", ("x",)),
        ("SELECT id FROM authors WHERE id = %s", (Decimal("1.5"),)),
        ("SELECT id FROM authors WHERE email = %s", (1,)),
        ("SELECT id FROM authors WHERE born = %s", (1,)),
        ("SELECT id FROM authors WHERE born = %s", ("soon",)),
        ("SELECT id FROM authors WHERE id = %s", ([1, 2],)),
        ("SELECT id FROM authors WHERE id IN %s", ((1, 2),)),
        ("SELECT id FROM authors WHERE id = ANY(%s)", ([1, "x"],)),
        ("SELECT id FROM authors WHERE id = ANY(%s)", (1,)),
        ("SELECT %s", ({},)),
        ("SELECT %s", ({1, 2},)),
        ("SELECT %s", (object(),)),
        ("SELECT %s", (lambda: None,)),
        ("SELECT %s", (len,)),
        ("SELECT %s + %s", (1, "x")),
        ("SELECT %s::text", ("\x00",)),
        ("SELECT %s::text", ("\ud800",)),
        ("SELECT %s::bytea", (b"\x00\xff",)),
        ("SELECT %s::int4", (2**40,)),
        ("SELECT %s::int8", (2**70,)),
        ("SELECT %s::numeric(3)", (12345,)),
        ("SELECT %s::float4", (1e300,)),
        ("SELECT %s", (float("nan"),)),
        ("SELECT %s::date", (dt.datetime(2020, 1, 1),)),
        ("SELECT %s::timestamptz", (dt.time(1),)),
        ("SELECT %s::interval", (dt.timedelta.max,)),
        ("SELECT pg_typeof(%s)", (None,)),
        ("SELECT %s IS NULL", (None,)),
        ("SELECT %s", ([[1], [2, 3]],)),
        ("SELECT %s", ([1, None, "x"],)),
        ("SELECT %s", ([],)),
        ("SELECT %s::int[]", ([],)),
        ("SELECT 1 LIMIT %s", ("x",)),
        ("SELECT %(a)s, %(a)s", {"a": object()}),
        ("SELECT %(a)s", {"b": 1}),
        ("SELECT %(a)s", ["x"]),
        ("SELECT %s", {"a": 1}),
        ("SELECT %s %s", (1,)),
        ("SELECT %s", (1, 2, 3)),
        ("SELECT %s", 1),
        ("SELECT %s", "x"),
        ("SELECT %s", "xy"),
        ("SELECT %s", b"x"),
        ("SELECT %q", (1,)),
        ("SELECT %(a", {"a": 1}),
        ("SELECT %(a)", {"a": 1}),
        ("SELECT %b::int", ("x",)),
        ("SELECT %b::int", (dt.date(2020, 1, 1),)),
        ("SELECT %t", (b"x",)),
    ):
        await see.does(cursor.execute, statement, parameters)
        if cursor.description:
            await see.does(cursor.fetchall)
        await connection.rollback()
    await connection.close()


async def too_many_parameters(see: Any) -> None:
    connection = await see.connect()
    marks = ", ".join(["%s"] * 70_000)
    try:
        await connection.execute(f"SELECT 1 WHERE 1 IN ({marks})", range(70_000))
    except psycopg.Error as error:
        see.error(error)
    see.connection(connection)
    await connection.rollback()
    marks = ", ".join(["%s"] * 3000)
    cursor = await connection.execute(
        f"SELECT 'found' WHERE 2999 IN ({marks})", list(range(3000))
    )
    see("found", await cursor.fetchall())
    await connection.close()


async def at_fetch(see: Any) -> None:
    connection = await see.connect()
    for expression in (
        "'infinity'::date",
        "'-infinity'::timestamp",
        "'0044-03-15 BC'::date",
        "'10000-01-01'::timestamptz",
        "'24:00'::time",
        "'1000000000 years'::interval",
        "'NaN'::numeric",
        "'infinity'::float8",
    ):
        for binary in (False, True):
            cursor = connection.cursor(binary=binary)
            await see.does(cursor.execute, f"SELECT {expression} UNION ALL SELECT NULL")
            await see.does(cursor.fetchone)
            await see.does(cursor.fetchone)
            await see.does(cursor.fetchall)
            see("rownumber", cursor.rownumber)
    await connection.close()


async def pickled(see: Any) -> None:
    connection = await see.connect()
    for statement in ("SELECT 1/0", STATEMENTS[0], "SELECT %"):
        try:
            await connection.execute(statement, None if "%" not in statement else (1,))
        except psycopg.Error as error:
            for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
                see.error(twin)
                see("same", type(twin) is type(error), twin.args == error.args)
        await connection.rollback()
    await connection.close()


async def caught_by_class(see: Any) -> None:
    connection = await see.connect()
    for statement, cls in (
        (STATEMENTS[0], errors.UniqueViolation),
        (STATEMENTS[0], psycopg.IntegrityError),
        (STATEMENTS[1], errors.lookup("23514")),
        ("SELECT 1/0", errors.DivisionByZero),
        ("SELECT 1/0", psycopg.DataError),
        ("SELEC", psycopg.ProgrammingError),
        ("SELECT 1/0", psycopg.OperationalError),
    ):
        try:
            await connection.execute(statement)
        except cls as error:
            see("caught", statement, cls.__name__, error.sqlstate)
        except psycopg.Error as error:
            see("other", statement, type(error).__name__)
        await connection.rollback()
    await connection.close()


def lookups(see: Any) -> None:
    for code in ("23505", "UNIQUE_VIOLATION", "unique_violation", "40001", "XX000"):
        see.does(errors.lookup, code)
    see.does(errors.lookup, "nonsense")
    see("state", errors.SerializationFailure.sqlstate, psycopg.Error.sqlstate)
    error = errors.UniqueViolation("made by hand")
    see.error(error)
    see("diag", error.diag.sqlstate, error.diag.constraint_name)
    see.reads(error, "pgconn", "pgresult")


async def what_errors_hold(see: Any) -> None:
    connection = await see.connect()
    try:
        await connection.execute("SELECT 1/0")
    except psycopg.Error as error:
        see("repr", repr(error))
        see("diag", [name for name in dir(error.diag) if not name.startswith("_")])
    await connection.close()


async def copy_by_execute(see: Any) -> None:
    for statement in ("COPY authors TO STDOUT", "COPY authors FROM STDIN"):
        connection = await see.connect()
        await see.does(connection.execute, statement)
        await see.does(connection.rollback)
        await see.does(connection.set_autocommit, True)
        see.connection(connection)
        await see.does(connection.close)
