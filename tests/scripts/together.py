"""Threads and tasks that share connections, or have one each."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from observe import only_async

# Once the statement beside it runs for sure.
LATE = "SELECT 1 / length(pg_sleep(0.3)::text)"


def threads_share_a_connection(see: Any) -> None:
    with psycopg.connect(see.url, autocommit=True) as connection:

        def square(number: int) -> Any:
            with connection.cursor() as cursor:
                return cursor.execute("SELECT %s * %s", (number, number)).fetchone()

        with ThreadPoolExecutor(4) as pool:
            see("squares", list(pool.map(square, range(20))))


def threads_have_one_each(see: Any) -> None:
    def count(number: int) -> Any:
        with psycopg.connect(see.url) as connection:
            connection.execute("CREATE TEMP TABLE mine (n integer)")
            connection.cursor().executemany(
                "INSERT INTO mine VALUES (%s)", [(n,) for n in range(number)]
            )
            count = "SELECT %s, count(*) FROM mine"
            return connection.execute(count, (number,)).fetchone()

    with ThreadPoolExecutor(4) as pool:
        see("counts", list(pool.map(count, range(1, 9))))


def errors_in_threads(see: Any) -> None:
    caught: dict[int, str] = {}

    def divide(number: int) -> None:
        with psycopg.connect(see.url) as connection:
            try:
                connection.execute("SELECT 10 / %s", (number,))
            except psycopg.Error as error:
                caught[number] = type(error).__name__
            else:
                caught[number] = "fine"

    threads = [threading.Thread(target=divide, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    see("caught", sorted(caught.items()))


@only_async
async def gathered_on_one_connection(see: Any) -> None:
    async with await psycopg.AsyncConnection.connect(
        see.url, autocommit=True
    ) as connection:

        async def square(number: int) -> Any:
            cursor = await connection.execute("SELECT %s * %s", (number, number))
            return await cursor.fetchone()

        see("squares", await asyncio.gather(*map(square, range(20))))


@only_async
async def gathered_on_connections_of_their_own(see: Any) -> None:
    async def work(number: int) -> Any:
        connection = await psycopg.AsyncConnection.connect(see.url)
        async with connection, connection.transaction():
            cursor = await connection.execute("SELECT 10 / %s", (number,))
            return await cursor.fetchone()

    results = await asyncio.gather(*map(work, range(5)), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            see.error(result)
        else:
            see("result", result)


@only_async
async def a_group_of_tasks_fails(see: Any) -> None:
    async def work(connection: Any, statement: str) -> None:
        await connection.execute(statement)

    first = await see.connect(autocommit=True)
    second = await see.connect(autocommit=True)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work(first, "SELECT pg_sleep(10)"))
            group.create_task(work(second, LATE))
    except* psycopg.errors.DivisionByZero as group_of_errors:
        see("errors", [type(each).__name__ for each in group_of_errors.exceptions])
    see.connection(first)
    see.connection(second)
    await first.close()
    await second.close()


@only_async
async def in_a_thread_of_asyncio(see: Any) -> None:
    def work() -> Any:
        with psycopg.connect(see.url) as connection:
            return connection.execute("SELECT 'in a thread'").fetchone()

    see("found", await asyncio.to_thread(work))


@only_async
async def streams_side_by_side(see: Any) -> None:
    first = await see.connect()
    second = await see.connect()

    async def numbers(connection: Any, start: int) -> list[Any]:
        cursor = connection.cursor()
        statement = "SELECT n FROM generate_series(%s::int, %s::int) AS n"
        return [row async for row in cursor.stream(statement, (start, start + 3))]

    both = await asyncio.gather(numbers(first, 1), numbers(second, 10))
    see("both", both)
    await first.close()
    await second.close()


@only_async
async def turns_are_taken(see: Any) -> None:
    """Tasks that wait for each other by events, as producers and consumers do."""
    connection = await see.connect(autocommit=True)
    ready = asyncio.Event()

    async def consumer() -> Any:
        await ready.wait()
        cursor = await connection.execute("SELECT 'consumed'")
        return await cursor.fetchone()

    async def producer() -> None:
        await connection.execute("SELECT 'produced'")
        ready.set()

    results = await asyncio.gather(consumer(), producer())
    see("results", results)
    await connection.close()
