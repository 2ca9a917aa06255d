"""Pools of the driver's own, as applications use them."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import psycopg_pool
from observe import only_async
from psycopg.rows import dict_row

TERMINATE = "SELECT pg_terminate_backend(pg_backend_pid())"


def _pool(see: Any, **options: Any) -> Any:
    see.hide(r"pool-\d+", "pool-N")
    options = {"min_size": 1, "max_size": 2, "open": False, "timeout": 5.0} | options
    return psycopg_pool.AsyncConnectionPool(see.url, **options)


async def used_as_a_context(see: Any) -> None:
    async with _pool(see, max_size=1) as pool:
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT 'in a pool'")
            see("row", await cursor.fetchone())
            see.connection(connection)
        see("closed", pool.closed, connection.closed)
        async with pool.connection() as again:
            see("same", again is connection)
    see("closed", pool.closed, connection.closed)


async def commits_and_rolls_back(see: Any) -> None:
    async with _pool(see, max_size=1) as pool:
        async with pool.connection() as connection:
            await connection.execute("CREATE TEMP TABLE pooled (n integer)")
            await connection.execute("INSERT INTO pooled VALUES (1)")
        try:
            async with pool.connection() as connection:
                await connection.execute("INSERT INTO pooled VALUES (2)")
                raise ValueError("on purpose")
        except ValueError:
            see.line("rolled back")
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT n FROM pooled")
            see("kept", await cursor.fetchall())
            await see.does(connection.execute, "SELECT 1/0")
        async with pool.connection() as connection:
            see.connection(connection)


async def taken_and_put_back(see: Any) -> None:
    async with _pool(see) as pool:
        connection = await pool.getconn()
        await connection.execute("SELECT 'left open'")
        see.connection(connection)
        await pool.putconn(connection)
        async with pool.connection() as again:
            see.connection(again)
        other = await psycopg.AsyncConnection.connect(see.url)
        await see.does(pool.putconn, other)
        await other.close()


async def exhausted(see: Any) -> None:
    async with _pool(see, max_size=1) as pool, pool.connection() as connection:
        await see.does(pool.getconn, timeout=0.05)
        cursor = await connection.execute("SELECT 'mine'")
        see("row", await cursor.fetchone())
    async with _pool(see, max_size=1, max_waiting=1) as pool:
        first = await pool.getconn()
        see("stats", pool.get_stats()["pool_max"])
        await pool.putconn(first)


async def options_of_connections(see: Any) -> None:
    async def configure(connection: Any) -> None:
        see.line("configured")
        await connection.execute("SET application_name TO 'configured'")
        await connection.commit()

    async def reset(connection: Any) -> None:
        see("reset", connection.info.transaction_status.name)

    options = {"row_factory": dict_row, "autocommit": True}
    pool = _pool(see, kwargs=options, configure=configure, reset=reset, max_size=1)
    async with pool:
        await pool.wait()
        async with pool.connection() as connection:
            cursor = await connection.execute("SHOW application_name")
            see("row", await cursor.fetchone())
        await pool.wait()


async def lost_connections_are_replaced(see: Any) -> None:
    see.leave_out("log psycopg.pool")
    async with _pool(see, max_size=1) as pool:
        try:
            async with pool.connection() as connection:
                await connection.execute(TERMINATE)
        except psycopg.OperationalError as error:
            see("lost", error.sqlstate, connection.closed)
        async with pool.connection() as other:
            cursor = await other.execute("SELECT 'on another'")
            see("row", await cursor.fetchone(), other is connection)


async def closed(see: Any) -> None:
    pool = _pool(see)
    await see.does(pool.getconn)
    await pool.open()
    await pool.wait()
    await see.does(pool.close)
    await see.does(pool.close)
    await see.does(pool.getconn)
    await see.does(pool.open)


async def null_pool(see: Any) -> None:
    see.hide(r"pool-\d+", "pool-N")
    async with psycopg_pool.AsyncNullConnectionPool(see.url, open=False) as pool:
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT 'not kept'")
            see("row", await cursor.fetchone())
        see("closed", connection.closed)


async def cannot_connect(see: Any) -> None:
    see.leave_out("log psycopg.pool")
    pool = psycopg_pool.AsyncConnectionPool(
        see.url, kwargs={"dbname": "no_such_database"}, min_size=1, open=False
    )
    see.hide(r"pool-\d+", "pool-N")
    await pool.open()
    await see.does(pool.wait, timeout=0.3)
    await pool.close()


def shared_by_threads(see: Any) -> None:
    with psycopg_pool.ConnectionPool(see.url, min_size=2, open=True) as pool:

        def square(number: int) -> Any:
            with pool.connection() as connection:
                cursor = connection.execute("SELECT %s * %s", (number, number))
                return cursor.fetchone()

        with ThreadPoolExecutor(4) as executor:
            see("squares", list(executor.map(square, range(12))))
        waiting = threading.Thread(target=square, args=(12,))
        waiting.start()
        waiting.join()
        see("size", pool.get_stats()["pool_min"])


@only_async
async def shared_by_tasks(see: Any) -> None:
    async with _pool(see, min_size=2) as pool:

        async def square(number: int) -> Any:
            async with pool.connection() as connection:
                cursor = await connection.execute("SELECT %s * %s", (number, number))
                return await cursor.fetchone()

        see("squares", await asyncio.gather(*map(square, range(12))))


def beneath_sqlalchemy(see: Any) -> None:
    import sqlalchemy as sa
    from sqlalchemy.pool import NullPool

    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    with psycopg_pool.ConnectionPool(
        see.url, min_size=1, open=True, close_returns=True
    ) as pool:
        engine = sa.create_engine(
            "postgresql+psycopg://", creator=pool.getconn, poolclass=NullPool
        )
        for number in range(2):
            with engine.connect() as connection:
                see("scalar", connection.scalar(sa.text("SELECT :n"), {"n": number}))
        engine.dispose()
