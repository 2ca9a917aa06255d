"""Notifications live, recorded and replayed, and what the server says with later rows."""

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


RUNS = """
async def got(c, **options):
    show([each.payload for each in await everything(c.notifies(**options))])

async def notify(c, *payloads):
    for each in payloads:
        await awaited(c.execute("select pg_notify('a', %s)", [each]))
    await awaited(c.commit())
    time.sleep(.1)

async def other():
    return await awaited(psycopg.AsyncConnection.connect(url, autocommit=True))

async def listening(c):
    await awaited(c.execute("listen a"))
    await awaited(c.commit())

async def own(c):
    await got(c, timeout=0)
    await listening(c)
    await notify(c, "1")
    await got(c, timeout=0)
    await got(c, timeout=0)
    await notify(c, "1", "2")
    await awaited(c.execute("unlisten a"))
    await notify(c, "unheard")
    await got(c, stop_after=1)
    await got(c, timeout=0)
    for each in await everything(c.notifies(timeout=0)):
        raise AssertionError(each)

async def from_others(c):
    sender = await other()
    await listening(c)
    await got(c, timeout=0)
    await notify(sender, "1", "2")
    await got(c, timeout=.01)
    await got(c, timeout=.01)
    await notify(sender, "3", "4")
    await attempt(c.execute, "select 'polled'")
    await awaited(c.commit())
    await got(c, timeout=0)
    await notify(sender, "5", "6", "7")
    await got(c, timeout=5, stop_after=2)
    await got(c, timeout=0)
    await notify(sender, "8", "9", "10")
    run = c.notifies(timeout=5)
    first = await awaited(run.__anext__() if hasattr(run, "__anext__") else next(run))
    show(first, first.pid == sender.info.backend_pid, first.pid == c.info.backend_pid)
    await awaited(run.aclose() if hasattr(run, "aclose") else run.close())
    await got(c, timeout=0)
    await awaited(c.execute("notify a, 'mine'"))
    await awaited(c.commit())
    (mine,) = await everything(c.notifies(timeout=0))
    show(mine, mine.pid == c.info.backend_pid)
    cursor = await awaited(c.execute("select pg_backend_pid()"))
    show(await awaited(cursor.fetchone()) == (c.info.backend_pid,))
    await sender.close()

async def handlers(c):
    def heard(notify):
        show("heard", notify)
    sender = await other()
    await listening(c)
    await notify(c, "before")
    c.add_notify_handler(heard)
    await notify(c, "1")
    await got(c, timeout=0)
    await notify(sender, "2")
    await got(c, timeout=.01)
    await notify(sender, "3")
    await attempt(c.execute, "select 'polled'")
    await awaited(c.commit())
    async with within(c.transaction()):
        await awaited(c.execute("notify a, 'within'"))
        show("leaving")
    try:
        async with within(c.transaction()):
            await awaited(c.execute("notify a, 'never'"))
            raise KeyError
    except KeyError:
        show("left")
    async with within(c.pipeline()) as p:
        await awaited(c.execute("notify a, 'pipelined'"))
        cursor = await awaited(c.execute("select 'x'"))
        await attempt(cursor.fetchall)
        show("synchronising")
        await attempt(p.sync)
        await awaited(c.commit())
    c.remove_notify_handler(heard)
    await attempt(c.remove_notify_handler, heard)
    await got(c, timeout=0)
    await sender.close()

async def ends(c):
    await awaited(c.close())
    await attempt(everything, c.notifies())

asyncio.run(run(own, from_others, handlers, ends))
"""


def test_notifications_come_where_they_came(replayed: Replays) -> None:
    done = replayed(BOTH_KINDS + RUNS)
    check(done)
    heard = [event for event, _ in done.trace.events if event == "notify"]
    assert len(heard) > 40


WARNED = """
import warnings
with warnings.catch_warnings(record=True) as caught, psycopg.connect(url) as c:
    warnings.simplefilter("always")
    c.add_notify_handler(print)
    print(list(c.notifies(timeout=0)))
print([(each.category, str(each.message)) for each in caught])
"""


def test_two_ways_at_once_are_warned_of(replayed: Replays) -> None:
    assert "not reliable" in replayed(WARNED).output


SENDERS = """
import threading, time
got, ended = [], threading.Event()
listener = psycopg.connect(url, autocommit=True)
listener.execute("listen jobs")

def listen():
    for notify in listener.notifies():
        got.append(notify.payload)
        if notify.payload == "stop":
            break
    ended.set()

def wait_for(count):
    while len(got) < count:
        time.sleep(.01)
    print(got)

threading.Thread(target=listen).start()
time.sleep(.1)
with psycopg.connect(url) as sender:
    sender.execute("select pg_notify('jobs', %s)", ["one"])
    time.sleep(.1)
    print("not committed", got)
    sender.commit()
    wait_for(1)
    with sender.transaction():
        sender.execute("notify jobs, 'two'")
        time.sleep(.1)
        print("in a block", got)
    wait_for(2)
    sender.execute("notify jobs, 'never'")
    sender.rollback()
    with sender.pipeline() as p:
        sender.execute("notify jobs, 'three'")
        sender.execute("notify jobs, 'four'")
        print("sent", got)
        sender.commit()
        wait_for(4)
    sender.execute("notify jobs, 'stop'")
print(ended.wait(10), got)
listener.close()
"""


