"""A thousand scopes at once in one process, whose statements are all the same.

Each scope has answers of its own to the same texts with the same parameters, and some
of them answer in turn; set-up and pings are asked all the time besides. No answer may
reach another scope, none may be given twice, and none may be left.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from recordings import exchange, make_fixture

SCOPES = 1_000
SELECT = "SELECT name FROM users WHERE id = %s"
NEXT = "SELECT nextval('numbers')"
INSERT = "INSERT INTO notes (id, text) VALUES (%(id)s, %(text)s) RETURNING id, text"
ECHO = "SELECT text FROM notes WHERE id = %s"
PING = "SELECT 1"
# What SQLAlchemy asks of its first connection, and with what parameters.
QUESTIONS = [
    ("select pg_catalog.version()", {}, "PostgreSQL 18.6 on x86_64"),
    ("select current_schema()", {}, "public"),
    ("show transaction isolation level", None, "read committed"),
    ("show standard_conforming_strings", {}, "on"),
]


def _id(number: int, note: int) -> dict[str, str]:
    return {"uuid": f"00000000-0000-4000-8000-{number:06d}{note:06d}"}


def _of_scope(number: int) -> list[dict[str, Any]]:
    """Twelve exchanges of one scope; all keys occur in every other scope, too."""
    name = f"scope {number}"
    exchanges = [exchange(SELECT, [key], [[f"{name}, user {key}"]]) for key in range(4)]
    exchanges += [exchange(NEXT, None, [[f"{name}, #{turn}"]]) for turn in range(4)]
    for note in range(2):
        recorded = _id(number, note)
        text = f"{name}, note {note}"
        values = {"id": recorded, "text": f"note {note}"}
        rows = [[recorded["uuid"], text]]
        exchanges.append(exchange(INSERT, values, rows, volatile=["id"]))
        exchanges.append(exchange(ECHO, [recorded], [[text]]))
    return exchanges


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fixture of a thousand scopes, and of start-up."""
    start_up = [
        exchange(sql, parameters, [[answer]], repeatable=True)
        for sql, parameters, answer in [*QUESTIONS, (PING, None, "1")]
    ]
    # SQLAlchemy's own ping, which has neither rows nor a tag.
    nothing = [{"rowcount": -1, "tag": None, "empty": True}]
    start_up.append(exchange(";", None, None, results=nothing, repeatable=True))
    no_hstore = exchange("hstore", ["TypeInfo"], [], repeatable=True)
    # What runs in no scope has an answer of its own as well.
    start_up += [no_hstore | {"operation": "type_info"}, *_of_scope(SCOPES)]
    scopes = {f"s{number}": _of_scope(number) for number in range(SCOPES)}
    folder = tmp_path_factory.mktemp("scopes")
    return folder / make_fixture(folder, {"start-up": start_up, **scopes}).__name__


HEAD = """
import asyncio, sys, threading, uuid
from concurrent.futures import ThreadPoolExecutor
from {package}.runtime import activate
activate.activate()
import psycopg
from {package}.runtime.replay import replay
from {package}.runtime.scopes import open_scope
# As often as the interpreter lets us.
sys.setswitchinterval(1e-6)
COUNT = {count}
SELECT, NEXT, INSERT, ECHO, PING = {statements!r}
wrong = []
done = []

def check(number, what, expected):
    if what != expected:
        wrong.append((number, what, expected))

class Wanted:
    '''What one scope has to get, whoever asks for it.'''
    def __init__(self, number):
        self.number = number
        self.name = f"scope {{number}}"
        self.turns = []
    def user(self, key, rows):
        check(self.number, rows, [(f"{{self.name}}, user {{key}}",)])
    def turn(self, rows):
        self.turns.append(rows[0][0])
    def note(self, note, live, rows):
        check(self.number, rows, [(str(live), f"{{self.name}}, note {{note}}")])
    def echo(self, note, rows):
        check(self.number, rows, [(f"{{self.name}}, note {{note}}",)])
    def end(self):
        # In whatever order its own threads and tasks came.
        turns = [f"{{self.name}}, #{{turn}}" for turn in range(4)]
        check(self.number, sorted(self.turns), turns)
        done.append(self.number)

def ask(run, wanted, keys, notes):
    for key in keys:
        check(wanted.number, run(PING), [("1",)])
        wanted.user(key, run(SELECT, [key]))
        wanted.turn(run(NEXT))
    for note in notes:
        live = uuid.uuid4()
        values = {{"id": live, "text": f"note {{note}}"}}
        wanted.note(note, live, run(INSERT, values))
        wanted.echo(note, run(ECHO, [live]))

def connection_of(connection):
    return lambda *asked: connection.execute(*asked).fetchall()

def in_thread(wanted, keys, notes):
    with psycopg.connect("") as connection:
        ask(connection_of(connection), wanted, keys, notes)

async def in_task(wanted, keys, notes):
    async with await psycopg.AsyncConnection.connect("") as connection:
        async def run(*asked):
            cursor = await connection.execute(*asked)
            await asyncio.sleep(0)
            return await cursor.fetchall()
        for key in keys:
            check(wanted.number, await run(PING), [("1",)])
            wanted.user(key, await run(SELECT, [key]))
            wanted.turn(await run(NEXT))
        for note in notes:
            live = uuid.uuid4()
            values = {{"id": live, "text": f"note {{note}}"}}
            wanted.note(note, live, await run(INSERT, values))
            wanted.echo(note, await run(ECHO, [live]))

def run_threads(numbers, work):
    gate = threading.Barrier(len(numbers))
    def scope(number):
        with open_scope(f"s{{number}}", "request"):
            # Nobody asks before all scopes are open.
            gate.wait()
            wanted = Wanted(number)
            work(wanted)
            wanted.end()
    threads = [threading.Thread(target=scope, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

async def run_tasks(numbers, work):
    gate = asyncio.Event()
    waiting = []
    async def scope(number):
        with open_scope(f"s{{number}}", "request"):
            waiting.append(number)
            if len(waiting) == len(numbers):
                gate.set()
            await gate.wait()
            wanted = Wanted(number)
            await work(wanted)
            wanted.end()
    await asyncio.gather(*map(scope, numbers))

# Each scope asks from a thread and from jobs that it starts itself, and waits for them.
shared = ThreadPoolExecutor(8)

def with_threads(wanted):
    own = threading.Thread(target=in_thread, args=(wanted, [0], [0]))
    own.start()
    job = shared.submit(in_thread, wanted, [1], [1])
    in_thread(wanted, [2, 3], [])
    own.join()
    job.result()

async def with_tasks(wanted):
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        group.create_task(in_task(wanted, [0], [0]))
        group.create_task(asyncio.to_thread(in_thread, wanted, [1], []))
    job = loop.run_in_executor(shared, in_thread, wanted, [2], [1])
    await asyncio.gather(in_task(wanted, [3], []), job)
"""

