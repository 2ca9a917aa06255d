"""A warehouse on psycopg itself: connections, a pool, and what only the driver has."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Body, Depends, FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse
from psycopg import AsyncConnection, errors, sql
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types import TypeInfo
from psycopg.types.hstore import register_hstore
from psycopg.types.json import Json, Jsonb
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range
from psycopg_pool import AsyncConnectionPool

URL = os.environ["DATABASE_URL"]
Row = dict[str, Any]


@dataclass
class Item:
    id: int
    sku: str
    price: Decimal
    stock: int
    shelf: str
    tags: list[str]
    sold: Range[date] | None

    def as_dict(self) -> Row:
        return vars(self) | {"sold": self.sold and str(self.sold)}


async def configure(connection: AsyncConnection) -> None:
    register_hstore(await TypeInfo.fetch(connection, "hstore"), connection)
    await connection.commit()


pool = AsyncConnectionPool(URL, min_size=2, open=False, configure=configure)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with pool:
        yield


async def connected() -> AsyncIterator[AsyncConnection]:
    async with pool.connection() as connection:
        yield connection


app = FastAPI(lifespan=lifespan)
Connection = Annotated[AsyncConnection, Depends(connected)]


@app.post("/items", status_code=201)
async def add(db: Connection, new: list[Row]) -> list[Row]:
    query = "INSERT INTO items (sku, price, stock, tags) VALUES"
    query += " (%(sku)s, %(price)s, %(stock)s, %(tags)s) RETURNING *"
    added = []
    async with db.cursor(row_factory=class_row(Item)) as cursor:
        try:
            await cursor.executemany(query, new, returning=True)
        except errors.IntegrityError as error:
            raise HTTPException(409, error.diag.constraint_name) from error
        async for results in cursor.results():
            added += [item.as_dict() async for item in results]
    return added


@app.get("/items")
async def find(db: Connection, shelf: str, below: Decimal) -> list[Row]:
    cursor = db.cursor(row_factory=class_row(Item))
    query = "SELECT * FROM items WHERE shelf = %s::shelf AND price < %s ORDER BY sku"
    return [i.as_dict() async for i in await cursor.execute(query, (shelf, below))]


@app.put("/items.csv")
async def load(db: Connection, request: Request) -> Row:
    """Copy a CSV file as it arrives, and what it lacks row by row."""
    cursor = db.cursor()
    columns = sql.SQL(", ").join(map(sql.Identifier, ("sku", "price", "stock")))
    copy_in = sql.SQL("COPY items ({}) FROM STDIN {}")
    try:
        csv = copy_in.format(columns, sql.SQL("(FORMAT csv, HEADER)"))
        async with cursor.copy(csv) as copy:
            async for chunk in request.stream():
                await copy.write(chunk)
        loaded, status = cursor.rowcount, cursor.statusmessage
        binary = copy_in.format(columns, sql.SQL("(FORMAT binary)"))
        async with cursor.copy(binary) as copy:
            copy.set_types(["text", "numeric", "int4"])
            await copy.write_row(("pallet", Decimal("9.90"), loaded))
    except (errors.DataError, errors.IntegrityError) as error:
        raise HTTPException(400, [error.sqlstate, error.diag.context]) from error
    return {"loaded": loaded, "status": status, "then": cursor.statusmessage}


@app.get("/items.csv")
async def dump(db: Connection) -> StreamingResponse:
    async def lines() -> AsyncIterator[bytes]:
        query = "COPY (SELECT sku, price, sold FROM items ORDER BY sku) TO STDOUT CSV"
        async with db.cursor().copy(query) as copy:
            async for block in copy:
                yield bytes(block)

    return StreamingResponse(lines(), media_type="text/csv")


@app.get("/stock")
async def stock(db: Connection) -> list[list[Any]]:
    async with db.cursor().copy(
        "COPY items (sku, stock) TO STDOUT (FORMAT binary)"
    ) as c:
        c.set_types(["text", "int4"])
        return sorted([list(row) async for row in c.rows()])


@app.post("/orders", status_code=201)
async def order(db: Connection, customer: str, counts: dict[str, int]) -> Row:
    """Take what is in stock; each line that is not rolls back to its savepoint."""
    taken, left = {}, {}
    async with db.transaction():
        order_id, details = uuid4(), Jsonb({"asked": counts})
        values = (order_id, customer, datetime.now(UTC), details)
        await db.execute("INSERT INTO orders VALUES (%s, %s, %s, %s)", values)
        for sku, count in counts.items():
            try:
                async with db.transaction():
                    line = (
                        "INSERT INTO lines SELECT %s, id, %s FROM items WHERE sku = %s"
                    )
                    await db.execute(line, (order_id, count, sku))
                    take = "UPDATE items SET stock = stock - %s WHERE sku = %s RETURNING stock"
                    row = await (await db.execute(take, (count, sku))).fetchone()
                    taken[sku] = row and row[0]
            except errors.CheckViolation as error:
                left[sku] = [error.sqlstate, db.info.transaction_status.name]
    return {"id": order_id, "placed_at": values[2], "taken": taken, "left": left}


@app.get("/orders/{order_id}")
async def look_up(db: Connection, order_id: str) -> Row:
    cursor = db.cursor(row_factory=dict_row)
    await cursor.execute("SELECT * FROM orders WHERE id::text = %s", (order_id,))
    if (found := await cursor.fetchone()) is None:
        raise HTTPException(404, "no such order")
    return found


@app.get("/summary")
async def summary(db: Connection) -> list[Any]:
    """Three questions in one round trip, and one that fails in the next."""
    async with db.pipeline() as pipeline:
        dear = await db.execute("SELECT max(price) FROM items", prepare=True)
        tags = await db.execute("SELECT DISTINCT unnest(tags) FROM items ORDER BY 1")
        orders = await db.execute("SELECT count(*), sum(count) FROM lines")
        await pipeline.sync()
        answers = [
            await dear.fetchone(),
            await tags.fetchall(),
            await orders.fetchone(),
        ]
    try:
        async with db.pipeline():
            await db.execute("SELECT 1 / (stock - stock) FROM items")
            await db.execute("SELECT 1")
    except errors.DivisionByZero as error:
        answers.append([error.sqlstate, error.diag.message_primary])
    await db.rollback()
    return answers


@app.get("/plan")
async def plan(db: Connection, budget: Decimal) -> list[str]:
    """Pick the dearest items from a server-side cursor for as long as the money lasts."""
    picked = []
    async with db.cursor("plan", row_factory=scalar_row, scrollable=True) as cursor:
        await cursor.execute("SELECT (sku, price) FROM items ORDER BY price DESC, sku")
        cursor.itersize = 2
        async for sku, price in cursor:
            if Decimal(price) <= budget:
                picked.append(sku)
                budget -= Decimal(price)
        await cursor.scroll(0, mode="absolute")
        return [*picked, "of", *[sku for sku, _ in await cursor.fetchmany(3)]]


@app.post("/restock")
async def restock(skus: Annotated[list[str], Body()]) -> list[Row]:
    """Hear of each change on a connection of its own."""
    listener = await AsyncConnection.connect(URL, autocommit=True)
    async with listener:
        await listener.execute("LISTEN stock")
        async with pool.connection() as db, db.cursor() as cursor:
            more = "UPDATE items SET stock = stock + 10 WHERE sku = %s"
            await cursor.executemany(more, [(sku,) for sku in skus])
        heard = listener.notifies(timeout=5, stop_after=len(skus))
        return [{"channel": n.channel, "payload": n.payload} async for n in heard]


@app.get("/specimens")
async def specimens(db: Connection, zone: str, binary: bool = False) -> Row:
    """One value of every type, and what the server makes of ours."""
    await db.execute("SELECT set_config('TimeZone', %s, true)", (zone,))
    cursor = db.cursor(row_factory=dict_row, binary=binary)
    await cursor.execute("SELECT *, ROW(1, 'a', NULL) AS record FROM specimens")
    values = await cursor.fetchone() or {}
    ours = (
        [None, True, -5, 2**40, 2**70, 0.1, float("inf"), Decimal("1.10"), b"\0\xff"],
        [
            date.max,
            timedelta(days=-1, microseconds=1),
            Range(1, 5, "[]"),
            Json({"a": 1}),
        ],
        [["a", None], [[1], [2]], Multirange([Range(date.min, None)]), Jsonb(None)],
    )
    for one in (each for group in ours for each in group):
        query = sql.SQL("SELECT {}").format(sql.Placeholder())
        answer = await (await db.execute(query, (one,), binary=binary)).fetchone()
        values[f"ours: {one!r}"] = answer and answer[0]
    return {name: [type(v).__name__, repr(v)] for name, v in values.items()}
