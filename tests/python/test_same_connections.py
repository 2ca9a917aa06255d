"""Connections, transactions and cursors beside the driver's own on a live server.

A scenario runs on both and gives texts, which must be equal. The stand-in's exchanges
are written by hand, as the recorder would have written them.
"""

from __future__ import annotations

import gc
import importlib
import os
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from recorded_scripts import require_server
from recordings import exchange, make_fixture
from sides import outcome

require_server()
psycopg = pytest.importorskip("psycopg")

Scenario: TypeAlias = Callable[[Any, Any], Iterator[Any]]

GONE = "terminating connection due to administrator command"
END = "SELECT pg_terminate_backend(pg_backend_pid())"
CREATE = "CREATE TEMP TABLE numbers (n int PRIMARY KEY)"
INSERT = "INSERT INTO numbers VALUES (%s)"
RETURNING = "INSERT INTO numbers VALUES (%s) RETURNING n::text"
DIVISION = "SELECT 1/0"
INFO = (
    "backend_pid",
    "dbname",
    "encoding",
    "full_protocol_version",
    "host",
    "options",
    "password",
    "pipeline_status",
    "server_version",
    "status",
    "transaction_status",
    "user",
    "vendor",
)


def failure(cls: str, sqlstate: str, message: str) -> dict[str, Any]:
    return {"class": f"psycopg.errors.{cls}", "sqlstate": sqlstate, "message": message}


DUPLICATE = failure(
    "UniqueViolation",
    "23505",
    'duplicate key value violates unique constraint "numbers_pkey"\n'
    "DETAIL:  Key (n)=(1) already exists.",
)
EXCHANGES = (
    exchange("SELECT 'a'", rows=[["a"]], times=9),
    exchange(CREATE, results=[{"rowcount": -1, "tag": "CREATE TABLE"}], times=9),
    exchange(
        DIVISION,
        status="INERROR",
        results=[],
        error=failure("DivisionByZero", "22012", "division by zero"),
        times=9,
    ),
    exchange(
        END,
        status="UNKNOWN",
        results=[],
        error=failure("AdminShutdown", "57P01", GONE),
        times=9,
    ),
    exchange(
        INSERT,
        [[1], [2], [1]],
        operation="executemany",
        status="INERROR",
        error=DUPLICATE,
        results=[{"rowcount": 2, "tag": "INSERT 0 1"}],
    ),
    exchange(
        RETURNING,
        [[1], [1]],
        rows=[["1"]],
        operation="executemany",
        status="INERROR",
        error=DUPLICATE,
        tag="INSERT 0 1",
    ),
    exchange(
        INSERT,
        [["x"]],
        operation="executemany",
        status="INERROR",
        error=failure("InvalidTextRepresentation", "22P02", "…"),
        results=[],
    ),
    exchange(
        INSERT,
        [],
        operation="executemany",
        results=[{"rowcount": 0, "tag": None}],
    ),
)


def nesting(driver: Any, connection: Any) -> Iterator[Any]:
    """Blocks that are left before those within them."""
    for order in ((0, 1), (1, 0), (1, 2, 0), (0, 2, 1), (0, 0), (1, 0, 0)):
        for error in (None, ValueError("x")):
            blocks = [driver.Transaction(connection) for _ in range(max(order) + 1)]
            for block in blocks:
                yield block.__enter__()
            for number in order:
                yield partial(blocks[number].__exit__, type(error), error, None)
                yield [(block.status, block.savepoint_name) for block in blocks]
                yield connection.info.transaction_status
            yield connection.rollback
            connection = yield "again"


def blocks(driver: Any, connection: Any) -> Iterator[Any]:
    """What becomes of a block, and what is made of its exceptions."""
    transaction = driver.Transaction
    block = transaction(connection, "named")
    yield block.__enter__()
    inner = transaction(connection, force_rollback=True)
    yield inner.__enter__()
    yield partial(inner.__exit__, None, None, None)
    yield inner
    rollback = driver.Rollback(block)
    yield inner.__enter__
    yield partial(block.__exit__, type(rollback), rollback, None)
    yield block
    for asked in (driver.Rollback(), driver.Rollback(block), KeyError("k")):
        last = transaction(connection)
        yield last.__enter__()
        yield partial(last.__exit__, type(asked), asked, None)
        yield last
    yield partial(connection.execute, DIVISION)
    refused = transaction(connection)
    yield refused.__enter__
    yield refused
    yield connection.rollback
    yield connection.info.transaction_status
    yield partial(transaction(connection).__exit__, None, None, None)
    yield connection.commit


