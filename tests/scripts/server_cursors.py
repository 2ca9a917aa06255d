"""Named cursors, whose results are on the server."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import rows

SERIES = "SELECT n, 'row ' || n AS label FROM generate_series(1, 5) AS n"
LONG = "SELECT n FROM generate_series(1, 250) AS n"


async def fresh(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor("mine")
    see.cursor(cursor)
    see.reads(cursor, "name", "scrollable", "withhold", "itersize")
    await see.does(cursor.close)
    for scrollable in (None, True, False):
        for withhold in (True, False):
            cursor = connection.cursor("mine", scrollable=scrollable, withhold=withhold)
            see.reads(cursor, "scrollable", "withhold")
            await cursor.close()
    await connection.close()


async def nothing_executed(see: Any) -> None:
    see.leave_out("diag.source_")
    connection = await see.connect()

    async def iterate(cursor: Any) -> None:
        async for row in cursor:
            see("never", row)

    for autocommit in (True, False):
        await connection.set_autocommit(autocommit)
        cursor = connection.cursor("mine")
        for call in (
            (cursor.fetchone,),
            (cursor.fetchmany, 2),
            (cursor.fetchall,),
            (cursor.scroll, 1),
            (cursor.scroll, 1, "absolute"),
            (cursor.nextset,),
            (iterate, cursor),
        ):
            await see.does(*call)
            await connection.rollback()
        await see.does(cursor.close)
        await see.does(cursor.execute, SERIES)
        await see.does(cursor.fetchone)
    await connection.close()


async def fetching(see: Any) -> None:
    connection = await see.connect()
    async with connection.cursor("mine") as cursor:
        await see.does(cursor.execute, SERIES)
        see.cursor(cursor)
        await see.does(cursor.fetchone)
        see.cursor(cursor)
        await see.does(cursor.fetchmany, 2)
        await see.does(cursor.fetchmany)
        see("rownumber", cursor.rownumber)
        await see.does(cursor.fetchall)
        see.cursor(cursor)
        await see.does(cursor.fetchone)
        await see.does(cursor.fetchmany, 3)
        await see.does(cursor.fetchall)
        see("rownumber", cursor.rownumber)
    see.cursor(cursor)
    await see.does(cursor.fetchone)
    await see.does(cursor.close)
    await connection.close()


async def executed_twice(see: Any) -> None:
    connection = await see.connect()
    async with connection.cursor("mine") as cursor:
        await see.does(cursor.execute, SERIES)
        await see.does(cursor.fetchone)
        await see.does(cursor.execute, "SELECT %s AS other, %s", ("x", 3))
        see.cursor(cursor)
        await see.does(cursor.fetchall)
        await see.does(cursor.execute, "SELECT 1 WHERE false")
        await see.does(cursor.fetchall)
    await connection.close()


async def iterating(see: Any) -> None:
    connection = await see.connect()
    async with connection.cursor("mine") as cursor:
        await cursor.execute(LONG)
        total = 0
        async for (n,) in cursor:
            total += n
        see("total", total, cursor.rownumber)
    async with connection.cursor("mine") as cursor:
        cursor.itersize = 2
        await cursor.execute(SERIES)
        async for row in cursor:
            see("row", row, cursor.rownumber)
            if row[0] == 3:
                break
        await see.does(cursor.fetchone)
        see("rest", [row async for row in cursor])
    async with connection.cursor("mine", row_factory=rows.dict_row) as cursor:
        await cursor.execute(SERIES)
        await see.does(cursor.fetchone)
        cursor.row_factory = rows.scalar_row
        await see.does(cursor.fetchone)
    await connection.close()


async def scrolling(see: Any) -> None:
    connection = await see.connect()
    for scrollable in (True, None):
        async with connection.cursor("mine", scrollable=scrollable) as cursor:
            await cursor.execute(SERIES)
            await see.does(cursor.fetchall)
            await see.does(cursor.scroll, 0, "absolute")
            see("rownumber", cursor.rownumber)
            await see.does(cursor.fetchone)
            await see.does(cursor.scroll, 2)
            await see.does(cursor.fetchone)
            await see.does(cursor.scroll, -3)
            see("rownumber", cursor.rownumber)
            await see.does(cursor.fetchmany, 2)
            await see.does(cursor.scroll, -100)
            await see.does(cursor.fetchone)
            await see.does(cursor.scroll, 100)
            await see.does(cursor.fetchone)
            await see.does(cursor.scroll, -2, "absolute")
            await see.does(cursor.fetchall)
            await see.does(cursor.scroll, 1, "sideways")
    await connection.close()


async def forward_only(see: Any) -> None:
    see.leave_out("diag.source_")
    connection = await see.connect()
    async with connection.cursor("mine", scrollable=False) as cursor:
        await cursor.execute(SERIES)
        await see.does(cursor.fetchmany, 3)
        await see.does(cursor.scroll, -1)
        await see.does(cursor.fetchone)
    await connection.rollback()
    await connection.close()


async def after_the_transaction(see: Any) -> None:
    see.leave_out("diag.source_")
    connection = await see.connect()
    for withhold in (False, True):
        cursor = connection.cursor("mine", withhold=withhold)
        await cursor.execute(SERIES)
        await see.does(cursor.fetchone)
        await see.does(connection.commit)
        await see.does(cursor.fetchone)
        await see.does(cursor.fetchall)
        await see.does(connection.rollback)
        await see.does(cursor.close)
        await see.does(connection.rollback)
    await connection.close()


async def in_autocommit(see: Any) -> None:
    connection = await see.connect(autocommit=True)
    cursor = connection.cursor("mine")
    await see.does(cursor.execute, SERIES)
    await see.does(cursor.close)
    cursor = connection.cursor("mine", withhold=True)
    await see.does(cursor.execute, SERIES)
    await see.does(cursor.fetchmany, 2)
    await see.does(cursor.fetchall)
    await see.does(cursor.close)
    await connection.close()


async def errors(see: Any) -> None:
    see.leave_out("diag.source_")
    connection = await see.connect()
    for statement, parameters in (
        ("SELECT nothing", None),
        ("INSERT INTO authors DEFAULT VALUES", None),
        ("SELECT 1/0", None),
        ("SELECT %s", (1, 2)),
        ("SELECT %s", (object(),)),
        ("SELECT 1; SELECT 2", None),
        ("", None),
    ):
        cursor = connection.cursor("mine")
        await see.does(cursor.execute, statement, parameters)
        see.cursor(cursor)
        if cursor.description:
            await see.does(cursor.fetchall)
        await connection.rollback()
        await see.does(cursor.close)
        await connection.rollback()
    cursor = connection.cursor("mine")
    await see.does(
        cursor.execute, "SELECT 10 / (3 - n) FROM generate_series(1, 5) AS n"
    )
    await see.does(cursor.fetchmany, 2)
    await see.does(cursor.fetchmany, 2)
    await see.does(cursor.fetchone)
    await see.does(cursor.close)
    await connection.rollback()
    cursor = connection.cursor("mine")
    await see.does(cursor.executemany, SERIES, [(), ()])
    await see.does(cursor.close)
    await connection.close()


async def two_of_one_name(see: Any) -> None:
    connection = await see.connect()
    first, second = connection.cursor("mine"), connection.cursor("mine")
    await see.does(first.execute, SERIES)
    await see.does(second.execute, SERIES)
    await connection.rollback()
    await first.close()
    await second.close()
    await connection.close()


async def side_by_side(see: Any) -> None:
    connection = await see.connect()
    first, second = connection.cursor("one"), connection.cursor('t"wo')
    await first.execute(SERIES)
    await second.execute(LONG)
    for _ in range(3):
        await see.does(first.fetchone)
        await see.does(second.fetchmany, 4)
        await see.does(connection.execute, "SELECT 'between'")
    await first.close()
    await see.does(second.fetchone)
    await second.close()
    await connection.close()


async def with_parameters(see: Any) -> None:
    connection = await see.connect()
    async with connection.cursor("mine", binary=True) as cursor:
        await see.does(cursor.execute, "SELECT %s::int8, %s", (12, "x"))
        see.cursor(cursor)
        await see.does(cursor.fetchall)
        await see.does(cursor.execute, "SELECT %(a)s::int8", {"a": 1}, binary=False)
        await see.does(cursor.fetchall)
    await connection.close()


async def forgotten(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor("mine")
    await cursor.execute(SERIES)
    del cursor
    await connection.close()


async def streamed(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor("mine")

    async def stream() -> None:
        async for row in cursor.stream(SERIES):
            see("row", row)

    await see.does(stream)
    await see.does(cursor.close)
    await connection.close()


async def closed_connection(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor("mine")
    await cursor.execute(SERIES)
    await cursor.fetchone()
    await connection.close()
    await see.does(cursor.fetchone)
    await see.does(cursor.fetchall)
    await see.does(cursor.scroll, 1)
    await see.does(cursor.execute, SERIES)
    await see.does(cursor.close)


async def class_of_the_driver(see: Any) -> None:
    connection = await see.connect()
    cursor = psycopg.AsyncServerCursor(connection, "mine", scrollable=True)
    await see.does(cursor.execute, SERIES)
    await see.does(cursor.fetchall)
    await cursor.close()
    await connection.close()
