"""Statements that are stopped, transactions that collide, connections that are lost."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import psycopg
from observe import only_async

TERMINATE = "SELECT pg_terminate_backend(pg_backend_pid())"
CREATE = "CREATE TEMP TABLE numbers (n integer PRIMARY KEY)"


async def statement_timeout(see: Any) -> None:
    connection = await see.connect()
    await connection.execute("SET statement_timeout TO '20ms'")
    await connection.commit()
    await see.does(connection.execute, "SELECT pg_sleep(5)")
    see.connection(connection)
    await see.does(connection.execute, "SELECT 2")
    await see.does(connection.rollback)
    await see.does(connection.execute, "SELECT 2")
    await connection.rollback()
    async with connection.cursor("mine") as cursor:
        await cursor.execute("SELECT pg_sleep(n) FROM generate_series(0, 5) AS n")
        await see.does(cursor.fetchone)
        await see.does(cursor.fetchone)
    await connection.rollback()
    await see.does(
        connection.cursor().executemany, "SELECT pg_sleep(%s)", [(0,), (5,), (0,)]
    )
    await connection.close()


async def transaction_timeout(see: Any) -> None:
    connection = await see.connect()
    await connection.execute("SET transaction_timeout TO '50ms'")
    await connection.commit()
    await see.does(connection.execute, "SELECT pg_sleep(5)")
    see.connection(connection)
    await see.does(connection.rollback)
    await see.does(connection.execute, "SELECT 2")


async def idle_in_transaction(see: Any) -> None:
    for step in ("execute", "commit", "rollback", "transaction", "cursor", "close"):
        see.line(step)
        # Long enough for the client to get from one statement to the next.
        options = "-c idle_in_transaction_session_timeout=250ms"
        connection = await psycopg.AsyncConnection.connect(see.url, options=options)
        await connection.execute("SELECT 2")
        await _until_gone(see, connection)
        if step == "execute":
            await see.does(connection.execute, "SELECT 3")
        elif step == "transaction":

            async def block(connection: Any) -> None:
                async with connection.transaction():
                    see.line("entered")

            await see.does(block, connection)
        elif step == "cursor":
            # It ends a pipeline of its own, which complains in the log.
            see.leave_out("error ignored terminating")
            cursor = connection.cursor()
            await see.does(cursor.executemany, "SELECT %s", [(1,), (2,)])
        else:
            await see.does(getattr(connection, step))
        see.connection(connection)
        await connection.close()


async def _until_gone(see: Any, gone: Any) -> None:
    """Wait until a connection's backend has ended; nothing of it is shown."""
    async with await psycopg.AsyncConnection.connect(
        see.url, autocommit=True
    ) as observer:
        for _ in range(500):
            # Not by its pid, which no replay knows.
            cursor = await observer.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE"
                " datname = current_database() AND pid <> pg_backend_pid()"
                " AND state LIKE 'idle in%' AND backend_type = 'client backend'"
            )
            (count,) = await cursor.fetchone()
            if count == 0:
                return
            await cursor.execute("SELECT pg_sleep(0.01)")


async def terminated_by_itself(see: Any) -> None:
    connection = await see.connect()
    await connection.execute(CREATE)
    cursor = connection.cursor()
    await see.does(cursor.execute, TERMINATE)
    see.connection(connection)
    see.cursor(cursor)
    await see.does(cursor.execute, "SELECT 2")
    await see.does(cursor.fetchone)
    await see.does(connection.cursor)
    await see.does(connection.execute, "SELECT 2")
    await see.does(connection.commit)
    await see.does(connection.rollback)
    await see.does(connection.close)
    await see.does(connection.rollback)


async def terminated_in_autocommit(see: Any) -> None:
    connection = await see.connect(autocommit=True)
    await see.does(connection.execute, TERMINATE)
    see.connection(connection)
    await see.does(connection.rollback)


async def terminated_by_another(see: Any) -> None:
    for step in ("execute", "commit", "rollback", "transaction", "close", "autocommit"):
        see.line(step)
        victim = await psycopg.AsyncConnection.connect(
            see.url, application_name="the victim", autocommit=step == "autocommit"
        )
        cursor = await victim.execute("SELECT 'before' AS when_it_was")
        await _terminate(see)
        await see.does(cursor.fetchone)
        if step == "transaction":

            async def block(victim: Any) -> None:
                async with victim.transaction():
                    see.line("entered")

            await see.does(block, victim)
        elif step in ("execute", "autocommit"):
            await see.does(victim.execute, "SELECT 'after'")
        else:
            await see.does(getattr(victim, step))
        see.connection(victim)
        await see.does(victim.execute, "SELECT 'again'")
        await see.does(victim.rollback)
        await victim.close()


