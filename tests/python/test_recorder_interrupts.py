"""Statements that end early: cancelled, interrupted, or with the whole process."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from recorded_scripts import Recorded, require_server, run_both

require_server()


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return functools.partial(run_both, tmp_path)


def test_a_cancelled_statement_says_so_and_leaves_the_right_status(
    recorded: Recorded,
) -> None:
    _, trace = recorded("""
async def main():
    for autocommit in (True, False):
        async with await psycopg.AsyncConnection.connect(url, autocommit=autocommit) as c:
            try:
                await asyncio.wait_for(c.execute("select pg_sleep(60)"), 0.3)
            except TimeoutError:
                print("late", c.info.transaction_status.name)
            await c.rollback()
asyncio.run(main())
""")
    sleeps = [one for one in trace.exchanges if one["operation"] == "execute"]
    assert [one["status"] for one in sleeps] == ["IDLE", "INERROR"]
    cancelled = {"asyncio.exceptions.CancelledError"}
    assert {one["error"]["class"] for one in sleeps} == cancelled


def test_what_stops_a_program_is_no_outcome(recorded: Recorded) -> None:
    _, trace = recorded("""
import signal, threading
def interrupt():
    os.kill(os.getpid(), signal.SIGINT)
with psycopg.connect(url) as c:
    threading.Timer(0.5, interrupt).start()
    try:
        c.execute("select pg_sleep(60)")
    except KeyboardInterrupt:
        print("interrupted", c.info.transaction_status.name)
    c.rollback()
    print(c.execute("select 1").fetchone())
""")
    assert all("error" not in one for one in trace.exchanges)
    assert trace.executed() == ["select 1"]
