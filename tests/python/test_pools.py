"""Pools live, recorded and replayed: the same calls see the same."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pool_application
import pytest
from recorded_scripts import require_server
from replayed_scripts import Replayed

require_server()
pytest.importorskip("psycopg_pool")

Replays: TypeAlias = Callable[[str], Replayed]


@pytest.fixture
def replayed(tmp_path: Path) -> Replays:
    return functools.partial(Replayed, tmp_path)


# What each script is run with: pools of both kinds, and what is seen of them. Worker
# threads log when they like, so what they say is shown once they have nothing to do.
TOOLS = """
import inspect, logging, re, sys, threading, time, warnings
from psycopg_pool import *
OWN = re.compile(r" at 0x[0-9a-f]+|Mock")
logged = []

class Log(logging.Handler):
    def emit(self, record):
        text = OWN.sub("", record.getMessage())
        # A pool may be full before anybody waits for it.
        if not text.startswith(("waiting for pool", "pool ")):
            logged.append(text)

logger = logging.getLogger("psycopg.pool")
logger.addHandler(Log())
logger.setLevel(logging.INFO)
# Of the driver's own, whose connections die with their pools.
warnings.simplefilter("ignore", ResourceWarning)
warnings.simplefilter("always", DeprecationWarning)

def showwarning(message, category, *args, **kwargs):
    print("  warning", category.__name__, message)

warnings.showwarning = showwarning
logging.raiseExceptions = False

async def awaited(value):
    return await value if inspect.isawaitable(value) else value

async def say(label, function, *args, **kwargs):
    try:
        value = await awaited(function(*args, **kwargs))
    except Exception as error:
        print(label, f"{type(error).__module__}.{type(error).__name__}", OWN.sub("", str(error)))
        return None
    print(label, OWN.sub("", str(value)))
    return value

async def settled(pool, out=0):
    '''The pool's counts, and what was logged, when its workers have done their work.'''
    for _ in range(500):
        stats = pool.get_stats()
        if stats["pool_available"] + out == stats["pool_size"]:
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.02)
    kept = {name: count for name, count in pool.get_stats().items()
            if count and not name.endswith("_ms")}
    print("  stats", sorted(kept.items()))
    print("  logged", sorted(logged))
    logged.clear()

def of(kind, function):
    '''A callback of the pool's kind.'''
    if kind is psycopg.Connection:
        return function
    async def asynchronous(*args):
        result = function(*args)
        return await result if inspect.isawaitable(result) else result
    return asynchronous

KINDS = {
    psycopg.Connection: (ConnectionPool, NullConnectionPool),
    psycopg.AsyncConnection: (AsyncConnectionPool, AsyncNullConnectionPool),
}

async def main():
    for kind, pools in KINDS.items():
        print(kind.__name__.removeprefix("Mock").removeprefix("Async"))
        await script(kind, *pools)