def closed_within(driver: Any, connection: Any) -> Iterator[Any]:
    """A connection that is closed within blocks."""
    outer, inner = driver.Transaction(connection), driver.Transaction(connection, "i")
    outer.__enter__()
    inner.__enter__()
    connection.close()
    yield partial(inner.__exit__, None, None, None)
    yield partial(outer.__exit__, KeyError, KeyError(), None)
    yield outer, inner
    yield driver.Transaction(connection).__enter__
    yield from after(driver, connection)


def lost(driver: Any, connection: Any) -> Iterator[Any]:
    """A connection that the server ended."""
    cursor = connection.cursor()
    yield partial(connection.execute, END)
    yield partial(cursor.execute, "SELECT 'a'")
    yield driver.Transaction(connection).__enter__
    yield from after(driver, connection)
    connection.close()
    yield from after(driver, connection)


def after(driver: Any, connection: Any) -> Iterator[Any]:
    """Every call on a connection that is gone."""
    yield connection.closed, connection.broken
    for name in ("commit", "rollback", "cursor", "cancel"):
        yield getattr(connection, name)
    yield partial(connection.execute, "SELECT 'a'")
    yield partial(driver.Cursor(connection).execute, "SELECT 'a'")
    yield partial(setattr, connection, "autocommit", True)
    for name in INFO:
        yield partial(getattr, connection.info, name)


def many(driver: Any, connection: Any) -> Iterator[Any]:
    """What a cursor has after `executemany`, failing or not."""
    for sql, sets in (
        (INSERT, [[1], [2], [1]]),
        (RETURNING, [[1], [1]]),
        (INSERT, []),
    ):
        connection.execute(CREATE)
        cursor = connection.execute("SELECT 'a'")
        returning = sql == RETURNING
        yield partial(cursor.executemany, sql, sets, returning=returning)
        for _ in range(3):
            yield cursor.rowcount, cursor.statusmessage, cursor.rownumber
            yield cursor.fetchall
            yield cursor.nextset
        yield connection.info.transaction_status
        connection.rollback()
    connection.execute(CREATE)
    cursor = connection.execute("SELECT 'a'")
    try:
        cursor.executemany(INSERT, [["x"]])
    except driver.DataError:
        yield cursor.rowcount, cursor.statusmessage, cursor.pgresult
    connection.rollback()
    cursor = connection.execute("SELECT 'a'")
    cursor.close()
    yield partial(cursor.executemany, INSERT, [[1]])
    yield cursor.rowcount, cursor.statusmessage
    cursor = connection.execute("SELECT 'a'")
    connection.close()
    yield partial(cursor.executemany, INSERT, [[1]])
    yield cursor.rowcount, cursor.statusmessage


def unclosed(driver: Any, connection: Any) -> Iterator[Any]:
    """What is said of what nobody closed."""
    # Of this scenario, and not of what ran before it.
    gc.collect()
    for prepared in (
        lambda fresh: None,
        lambda fresh: fresh.close(),
        lambda fresh: fresh.execute("SELECT 'a'"),
        lambda fresh: fresh.cursor("named"),
        lambda fresh: fresh.cursor("named").close(),
        lambda fresh: setattr(fresh, "_pool", object()),
        lambda fresh: outcome(lambda: fresh.execute(END)),
    ):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            prepared(driver.connect(os.environ["DATABASE_URL"]))
            gc.collect()
        yield [(each.category, str(each.message)) for each in caught]


@pytest.mark.parametrize(
    "scenario", [nesting, blocks, closed_within, lost, many, unclosed]
)
def test_scenario(tmp_path: Path, scenario: Scenario) -> None:
    package = make_fixture(tmp_path, {"start-up": EXCHANGES})
    stand_in = importlib.import_module(f"{package.__name__}.runtime.psycopg")
    said = [_said(scenario, driver) for driver in (stand_in, psycopg)]
    assert said[0] == said[1]
    assert len(said[0]) > 5


def _said(scenario: Scenario, driver: Any) -> list[str]:
    connect = driver.connect
    connections = [connect(os.environ["DATABASE_URL"])]
    running = scenario(driver, connections[0])
    said = []
    try:
        step = next(running)
        while True:
            said.append(outcome(step if callable(step) else lambda step=step: step))
            if step == "again":
                connections.append(connect(os.environ["DATABASE_URL"]))
                step = running.send(connections[-1])
            else:
                step = next(running)
    except StopIteration:
        return said
    finally:
        for connection in connections:
            connection.close()
