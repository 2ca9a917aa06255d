"""Blocks of `connection.transaction()`: how they nest, commit and roll back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import Rollback

CREATE = "CREATE TEMP TABLE numbers (n integer PRIMARY KEY)"
INSERT = "INSERT INTO numbers VALUES (%s)"
NUMBERS = "SELECT coalesce(array_agg(n ORDER BY n), '{}') FROM numbers"


async def _numbers(see: Any, connection: Any) -> None:
    cursor = await connection.execute(NUMBERS)
    see("numbers", await cursor.fetchone())


async def _prepared(see: Any, **options: Any) -> Any:
    connection = await see.connect(**options)
    await connection.execute(CREATE)
    await connection.commit()
    return connection


async def outermost(see: Any) -> None:
    connection = await _prepared(see)
    async with connection.transaction() as block:
        see.line(f"{block!r}")
        see.reads(block, "connection", "savepoint_name", "force_rollback", "status")
        await see.does(connection.execute, INSERT, (1,))
    see.line(f"{block!r}")
    see.connection(connection)
    await _numbers(see, connection)
    await connection.rollback()
    await _numbers(see, connection)
    await connection.close()


async def outermost_in_autocommit(see: Any) -> None:
    connection = await _prepared(see, autocommit=True)
    async with connection.transaction() as block:
        await see.does(connection.execute, INSERT, (1,))
        await see.does(connection.set_autocommit, False)
        await see.does(connection.commit)
        await see.does(connection.rollback)
    see.connection(connection)
    see.line(f"{block!r}")
    await _numbers(see, connection)
    await connection.close()


async def within_a_transaction(see: Any) -> None:
    connection = await _prepared(see)
    await connection.execute(INSERT, (1,))
    async with connection.transaction() as block:
        see.line(f"{block!r}")
        await see.does(connection.execute, INSERT, (2,))
    see.line(f"{block!r}")
    see.connection(connection)
    await connection.rollback()
    await _numbers(see, connection)
    await connection.close()


async def nested(see: Any) -> None:
    connection = await _prepared(see)
    async with connection.transaction("outer") as outer:
        await connection.execute(INSERT, (1,))
        async with connection.transaction() as inner:
            await connection.execute(INSERT, (2,))
            async with connection.transaction("deep") as deep:
                see.line(f"{outer!r} {inner!r} {deep!r}")
                await connection.execute(INSERT, (3,))
        async with connection.transaction() as second:
            see.line(f"{second!r}")
    see.line(f"{outer!r} {inner!r} {deep!r} {second!r}")
    await _numbers(see, connection)
    await connection.close()


async def nested_fails(see: Any) -> None:
    connection = await _prepared(see)
    async with connection.transaction():
        await connection.execute(INSERT, (1,))
        try:
            async with connection.transaction() as inner:
                await connection.execute(INSERT, (2,))
                await connection.execute(INSERT, (2,))
        except psycopg.errors.UniqueViolation as error:
            see.error(error)
        see.line(f"{inner!r}")
        see.connection(connection)
        await see.does(connection.execute, INSERT, (3,))
    await _numbers(see, connection)
    await connection.close()


async def fails(see: Any) -> None:
    connection = await _prepared(see)
    try:
        async with connection.transaction() as block:
            await connection.execute(INSERT, (1,))
            raise ValueError("on purpose")
    except ValueError as error:
        see.error(error)
    see.line(f"{block!r}")
    see.connection(connection)
    await _numbers(see, connection)
    await connection.close()


async def swallows_the_error_of_a_statement(see: Any) -> None:
    connection = await _prepared(see)

    async def block(*levels: Any) -> None:
        async with connection.transaction():
            await connection.execute(INSERT, (1,))
            if levels:
                await block(*levels[1:])
            await see.does(connection.execute, "SELECT 1/0")

    await see.does(block)
    see.connection(connection)
    await see.does(block, None)
    see.connection(connection)
    await _numbers(see, connection)
    await connection.close()


async def rollback_exception(see: Any) -> None:
    connection = await _prepared(see)
    async with connection.transaction() as block:
        await connection.execute(INSERT, (1,))
        raise Rollback
    see.line(f"{block!r}")
    async with connection.transaction() as block:
        await connection.execute(INSERT, (2,))
        raise Rollback(block)
    see.line(f"{block!r}")
    see.connection(connection)
    await _numbers(see, connection)
    await connection.close()


async def rollback_exception_of_the_outer_block(see: Any) -> None:
    connection = await _prepared(see)
    async with connection.transaction() as outer:
        await connection.execute(INSERT, (1,))
        async with connection.transaction() as inner:
            await connection.execute(INSERT, (2,))
            raise Rollback(outer)
        see.line("not reached")
    see.line(f"{outer!r} {inner!r}")
    async with connection.transaction() as outer:
        await connection.execute(INSERT, (3,))
        async with connection.transaction() as inner:
            await connection.execute(INSERT, (4,))
            raise Rollback(inner)
        see.line("reached")
    see.line(f"{outer!r} {inner!r}")
    await _numbers(see, connection)
    await connection.close()


async def rollback_exception_of_no_block(see: Any) -> None:
    connection = await _prepared(see)

    async def block() -> None:
        async with connection.transaction() as one:
            pass
        async with connection.transaction():
            raise Rollback(one)

    await see.does(block)

    async def bare() -> None:
        raise Rollback

    await see.does(bare)
    see("rollback", repr(Rollback()))
    await connection.close()


async def force_rollback(see: Any) -> None:
    connection = await _prepared(see)
    async with connection.transaction(force_rollback=True) as block:
        await connection.execute(INSERT, (1,))
    see.line(f"{block!r}")
    async with connection.transaction():
        await connection.execute(INSERT, (2,))
        async with connection.transaction(force_rollback=True) as block:
            await connection.execute(INSERT, (3,))
        see.line(f"{block!r}")
    async with connection.transaction() as block:
        await connection.execute(INSERT, (4,))
        block.force_rollback = True
    see.line(f"{block!r}")
    await _numbers(see, connection)
    await connection.close()


async def odd_names(see: Any) -> None:
    connection = await _prepared(see)
    for name in ("", "with space", 'quo"te', "x" * 70, "état"):
        async with connection.transaction(name) as block:
            see("outer", block.savepoint_name)
            async with connection.transaction(name) as block:
                see("inner", block.savepoint_name)
                await see.does(connection.execute, "SELECT 1")
    await connection.close()


async def by_hand_within(see: Any) -> None:
    see.leave_out("diag.source_")

    async def block(connection: Any, depth: int, statement: str, error: Any) -> None:
        async with connection.transaction(force_rollback=error == "force") as it:
            await connection.execute("SELECT 2")
            if depth > 1:
                await block(connection, depth - 1, statement, error)
            else:
                await see.does(connection.execute, statement)
                if isinstance(error, Exception):
                    raise error
        see.line(f"{it!r}")

    for depth in (1, 2, 3):
        for statement in (
            "COMMIT",
            "ROLLBACK",
            "BEGIN",
            "RELEASE _pg3_1",
            "SAVEPOINT x",
        ):
            for error in (None, "force", ValueError("on purpose"), Rollback()):
                see.line(f"{depth} {statement} {error!r}")
                connection = await psycopg.AsyncConnection.connect(see.url)
                await see.does(block, connection, depth, statement, error)
                see.connection(connection)
                await connection.close()


async def entered_in_a_failed_transaction(see: Any) -> None:
    see.leave_out("diag.source_")
    connection = await _prepared(see)
    await see.does(connection.execute, "SELECT 1/0")

    async def block() -> None:
        async with connection.transaction():
            see.line("never entered")

    await see.does(block)
    see.connection(connection)
    await connection.rollback()
    await see.does(block)
    await connection.close()


async def closed_within(see: Any) -> None:
    for outer in (False, True):
        connection = await _prepared(see)

        async def block(connection: Any, outer: bool) -> None:
            async with connection.transaction() as one:
                if outer:
                    await block(connection, False)
                else:
                    await connection.close()
            see.line(f"{one!r}")

        await see.does(block, connection, outer)
        see.connection(connection)


async def closed_within_and_left_with_an_error(see: Any) -> None:
    connection = await _prepared(see)

    async def block() -> None:
        async with connection.transaction():
            await connection.close()
            raise ValueError("on purpose")

    await see.does(block)
    see.connection(connection)


async def broken_within(see: Any) -> None:
    connection = await _prepared(see)

    async def block() -> None:
        async with connection.transaction(), connection.transaction():
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    await see.does(block)
    see.connection(connection)


async def connection_context_within(see: Any) -> None:
    connection = await _prepared(see)

    async def block() -> None:
        async with connection.transaction(), connection:
            await connection.execute(INSERT, (1,))

    await see.does(block)
    see.connection(connection)


async def deferred_constraint(see: Any) -> None:
    connection = await see.connect()
    await connection.execute(
        "CREATE TEMP TABLE late (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)"
    )
    await connection.commit()

    async def block() -> None:
        async with connection.transaction() as it:
            await connection.execute("INSERT INTO late VALUES (1), (1)")
        see.line(f"not reached {it!r}")

    await see.does(block)
    see.connection(connection)
    await see.does(connection.execute, "INSERT INTO late VALUES (2), (2)")
    await see.does(connection.commit)
    await see.does(connection.execute, "INSERT INTO late VALUES (3), (3)")
    await see.does(connection.execute, "COMMIT")
    await see.does(connection.execute, "INSERT INTO late VALUES (4), (4)")
    await see.does(connection.execute, "SET CONSTRAINTS ALL IMMEDIATE")
    await see.does(connection.rollback)

    async def nested() -> None:
        async with connection.transaction():
            async with connection.transaction():
                await connection.execute("INSERT INTO late VALUES (5), (5)")
            see.line("left the inner block")

    await see.does(nested)
    cursor = await connection.execute("SELECT count(*) FROM late")
    see("kept", await cursor.fetchone())
    await connection.close()


async def as_a_decorator_of_calls(see: Any) -> None:
    connection = await _prepared(see)

    def each(number: int) -> Callable[[], Any]:
        async def insert() -> int:
            async with connection.transaction():
                await connection.execute(INSERT, (number % 3,))
            return number

        return insert

    for number in range(5):
        await see.does(each(number))
    await _numbers(see, connection)
    await connection.close()


async def settings_within(see: Any) -> None:
    connection = await see.connect()
    await connection.set_isolation_level(psycopg.IsolationLevel.SERIALIZABLE)
    await connection.set_read_only(True)
    async with connection.transaction():
        cursor = await connection.execute("SHOW transaction_isolation")
        see("isolation", await cursor.fetchone())
        await see.does(connection.set_read_only, False)
        await see.does(connection.set_isolation_level, None)
        try:
            async with connection.transaction():
                await connection.execute("CREATE TABLE never (n integer)")
        except psycopg.Error as error:
            see.error(error)
    await connection.close()


async def class_of_blocks(see: Any) -> None:
    connection = await _prepared(see)
    block = psycopg.AsyncTransaction(connection)
    see.line(f"{block!r}")
    async with block:
        see.line(f"{block!r}")
        await connection.execute(INSERT, (1,))
    see.line(f"{block!r}")

    async def again() -> None:
        async with block:
            pass

    await see.does(again)
    await _numbers(see, connection)
    await connection.close()


async def left_out_of_order(see: Any) -> None:
    connection = await _prepared(see)
    outer = psycopg.AsyncTransaction(connection)
    inner = psycopg.AsyncTransaction(connection)
    await outer.__aenter__()
    await inner.__aenter__()
    await see.does(outer.__aexit__, None, None, None)
    see.line(f"{outer!r} {inner!r}")
    await see.does(inner.__aexit__, None, None, None)
    see.line(f"{outer!r} {inner!r}")
    see.connection(connection)
    await connection.close()