async def _terminate(see: Any) -> None:
    async with await psycopg.AsyncConnection.connect(see.url, autocommit=True) as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'the victim'"
        )


async def terminated_within_a_block(see: Any) -> None:
    for nested in (False, True):
        victim = await psycopg.AsyncConnection.connect(
            see.url, application_name="the victim"
        )

        async def block(victim: Any, nested: bool) -> None:
            async with victim.transaction() as it:
                if nested:
                    await block(victim, False)
                await victim.execute("SELECT 'before'")
                await _terminate(see)
            see.line(f"left {it!r}")

        await see.does(block, victim, nested)
        see.connection(victim)
        await victim.close()


async def terminated_while_fetching(see: Any) -> None:
    victim = await psycopg.AsyncConnection.connect(
        see.url, application_name="the victim"
    )
    cursor = victim.cursor("mine")
    await cursor.execute("SELECT n FROM generate_series(1, 9) AS n")
    await see.does(cursor.fetchmany, 3)
    await _terminate(see)
    await see.does(cursor.fetchmany, 3)
    see.connection(victim)
    await see.does(cursor.fetchmany, 3)
    await see.does(cursor.close)
    await victim.close()


async def terminated_in_a_context(see: Any) -> None:
    async def use() -> None:
        async with await psycopg.AsyncConnection.connect(
            see.url, application_name="the victim"
        ) as victim:
            await victim.execute("SELECT 'before'")
            await _terminate(see)

    await see.does(use)


async def reconnects(see: Any) -> None:
    """As an application does that tries once more on a new connection."""
    for attempt in range(3):
        connection = await see.connect()
        try:
            await connection.execute(CREATE)
            if attempt < 2:
                await connection.execute(TERMINATE)
            cursor = await connection.execute("SELECT count(*) FROM numbers")
            see("count", await cursor.fetchone())
        except psycopg.OperationalError as error:
            see("lost", attempt, error.sqlstate, connection.closed, connection.broken)
        else:
            await connection.commit()
        await connection.close()


async def lock_timeout(see: Any) -> None:
    holder = await see.connect()
    waiter = await see.connect()
    await holder.execute("SELECT * FROM authors WHERE id = 1 FOR UPDATE")
    await waiter.execute("SET lock_timeout TO '20ms'")
    update = "UPDATE authors SET name = 'x' WHERE id = 1"
    await see.does(waiter.execute, update)
    await see.does(waiter.rollback)
    await see.does(
        waiter.execute, "SELECT * FROM authors WHERE id = 1 FOR UPDATE NOWAIT"
    )
    await waiter.rollback()
    cursor = await waiter.execute("SELECT id FROM authors FOR UPDATE SKIP LOCKED")
    see("not locked", await cursor.fetchall())
    await holder.rollback()
    await waiter.rollback()
    await see.does(waiter.execute, update)
    await waiter.rollback()
    await holder.close()
    await waiter.close()


async def serialization_failure(see: Any) -> None:
    """Two that read what the other changes; the second tries again, and succeeds."""
    first = await see.connect()
    second = await see.connect()
    for connection in (first, second):
        await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
    rename = "UPDATE authors SET name = name || %s WHERE id = 2 RETURNING name"
    await first.execute("SELECT name FROM authors WHERE id = 2")
    await second.execute("SELECT name FROM authors WHERE id = 2")
    await see.does(first.execute, rename, ("1",))
    await see.does(first.commit)
    for _ in range(2):
        try:
            cursor = await second.execute(rename, ("2",))
            see("renamed", await cursor.fetchone())
            await second.commit()
            break
        except psycopg.errors.SerializationFailure as error:
            see.error(error)
            see.connection(second)
            await second.rollback()
    await second.execute("UPDATE authors SET name = 'Grace' WHERE id = 2")
    await second.commit()
    await first.close()
    await second.close()


async def serialization_failure_at_commit(see: Any) -> None:
    see.hide("Canceled on .*?,", "Canceled …,")
    first = await see.connect()
    second = await see.connect()
    for connection in (first, second):
        await connection.set_isolation_level(psycopg.IsolationLevel.SERIALIZABLE)
        await connection.execute("SELECT count(*) FROM bookings")
        await connection.execute("SELECT count(*) FROM authors")
    await first.execute("INSERT INTO bookings VALUES (10, '[100,101)')")
    await second.execute("INSERT INTO authors (id, email, name) VALUES (50, 'e', 'n')")
    await see.does(first.commit)
    await see.does(second.commit)
    see.connection(second)
    await first.execute("DELETE FROM bookings WHERE room = 10")
    await first.commit()
    await first.close()
    await second.close()


