"""Pipeline mode live, recorded and replayed: the same calls see the same."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from both_kinds import BOTH_KINDS
from recorded_scripts import require_server
from replayed_scripts import Replayed

require_server()

Replays: TypeAlias = Callable[[str], Replayed]


@pytest.fixture
def replayed(tmp_path: Path) -> Replays:
    return functools.partial(Replayed, tmp_path)


def check(done: Replayed) -> None:
    assert done.entered("miss") == done.entered("unsupported") == done.left() == []


RESULTS = """
async def results(c):
    async with within(c.pipeline()) as p:
        show(p, p.status, p.is_supported())
        one, two = c.cursor(), c.cursor()
        show(await awaited(one.execute("select 'a' as a")) is one)
        state(c, one)
        await awaited(two.execute("select 'b' as b"))
        state(c, one, two)
        show(one, c)
        await attempt(two.fetchone)
        state(c, one, two)
        await attempt(one.fetchall)
        await awaited(one.execute("select 'c' as c"))
        state(c, one, two)
        await attempt(p.sync)
        state(c, one)
        await awaited(one.execute("select 'd' as d"))
        await awaited(one.execute("select 'e' as e"))
        await attempt(one.fetchall)
        await attempt(one.nextset)
        state(c, one)
    state(c, one)
    show(p, p.status)
    await attempt(p.sync)

async def every_fetch(c):
    calls = {
        "fetchone": (), "fetchmany": (), "fetchall": (), "scroll": (1,), "nextset": (),
        "close": (), "set_result": (0,),
    }
    for name, args in calls.items():
        async with within(c.pipeline()):
            cursor = await awaited(c.execute("select generate_series(1, 3)"))
            await attempt(getattr(cursor, name), *args)
            state(c, cursor)
            await attempt(cursor.fetchall)
            state(c, cursor)
    async with within(c.pipeline()):
        cursor = await awaited(c.execute("select generate_series(1, 3)"))
        show(await everything(cursor))
        cursor = await awaited(c.execute("select generate_series(1, 3) as n"))
        cursor.row_factory = psycopg.rows.dict_row
        await attempt(cursor.fetchone)
        await attempt(c.cursor().fetchone)
        show(await everything(cursor.results()))
        cursor = await awaited(c.execute("do 'begin end'"))
        await attempt(cursor.fetchall)
        async with within(c.cursor()) as closed:
            await awaited(closed.execute("select 'f'"))
        await attempt(closed.fetchone)
        state(c, closed)

async def many(c):
    await awaited(c.execute("create temp table t (n int primary key)"))
    insert = "insert into t values (%s)"
    async with within(c.pipeline()) as p:
        cursor = c.cursor()
        await attempt(cursor.executemany, insert, [(1,), (2,)])
        state(c, cursor)
        await attempt(cursor.fetchall)
        await attempt(p.sync)
        state(c, cursor)
        await attempt(cursor.executemany, f"{insert} returning n", [(3,), (4,)], returning=True)
        state(c, cursor)
        for _ in range(2):
            await attempt(cursor.fetchall)
            await attempt(cursor.nextset)
        await attempt(cursor.executemany, insert, [])
        await attempt(cursor.executemany, insert, [(5,), (object(),), (6,)])
        await attempt(p.sync)
        state(c, cursor)
    await attempt(cursor.executemany, insert, [(7,), (8,)])
    state(c, cursor)

async def nested(c):
    async with within(c.pipeline()) as outer:
        cursor = await awaited(c.execute("select 'outer'"))
        async with within(c.pipeline()) as inner:
            show(inner is outer)
            state(c, cursor)
            other = await awaited(c.execute("select 'inner'"))
        state(c, cursor, other)
        show(outer.status)
        async with within(outer):
            state(c)
        other = await awaited(c.execute("select 'again'"))
        state(c, other)
    state(c, other)

async def settings(c):
    zone = await awaited(c.execute("show timezone"))
    async with within(c.pipeline()) as p:
        await awaited(c.execute("set timezone to 'Asia/Seoul'"))
        other = await awaited(c.execute("select 'x'"))
        await attempt(other.fetchone)
        show(c.info.timezone)
        await attempt(p.sync)
        show(c.info.timezone)
        await attempt(c.rollback)
        show(c.info.timezone)
        c.add_notice_handler(lambda notice: show("notice", notice.message_primary))
        await awaited(c.execute("do $$ begin perform pg_sleep(.05); raise notice 'heard'; end $$"))
        show("sent")
    show(c.info.timezone)
    for name in ("autocommit", "isolation_level"):
        async with within(c.pipeline()):
            await awaited(c.execute("select 'x'"))
            await attempt(getattr(c, f"set_{name}"), 1)

asyncio.run(run(results, every_fetch, many, nested, settings))
"""


def test_results_arrive_where_they_are_asked_for(replayed: Replays) -> None:
    done = replayed(BOTH_KINDS + RESULTS)
    check(done)
    assert done.output.count("ACTIVE ON") > 20


BLOCKS = """
async def block(c, *statements, error=None, **options):
    async with within(c.transaction(**options)) as transaction:
        state(c)
        for each in statements:
            await awaited(c.execute(each))
        state(c)
        if error is not None:
            raise error
    show(transaction)

