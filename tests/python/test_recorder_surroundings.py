"""The recorder in an application's surroundings: pools, processes, threads, faults."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from launcher_folder import launcher, run
from recorded_scripts import HEAD, Recorded, require_server, run_both
from trace_lines import TraceLines

require_server()


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return functools.partial(run_both, tmp_path)


def test_pools_and_subclasses(recorded: Recorded) -> None:
    pytest.importorskip("psycopg_pool")
    _, trace = recorded("""
import logging, psycopg_pool
logging.disable()
class Own(psycopg.Connection):
    def two(self):
        return self.execute("select 2").fetchone()
check = psycopg_pool.ConnectionPool.check_connection
with psycopg_pool.ConnectionPool(url, min_size=1, connection_class=Own, check=check,
                                 close_returns=True, open=True) as pool:
    for _ in range(3):
        with pool.connection() as c:
            print(c.two(), isinstance(c, Own))
    c = pool.getconn()
    c.close()
    with pool.connection() as c:
        print(c.execute("select 3").fetchone())
""")
    executed = trace.executed()
    assert executed.count("select 2") == 3
    assert executed.count("select 3") == 1
    assert len(trace.by_id["connect"]) == 1


def test_unsupported_is_refused(tmp_path: Path) -> None:
    script = """
c = psycopg.connect(url, autocommit=True)
cur = c.cursor()
try:
    cur.copy("copy (select) to stdout (format binary)").__enter__()
except Exception as error:
    print(type(error).__name__, isinstance(error, psycopg.Error), error)
"""
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(tmp_path / "t.jsonl")})
    refused = done.stdout.count("RecorderUnsupported False ")
    assert refused == 1, done.stdout + done.stderr


def test_use_of_libpq_is_told_once(tmp_path: Path) -> None:
    script = """
from psycopg import sql
with psycopg.connect(url) as c:
    print(sql.Literal("x").as_string(c), sql.Identifier("y").as_string(c.cursor()))
    for _ in range(2):
        print(c.pgconn.exec_(b"select 1").get_value(0, 0))
"""
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(tmp_path / "t.jsonl")})
    assert done.stdout == "'x' \"y\"\nb'1'\nb'1'\n"
    first, hint = done.stderr.splitlines()
    assert "<string>:10: Connection.pgconn is used" in first and "hint: " in hint


def test_fork_and_spawn_write_files_of_their_own(tmp_path: Path) -> None:
    script = """
import subprocess, sys
c = psycopg.connect(url, autocommit=True)
c.execute("select 'parent'")
if (pid := os.fork()) == 0:
    c.execute("select 'forked'")
    os._exit(0)
os.waitpid(pid, 0)
spawned = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']).execute('select 1')"
subprocess.run([sys.executable, "-c", spawned], check=True)
"""
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(tmp_path / "trace.jsonl")})
    assert done.returncode == 0, done.stderr
    traces = [TraceLines(path) for path in sorted(tmp_path.glob("trace*.jsonl"))]
    assert sorted(trace.executed() for trace in traces) == [
        ["select 'forked'"],
        ["select 'parent'"],
        ["select 1"],
    ]


def test_a_process_forked_in_a_scope_goes_on_with_it(tmp_path: Path) -> None:
    script = """
from mock_cursor_recorder.scopes import open_scope
with open_scope("a", "request"):
    psycopg.connect(url, autocommit=True).execute("select 'parent'")
    if (pid := os.fork()) == 0:
        psycopg.connect(url, autocommit=True).execute("select 'forked'")
        with open_scope("own", "test"):
            psycopg.connect(url, autocommit=True).execute("select 'own'")
        os._exit(0)
    os.waitpid(pid, 0)