"""
RUN = "asyncio.run(main())\n"


STATES = """
async def script(kind, Pool, Null):
    for options in (
        {"min_size": -1}, {"min_size": 5, "max_size": 4}, {"min_size": 0}, {"max_size": -1},
        {"num_workers": 0}, {"bogus": 1}, {"min_size": "a"},
    ):
        for cls in (Pool, Null):
            await say(options, cls, url, open=False, **options)
    for cls in (Pool, Null):
        pool = cls(url, open=False, max_size=None if cls is Pool else 3)
        names = ["min_size", "max_size", "closed", "timeout", "max_waiting", "max_lifetime",
                 "max_idle", "reconnect_timeout", "num_workers", "kwargs", "close_returns"]
        print([(name, getattr(pool, name)) for name in names])
        print(re.sub("pool-[0-9]+", "pool-N", OWN.sub("", repr(pool)).replace("Async", "").replace("_async", "")))
    pool = Pool(url, min_size=2, open=False, name="states")
    connection = await awaited(kind.connect(url))
    for turn in range(3):
        for name, *args in (
            ("getconn",), ("wait", 1), ("check",), ("drain",), ("resize", 2, 2), ("putconn", connection),
        ):
            if turn == 2 or turn == 0 and name not in ("check", "drain", "resize"):
                await say(name, getattr(pool, name), *args)
        if turn == 0:
            await say("close", pool.close)
            await say("open", pool.open, True, 5)
            await say("again", pool.open)
            await settled(pool)
        elif turn == 1:
            await say("close", pool.close)
            await say("again", pool.close)
            await say("open", pool.open)
            print(pool.closed)
    await awaited(connection.close())
    logged.clear()
    pool = Pool(url, min_size=1, name="implicit", open=False)
    if kind is psycopg.Connection:
        with pool as entered:
            print(entered is pool, pool.closed)
        with pool.__class__(url, min_size=1) as entered:
            with entered.connection() as connection:
                print(connection.info.transaction_status)
    else:
        async with pool as entered:
            print(entered is pool, pool.closed)
        async with pool.__class__(url, min_size=1) as entered:
            async with entered.connection() as connection:
                print(connection.info.transaction_status)
    print(pool.closed)
    for options in ({}, {"open": True}):
        pool = Pool(url, min_size=1, name="constructed", **options)
        await awaited(pool.wait())
        await awaited(pool.putconn(await awaited(pool.getconn())))
        await awaited(pool.close())
    logged.clear()
"""


def test_states_of_pools(replayed: Replays) -> None:
    done = replayed(TOOLS + STATES + RUN)
    assert "PoolClosed the pool 'states' is not open yet" in done.output
    assert "RuntimeWarning" in done.output and "DeprecationWarning" in done.output
    assert done.entered("miss") == done.left() == []


RETURNS = """
async def script(kind, Pool, Null):
    pool = Pool(url, min_size=1, max_size=2, name="p", open=False)
    other = Pool(url, min_size=1, name="other", open=False)
    for each in (pool, other):
        await awaited(each.open(wait=True))
    taken = await awaited(other.getconn())
    await say("of another", pool.putconn, taken)
    await awaited(other.putconn(taken))
    await say("twice", other.putconn, taken)
    await say("none", pool.putconn, None)
    logged.clear()
    for state, steps in {
        "idle": [],
        "in a transaction": [("execute", "select 2")],
        "failed": [("execute", "select 1/0")],
        "closed": [("close",)],
        "lost": [("execute", "select pg_terminate_backend(pg_backend_pid())")],
        "two-phase": [("tpc_begin", "a")],
        "autocommit": [("set_autocommit", True)],
        "in a block": ["block"],
    }.items():
        connection = await awaited(pool.getconn())
        print(state, connection._pool is pool, isinstance(connection, kind))
        for step in steps:
            try:
                if step == "block":
                    block = connection.transaction()
                    await awaited((getattr(block, "__aenter__", None) or block.__enter__)())
                else:
                    await awaited(getattr(connection, step[0])(*step[1:]))
            except psycopg.Error:
                pass
        await say("put", pool.putconn, connection)
        await settled(pool)
        print(connection.closed, connection._pool is None, connection.info.transaction_status)
        again = await awaited(pool.getconn())
        print("the same", again is connection, again.autocommit)
        if again.autocommit:
            await awaited(again.set_autocommit(False))
        await awaited(pool.putconn(again))
    connection = await awaited(pool.getconn())
    await awaited(pool.close())
    await say("into a closed pool", pool.putconn, connection)
    print(connection.closed, connection._pool)
    await awaited(other.close())
    logged.clear()
    pool = Pool(url, min_size=1, name="returns", open=False, close_returns=True)
    await awaited(pool.open(wait=True))
    connection = await awaited(pool.getconn())
    await awaited(connection.execute("select 2"))
    await say("close", connection.close)
    print(connection.closed, connection._pool)
    again = await awaited(pool.getconn())
    print(again is connection)
    await settled(pool, out=1)
    await awaited(pool.close())
    await say("into a closed pool", again.close)
    print(again.closed)
    logged.clear()
