"""COPY on asynchronous connections live, recorded and replayed; tasks, cancellations."""

from __future__ import annotations

from pathlib import Path

from copy_scripts import PRELUDE
from recorded_scripts import require_server
from replayed_scripts import Replayed

require_server()

SCRIPT = r"""
import array
SLOW = "COPY (SELECT i, repeat('x', 9000), CASE WHEN i > 3 THEN pg_sleep(3) END FROM generate_series(1, 5) i) TO STDOUT"
async def attempt(label, call):
    try:
        got = await call
    except Exception as error:
        failed(label, error)
    else:
        show("  ", label, "->", bytes(got) if isinstance(got, memoryview) else got)
async def connect(**options):
    c = await psycopg.AsyncConnection.connect(url, **options)
    await c.execute("create temp table t (id int, name text)")
    await c.commit()
    return c
class Tee(pc.AsyncWriter):
    def __init__(self, cursor): self.inner, self.calls = pc.AsyncLibpqWriter(cursor), []
    async def write(self, data):
        self.calls.append((type(data).__name__, bytes(data))); await self.inner.write(data)
    async def finish(self, exc=None):
        self.calls.append(repr(exc)); await self.inner.finish(exc)
class Mine(psycopg.AsyncCursor):
    def copy(self, statement, params=None, **options):
        show("mine", statement)
        return super().copy(statement, params, **options)
    async def load(self, rows):
        async with self.copy(IN) as copy:
            for row in rows: await copy.write_row(row)
async def reading(c, cur):
    async with cur.copy(MANY) as copy:
        show([bytes(block) async for block in copy]); state(c, cur)
    async with cur.copy(MANY) as copy:
        copy.set_types(["int4"]); show([row async for row in copy.rows()], await copy.read_row(), bytes(await copy.read()))
    state(c, cur)
    async with cur.copy(MANY + " (FORMAT BINARY)") as copy:
        copy.set_types(["int4"]); show(await copy.read_row(), [row async for row in copy.rows()])
    async def fail():
        async with cur.copy(MANY) as copy: await copy.read(); raise ValueError("of the application")
    await attempt("fail", fail()); state(c, cur)
    async def divide():
        async with cur.copy("COPY (SELECT 1/(3-i) FROM generate_series(1, 10) i) TO STDOUT") as copy:
            async for row in copy.rows(): show(row)
    await attempt("divide", divide()); state(c, cur)
    await c.rollback()
async def writing(c, cur):
    async with cur.copy(IN) as copy:
        show(copy, copy.cursor is cur, copy.connection is c, type(copy.writer).__name__); state(c, cur)
        await copy.write("1\ta\n"); await copy.write_row((2, None)); await copy.write(array.array("b", b"3\tc\n"))
        await attempt("read", copy.read())
        await attempt("bad", copy.write_row((object(),)))
        state(c, cur)
    state(c, cur)
    for writer in (pc.AsyncLibpqWriter, pc.AsyncQueuedLibpqWriter, Tee):
        for error in (None, ValueError("of the application")):
            made = writer(cur)
            async def load():
                async with cur.copy(IN, writer=made) as copy:
                    await copy.write("1\ta\n"); await copy.write_row((2, "b")); await copy.write_row((3, "c"))
                    if error: raise error
            await attempt("load", load())
            state(c, cur); show(getattr(made, "calls", None))
            await c.rollback()
    async def bad():
        async with cur.copy(IN) as copy: await copy.write("x\ty\n")
    await attempt("bad", bad()); state(c, cur)
    await c.rollback()
    mine = Mine(c)
    await mine.load([(7, "x"), (8, "y")]); state(c, mine)
    show(await (await c.execute("select * from t order by 1")).fetchall())
async def transactions(c, cur):
    async with c.transaction():
        async with cur.copy(IN) as copy: await copy.write_row((9, "z"))
        state(c, cur)
        try:
            async with c.transaction():
                async with cur.copy(IN) as copy: await copy.write_row((9, "z")); raise KeyError("k")
        except KeyError: state(c, cur)
        async with cur.copy(MANY) as copy: show(len([block async for block in copy]))
    state(c, cur)
    await c.commit()
async def tasks(c, cur):
    async def load(number):
        async with await connect() as own:
            async with own.cursor().copy(IN) as copy:
                for i in range(3): await copy.write_row((number, str(i))); await asyncio.sleep(0)
            return await (await own.execute("select count(*), min(id), %s::int from t", (number,))).fetchone()
    show(await asyncio.gather(*map(load, range(5))))
async def cancellations(c, cur):
    count = 0
    try:
        async with asyncio.timeout(0.4), cur.copy(SLOW) as copy:
            async for _ in copy: count += 1
    except TimeoutError: show("timed out", count)
    state(c, cur); await c.rollback()
    try:
        async with asyncio.timeout(0.4), cur.copy(MANY) as copy:
            await copy.read(); await asyncio.sleep(5)
    except TimeoutError: show("timed out")
    state(c, cur); await c.rollback()
    await c.execute("create temp table slow (i int check (pg_sleep(2)::text = ''))"); await c.commit()
    try:
        async with asyncio.timeout(0.4), cur.copy("COPY slow FROM STDIN") as copy: await copy.write("1\n")
    except TimeoutError: show("timed out")
    state(c, cur); await c.close()
    c = await connect()
    try:
        async with asyncio.timeout(0.4), c.cursor().copy("COPY (SELECT pg_sleep(2)) TO STDOUT") as copy: show("never")
    except TimeoutError: show("timed out")
    show(c.info.transaction_status.name); await c.close()
async def main():
    c = await connect()
    for part in (reading, writing, transactions, tasks, cancellations): await part(c, c.cursor())
    c = await connect(autocommit=True)
    async with c.cursor().copy(MANY) as copy: await copy.read()
    await attempt("execute", c.execute("select 1")); await attempt("commit", c.commit())
    await c.close()
asyncio.run(main())
"""


def test_what_tasks_do(tmp_path: Path) -> None:
    replayed = Replayed(tmp_path, PRELUDE + SCRIPT)
    assert replayed.output.count("timed out") == 4
    assert replayed.entered("miss") == replayed.entered("unsupported") == []
    assert replayed.left() == []


def test_a_cancelled_copy_waits_once(tmp_path: Path) -> None:
    # What the server would send behind it is not known.
    script = (
        PRELUDE
        + SCRIPT.split("async def attempt")[0]
        + (
            "async def main():\n"
            "    async with await psycopg.AsyncConnection.connect(url) as c:\n"
            "        async with c.cursor().copy(SLOW) as copy:\n"
            "            try:\n"
            "                async with asyncio.timeout(0.4):\n"
            "                    async for _ in copy: pass\n"
            "            except TimeoutError:\n"
            "                show('timed out')\n"
            "                {}\n"
            "try: asyncio.run(main())\n"
            "except KeyError: show('key error')\n"
        )
    )
    replayed = Replayed(tmp_path, script.format("raise KeyError"))
    assert replayed.output == "timed out\nkey error\n"
    done = replayed.again(script.format("await copy.read()"))
    assert done.stdout == "timed out\n"
    assert "answers this read" in done.stderr
