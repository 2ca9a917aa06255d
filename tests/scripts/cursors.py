"""Cursors whose results are on the client: executing, fetching and moving."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import rows, sql

SERIES = "SELECT n, 'row ' || n AS label FROM generate_series(1, 5) AS n"
CREATE = "CREATE TEMP TABLE numbers (n integer PRIMARY KEY, word text)"
INSERT = "INSERT INTO numbers (n, word) VALUES (%s, %s)"
MERGE = (
    "MERGE INTO numbers USING (VALUES (1, 'm')) AS new (n, word)"
    " ON numbers.n = new.n WHEN NOT MATCHED THEN INSERT VALUES (new.n, new.word)"
)
RETURNING = INSERT + " RETURNING n, word"


async def fresh(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    see.cursor(cursor)
    await see.does(cursor.fetchone)
    await see.does(cursor.fetchmany, 2)
    await see.does(cursor.fetchall)
    await see.does(cursor.scroll, 1)
    await see.does(cursor.nextset)
    await see.does(cursor.set_result, 0)
    see("connection", cursor.connection is connection)
    await cursor.close()
    await connection.close()


async def fetching(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await see.does(cursor.execute, SERIES)
    see.cursor(cursor)
    await see.does(cursor.fetchone)
    see("rownumber", cursor.rownumber)
    await see.does(cursor.fetchmany)
    await see.does(cursor.fetchmany, 2)
    see("rownumber", cursor.rownumber)
    await see.does(cursor.fetchall)
    await see.does(cursor.fetchone)
    await see.does(cursor.fetchmany, 2)
    await see.does(cursor.fetchall)
    see.cursor(cursor)
    cursor.arraysize = 3
    await see.does(cursor.execute, SERIES)
    await see.does(cursor.fetchmany)
    await see.does(cursor.fetchmany, 0)
    await see.does(cursor.fetchmany, 100)
    await connection.close()


async def iterating(see: Any) -> None:
    connection = await see.connect()
    cursor = await connection.execute(SERIES)
    await see.does(cursor.fetchone)
    async for row in cursor:
        see("row", row, cursor.rownumber)
        if row[0] == 3:
            break
    await see.does(cursor.fetchall)
    async for row in cursor:
        see("never", row)
    await cursor.scroll(0, "absolute")
    see("all", [row async for row in cursor])
    cursor = await connection.execute("SET search_path TO public")

    async def iterate() -> None:
        async for row in cursor:
            see("never", row)

    await see.does(iterate)
    await connection.close()


async def scrolling(see: Any) -> None:
    connection = await see.connect()
    cursor = await connection.execute(SERIES)
    for value, mode in (
        (2, "relative"),
        (-1, "relative"),
        (4, "absolute"),
        (5, "absolute"),
        (-1, "absolute"),
        (-9, "relative"),
        (9, "relative"),
        (0, "absolute"),
        (0, "sideways"),
    ):
        await see.does(cursor.scroll, value, mode)
        see("rownumber", cursor.rownumber)
    await see.does(cursor.scroll, 3, mode="absolute")
    await see.does(cursor.fetchall)
    await see.does(cursor.scroll, -5)
    await see.does(cursor.fetchall)
    await see.does(cursor.execute, "SELECT 1 WHERE false")
    await see.does(cursor.scroll, 0)
    await connection.close()


async def outcomes(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    for statement in (
        CREATE,
        "INSERT INTO numbers VALUES (1, 'a'), (2, 'b')",
        "INSERT INTO numbers VALUES (3, 'c') RETURNING word, n",
        "UPDATE numbers SET word = upper(word) WHERE n < 3",
        "UPDATE numbers SET word = 'x' WHERE n > 30",
        "DELETE FROM numbers WHERE n = 1 RETURNING *",
        "SELECT * FROM numbers WHERE false",
        "SELECT",
        "SELECT FROM numbers",
        "VALUES (1, 'x'), (2, 'y')",
        "TABLE numbers",
        "WITH gone AS (DELETE FROM numbers RETURNING n) SELECT n FROM gone ORDER BY n",
        MERGE,
        "CREATE TEMP TABLE others AS SELECT * FROM numbers",
        "SELECT n INTO TEMP more FROM numbers",
        "TRUNCATE numbers",
        "EXPLAIN (COSTS off) SELECT 1",
        "SHOW server_encoding",
        "SET LOCAL work_mem TO '1MB'",
        "ANALYZE numbers",
        "LOCK TABLE numbers",
        "COMMENT ON TABLE numbers IS 'x'",
        "DECLARE c CURSOR FOR SELECT n FROM generate_series(1, 9) AS n",
        "FETCH 2 FROM c",
        "MOVE 3 IN c",
        "FETCH BACKWARD 1 FROM c",
        "CLOSE c",
        "PREPARE p AS SELECT $1::int + 1",
        "EXECUTE p (41)",
        "DEALLOCATE p",
        "DO $$ BEGIN PERFORM 1; END $$",
        "CREATE FUNCTION pg_temp.f(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1'",
        "SELECT pg_temp.f(1)",
        "DROP TABLE numbers",
        "",
        " ; ",
        "-- nothing",
    ):
        await see.does(cursor.execute, statement)
        see.cursor(cursor)
        if cursor.description:
            await see.does(cursor.fetchall)
        else:
            await see.does(cursor.fetchone)
    await connection.close()


async def several_statements(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await see.does(cursor.execute, f"{CREATE}; {SERIES}; SELECT 'last' AS x; ;")
    see.cursor(cursor)
    await see.does(cursor.nextset)
    see.cursor(cursor)
    await see.does(cursor.fetchone)
    await see.does(cursor.nextset)
    see.cursor(cursor)
    await see.does(cursor.fetchall)
    await see.does(cursor.nextset)
    see.cursor(cursor)
    await see.does(cursor.nextset)
    await see.does(cursor.set_result, 1)
    await see.does(cursor.fetchall)
    await see.does(cursor.set_result, -1)
    await see.does(cursor.fetchall)
    await see.does(cursor.set_result, 0)
    see.cursor(cursor)
    await see.does(cursor.set_result, 3)
    await see.does(cursor.set_result, -4)
    see.cursor(cursor)
    await see.does(cursor.execute, "SELECT 1; SELECT 2; SELECT 3")
    async for result in cursor.results():
        see("result", result is cursor, await result.fetchall())
    see.cursor(cursor)
    async for result in cursor.results():
        see("left", await result.fetchall())
    await see.does(cursor.execute, "SELECT 1; SELECT 2", ())
    await see.does(connection.rollback)
    await see.does(cursor.execute, "SELECT %s; SELECT 2", (1,))
    await connection.rollback()
    await see.does(cursor.execute, "SELECT 1; SELECT 1/0; SELECT 3")
    see.cursor(cursor)
    await see.does(cursor.fetchall)
    await connection.rollback()
    await see.does(cursor.execute, "SELECT 1; BEGIN; SELECT 2; COMMIT; SELECT 3")
    async for result in cursor.results():
        see.cursor(result)
    await connection.close()


async def several_statements_in_autocommit(see: Any) -> None:
    connection = await see.connect(autocommit=True)
    cursor = connection.cursor()
    await see.does(cursor.execute, "SELECT 1; BEGIN; SELECT 2")
    await see.does(cursor.execute, "SELECT 1/0; SELECT 2")
    await see.does(cursor.execute, "ROLLBACK; SELECT 3")
    await see.does(cursor.nextset)
    await see.does(cursor.fetchall)
    await connection.close()


async def many(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await cursor.execute(CREATE)
    await see.does(cursor.executemany, INSERT, [(1, "a"), (2, "b"), (3, None)])
    see.cursor(cursor)
    await see.does(cursor.fetchall)
    await see.does(cursor.nextset)
    await see.does(cursor.executemany, INSERT, [])
    see.cursor(cursor)
    await see.does(cursor.executemany, INSERT, ((n, "g") for n in (4, 5)))
    see.cursor(cursor)
    named = "UPDATE numbers SET word = %(word)s WHERE n = %(n)s"
    await see.does(
        cursor.executemany, named, [{"n": 1, "word": "x"}, {"n": 99, "word": "y"}]
    )
    see.cursor(cursor)
    await see.does(cursor.executemany, "SELECT %s::int", [(1,), (2,)])
    see.cursor(cursor)
    await see.does(cursor.execute, "SELECT * FROM numbers ORDER BY n")
    await see.does(cursor.fetchall)
    await connection.close()


async def many_returning(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await cursor.execute(CREATE)
    sets = [(1, "a"), (2, "b"), (3, None)]
    await see.does(cursor.executemany, RETURNING, sets, returning=True)
    see.cursor(cursor)
    async for result in cursor.results():
        see.cursor(result)
        await see.does(result.fetchall)
    await see.does(cursor.executemany, RETURNING, [], returning=True)
    see.cursor(cursor)
    await see.does(cursor.fetchall)
    await see.does(cursor.nextset)
    await see.does(cursor.executemany, INSERT, [(7, "g"), (8, "h")], returning=True)
    see.cursor(cursor)
    await see.does(cursor.nextset)
    await see.does(cursor.fetchall)
    await see.does(cursor.nextset)
    select = "SELECT n FROM numbers WHERE n >= %s ORDER BY n"
    await see.does(cursor.executemany, select, [(2,), (99,), (8,)], returning=True)
    see.cursor(cursor)
    await see.does(cursor.fetchall)
    await see.does(cursor.nextset)
    await see.does(cursor.fetchall)
    await see.does(cursor.set_result, -1)
    see.cursor(cursor)
    await see.does(cursor.fetchall)
    await connection.close()


async def many_fails(see: Any) -> None:
    # Of the driver's own pipeline, and said or not as it comes.
    see.leave_out("error ignored terminating")
    connection = await see.connect(autocommit=True)
    cursor = connection.cursor()
    await cursor.execute(CREATE)
    for returning in (False, True):
        for autocommit in (True, False):
            await connection.set_autocommit(autocommit)
            await cursor.execute("TRUNCATE numbers")
            await see.does(
                cursor.executemany,
                RETURNING,
                [(1, "a"), (2, "b"), (1, "again"), (4, "never")],
                returning=returning,
            )
            see.cursor(cursor)
            await see.does(cursor.fetchall)
            await connection.rollback()
            await see.does(cursor.execute, "SELECT n FROM numbers ORDER BY n")
            await see.does(cursor.fetchall)
            await connection.rollback()
    await connection.set_autocommit(True)
    await cursor.execute("TRUNCATE numbers")
    await connection.set_autocommit(False)
    await see.does(cursor.executemany, INSERT, [(1, "a"), (2,)])
    await connection.rollback()
    await see.does(cursor.executemany, INSERT, [(1, "a"), (object(), "x")])
    await see.does(cursor.executemany, INSERT, [1, 2])
    await see.does(cursor.executemany, INSERT, None)
    await see.does(cursor.executemany, "INSERT nonsense", [(), ()])
    await connection.close()


async def many_from_a_generator_that_fails(see: Any) -> None:
    # Of the driver's own pipeline, and said or not as it comes.
    see.leave_out("error ignored terminating")
    connection = await see.connect()
    cursor = connection.cursor()
    await cursor.execute(CREATE)

    def sets() -> Any:
        yield (1, "a")
        yield (2, "b")
        raise LookupError("on purpose")

    await see.does(cursor.executemany, INSERT, sets())
    see.cursor(cursor)
    await see.does(connection.rollback)
    await cursor.execute(CREATE)

    def more() -> Any:
        # The last one fails: how far the driver gets beyond it, and warns, is chance.
        for n in (1, 2, 1):
            yield (n, "x")

    await see.does(cursor.executemany, INSERT, more())
    see.cursor(cursor)
    await connection.close()


async def streaming(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    async for row in cursor.stream(SERIES):
        see("row", row, cursor.rownumber, cursor.rowcount)
    see.cursor(cursor)
    async for row in cursor.stream("SELECT %s::int, %s", (1, "x"), binary=True):
        see("row", row)
    async for row in cursor.stream(SERIES, size=2):
        see("row", row)
    cursor.row_factory = rows.dict_row
    async for row in cursor.stream(SERIES):
        see("row", row)
        see.cursor(cursor)
        break
    await see.does(cursor.execute, "SELECT 1 AS one")
    await see.does(cursor.fetchone)

    async def stream(statement: str, *args: Any, **options: Any) -> Any:
        found = []
        try:
            async for row in cursor.stream(statement, *args, **options):
                found.append(row)
        finally:
            see("found", found)
        return found

    await see.does(stream, "SELECT 1 WHERE false")
    see.cursor(cursor)
    await see.does(stream, "SET search_path TO public")
    await see.does(stream, "INSERT INTO nothing VALUES (1)")
    await connection.rollback()
    await see.does(stream, "SELECT 10 / (3 - n) AS x FROM generate_series(1, 5) AS n")
    see.cursor(cursor)
    await connection.rollback()
    await see.does(stream, "SELECT 1; SELECT 2")
    await connection.rollback()
    await see.does(stream, "SELECT %s", (1, 2))
    await cursor.close()
    await see.does(stream, SERIES)
    await connection.close()


async def formats(see: Any) -> None:
    connection = await see.connect()
    statement = "SELECT 1::int4 AS a, 'x'::text AS b, 1.5::numeric AS c, '\\x00'::bytea"
    for binary in (False, True):
        cursor = connection.cursor(binary=binary)
        see("format", cursor.format)
        await see.does(cursor.execute, statement)
        see.cursor(cursor)
        await see.does(cursor.fetchone)
        await see.does(cursor.execute, statement, binary=not binary)
        see.cursor(cursor)
        await see.does(cursor.fetchone)
        await see.does(cursor.execute, f"{statement}; SELECT 2")
        await see.does(cursor.fetchone)
        await connection.rollback()
    cursor = connection.cursor()
    cursor.format = psycopg.pq.Format.BINARY
    await see.does(cursor.execute, statement)
    see.cursor(cursor)
    await see.does(cursor.execute, "SELECT %b, %t, %s", (1, 2, 3))
    see.description(cursor.description)
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT %b", (Decimal("1.5"),))
    await see.does(cursor.fetchone)
    await connection.close()


async def prepared(see: Any) -> None:
    connection = await see.connect(autocommit=True)
    count = "SELECT count(*) FROM pg_prepared_statements"
    for prepare in (None, False, True):
        for _ in range(3):
            cursor = await connection.execute("SELECT %s + 1", (1,), prepare=prepare)
            see("answer", await cursor.fetchone())
        cursor = await connection.execute(count, prepare=False)
        see("prepared", await cursor.fetchone())
    for number in range(8):
        cursor = await connection.execute("SELECT %s + 2", (number,))
        see("answer", await cursor.fetchone())
    cursor = await connection.execute(count, prepare=False)
    see("prepared", await cursor.fetchone())
    connection.prepare_threshold = 0
    await see.does(connection.execute, "SELECT %s + 3", (1,))
    await see.does(connection.execute, "SELECT %s + 3", ("x",))
    connection.prepared_max = 1
    await see.does(connection.execute, "SELECT %s + 4", (1,))
    await see.does(connection.execute, "SELECT %s + 5", (1,))
    cursor = await connection.execute(count, prepare=False)
    see("prepared", await cursor.fetchone())
    await see.does(connection.execute, "DEALLOCATE ALL", prepare=False)
    await see.does(connection.execute, "SELECT %s + 3", (1,))
    await connection.close()


@dataclass
class Point:
    n: int
    label: str


async def row_factories(see: Any) -> None:
    connection = await see.connect()
    Pair = namedtuple("Pair", ["n", "label"])
    for factory in (
        rows.tuple_row,
        rows.dict_row,
        rows.namedtuple_row,
        rows.scalar_row,
        rows.class_row(Point),
        rows.args_row(Pair),
        rows.kwargs_row(lambda **values: sorted(values.items())),
    ):
        cursor = connection.cursor(row_factory=factory)
        await cursor.execute(SERIES + " LIMIT 2")
        await see.does(cursor.fetchall)
        await cursor.execute("SET search_path TO public")
        await see.does(cursor.fetchall)
        await see.does(cursor.execute, 'SELECT 1 AS a, 2 AS "_b", 3 AS "?"')
        await see.does(cursor.fetchone)
        await see.does(cursor.execute, "SELECT 1 AS a, 2 AS a")
        await see.does(cursor.fetchone)
        await see.does(cursor.execute, 'SELECT 1 AS "class"')
        await see.does(cursor.fetchone)
        await see.does(cursor.execute, "SELECT")
        await see.does(cursor.fetchone)
    cursor = connection.cursor()
    await cursor.execute(SERIES)
    await see.does(cursor.fetchone)
    cursor.row_factory = rows.dict_row
    await see.does(cursor.fetchone)
    connection.row_factory = rows.scalar_row
    cursor = await connection.execute(SERIES)
    await see.does(cursor.fetchmany, 2)

    def counting(cursor: Any) -> Any:
        see("made for", cursor.description and [c.name for c in cursor.description])
        return lambda values: ("row", *values)

    cursor = connection.cursor(row_factory=counting)
    await see.does(cursor.execute, SERIES)
    await see.does(cursor.fetchmany, 2)
    await see.does(cursor.execute, "SELECT 1; SELECT 2 AS b")
    await see.does(cursor.nextset)
    await see.does(cursor.executemany, "SELECT %s", [(1,), (2,)], returning=True)

    def failing(cursor: Any) -> Any:
        raise RuntimeError("no row maker")

    cursor = connection.cursor(row_factory=failing)
    await see.does(cursor.execute, SERIES)

    def broken(cursor: Any) -> Any:
        def make(values: Any) -> Any:
            raise RuntimeError(f"no row of {values}")

        return make

    cursor = connection.cursor(row_factory=broken)
    await see.does(cursor.execute, SERIES)
    await see.does(cursor.fetchone)
    see.cursor(cursor)
    await see.does(cursor.fetchall)
    see.cursor(cursor)
    await connection.close()


async def closed(see: Any) -> None:
    connection = await see.connect()
    async with connection.cursor() as cursor:
        await cursor.execute(SERIES)
        await cursor.fetchone()
    see.cursor(cursor)
    await see.does(cursor.fetchone)
    await see.does(cursor.fetchmany)
    await see.does(cursor.fetchall)
    await see.does(cursor.scroll, 0)
    await see.does(cursor.execute, "SELECT 1")
    await see.does(cursor.executemany, "SELECT %s", [(1,)])
    await see.does(cursor.nextset)
    await see.does(cursor.set_result, 0)
    await see.does(cursor.close)

    async def iterate() -> None:
        async for row in cursor:
            see("never", row)

    await see.does(iterate)
    await see.does(cursor.__aenter__)
    await connection.close()


async def after_errors(see: Any) -> None:
    connection = await see.connect(autocommit=True)
    cursor = connection.cursor()
    await cursor.execute(SERIES)
    await cursor.fetchone()
    await see.does(cursor.execute, "SELECT 1/0")
    see.cursor(cursor)
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT %s", (object(),))
    see.cursor(cursor)
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, SERIES)
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, 42)
    see.cursor(cursor)
    await see.does(cursor.execute, "SELECT %s", "no sequence")
    await see.does(cursor.execute, "SELECT %x", (1,))
    await see.does(cursor.execute, "SELECT %", (1,))
    await see.does(cursor.execute, "SELECT %(a)s, %s", (1,))
    await see.does(cursor.execute, "SELECT %(a)s", {"b": 1})
    await see.does(cursor.execute, "SELECT %(a)s", (1,))
    await see.does(cursor.execute, "SELECT %s", {"a": 1})
    await see.does(cursor.execute, "SELECT 100 %% 7, '%%'", ())
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT 100 % 7, '%'")
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT '%%'")
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT %s", ())
    await see.does(cursor.execute, "SELECT 1", (1,))
    await see.does(cursor.execute, "SELECT %s, %s", [1])
    await see.does(cursor.execute, "SELECT %(a)s", {"a": 1, "b": 2})
    await see.does(cursor.fetchone)
    await connection.close()


async def queries_of_other_kinds(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    for query in (
        b"SELECT 1",
        sql.SQL("SELECT {} AS {}").format(sql.Literal("it's"), sql.Identifier("a b")),
        sql.SQL("SELECT {}").format(sql.Literal(12)),
        sql.SQL("SELECT {}, {}").format(sql.Placeholder(), sql.Placeholder()),
        sql.SQL(", ").join([sql.SQL("SELECT 1"), sql.SQL("2")]),
        sql.Identifier("a", "b"),
    ):
        params = (1, 2) if "Placeholder" in repr(query) else None
        await see.does(cursor.execute, query, params)
        await see.does(cursor.fetchall)
        await connection.rollback()
    await connection.close()


async def sizes(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await see.does(cursor.setinputsizes, [1, 2])
    await see.does(cursor.setoutputsize, 10)
    await see.does(cursor.setoutputsize, 10, 1)
    see.sets(cursor, "arraysize", "many")
    see.reads(cursor, "arraysize", "itersize", "name", "lastrowid")
    see.sets(cursor, "rowcount", 1)
    await connection.close()


async def descriptions(see: Any) -> None:
    connection = await see.connect()
    cursor = await connection.execute(
        "SELECT id, email, born, 1::numeric(6, 2) AS n, 'x'::varchar(7) AS v,"
        " now()::time(3) AS t, '{1}'::int[] AS a, 'ok'::mood AS m, '1 s'::interval(2) AS i,"
        " B'101'::bit(3) AS b, 'a=>1'::hstore AS h, 1::positive AS p, NULL, 'u',"
        " ROW(1, 'x')::pair AS r, 'c'::char(3) AS c FROM authors ORDER BY id LIMIT 1"
    )
    see.description(cursor.description)
    column = cursor.description[0]
    see("parts", column[0], column[1], len(column), list(column))
    see("slice", column[:2])
    await connection.close()


async def deleted_while_open(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await cursor.execute(SERIES)
    del cursor
    see.connection(connection)
    await connection.close()