def test_nothing_comes_before_it_is_sent(replayed: Replays) -> None:
    done = replayed(SENDERS)
    check(done)
    notified = [content for event, content in done.trace.events if event == "notify"]
    assert all("after" in each for each in notified) and len(notified) == 5
    # Without what sends it, it never comes.
    silent = done.again(
        SENDERS.replace("    with sender.transaction():\n", "    if False:\n").replace(
            "wait_for(2)", "time.sleep(.2); print(got); os._exit(0)"
        )
    )
    assert silent.stdout.splitlines()[-1] == "['one']"


TASKS = """
import time
async def main():
    listener = await psycopg.AsyncConnection.connect(url, autocommit=True)
    await listener.execute('listen "Jobs"')
    sender = await psycopg.AsyncConnection.connect(url, autocommit=True)
    got, polled = [], []

    async def listen():
        async for notify in listener.notifies():
            got.append(notify.payload)

    async def poll():
        while "stop" not in polled:
            async for notify in listener.notifies(timeout=.02, stop_after=1):
                polled.append(notify.payload)

    task = asyncio.create_task(listen())
    await asyncio.sleep(.1)
    for number in range(3):
        await sender.execute("select pg_notify('Jobs', %s)", [str(number)])
        while len(got) <= number:
            await asyncio.sleep(.01)
        print(got)
    task.cancel()
    print(await asyncio.gather(task, return_exceptions=True))
    task = asyncio.create_task(poll())
    await asyncio.sleep(.3)  # fewer runs at replay, which finds no silence to wait for
    for payload in ("go", "stop"):
        await sender.execute("select pg_notify('Jobs', %s)", [payload])
    await task
    print(polled)
    started = time.monotonic()
    print([each async for each in listener.notifies(timeout=.5)])
    print(os.environ.get("MOCK_CURSOR_REPLAY") is None or time.monotonic() - started < .4)
    await listener.close()
    await sender.close()
asyncio.run(main())
"""


def test_tasks_wait_for_what_is_sent(replayed: Replays) -> None:
    check(replayed(TASKS))


PROCESSES = """
import subprocess, sys
# What another process sends has no sender in the trace.
SEND = "import os, psycopg; c = psycopg.connect(os.environ['DATABASE_URL'], autocommit=True); c.execute(\\\\"notify jobs, 'sent'\\\\")"
with psycopg.connect(url, autocommit=True) as c:
    c.execute("listen jobs")
    if "MOCK_CURSOR_REPLAY" not in os.environ:
        plain = {k: v for k, v in os.environ.items() if not k.startswith("MOCK_")}
        subprocess.run([sys.executable, "-c", SEND], env=plain, check=True)
    print([each.payload for each in c.notifies(timeout=5, stop_after=1)])
"""


def test_what_nobody_recorded_sends_comes_when_asked_for(replayed: Replays) -> None:
    done = replayed(PROCESSES.replace('\\\\"', '\\"'))
    check(done)
    assert done.output == "['sent']\n"


SILENCE = """
import time
with psycopg.connect(url, autocommit=True) as c:
    c.execute("listen jobs")
    for _ in range(runs):
        started = time.monotonic()
        print([each for each in c.notifies(timeout=.2)], time.monotonic() - started > .1)
"""


def test_a_poll_that_was_not_recorded_waits(tmp_path: Path) -> None:
    done = Replayed(tmp_path, "runs = 0\n" + SILENCE)
    again = done.again("runs = 2\n" + SILENCE)
    assert again.stdout == "[] True\n" * 2, again.stderr
    assert done.entered("miss") == []


ROWS = """
TELL = '''create or replace function pg_temp.tell(n int) returns int language plpgsql as $$ begin
    if n % 2 = 0 then raise notice 'row %', n; end if;
    if n = 5 then perform set_config('timezone', 'Asia/Seoul', false); end if;
    if n = 7 then perform set_config('timezone', 'Asia/Tokyo', false); end if;
    return n;
end $$'''
ASK = "select pg_temp.tell(n) from generate_series(1, 8) n"

async def rows(c):
    c.add_notice_handler(lambda notice: show("notice", notice.message_primary))
    for size in (1, 3):
        await awaited(c.execute("set timezone to 'UTC'"))
        await awaited(c.execute(TELL))
        stream = c.cursor().stream(ASK, size=size)
        if hasattr(stream, "__aiter__"):
            async for row in stream:
                show(row, c.info.timezone)
        else:
            for row in stream:
                show(row, c.info.timezone)
        show(c.info.timezone)
        await awaited(c.rollback())
    await awaited(c.execute("set timezone to 'UTC'"))
    await awaited(c.commit())
    async with within(c.transaction()):
        await awaited(c.execute(TELL))
        async with within(c.cursor("named")) as cursor:
            await awaited(cursor.execute(ASK))
            for count in (1, 3, 2, 1):
                await attempt(cursor.fetchmany, count)
                show(c.info.timezone)
            await attempt(cursor.fetchall)
            show(c.info.timezone)
    await awaited(c.execute("set timezone to 'UTC'"))

asyncio.run(run(rows))
"""


def test_what_comes_with_later_rows_comes_with_them(replayed: Replays) -> None:
    done = replayed(BOTH_KINDS + ROWS)
    check(done)
    assert done.output.count("notice row") == 3 * 4 * 4