TAIL = """
import json
entries = replay().ledger.entries
left = {e["unused"]["scope"]: e["unused"]["exchanges"] for e in entries if "unused" in e}
del left["start-up"]
print(json.dumps({
    "done": sorted(done), "wrong": wrong[:5], "misses": replay().ledger.misses()[:2],
    "left": [each for of_scope in left.values() for each in of_scope][:5],
    "scopes": len(left),
}))
"""

THREADS = "run_threads(range(COUNT), with_threads)"
TASKS = "asyncio.run(run_tasks(range(COUNT), with_tasks))"
BOTH = """
half = COUNT // 2
def tasks(numbers):
    asyncio.run(run_tasks(numbers, with_tasks))
# Two event loops and the threads of half of the scopes, beside each other.
loops = [threading.Thread(target=tasks, args=(range(first, COUNT, 4),)) for first in (0, 2)]
for loop in loops:
    loop.start()
run_threads(range(1, COUNT, 2), with_threads)
for loop in loops:
    loop.join()
"""
# One engine, whose few connections go from scope to scope and are asked each time.
ENGINE = """
from sqlalchemy import create_engine
engine = create_engine("postgresql+psycopg://", pool_size=5, pool_pre_ping=True)
def through_the_pool(wanted):
    for key in range(4):
        with engine.connect() as pooled:
            run = connection_of(pooled.connection.driver_connection)
            ask(run, wanted, [key], [key] if key < 2 else [])
run_threads(range(COUNT), through_the_pool)
"""


@pytest.mark.parametrize(
    "script",
    [THREADS, TASKS, BOTH, ENGINE],
    ids=["threads", "tasks", "both", "one engine"],
)
def test_no_answer_crosses(package: Path, script: str) -> None:
    statements = (SELECT, NEXT, INSERT, ECHO, PING)
    head = HEAD.format(package=package.name, count=SCOPES, statements=statements)
    done = subprocess.run(
        [sys.executable, "-c", head + script + TAIL],
        cwd=package.parent,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said.pop("done") == list(range(SCOPES))
    assert said == {"wrong": [], "misses": [], "left": [], "scopes": SCOPES}


def test_an_answer_that_crosses_is_noticed(package: Path) -> None:
    # Scopes that are mixed up on purpose: the checks above must be able to fail.
    statements = (SELECT, NEXT, INSERT, ECHO, PING)
    head = HEAD.format(package=package.name, count=2, statements=statements)
    mixed_up = """
with open_scope("s0", "request"):
    in_thread(Wanted(1), [0], [])
"""
    done = subprocess.run(
        [sys.executable, "-c", head + mixed_up + TAIL],
        cwd=package.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(done.stdout)
    assert said["wrong"] == [[1, [["scope 0, user 0"]], [["scope 1, user 0"]]]]
    assert len(said["left"]) == 5
