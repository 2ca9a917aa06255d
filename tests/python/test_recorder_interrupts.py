"""Statements that end early: cancelled, interrupted, or with the whole process."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from launcher_folder import run
from recorded_scripts import HEAD, Recorded, require_server, run_both
from trace_lines import TraceLines

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


def test_a_killed_process_leaves_every_row_that_a_stream_gave(tmp_path: Path) -> None:
    script = """
import signal, sys
c = psycopg.connect(url, autocommit=True)
rows = c.cursor().stream("select generate_series(1, 400)", size=int(os.environ["SIZE"]))
print([next(rows)[0] for _ in range(7)], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    for size, known in (("1", 7), ("5", 10)):
        trace = tmp_path / size / "trace.jsonl"
        trace.parent.mkdir()
        done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(trace), "SIZE": size})
        assert done.stdout == "[1, 2, 3, 4, 5, 6, 7]\n", done.stderr
        (stream,) = TraceLines(trace).exchanges
        rows = stream["results"][0]["rows"]
        assert rows == [[str(n + 1)] for n in range(known)]


def test_what_the_server_says_with_rows_is_written_with_them(
    recorded: Recorded,
) -> None:
    _, trace = recorded("""
with psycopg.connect(url, options="-c timezone=UTC") as c:
    c.execute('''create function pg_temp.speaks(n int) returns int language plpgsql as $$
        begin raise notice 'row %', n; return n; end $$''')
    with c.cursor("named") as named:
        named.execute("select pg_temp.speaks(g), set_config('TimeZone', 'Asia/Tokyo', false)"
                      " from generate_series(1, 2) g")
        print(named.fetchone(), c.info.timezone, named.fetchmany(2))
    print(len(list(c.cursor().stream("select pg_temp.speaks(7)"))))
""")
    said = [
        (
            [one["message_primary"] for one in content.get("notices", ())],
            content.get("server_parameters"),
        )
        for event, content in trace.events
        if event == "rows"
    ]
    assert said[:2] == [(["row 1"], {"TimeZone": "Asia/Tokyo"}), (["row 2"], None)]
    assert trace.exchanges[-2]["notices"][0]["message_primary"] == "row 7"