async def blocks(c):
    async with within(c.pipeline()) as p:
        await attempt(block, c, "select 'fine'")
        state(c)
        for options in ({}, {"force_rollback": True}, {"error": ValueError("mine")},
                        {"error": psycopg.Rollback()}):
            await attempt(block, c, "select 'fine'", **options)
            state(c)
            await attempt(block, c, "select pg_sleep(.1)", "select 1/0", "select 'after'", **options)
            state(c)

async def nested(c):
    async with within(c.pipeline()), within(c.transaction()):
        for options in ({}, {"force_rollback": True}, {"error": ValueError("mine")}):
            await attempt(block, c, "select 'fine'", **options)
            await attempt(block, c, "select 1/0", **options)
            cursor = await awaited(c.execute("select 'next'"))
            await attempt(cursor.fetchall)
            state(c)

async def around(c):
    async def both(*statements):
        async with within(c.transaction()), within(c.pipeline()):
            for each in statements:
                await awaited(c.execute(each))
    await attempt(both, "select 'fine'")
    state(c)
    await attempt(both, "select 1/0")
    state(c)

async def in_failed_ones(c):
    if c.autocommit:
        await awaited(c.execute("begin"))
    await attempt(c.execute, "select 1/0")
    await attempt(block, c)
    state(c)
    async with within(c.pipeline()):
        await attempt(block, c)
        state(c)
        await attempt(psycopg.types.TypeInfo.fetch, c, "int4")
        await attempt(c.rollback)
        cursor = await awaited(c.execute("select 1/0"))
        await attempt(cursor.fetchall)
        await attempt(block, c)
        state(c)

async def by_hand(c):
    async with within(c.pipeline()) as p:
        for text in ("begin", "select 'x'", "savepoint s", "select 1/0"):
            await awaited(c.execute(text))
        await attempt(p.sync)
        await attempt(p.sync)
        state(c)
        for text in ("rollback to s", "select 'y'", "commit and chain", "rollback", "select 'z'"):
            await awaited(c.execute(text))
            await attempt(p.sync)
            state(c)

async def ended_by_hand(c):
    # The server would warn of the end of the outer one, which nothing else tells.
    await awaited(c.execute("set client_min_messages to error"))
    await awaited(c.commit())
    for error in (None, ValueError("mine"), psycopg.Rollback()):
        async with within(c.transaction()):
            await attempt(block, c, "select 'x'", "rollback", error=error)

asyncio.run(run(blocks, nested, around, in_failed_ones, by_hand, ended_by_hand))
"""


def test_blocks_synchronise(replayed: Replays) -> None:
    done = replayed(BOTH_KINDS + BLOCKS)
    check(done)
    ignored = "psycopg.transaction WARNING error ignored in rollback of <Transaction"
    assert done.output.count(ignored) > 4


REFUSED = """
async def refused(c):
    named = c.cursor("named")
    async with within(c.pipeline()) as p:
        await attempt(named.execute, "select 1")
        await attempt(everything, c.cursor().stream("select 1"))
        state(c)
        await attempt(psycopg.types.TypeInfo.fetch, c, "int4")
        await awaited(c.execute("select 'x'"))
        await attempt(psycopg.types.TypeInfo.fetch, c, "no such type")
        state(c)
    await awaited(named.close())
    async with within(c.pipeline()):
        await attempt(within(c.cursor().copy("copy (select 1) to stdout")).__aenter__)
        state(c)

async def left_in_a_copy(c):
    async with within(c.cursor().copy("copy (select 1) to stdout")) as copy:
        await awaited(copy.read())
    await attempt(within(c.pipeline()).__aenter__)
    await attempt(c.execute, "select 1")
    await attempt(c.cursor().executemany, "select %s", [(1,)])
    await attempt(c.execute, "select 1")

async def two_phase(c):
    async with within(c.pipeline()):
        await attempt(c.tpc_begin, "pipelined")
        cursor = await awaited(c.execute("select 'x'"))
        await attempt(c.tpc_prepare)
        state(c, cursor)
        await attempt(c.tpc_commit)
        await awaited(c.execute("select 'x'"))
        await attempt(c.tpc_begin, "pending")
        show(await awaited(c.tpc_recover()) if not c.autocommit else None)

show(psycopg.capabilities.has_pipeline(), psycopg.AsyncPipeline.is_supported())
asyncio.run(run(refused, left_in_a_copy, two_phase))
"""


def test_what_has_no_place_in_a_pipeline(replayed: Replays) -> None:
    done = replayed(BOTH_KINDS + REFUSED)
    check(done)
    assert "server-side cursors not supported in pipeline mode" in done.output
    assert "stream() cannot be used in pipeline mode" in done.output
    assert "COPY cannot be used in pipeline mode" in done.output
    assert "failed to enter pipeline mode" in done.output


TASKS = """
async def main():
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as c:
        async with c.pipeline():
            async def one(number):
                cursor = await c.execute("select %s::int", [number])
                return (await cursor.fetchone())[0]
            print(await asyncio.gather(*map(one, range(20))))
asyncio.run(main())
"""


def test_tasks_share_a_pipeline(replayed: Replays) -> None:
    check(replayed(TASKS))