"""
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(tmp_path / "trace.jsonl")})
    assert done.returncode == 0, done.stderr
    (forked,) = tmp_path.glob("trace-*.jsonl")
    lines = TraceLines(forked)
    assert [one["sql"] for one in lines.of("a")] == ["select 'forked'"]
    scopes = lines.by_id["scope"].values()
    assert [scope.get("continues") for scope in scopes] == [None, True, None]


def test_a_process_started_in_a_scope_goes_on_with_it(tmp_path: Path) -> None:
    script = """
import subprocess, sys
from mock_cursor_recorder.scopes import open_scope
spawned = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']).execute('select 1')"
with open_scope("a", "request"):
    psycopg.connect(url, autocommit=True).execute("select 'parent'")
    subprocess.run([sys.executable, "-c", spawned], check=True)
"""
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(tmp_path / "trace.jsonl")})
    assert done.returncode == 0, done.stderr
    (child,) = tmp_path.glob("trace-*.jsonl")
    lines = TraceLines(child)
    assert [one["sql"] for one in lines.of("a")] == ["select 1"]
    scopes = lines.by_id["scope"].values()
    assert [scope.get("continues") for scope in scopes] == [None, True]


def test_a_killed_process_leaves_whole_lines(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    script = """
c = psycopg.connect(url, autocommit=True)
n = 0
while True:
    n += 1
    c.execute("select %s::int", (n,))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD + script],
        env={
            **os.environ,
            "PYTHONPATH": str(launcher()),
            "MOCK_CURSOR_RECORD": str(trace),
        },
    )
    deadline = time.monotonic() + 30
    while not trace.exists() or trace.stat().st_size < 50_000:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    exchanges = TraceLines(trace).exchanges
    numbers = [exchange["parameters"][0] for exchange in exchanges]
    assert numbers == list(range(1, len(numbers) + 1))


def test_threads_and_tasks_keep_their_scopes(tmp_path: Path) -> None:
    script = """
import contextvars, threading
from mock_cursor_recorder.scopes import open_scope
def work(name):
    with open_scope(name, "test"), psycopg.connect(url) as c:
        for n in range(20):
            c.execute("select %s::text", (name,))
threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
async def task(name):
    with open_scope(name, "test"):
        async with await psycopg.AsyncConnection.connect(url) as c:
            for n in range(20):
                await c.execute("select %s::text", (name,))
async def main():
    await asyncio.gather(*(task(f"a{i}") for i in range(4)))
asyncio.run(main())
"""
    trace = tmp_path / "trace.jsonl"
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(trace)})
    assert done.returncode == 0, done.stderr
    lines = TraceLines(trace)
    assert lines.scope_names()[0] == "start-up"
    for name in [f"{kind}{i}" for kind in "ta" for i in range(4)]:
        executed = [one for one in lines.of(name) if one["operation"] == "execute"]
        assert [one["parameters"] for one in executed] == [[name]] * 20
    assert all(one["scope"] == 0 for one in lines.by_id["connect"].values())


def test_threads_and_jobs_record_into_the_scope_they_came_from(tmp_path: Path) -> None:
    script = """
import threading
from concurrent.futures import ThreadPoolExecutor
from mock_cursor_recorder.scopes import open_scope
c = psycopg.connect(url, autocommit=True)
def ask(text):
    c.execute(f"select '{text}'")
with ThreadPoolExecutor(1) as executor:
    with open_scope("a", "test"):
        thread = threading.Thread(target=ask, args=("thread",))
        thread.start()
        thread.join()
        executor.submit(ask, "job").result()
    executor.submit(ask, "nobody").result()
"""
    trace = tmp_path / "trace.jsonl"
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(trace)})
    assert done.returncode == 0, done.stderr
    lines = TraceLines(trace)
    asked = {
        name: [one["sql"] for one in lines.of(name)] for name in lines.scope_names()
    }
    assert asked == {
        "a": ["select 'thread'", "select 'job'"],
        "start-up": ["select 'nobody'"],
    }


