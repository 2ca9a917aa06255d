"""Errors in pipeline mode live, recorded and replayed: the same calls see the same.

Errors arrive of their own accord, and so the scenarios let the server sleep where
something has to be sent behind one.
"""

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


ERRORS = """
SLEEP, FAIL = "select pg_sleep(.15)", "select 1/0"

async def sent(c, *statements):
    return [await awaited(c.execute(each)) for each in statements]

async def at_fetch(c):
    async with within(c.pipeline()) as p:
        cursors = await sent(c, SLEEP, FAIL, "select 'after'")
        await attempt(cursors[0].fetchall)
        show(c.info.pipeline_status.name)
        for each in cursors:
            await attempt(each.fetchall)
        (again,) = await sent(c, "select 'aborted'")
        await attempt(again.fetchall)
        await attempt(p.sync)
        state(c)
        (again,) = await sent(c, "select 'next'")
        await attempt(again.fetchall)
        await attempt(c.rollback)
        (again,) = await sent(c, "select 'new'")
        await attempt(again.fetchall)
        state(c, *cursors)

async def at_sync(c):
    async with within(c.pipeline()) as p:
        cursors = await sent(c, SLEEP, FAIL, "select 'after'")
        await attempt(p.sync)
        await attempt(p.sync)
        state(c, *cursors)
        for each in cursors:
            await attempt(each.fetchall)

async def at_exit(c):
    async def block():
        async with within(c.pipeline()):
            cursors.extend(await sent(c, SLEEP, FAIL, "select 'after'"))
    cursors = []
    await attempt(block)
    state(c, *cursors)
    for each in cursors:
        await attempt(each.fetchall)
    await attempt(c.execute, "select 'later'")

async def beside_another(c):
    async def block():
        async with within(c.pipeline()):
            await sent(c, SLEEP, FAIL)
            raise ValueError("mine")
    await attempt(block)

async def at_ends(c):
    for end in (c.commit, c.rollback):
        async with within(c.pipeline()) as p:
            await sent(c, SLEEP, FAIL, "select 'after'")
            await attempt(end)
            await attempt(p.sync)
            state(c)
            (cursor,) = await sent(c, "select 'next'")
            await attempt(cursor.fetchall)
            await attempt(end)
            await attempt(p.sync)
            await attempt(end)
            state(c)
        await attempt(c.rollback)

async def of_many(c):
    await awaited(c.execute("create temp table t (n int primary key)"))
    await awaited(c.commit())
    insert = "insert into t values (%s)"
    async with within(c.pipeline()) as p:
        cursor = c.cursor()
        await sent(c, SLEEP)
        await attempt(cursor.executemany, insert, [(1,), (2,), (1,), (3,)])
        await attempt(p.sync)
        state(c, cursor)
        await attempt(c.rollback)
        await attempt(cursor.executemany, f"{insert} returning n", [(4,), (4,)], returning=True)
        await attempt(p.sync)
        await attempt(cursor.fetchall)
        await attempt(cursor.nextset)
        await attempt(c.rollback)

async def in_the_client(c):
    async with within(c.pipeline()) as p:
        for each in ((object(),), (), ("too", "many")):
            await attempt(c.execute, "select %s", each)
            state(c)
        (cursor,) = await sent(c, "select 'fine'")
        await attempt(c.execute, "select %s", (object(),))
        await attempt(cursor.fetchall)
        await attempt(c.execute, "select 'two'; select 'statements'")
        await attempt(p.sync)

async def of_a_commit(c):
    await awaited(c.execute("create temp table t (n int unique deferrable initially deferred)"))
    await awaited(c.commit())
    async with within(c.pipeline()):
        async def block():
            async with within(c.transaction()):
                await sent(c, "insert into t values (1), (1)")
        await attempt(block)
        state(c)
        if not c.autocommit:
            await sent(c, "insert into t values (2), (2)")
            await attempt(c.commit)
    state(c)

async def closed(c):
    async def block():
        async with within(c.pipeline()) as p:
            (cursor,) = await sent(c, "select 'x'")
            await awaited(c.close())
            for call in (cursor.fetchall, p.sync, c.commit, c.cursor):
                await attempt(call)
            show(p, p.status)
    await attempt(block)

async def lost(c):
    async def block():
        async with within(c.pipeline()) as p:
            await sent(c, SLEEP, "select pg_terminate_backend(pg_backend_pid())", "select 'x'")
            while not c.closed:
                # It is seen in one go or in two.
                try:
                    await awaited(p.sync())
                except psycopg.OperationalError:
                    pass
            show(c, c.closed, c.broken)
            await attempt(p.sync)
    await attempt(block)

asyncio.run(run(at_fetch, at_sync, at_exit, beside_another, at_ends, of_many, in_the_client,
                of_a_commit, closed, lost))
"""


def test_errors_are_raised_where_they_arrive(replayed: Replays) -> None:
    done = replayed(BOTH_KINDS + ERRORS)
    check(done)
    assert done.output.count("PipelineAborted") > 5
    assert "error ignored terminating <" in done.output


INTERRUPTED = """
import time
def insert(c, cursor):
    for number in range(100):
        cursor.execute("insert into t values (%s)", [number % 3])
        if number == 3:
            time.sleep(.2)  # by now the server has refused it, and said so
for autocommit in (False, True):
    with psycopg.connect(url, autocommit=autocommit) as c:
        c.execute("create temp table t (n int primary key)")
        c.commit()
        with c.pipeline() as p:
            cursor = c.cursor()
            try:
                insert(c, cursor)
            except psycopg.Error as error:
                print(type(error), error.diag.constraint_name, c.info.pipeline_status.name)
            try:
                p.sync()
            except psycopg.Error as error:
                print(type(error), error)
            p.sync()
            print(c.info.transaction_status.name)
        c.rollback()
"""


def test_an_error_that_arrived_by_itself_does_so_again(replayed: Replays) -> None:
    done = replayed(INTERRUPTED)
    check(done)
    interrupted = [one for one in done.trace.exchanges if one.get("interrupted")]
    assert [one["parameters"] for one in interrupted] == [[1]] * 2
    assert {one["error"]["class"] for one in interrupted} == {
        "psycopg.errors.PipelineAborted"
    }


def test_more_is_sent_than_when_recorded(tmp_path: Path) -> None:
    done = Replayed(tmp_path, INTERRUPTED)
    # Nobody sleeps this time, and nothing more was recorded behind the error.
    again = done.again(INTERRUPTED.replace("time.sleep(.2)", "pass"))
    assert (again.returncode, again.stdout) == (0, done.output), again.stderr
    # Without the call that it interrupted the error comes with the sync.
    script = INTERRUPTED.replace("number == 3", "number == 2").replace(
        "time.sleep(.2)  #", "cursor.executemany('select 1', []); break  #"
    )
    assert done.again(script).returncode != 0
