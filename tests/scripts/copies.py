"""COPY, both ways and in all forms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from psycopg import sql

CREATE = "CREATE TEMP TABLE copied (n integer, word text, price numeric)"
FROM = "COPY copied FROM STDIN"
TO = "COPY (SELECT id, name, born FROM authors ORDER BY id) TO STDOUT"
ROWS = ((1, "one", Decimal("1.50")), (2, None, None), (3, "tab\t\\ \n", Decimal(0)))


async def _prepared(see: Any) -> Any:
    connection = await see.connect()
    await connection.execute(CREATE)
    return connection


async def _copied(see: Any, connection: Any) -> None:
    cursor = await connection.execute("SELECT * FROM copied ORDER BY n")
    see("copied", await cursor.fetchall())


async def rows_to_the_server(see: Any) -> None:
    connection = await _prepared(see)
    cursor = connection.cursor()
    for options in ("", " (FORMAT csv)", " (FORMAT binary)"):
        await cursor.execute("TRUNCATE copied")
        async with cursor.copy(FROM + options) as copy:
            see.line(f"{copy!r}")
            see.cursor(cursor)
            for row in ROWS:
                if "csv" in options:
                    await copy.write(f"{row[0]},{row[0]},\n")
                    continue
                if "binary" in options:
                    copy.set_types(["int4", "text", "numeric"])
                await see.does(copy.write_row, row)
        see.cursor(cursor)
        await _copied(see, connection)
    await connection.close()


async def blocks_to_the_server(see: Any) -> None:
    connection = await _prepared(see)
    cursor = connection.cursor()
    async with cursor.copy(FROM) as copy:
        await see.does(copy.write, "1\tone\t1\n2\ttw")
        await see.does(copy.write, b"o\t2\n")
        await see.does(copy.write, memoryview(b"3\t\\N\t\\N\n"))
        await see.does(copy.write, 5)
    await _copied(see, connection)
    await connection.close()


async def blocks_from_the_server(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    async with cursor.copy(TO) as copy:
        async for block in copy:
            see("block", bytes(block))
    see.cursor(cursor)
    async with cursor.copy(TO) as copy:
        await see.does(copy.read)
        await see.does(copy.read)
        await see.does(copy.read)
        await see.does(copy.read)
    async with cursor.copy(TO + " (FORMAT csv, HEADER)") as copy:
        see("blocks", [bytes(block) async for block in copy])
    await connection.close()


async def rows_from_the_server(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    for options in ("", " (FORMAT binary)"):
        async with cursor.copy(TO + options) as copy:
            copy.set_types(["int4", "text", "date"])
            async for row in copy.rows():
                see("row", row)
        async with cursor.copy(TO + options) as copy:
            for _ in range(4):
                await see.does(copy.read_row)
    await cursor.execute("SELECT 'after'")
    await see.does(cursor.fetchone)
    await connection.close()


async def parameters(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    query = "COPY (SELECT name FROM authors WHERE id = %s) TO STDOUT"
    async with cursor.copy(query, (1,)) as copy:
        see("blocks", [bytes(block) async for block in copy])
    query = sql.SQL("COPY {} (name) TO STDOUT").format(sql.Identifier("authors"))
    async with cursor.copy(query) as copy:
        see("blocks", [bytes(block) async for block in copy])
    await connection.close()


async def errors(see: Any) -> None:
    connection = await _prepared(see)
    await connection.commit()
    cursor = connection.cursor()

    async def copy(statement: str, *rows: Any, error: Exception | None = None) -> None:
        async with cursor.copy(statement) as to:
            for row in rows:
                await to.write_row(row)
            if error is not None:
                raise error

    await see.does(copy, FROM, ("x", "not a number", 1))
    see.connection(connection)
    await connection.rollback()
    await see.does(copy, FROM, (1, 2))
    await connection.rollback()
    await see.does(copy, FROM, (1, "x", None), error=ValueError("on purpose"))
    see.connection(connection)
    await connection.rollback()
    await see.does(copy, "COPY no_such_table FROM STDIN")
    await connection.rollback()
    await see.does(copy, "SELECT 1")
    await connection.rollback()
    await see.does(copy, "INSERT INTO copied DEFAULT VALUES")
    await connection.rollback()
    await see.does(copy, FROM, (object(), "x", None))
    await connection.rollback()
    await _copied(see, connection)
    await connection.close()


async def left_before_the_end(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    long = "COPY (SELECT n FROM generate_series(1, 5000) AS n) TO STDOUT"
    async with cursor.copy(long) as copy:
        async for block in copy:
            see("block", bytes(block))
            break
    see.connection(connection)
    await see.does(connection.execute, "SELECT 'after'")
    await connection.close()


async def from_one_to_another(see: Any) -> None:
    source = await see.connect()
    target = await _prepared(see)
    series = "COPY (SELECT n, 'w' || n, n FROM generate_series(1, 3) AS n) TO STDOUT"
    reader, writer = source.cursor(), target.cursor()
    async with reader.copy(series) as reading, writer.copy(FROM) as writing:
        async for block in reading:
            await writing.write(block)
    await _copied(see, target)
    await source.close()
    await target.close()