"""


def test_what_becomes_of_returned_connections(replayed: Replays) -> None:
    done = replayed(TOOLS + RETURNS + RUN)
    assert (
        "rolling back returned connection: <psycopg.Connection [INERROR]" in done.output
    )
    assert "rollback failed: ProgrammingError: rollback() cannot" in done.output
    assert done.entered("miss") == done.left() == []


CLIENTS = """
def clients(kind, pool, count, seconds, timeout):
    '''Many at once, who note when they were served.'''
    served = []
    if kind is psycopg.Connection:
        def client(number):
            try:
                with pool.connection(timeout) as connection:
                    served.append(number)
                    time.sleep(seconds)
            except psycopg.Error as error:
                served.append((number, str(error)))
        async def all_of_them():
            threads = [threading.Thread(target=client, args=(n,)) for n in range(count)]
            for thread in threads:
                thread.start()
                await asyncio.sleep(0.02)
            await asyncio.to_thread(lambda: [thread.join() for thread in threads])
            return served
        return all_of_them()
    async def client(number):
        await asyncio.sleep(0.02 * number)
        try:
            async with pool.connection(timeout) as connection:
                served.append(number)
                await asyncio.sleep(seconds)
        except psycopg.Error as error:
            served.append((number, str(error)))
    async def all_of_them():
        await asyncio.gather(*map(client, range(count)))
        return served
    return all_of_them()

async def script(kind, Pool, Null):
    pool = Pool(url, min_size=1, max_size=3, name="grows", open=False, timeout=0.2)
    await awaited(pool.open(wait=True))
    taken = [await awaited(pool.getconn()) for _ in range(3)]
    await settled(pool, out=3)
    await say("too many", pool.getconn)
    await say("another", pool.getconn, timeout=0.1)
    await say("at once", pool.getconn, timeout=0)
    for connection in taken:
        await awaited(pool.putconn(connection))
    order = []
    for _ in range(4):
        connection = await awaited(pool.getconn())
        order.append(taken.index(connection))
        await awaited(pool.putconn(connection))
    print(order)
    await say("resize", pool.resize, 2, 2)
    await settled(pool)
    await say("resize", pool.resize, 5)
    await settled(pool)
    connection = await awaited(pool.getconn())
    await say("drain", pool.drain)
    await settled(pool, out=1)
    await awaited(pool.putconn(connection))
    print(connection.closed)
    await settled(pool)
    print(sorted(name for name in pool.pop_stats() if not name.endswith("_ms")))
    print(sorted(pool.get_stats().items()))
    await awaited(pool.close())
    logged.clear()
    pool = Pool(url, min_size=1, name="in order", open=False)
    await awaited(pool.open(wait=True))
    print(await clients(kind, pool, 5, 0.12, 5))
    await awaited(pool.close())
    pool = Pool(url, min_size=1, name="few", open=False, max_waiting=2)
    await awaited(pool.open(wait=True))
    print(sorted(map(str, await clients(kind, pool, 5, 0.3, 5))))
    connection = await awaited(pool.getconn())
    waiting = asyncio.create_task(clients(kind, pool, 1, 0, 5))
    await asyncio.sleep(0.1)
    await say("close", pool.close)
    print(await waiting, connection.closed)
    await awaited(pool.putconn(connection))
    logged.clear()
    pool = Pool(url, min_size=1, name="old", open=False, max_lifetime=0.2)
    await awaited(pool.open(wait=True))
    connection = await awaited(pool.getconn())
    await asyncio.sleep(0.3)
    await awaited(pool.putconn(connection))
    print(connection.closed)
    await settled(pool)
    await awaited(pool.close())
    pool = Pool(url, min_size=1, max_size=3, name="unused", open=False, max_idle=0.3)
    await awaited(pool.open(wait=True))
    taken = [await awaited(pool.getconn()) for _ in range(3)]
    for connection in taken:
        await awaited(pool.putconn(connection))
    await settled(pool)
    await asyncio.sleep(1.3)
    await settled(pool)
    await awaited(pool.close())
    logged.clear()
