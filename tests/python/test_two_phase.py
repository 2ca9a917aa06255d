"""Two-phase transactions live, recorded and replayed: the same calls see the same."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from recorded_scripts import require_server
from replayed_scripts import Replayed

require_server()

Replays: TypeAlias = Callable[[str], Replayed]


@pytest.fixture
def replayed(tmp_path: Path) -> Replays:
    return functools.partial(Replayed, tmp_path)


# Every call in every state of a connection of both kinds, and what follows it.
EVERY_CALL = """
import itertools, logging, re, sys, warnings
warnings.simplefilter("ignore")
numbers = itertools.count()
OWN = re.compile(r" at 0x[0-9a-f]+|Mock|prepared=[^=]*=")

class Log(logging.Handler):
    def emit(self, record):
        print("   ", record.levelname, OWN.sub("", record.getMessage()))

logging.getLogger("psycopg").addHandler(Log())

def gid():
    return f"gid {next(numbers)}"

BEGUN = [("tpc_begin", gid)]
PREPARED = [*BEGUN, ("tpc_prepare",)]
FAILS = ("execute", "select 1/0")
USED = ("execute", "select 2")
STATES = {
    "idle": [],
    "in a transaction": [USED],
    "failed": [FAILS],
    "begun": BEGUN,
    "begun and used": [*BEGUN, USED],
    "begun and failed": [*BEGUN, FAILS],
    "prepared": PREPARED,
    "prepared and used": [*PREPARED, USED],
    "prepared and failed": [*PREPARED, FAILS],
    "of a failed one": [*BEGUN, FAILS, ("tpc_prepare",)],
    "committed by hand": [*BEGUN, ("execute", "commit")],
    "committed": [*BEGUN, ("tpc_commit",)],
    "rolled back in two phases": [*PREPARED, ("tpc_rollback",)],
    "closed": [*BEGUN, ("close",)],
    "lost": [*BEGUN, ("execute", "select pg_terminate_backend(pg_backend_pid())")],
    "begun again": [*PREPARED, *BEGUN],
    "too long": [("tpc_begin", "long" * 80), ("tpc_prepare",)],
    "no text": [("tpc_begin", 5), ("tpc_prepare",)],
    "no text of the server": [("tpc_begin", "a\\0b"), ("tpc_prepare",)],
    "temporary": [*BEGUN, ("execute", "create temp table t (n int)"), ("tpc_prepare",)],
}
CALLS = [
    *BEGUN,
    *((name,) for name in ("tpc_prepare", "tpc_commit", "tpc_rollback", "tpc_recover")),
    *((name, "nobody's") for name in ("tpc_commit", "tpc_rollback")),
    ("commit",), ("rollback",), USED, ("__exit__", None, None, None),
    ("__exit__", ValueError, ValueError(), None),
]
ENDS = [("tpc_rollback",), ("tpc_commit",), ("rollback",), ("commit",)]

def shown(value):
    kind = f"{type(value).__module__}.{type(value).__name__}"
    return OWN.sub("", f"{kind} {value} {getattr(value, 'sqlstate', '')}")

async def awaited(value):
    return await value if hasattr(value, "__await__") else value

async def step(connection, name, *args):
    if isinstance(connection, psycopg.AsyncConnection):
        name = name.replace("__exit__", "__aexit__")
    given = [each() if callable(each) and each is gid else each for each in args]
    try:
        result = await awaited(getattr(connection, name)(*given))
        said = "done" if name == "execute" else shown(result)
    except Exception as error:
        said = shown(error)
    print("   ", name, args[1:], said, connection.info.transaction_status.name, connection.closed)

async def drop():
    with psycopg.connect(url, autocommit=True) as other:
        for xid in other.tpc_recover():
            print("    left behind:", xid)
            other.tpc_rollback(xid)

async def main():
    for cls in (psycopg.Connection, psycopg.AsyncConnection):
        for state, before in STATES.items():
            for call in CALLS:
                connection = await awaited(cls.connect(url))
                print(cls.__name__.removeprefix("Mock"), state, call[0])
                for each in (*before, call, *ENDS):
                    await step(connection, *each)
                await awaited(connection.close())
                await drop()
        connection = await awaited(cls.connect(url, autocommit=True))
        for each in (*BEGUN, USED, ("tpc_prepare",), ("tpc_recover",), *ENDS):
            await step(connection, *each)
        await awaited(connection.close())

asyncio.run(main())
"""


def test_every_call_in_every_state(replayed: Replays) -> None:
    done = replayed(EVERY_CALL)
    assert done.output.count("ProgrammingError") > 100
    assert done.entered("miss") == done.left() == []


IDENTIFIERS = """
from psycopg import Xid
PARTS = [(1, "g", "b"), (0, "", ""), (2**31 - 1, "g" * 64, "é"), (None, "plain", "b"),
         (-1, "g", "b"), (2**31, "g", "b"), (1, "g" * 65, "b"), (1, "g", "b" * 65),
         (1, "g", None), ("1", "g", "b"), (1, None, "b")]
TEXTS = ["plain", "1_Zw==_Yg==", "1_Zw==_Yg", "-1_Zw==_Yg==", "it's 100% \\\\ \\"é\\"", "1_%%%_Yg=="]
def show(xid):
    print(repr(xid)[:150], str(xid)[:150], [*xid], len(xid), xid[0], xid[1:])