@only_async
async def deadlock(see: Any) -> None:
    see.hide(r"Process \d+", "Process N")
    see.hide(r"process \d+", "process N")
    see.hide(r"transaction \d+", "transaction N")
    first = await psycopg.AsyncConnection.connect(see.url)
    second = await psycopg.AsyncConnection.connect(see.url)
    lock = "SELECT id FROM authors WHERE id = %s FOR UPDATE"
    await first.execute("SET deadlock_timeout TO '1min'")
    await second.execute("SET deadlock_timeout TO '20ms'")
    await first.execute(lock, (1,))
    await second.execute(lock, (2,))
    waiting = asyncio.create_task(first.execute(lock, (2,)))
    await asyncio.sleep(0.2)
    await see.does(second.execute, lock, (1,))
    see.connection(second)
    await second.rollback()
    see("the other", await (await waiting).fetchall())
    await first.rollback()
    await first.close()
    await second.close()


def deadlock_in_threads(see: Any) -> None:
    see.hide(r"Process \d+", "Process N")
    see.hide(r"process \d+", "process N")
    see.hide(r"transaction \d+", "transaction N")
    lock = "SELECT id FROM authors WHERE id = %s FOR UPDATE"
    with psycopg.connect(see.url) as first, psycopg.connect(see.url) as second:
        first.execute("SET deadlock_timeout TO '1min'")
        second.execute("SET deadlock_timeout TO '20ms'")
        first.execute(lock, (1,))
        second.execute(lock, (2,))
        found: list[Any] = []
        waiting = threading.Thread(
            target=lambda: found.append(first.execute(lock, (2,)).fetchall())
        )
        waiting.start()
        waiting.join(0.2)
        see.does(second.execute, lock, (1,))
        second.rollback()
        waiting.join()
        see("the other", found)


async def cancelled_by_another(see: Any) -> None:
    connection = await see.connect()
    await see.does(
        connection.execute,
        "SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(1)",
    )
    see.connection(connection)
    await connection.rollback()
    await see.does(connection.execute, "SELECT 2")
    await connection.close()


def cancelled_from_a_thread(see: Any) -> None:
    connection = see.connect()
    timer = threading.Timer(0.2, connection.cancel)
    timer.start()
    see.does(connection.execute, "SELECT pg_sleep(10)")
    timer.join()
    see.does(connection.rollback)
    see.does(connection.execute, "SELECT 2")
    connection.close()


@only_async
async def cancelled_tasks(see: Any) -> None:
    connection = await see.connect()
    sleep = asyncio.create_task(connection.execute("SELECT pg_sleep(10)"))
    await asyncio.sleep(0.2)
    sleep.cancel()
    try:
        await sleep
    except asyncio.CancelledError:
        see.line("cancelled")
    see.connection(connection)
    await see.does(connection.execute, "SELECT 2")
    await connection.rollback()
    await see.does(connection.execute, "SELECT 2")
    await connection.close()


@only_async
async def timeouts_of_asyncio(see: Any) -> None:
    connection = await see.connect()
    try:
        async with asyncio.timeout(0.2):
            await connection.execute("SELECT pg_sleep(10)")
    except TimeoutError as error:
        see.error(error)
    see.connection(connection)
    await connection.rollback()
    try:
        await asyncio.wait_for(connection.execute("SELECT pg_sleep(10)"), 0.2)
    except TimeoutError as error:
        see.error(error)
    see.connection(connection)
    await connection.rollback()
    try:
        async with asyncio.timeout(0.2), connection.transaction():
            await connection.execute("SELECT pg_sleep(10)")
    except TimeoutError as error:
        see.error(error)
    see.connection(connection)
    await see.does(connection.execute, "SELECT 2")
    await connection.close()


@only_async
async def cancelled_before_it_began(see: Any) -> None:
    connection = await see.connect()
    task = asyncio.create_task(connection.execute("SELECT 'never'"))
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        see.line("cancelled")
    see.connection(connection)
    await see.does(connection.execute, "SELECT 2")
    await connection.close()


async def closed_in_the_middle(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    async for row in cursor.stream("SELECT n FROM generate_series(1, 5) AS n"):
        see("row", row)
        await see.does(connection.close)
        break
    see.connection(connection)
    connection = await see.connect()
    named = connection.cursor("mine")
    await named.execute("SELECT n FROM generate_series(1, 5) AS n")
    async for row in named:
        see("row", row)
        await connection.close()
        break
    await see.does(named.fetchone)
    await see.does(named.close)
