"""Cursors that write their parameters into the statement, and raw ones."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from psycopg.types.range import Range

VALUES = (
    None,
    True,
    5,
    -5,
    2**70,
    1.5,
    float("nan"),
    Decimal("1.50"),
    "it's",
    "back\\slash",
    b"\x00\xff'",
    dt.date(2020, 1, 2),
    dt.datetime(2020, 1, 2, 3, 4, 5, 6, dt.UTC),
    dt.time(1, 2),
    dt.timedelta(days=-1, seconds=5),
    uuid.UUID(int=7),
    [1, None, 3],
    ["a", "b'c"],
    [],
    [[1, 2], [3, 4]],
    Jsonb({"a": "it's"}),
    Range(1, 5),
    (1, "x"),
)


async def mogrified(see: Any) -> None:
    connection = await see.connect(see.url, cursor_factory=psycopg.AsyncClientCursor)
    cursor = connection.cursor()
    for value in VALUES:
        await see.does(cursor.mogrify, "SELECT %s", (value,))
        await see.does(cursor.mogrify, "SELECT %(a)s, %(a)s", {"a": value})
    await see.does(cursor.mogrify, "SELECT %s", (object(),))
    await see.does(cursor.mogrify, "SELECT %s", (1, 2))
    await see.does(cursor.mogrify, "SELECT '%%'", ())
    await connection.close()


async def on_the_client(see: Any) -> None:
    connection = await see.connect(see.url, cursor_factory=psycopg.AsyncClientCursor)
    cursor = connection.cursor()
    for value in VALUES:
        await see.does(cursor.execute, "SELECT %s", (value,))
        if cursor.description:
            await see.does(cursor.fetchone)
        await connection.rollback()
    await see.does(cursor.execute, "SELECT %s; SELECT %s", (1, 2))
    await see.does(cursor.nextset)
    await see.does(cursor.fetchone)
    await see.does(cursor.executemany, "SELECT %s", [(1,), (2,)], returning=True)
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT 1", binary=True)
    await see.does(connection.execute, "SELECT %s", ("by the connection",))
    see.cursor(cursor)
    await connection.close()


async def raw(see: Any) -> None:
    connection = await see.connect(see.url, cursor_factory=psycopg.AsyncRawCursor)
    cursor = connection.cursor()
    for value in VALUES:
        await see.does(cursor.execute, "SELECT $1", (value,))
        if cursor.description:
            await see.does(cursor.fetchone)
        await connection.rollback()
    await see.does(cursor.execute, "SELECT '%s', $2::int, $1", ("x", 2))
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT $1", {"a": 1})
    await see.does(cursor.execute, "SELECT $1", ())
    await connection.rollback()
    await see.does(cursor.executemany, "SELECT $1", [(1,), (2,)], returning=True)
    await see.does(cursor.fetchone)
    see.cursor(cursor)
    await connection.close()


async def raw_on_the_server(see: Any) -> None:
    connection = await see.connect()
    cursor = psycopg.AsyncRawServerCursor(connection, "mine")
    await see.does(
        cursor.execute, "SELECT n FROM generate_series($1::int, $2::int) AS n", (1, 3)
    )
    await see.does(cursor.fetchall)
    await cursor.close()
    await connection.close()


async def subclasses(see: Any) -> None:
    class Cursor(psycopg.AsyncCursor[Any]):
        async def scalar(self, query: str, *params: Any) -> Any:
            await self.execute(query, params or None)
            row = await self.fetchone()
            return row and row[0]

    connection = await see.connect(see.url, cursor_factory=Cursor)
    cursor = connection.cursor()
    see("class", isinstance(cursor, Cursor))
    see("scalar", await cursor.scalar("SELECT %s", 5), await cursor.scalar("SELECT 6"))
    see("by the connection", await (await connection.execute("SELECT 7")).fetchone())
    await connection.close()