with psycopg.connect(url, autocommit=True) as other, psycopg.connect(url) as c:
    given = [*TEXTS]
    for parts in PARTS:
        try:
            xid = c.xid(*parts)
            show(xid)
            given.append(xid)
        except Exception as error:
            print(parts[0], type(error).__name__, error)
    for xid in given:
        if isinstance(xid, str):
            show(Xid.from_string(xid))
        c.tpc_begin(xid)
        c.tpc_prepare()
        for found in other.tpc_recover():
            print(type(found.prepared), found.owner, found.database, found[:])
            show(Xid(*found, owner=found.owner))
        other.tpc_rollback(xid)
        try:
            c.tpc_rollback()
        except psycopg.Error as error:
            print(type(error), error, error.sqlstate, error.diag.message_primary)
        c.tpc_begin(str(xid))
        c.tpc_rollback()
"""


def test_identifiers(replayed: Replays) -> None:
    done = replayed(IDENTIFIERS)
    assert done.output.count("UndefinedObject") == 10
    assert done.entered("miss") == done.left() == []


TRANSFER = """
def transfer(gid, second=None):
    c = psycopg.connect(url)
    c.tpc_begin(gid)
    print(c.execute("select 2").fetchone())
    c.tpc_prepare()
    c.close()
    with psycopg.connect(url, autocommit=True) as c:
        (second or c.tpc_commit)(gid)
"""


def test_an_identifier_is_compared(replayed: Replays) -> None:
    done = replayed(f"{TRANSFER}\ntransfer('order 1')")
    other = done.again(f"{TRANSFER}\ntransfer('order 2')")
    (miss,) = done.entered("miss")
    assert "ReplayMiss" in other.stderr
    assert 'parameter 0: recorded "order 1", asked "order 2"' in miss["report"]
    done.again(f"{TRANSFER}\ntransfer('order 1', lambda gid: None)")
    assert done.left() == [("tpc_commit", None)]
    assert done.again(f"{TRANSFER}\ntransfer('order 1')").stdout == done.output
    assert done.left() == []


def test_another_end_of_the_own_transaction_follows_the_state(
    replayed: Replays,
) -> None:
    script = """
with psycopg.connect(url) as c:
    c.tpc_begin("a")
    c.execute("select 2")
    {end}
    print(c.info.transaction_status.name)
"""
    done = replayed(script.format(end="c.tpc_prepare(); c.tpc_commit()"))
    again = done.again(script.format(end="c.tpc_rollback()"))
    assert again.stdout == "IDLE\n"
    assert done.entered("miss") == []
    assert done.left() == [("tpc_prepare", None), ("tpc_commit", None)]


def test_a_scope_that_committed_in_two_phases_has_to_commit(
    replayed: Replays,
) -> None:
    script = """
import contextlib, sys
scopes = [module for name, module in sys.modules.items() if name.endswith(".scopes")]
with scopes[0].open_scope("s", "test") if scopes else contextlib.nullcontext():
    with psycopg.connect(url) as c:
        c.tpc_begin("a")
        c.execute("select 2")
        c.tpc_{end}()
"""
    done = replayed(script.format(end="commit"))
    assert done.entered("lost_commits") == []
    done.again(script.format(end="rollback"))
    (lost,) = done.entered("lost_commits")
    assert lost["report"].startswith("recorded with a commit (once)")


SQLALCHEMY = """
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
name = url.replace("postgresql:", "postgresql+psycopg:")
class Base(DeclarativeBase):
    pass
class Entry(Base):
    __tablename__ = "two_phase_entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
engine = sa.create_engine(name)
Base.metadata.drop_all(engine)
Base.metadata.create_all(engine)
COUNT = sa.select(sa.func.count()).select_from(Entry)
ids = []
with engine.connect() as c:
    for end in ("commit", "prepare", "rollback", "close"):
        two = c.begin_twophase()
        ids.append(two.xid)
        c.execute(sa.insert(Entry), {"text": end})
        if end == "prepare":
            two.prepare()
            with engine.connect() as other:
                print(other.recover_twophase() == [two.xid])
                row = other.execute(sa.text("select gid from pg_prepared_xacts")).scalar()
                print(row == two.xid)
            two.commit()
        else:
            getattr(two, end)()
        print(end, two.is_active, c.execute(COUNT).scalar())
        c.rollback()
with engine.connect() as c:
    two = c.begin_twophase()
    c.execute(sa.insert(Entry), {"text": "left"})
    two.prepare()
    c.invalidate()
with engine.connect() as c:
    xid = two.xid
    print(c.recover_twophase() == [xid])
    c.commit_prepared(xid, recover=True)
    print(c.execute(COUNT).scalar(), c.recover_twophase())
    try:
        c.rollback_prepared(xid, recover=True)
    except psycopg.Error as error:
        print(type(error), error.sqlstate)
with Session(engine, twophase=True) as session:
    session.add(Entry(text="of a session"))
    session.commit()
    session.add(Entry(text="prepared"))
    session.flush()
    session.prepare()
    session.rollback()
    print(session.scalars(sa.select(Entry.text).order_by(Entry.id)).all())
async def main():
    engine = create_async_engine(name)
    async with AsyncSession(engine, sync_session_class=Session, twophase=True) as session:
        session.add(Entry(text="async"))
        await session.commit()
        print((await session.scalars(sa.select(Entry.text).order_by(Entry.id))).all())
        await session.rollback()
    async with engine.connect() as c:
        await c.run_sync(lambda c: c.begin_twophase("own identifier"))
        print((await c.execute(COUNT)).scalar())
        await c.run_sync(lambda c: c.get_transaction().commit())
    await engine.dispose()
asyncio.run(main())
print(len(set(ids)))
"""


def test_sqlalchemy(replayed: Replays) -> None:
    pytest.importorskip("sqlalchemy")
    done = replayed(SQLALCHEMY)
    assert "['commit', 'prepare', 'left', 'of a session', 'async']" in done.output
    assert done.entered("miss") == done.left() == []
    bound = {entry["recorded"] for entry in done.entered("bound")}
    assert len([text for text in bound if text.startswith("_sa_")]) > 5