"""


def test_how_clients_are_served(replayed: Replays) -> None:
    done = replayed(TOOLS + CLIENTS + RUN)
    assert done.output.count("[0, 1, 2, 3, 4]") == 2
    assert "has already 2 requests waiting" in done.output
    assert "shrinking pool 'unused' to 1" in done.output
    assert done.entered("miss") == done.left() == []


CALLBACKS = """
def doing(kind, *steps):
    '''A callback that asks the connection, and notes where it was called.'''
    calls = []
    def callback(connection):
        calls.append(connection._pool.name)
        step = steps[min(len(calls), len(steps)) - 1]
        if isinstance(step, Exception):
            raise step
        return getattr(connection, step[0])(*step[1:]) if step else None
    made = of(kind, callback)
    made.__qualname__ = "callback"
    return made, calls

FINE = ("set_autocommit", True)
LEFT = ("execute", "select 'left open'")
async def script(kind, Pool, Null):
    for name, steps in {
        "fine": [FINE], "left": [LEFT], "fails": [("execute", "select 1/0")],
        "raises": [ValueError("x")], "closes": [("close",)], "mends": [ValueError("y"), FINE],
    }.items():
        configure, calls = doing(kind, *steps)
        failed = []
        pool = Pool(url, min_size=1, name=name, configure=configure, open=False,
                    reconnect_timeout=0.2, reconnect_failed=lambda pool: failed.append(pool.name))
        await say("open", pool.open, True, 0.6)
        print(len(calls), failed, pool.closed)
        print("  logged", logged)
        logged.clear()
        if not pool.closed:
            print((await awaited(pool.getconn())).autocommit)
        await awaited(pool.close())
        logged.clear()
    for name, steps in {
        "fine": [()], "left": [LEFT], "raises": [ValueError("x")], "closes": [("close",)],
    }.items():
        reset, calls = doing(kind, *steps)
        pool = Pool(url, min_size=1, name=name, reset=reset, open=False)
        await awaited(pool.open(wait=True))
        connection = await awaited(pool.getconn())
        await awaited(connection.execute("select 2"))
        await say("put", pool.putconn, connection)
        await settled(pool)
        print(calls, connection.closed)
        await awaited(pool.close())
        logged.clear()
    for name, steps in {
        "fine": [()], "once bad": [ValueError("x"), ()], "left": [LEFT, ()],
        "lost": [("execute", "select pg_terminate_backend(pg_backend_pid())"), ()],
        "never": [ValueError("never")],
    }.items():
        check, calls = doing(kind, *steps)
        pool = Pool(url, min_size=2, name=name, check=check, open=False, timeout=0.3)
        await awaited(pool.open(wait=True))
        for _ in range(2):
            connection = await say("get", pool.getconn)
            if connection is not None:
                await awaited(pool.putconn(connection))
        await settled(pool)
        print(len(calls))
        await awaited(pool.close())
        logged.clear()
    pool = Pool(url, min_size=2, name="checked", open=False, check=Pool.check_connection)
    await awaited(pool.open(wait=True))
    taken = [await awaited(pool.getconn()) for _ in range(2)]
    for connection in taken:
        await awaited(pool.putconn(connection))
    await awaited(taken[0].close())
    await say("check", pool.check)
    await settled(pool)
    connection = await awaited(pool.getconn())
    await awaited(connection.execute("select 2"))
    await say("in a transaction", Pool.check_connection, connection)
    await awaited(pool.putconn(connection))
    await awaited(pool.close())
    logged.clear()
    class Own(kind):
        pass
    asked = []
    pool = Pool(lambda: asked.append("conninfo") or url, min_size=2, open=False, connection_class=Own,
                kwargs=lambda: asked.append("kwargs") or {"application_name": "x"})
    await awaited(pool.open(wait=True))
    connection = await awaited(pool.getconn())
    print(sorted(asked), isinstance(connection, Own), connection.info.get_parameters()["application_name"])
    await awaited(pool.putconn(connection))
    await awaited(pool.close())
    logged.clear()
