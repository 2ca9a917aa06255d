"""Connections: how they begin, commit, roll back, close and break."""

from __future__ import annotations

from typing import Any

import psycopg

CREATE = "CREATE TEMP TABLE numbers (n integer PRIMARY KEY)"
INSERT = "INSERT INTO numbers VALUES (%s)"
COUNT = "SELECT count(*) FROM numbers"


async def context_commits(see: Any) -> None:
    async with await see.connect() as connection:
        await see.does(connection.execute, CREATE)
        await see.does(connection.execute, INSERT, (1,))
        see.connection(connection)
    see.connection(connection)


async def context_rolls_back(see: Any) -> None:
    connection = await see.connect()
    try:
        async with connection:
            await connection.execute(CREATE)
            raise ValueError("on purpose")
    except ValueError as error:
        see.error(error)
    see.connection(connection)


async def closed(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await see.does(connection.close)
    see.connection(connection)
    await see.does(connection.close)
    await see.does(connection.cursor)
    await see.does(connection.execute, "SELECT 1")
    await see.does(cursor.execute, "SELECT 1")
    await see.does(connection.commit)
    await see.does(connection.rollback)
    see.cursor(cursor)


async def failed_transaction(see: Any) -> None:
    connection = await see.connect()
    await see.does(connection.execute, CREATE)
    await see.does(connection.execute, INSERT, (1,))
    await see.does(connection.execute, INSERT, (1,))
    await see.does(connection.execute, "SELECT 1")
    await see.does(connection.execute, COUNT)
    await see.does(connection.commit)
    await see.does(connection.execute, COUNT)
    await see.does(connection.rollback)
    await connection.close()


async def error_classes(see: Any) -> None:
    connection = await see.connect()
    for name in ("Error", "DataError", "IntegrityError", "Warning"):
        see(name, getattr(connection, name) is getattr(psycopg, name))
    await connection.close()
