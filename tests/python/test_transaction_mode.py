"""Transactions that begin with a mode of their own, and what they are answered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from opened import Opened, recorded
from recorded_scripts import run_both
from recordings import exchange

SHOW = "show transaction isolation level"
SERIALIZABLE = "SERIALIZABLE"


@recorded(
    exchange(SHOW, None, [["serializable"]], transaction=SERIALIZABLE),
    exchange(SHOW, None, [["read committed"]]),
    exchange(SHOW, None, [["repeatable read"]], transaction="REPEATABLE READ"),
)
def test_the_mode_tells_statements_apart(opened: Opened) -> None:
    levels = {}
    for level in ("REPEATABLE_READ", SERIALIZABLE, None):
        connection = opened.api.MockConnection.connect("")
        if level is not None:
            connection.isolation_level = getattr(opened.levels, level)
        (levels[level],) = connection.execute(SHOW).fetchone()
    assert levels == {
        None: "read committed",
        SERIALIZABLE: "serializable",
        "REPEATABLE_READ": "repeatable read",
    }


@recorded(exchange("SELECT 1", None, [["1"]], transaction="SERIALIZABLE READ ONLY"))
def test_a_miss_says_which_mode_it_was(opened: Opened) -> None:
    connection = opened.connection
    connection.read_only, connection.deferrable = True, False
    with pytest.raises(opened.api.ReplayMiss) as miss:
        connection.execute("SELECT 1")
    report = str(miss.value)
    assert "  transaction: READ ONLY\n" in report
    assert (
        "    transaction: recorded SERIALIZABLE READ ONLY, asked READ ONLY\n" in report
    )
    connection.rollback()
    with pytest.raises(opened.api.ReplayMiss, match="READ ONLY, asked plain\n"):
        opened.api.MockConnection.connect("").execute("SELECT 1")
    connection.isolation_level = opened.levels.SERIALIZABLE
    connection.deferrable = None
    assert connection.execute("SELECT 1").fetchone() == ("1",)


@recorded(
    exchange("SELECT 1", None, [["begun"]], transaction=SERIALIZABLE),
    exchange("SELECT 1", None, [["alone"]], status="IDLE"),
)
def test_without_a_transaction_there_is_no_mode(opened: Opened) -> None:
    connection = opened.api.MockConnection.connect("", autocommit=True)
    connection.isolation_level = opened.levels.SERIALIZABLE
    assert connection.execute("SELECT 1").fetchone() == ("alone",)
    with connection.transaction():
        assert connection.execute("SELECT 1").fetchone() == ("begun",)


@recorded(exchange("SELECT 1", None, [["1"]]))
def test_the_servers_own_mode_may_be_said_or_not(opened: Opened) -> None:
    # As that of a pool's connection that was reset.
    connection = opened.connection
    connection.isolation_level = opened.levels.READ_COMMITTED
    connection.read_only = connection.deferrable = False
    assert connection.execute("SELECT 1").fetchone() == ("1",)


@recorded(
    exchange("SELECT 1", None, [["1"]], transaction=SERIALIZABLE),
    exchange("SELECT 1", None, [["2"]], transaction=SERIALIZABLE),
)
def test_what_is_remembered_is_no_shortcut_past_the_mode(opened: Opened) -> None:
    connection = opened.connection
    connection.isolation_level = opened.levels.SERIALIZABLE
    assert connection.execute("SELECT 1").fetchone() == ("1",)
    with pytest.raises(opened.api.ReplayMiss):
        opened.api.MockConnection.connect("").execute("SELECT 1")
    assert connection.execute("SELECT 1").fetchone() == ("2",)


@pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="needs a server")
def test_recorded(tmp_path: Path) -> None:
    printed, trace = run_both(
        tmp_path,
        f"""
c = psycopg.connect(url)
show = "{SHOW}"
print(c.execute(show).fetchone())
c.rollback()
c.isolation_level, c.read_only = psycopg.IsolationLevel.SERIALIZABLE, False
print(c.execute(show).fetchone(), c.cursor().executemany("select 1", []))
c.rollback()
c.autocommit, c.isolation_level, c.read_only = True, None, True
print(c.execute(show).fetchone())
with c.transaction():
    print(c.execute(show).fetchone())
""",
    )
    assert printed.count("serializable") == 1
    modes = [each.get("transaction") for each in trace.exchanges if each["sql"]]
    assert modes == [None, SERIALIZABLE, SERIALIZABLE, None, "READ ONLY"]