"""


def test_what_callbacks_may_do(replayed: Replays) -> None:
    done = replayed(TOOLS + CALLBACKS + RUN)
    assert "left in status INTRANS by configure function" in done.output
    assert "error resetting connection: x" in done.output
    assert "connection failed check: never" in done.output
    assert done.entered("miss") == done.left() == []


NULL = (
    CLIENTS.partition("async def script")[0]
    + """
async def script(kind, Pool, Null):
    asked = []
    def note(what):
        return of(kind, lambda connection: asked.append((what, connection._pool.name)))
    pool = Null(url, max_size=2, name="null", open=False, timeout=0.2,
                configure=note("configure"), reset=note("reset"), check=note("check"))
    await say("open", pool.open, True, 5)
    await settled(pool)
    for state in ("idle", "open", "closed"):
        connection = await awaited(pool.getconn())
        if state == "open":
            await awaited(connection.execute("select 2"))
        if state == "closed":
            await awaited(connection.close())
        await settled(pool, out=1)
        await say(state, pool.putconn, connection)
        print(connection.closed, connection._pool)
        await settled(pool)
    print(asked)
    asked.clear()
    await say("resize", pool.resize, 0, 1)
    await say("resize", pool.resize, 1, 1)
    print(await clients(kind, pool, 4, 0.1, 5))
    await settled(pool)
    print(asked)
    for name in ("check", "drain", "wait"):
        await say(name, getattr(pool, name))
    await say("close", pool.close)
    await say("getconn", pool.getconn)
    logged.clear()
    pool = Null(url, name="unlimited", open=False)
    await awaited(pool.open())
    taken = [await awaited(pool.getconn()) for _ in range(5)]
    await settled(pool, out=5)
    for connection in taken:
        await awaited(pool.putconn(connection))
    await settled(pool)
    await awaited(pool.close())
    for callback in (lambda c: c.execute("select 1/0"), lambda c: c.execute("select 2")):
        configure = of(kind, callback)
        configure.__qualname__ = "configure"
        pool = Null(url, name="fails", open=False, configure=configure)
        await awaited(pool.open())
        await say("getconn", pool.getconn)
        await settled(pool)
        await awaited(pool.close())
    logged.clear()
"""
)


def test_pools_that_keep_nothing(replayed: Replays) -> None:
    done = replayed(TOOLS + NULL + RUN)
    assert done.output.count("[0, 1, 2, 3]") == 2
    assert "left in status INTRANS by configure function" in done.output
    assert done.entered("miss") == done.left() == []


REFUSED = """
async def script(kind, Pool, Null):
    failed = []
    pool = Pool("host=/nowhere", min_size=1, name="refused", open=False, reconnect_timeout=0.3,
                reconnect_failed=lambda pool: failed.append(pool.name))
    await say("open", pool.open, True, 0.8)
    print(failed, [text.partition(": ")[0] for text in logged])
    logged.clear()
    pool = Null("host=/nowhere", name="refused", open=False)
    await awaited(pool.open())
    await say("getconn", pool.getconn)
    await awaited(pool.close())
    logged.clear()
"""


def test_connections_that_are_refused(replayed: Replays) -> None:
    done = replayed(TOOLS + REFUSED + RUN)
    assert done.output.count("OperationalError connection is bad") == 2
    assert done.entered("miss") == done.left() == []


SCOPED = """
import contextlib
scopes = [module for name, module in sys.modules.items() if name.endswith(".scopes")]

def opened(name):
    return scopes[0].open_scope(name, "test") if scopes else contextlib.nullcontext()