def test_the_callbacks_of_a_pool_belong_to_set_up(tmp_path: Path) -> None:
    pytest.importorskip("psycopg_pool")
    script = """
import psycopg_pool
from mock_cursor_recorder.scopes import open_scope
def configure(c):
    c.execute("select 'configured'")
    c.commit()
with open_scope("a", "test"):
    with psycopg_pool.ConnectionPool(url, min_size=1, configure=configure) as pool:
        with pool.connection() as c:
            c.execute("select 'of a'")
async def configure_async(c):
    await c.execute("select 'configured'")
    await c.commit()
async def main():
    with open_scope("b", "test"):
        pool = psycopg_pool.AsyncConnectionPool(
            url, min_size=1, configure=configure_async, open=False)
        async with pool, pool.connection() as c:
            await c.execute("select 'of b'")
asyncio.run(main())
"""
    trace = tmp_path / "trace.jsonl"
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(trace)})
    assert done.returncode == 0, done.stderr
    lines = TraceLines(trace)
    executed = {
        name: [one["sql"] for one in lines.of(name) if one["operation"] == "execute"]
        for name in lines.scope_names()
    }
    assert executed == {
        "start-up": [],
        "set-up": ["select 'configured'"] * 2,
        "a": ["select 'of a'"],
        "b": ["select 'of b'"],
    }


def test_the_workers_of_a_pool_belong_to_start_up(tmp_path: Path) -> None:
    pytest.importorskip("psycopg_pool")
    script = """
import logging, psycopg_pool
from mock_cursor_recorder.scopes import open_scope
logging.disable()
with open_scope("a", "test"):
    with psycopg_pool.ConnectionPool("host=/nowhere", min_size=1) as pool:
        try:
            pool.getconn(timeout=0.5)
        except psycopg_pool.PoolTimeout:
            pass
    with psycopg_pool.NullConnectionPool("host=/nowhere") as pool:
        try:
            pool.getconn()
        except psycopg.OperationalError:
            pass
"""
    trace = tmp_path / "trace.jsonl"
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(trace)})
    assert done.returncode == 0, done.stderr
    lines = TraceLines(trace)
    names = {number: scope["name"] for number, scope in lines.by_id["scope"].items()}
    refused = [names[one["scope"]] for one in lines.by_id["connect"].values()]
    assert refused == ["start-up", "a"]


def test_a_pool_draws_no_lots_of_the_applications(tmp_path: Path) -> None:
    pytest.importorskip("psycopg_pool")
    script = """
import random, psycopg_pool
random.seed(1)
with psycopg_pool.ConnectionPool(url, min_size=2) as pool:
    pool.wait()
print(random.random() == random.Random(1).random())
"""
    trace = tmp_path / "trace.jsonl"
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(trace)})
    assert done.stdout == "True\n", done.stderr


def test_a_recorder_that_cannot_write_says_so(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    script = """
from mock_cursor_recorder import trace
trace.Trace._create = lambda self: os.open("/dev/full", os.O_WRONLY)
try:
    psycopg.connect(url)
except psycopg.Error:
    print("handled as an error of the database")
"""
    done = run(HEAD + script, {"MOCK_CURSOR_RECORD": str(tmp_path / "t.jsonl")})
    assert done.returncode == 1
    assert "RecorderError" in done.stderr and "No space left" in done.stderr
    assert not done.stdout


def test_a_dropped_connection_is_closed_as_without_the_recorder(
    recorded: Recorded,
) -> None:
    output, _ = recorded("""
import gc, time, warnings
gc.disable()
warnings.simplefilter("ignore")
c = psycopg.connect(url)
pid = c.info.backend_pid
c.execute("select 1").fetchone()
del c
with psycopg.connect(url, autocommit=True) as other:
    question = "select count(*) from pg_stat_activity where pid = %s"
    for _ in range(100):
        (left,) = other.cursor().execute(question, (pid,)).fetchone()
        if not left:
            break
        time.sleep(0.05)
    print(left)
""")
    assert output == "0\n"
