"""SQLAlchemy's asyncio extension."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from alchemy_core import AUTHORS, BOOKS, NUMBERS, address
from alchemy_events import TERMINATE, _heard
from alchemy_orm import Author, Book
from observe import only_async
from sqlalchemy import orm
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import NullPool


@asynccontextmanager
async def _engine(see: Any, **options: Any) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(address(see.url), **options)
    try:
        yield engine
    finally:
        await engine.dispose()


@only_async
async def selecting(see: Any) -> None:
    async with _engine(see) as engine, engine.connect() as connection:
        joined = sa.select(AUTHORS.c.name, BOOKS.c.title).join(BOOKS)
        result = await connection.execute(joined.order_by(BOOKS.c.id))
        see("joined", [tuple(row) for row in result])
        see("scalar", await connection.scalar(sa.text("SELECT :a"), {"a": 1}))
        see("scalars", (await connection.scalars(sa.select(BOOKS.c.id))).all())
        see("driver", type(connection.sync_connection).__name__)
        raw = await connection.get_raw_connection()
        see("raw", raw.driver_connection.closed)
        cursor = await raw.driver_connection.execute("SELECT 'raw'")
        see("row", await cursor.fetchone())


@only_async
async def inserting(see: Any) -> None:
    async with _engine(see) as engine, engine.connect() as connection:
        await connection.run_sync(NUMBERS.create)
        result = await connection.execute(NUMBERS.insert().values(word="a"))
        see("key", tuple(result.inserted_primary_key))
        many = [{"n": n, "word": f"w{n}"} for n in range(10, 15)]
        result = await connection.execute(NUMBERS.insert(), many)
        see("many", result.rowcount)
        returning = NUMBERS.insert().returning(NUMBERS.c.n)
        result = await connection.execute(returning, [{"n": 21}, {"n": 20}])
        see("returning", [tuple(row) for row in result])
        await connection.rollback()


@only_async
async def streaming(see: Any) -> None:
    series = sa.text("SELECT n FROM generate_series(1, 25) AS n")
    async with _engine(see) as engine, engine.connect() as connection:
        async with connection.stream(series) as result:
            see("total", sum([row.n async for row in result]))
        result = await connection.stream(series)
        see("first", await result.fetchone(), len(await result.fetchmany(4)))
        see("rest", len(await result.all()))
        result = await connection.stream(series, execution_options={"yield_per": 10})
        see("parts", [len(part) async for part in result.partitions()])
        result = await connection.stream_scalars(series)
        async for n in result:
            if n == 7:
                await result.close()
                break
        failing = sa.text("SELECT 10 / (9 - n) FROM generate_series(1, 25) AS n")
        result = await connection.stream(failing, execution_options={"yield_per": 5})
        await see.does(result.all)
        await connection.rollback()


@only_async
async def transactions(see: Any) -> None:
    async with _engine(see) as engine:
        async with engine.begin() as connection:
            await connection.execute(sa.text("CREATE TABLE kept_too (n integer)"))
        count = sa.text("SELECT count(*) FROM kept_too")
        insert = sa.text("INSERT INTO kept_too VALUES (1)")
        async with engine.connect() as connection:
            await connection.execute(insert)
            await connection.rollback()
            async with connection.begin():
                await connection.execute(insert)
                nested = await connection.begin_nested()
                await connection.execute(insert)
                await nested.rollback()
            see("count", await connection.scalar(count))
        try:
            async with engine.begin() as connection:
                await connection.execute(insert)
                raise ValueError("on purpose")
        except ValueError:
            see.line("rolled back")
        async with engine.begin() as connection:
            see("count", await connection.scalar(count))
            await connection.execute(sa.text("DROP TABLE kept_too"))
        options = engine.execution_options(isolation_level="AUTOCOMMIT")
        async with options.connect() as connection:
            see("level", await connection.get_isolation_level())
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="SERIALIZABLE")
            level = sa.text("SELECT current_setting('transaction_isolation')")
            see("level", await connection.scalar(level))


@only_async
async def errors(see: Any) -> None:
    async with _engine(see) as engine, engine.connect() as connection:
        for statement in (
            sa.text("SELECT 1/0"),
            sa.text("SELECT * FROM no_such_table"),
            AUTHORS.insert().values(id=70, email="ada@example.org", name="x"),
            BOOKS.insert().values(id=70, author=99, title="x"),
        ):
            await see.does(connection.execute, statement)
            await connection.rollback()


@only_async
async def sessions(see: Any) -> None:
    async with _engine(see) as engine:
        maker = async_sessionmaker(engine, expire_on_commit=False)
        async with maker() as session:
            see("get", await session.get(Author, 1))
            query = sa.select(Author).options(orm.selectinload(Author.books))
            found = (await session.scalars(query.order_by(Author.id))).all()
            see("loaded", [(author, author.books) for author in found])
        async with maker.begin() as session:
            author = Author(email="async@example.org", name="async")
            author.books = [Book(title="one")]
            session.add(author)
        see("kept", author.name)
        async with maker() as session:
            author = await session.merge(author)
            await session.refresh(author, ["books"])
            see("refreshed", author.books)
            await session.delete(author)
            await session.commit()
            await see.does(session.execute, sa.text("SELECT 1/0"))
            await session.rollback()
            stream = await session.stream_scalars(sa.select(Book).order_by(Book.id))
            see("streamed", [book async for book in stream])
            session.add(Author(email="ada@example.org", name="again"))
            await see.does(session.flush)
            await session.rollback()
        scoped = async_scoped_session(maker, scopefunc=asyncio.current_task)
        see("scoped", await scoped.get(Author, 2))
        await scoped.remove()


@only_async
async def lazily_loaded_without_a_greenlet(see: Any) -> None:
    async with _engine(see) as engine, AsyncSession(engine) as session:
        book = await session.get(Book, 1)

        async def load() -> Any:
            return book.writer

        see.leave_out("cause:")
        await see.does(load)
        see("sync", await session.run_sync(lambda _: book.writer.name))


@only_async
async def gathered(see: Any) -> None:
    async with _engine(see, pool_size=3) as engine:

        async def one(number: int) -> Any:
            async with engine.connect() as connection:
                return await connection.scalar(sa.text("SELECT :n * 2"), {"n": number})

        see("doubled", await asyncio.gather(*map(one, range(8))))
        see("pool", engine.pool.checkedout())


@only_async
async def cancelled(see: Any) -> None:
    see.leave_out("log sqlalchemy")
    async with _engine(see) as engine:

        async def sleep() -> None:
            async with engine.connect() as connection:
                await connection.execute(sa.text("SELECT pg_sleep(10)"))

        task = asyncio.create_task(sleep())
        await asyncio.sleep(0.3)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            see.line("cancelled")
        async with engine.connect() as connection:
            see("after", await connection.scalar(sa.text("SELECT 'after'")))


@only_async
async def events(see: Any) -> None:
    async with _engine(see) as engine:
        _heard(see, engine.sync_engine)
        async with engine.begin() as connection:
            await connection.execute(sa.text("SELECT 'one'"))
        async with engine.connect() as connection:
            await see.does(connection.execute, TERMINATE)
            see("invalidated", connection.invalidated)
            await connection.rollback()
            see("again", await connection.scalar(sa.text("SELECT 'again'")))


@only_async
async def pools(see: Any) -> None:
    for options in ({"poolclass": NullPool}, {"pool_pre_ping": True}):
        async with _engine(see, **options) as engine:
            for _ in range(2):
                async with engine.connect() as connection:
                    see("one", await connection.scalar(sa.text("SELECT 'one'")))
    full = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.05}
    async with _engine(see, **full) as engine, engine.connect():
        await see.does(engine.connect().start)


@only_async
async def run_sync(see: Any) -> None:
    async with _engine(see) as engine, engine.connect() as connection:
        tables = await connection.run_sync(
            lambda sync: sa.inspect(sync).get_table_names()
        )
        see("authors", "authors" in tables)

        def both(sync: sa.Connection) -> Any:
            return [sync.scalar(sa.text("SELECT :n"), {"n": n}) for n in (1, 2)]

        see("both", await connection.run_sync(both))
        see("class", isinstance(connection, AsyncConnection))