async def script(kind, Pool, Null):
    configure = of(kind, lambda c: c.execute("set application_name to 'configured'"))
    async def finished(connection):
        await awaited(configure(connection))
        await awaited(connection.commit())
    def finished_sync(connection):
        configure(connection)
        connection.commit()
    both = finished if kind is psycopg.AsyncConnection else finished_sync
    check = of(kind, lambda c: awaited_execute(c, "select 'checked'"))
    reset = of(kind, lambda c: awaited_execute(c, "select 'reset'"))
    for cls in (Pool, Null):
        with opened(f"{cls.__name__}"):
            pool = cls(url, min_size=SIZE if cls is Pool else 0, open=False,
                       configure=both, check=check, reset=reset)
            await awaited(pool.open(wait=True))
            for _ in range(TIMES):
                connection = await awaited(pool.getconn())
                await awaited(pool.putconn(connection))
            connection = await awaited(pool.getconn())
            cursor = await awaited(connection.execute("select current_setting('application_name')"))
            print(await awaited(cursor.fetchone()))
            await awaited(pool.putconn(connection))
            await awaited(pool.close())

def awaited_execute(connection, query):
    if isinstance(connection, psycopg.AsyncConnection):
        async def asked():
            await connection.execute(query)
            await connection.rollback()
        return asked()
    connection.execute(query)
    connection.rollback()
"""


def test_what_callbacks_ask_is_answered_as_often_as_asked(replayed: Replays) -> None:
    script = TOOLS + SCOPED + RUN
    done = replayed(script.replace("SIZE", "1").replace("TIMES", "1"))
    assert {each["kind"] for each in done.trace.by_id["scope"].values()} == {
        "start-up",
        "set-up",
        "test",
    }
    asked = [each["sql"] for each in done.trace.of("set-up")]
    assert {"select 'checked'", "select 'reset'"} < set(asked)
    again = done.again(script.replace("SIZE", "4").replace("TIMES", "5"))
    assert (again.stdout, again.stderr) == (done.output, "")
    assert done.entered("miss") == done.left() == []


def test_what_was_not_recorded_reaches_the_client(replayed: Replays) -> None:
    script = """
async def script(kind, Pool, Null):
    for cls in (Pool, Null):
        configure = of(kind, lambda c: c.execute("QUERY"))
        pool = cls(url, min_size=0, max_size=1, open=False, configure=configure, timeout=5)
        async def wait():
            await awaited(pool.open(wait=True, timeout=5))
        for function in (wait, pool.getconn):
            try:
                await awaited(function())
            except Exception as error:
                print(type(error).__name__)
        await awaited(pool.close())
"""
    script = TOOLS + script + RUN
    done = replayed(script.replace("QUERY", "").replace("execute", "cancel or str"))
    again = done.again(script.replace("QUERY", "select 'unknown'"))
    assert again.stdout.count("ReplayMiss") == 6, again.stdout + again.stderr
    assert len(done.entered("miss")) == 6


def test_sqlalchemy_on_a_pool(replayed: Replays) -> None:
    pytest.importorskip("sqlalchemy")
    done = replayed("""
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from psycopg_pool import AsyncConnectionPool, ConnectionPool
query = sa.text("select cast(:n as integer)")
with ConnectionPool(url, min_size=1, close_returns=True, open=True) as pool:
    pool.wait()
    engine = sa.create_engine("postgresql+psycopg://", creator=pool.getconn, poolclass=sa.NullPool)
    for n in range(3):
        with engine.begin() as c:
            print(c.execute(query, {"n": n}).scalar(), c.connection.driver_connection._pool is pool)
    print(pool.get_stats()["requests_num"], pool.get_stats()["pool_available"])
async def main():
    async with AsyncConnectionPool(url, min_size=1, close_returns=True, open=False) as pool:
        engine = create_async_engine(
            "postgresql+psycopg://", async_creator=pool.getconn, poolclass=sa.NullPool)
        async with engine.begin() as c:
            print((await c.execute(query, {"n": 7})).scalar())
        print(pool.get_stats()["requests_num"], pool.get_stats()["pool_available"])
asyncio.run(main())
""")
    assert done.entered("miss") == done.left() == []


def test_an_application_on_a_pool(replayed: Replays) -> None:
    pytest.importorskip("fastapi")
    done = replayed(pool_application.SCRIPT)
    assert done.output == pool_application.SAID
    assert done.entered("miss") == done.left() == []
