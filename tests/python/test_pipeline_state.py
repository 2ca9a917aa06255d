"""Pipeline mode without a server: what is matched, and what arrives when."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange

DIVISION = {
    "class": "psycopg.errors.DivisionByZero",
    "sqlstate": "22012",
    "message": "division by zero",
}
ABORTED = {
    "class": "psycopg.errors.PipelineAborted",
    "sqlstate": None,
    "message": "pipeline aborted",
}
ADAPTATION = {
    "class": "psycopg.ProgrammingError",
    "sqlstate": None,
    "message": "cannot adapt type 'object'",
}


def sent(sql: str, *args: Any, **fields: Any) -> dict[str, Any]:
    return exchange(sql, *args, status="ACTIVE", **fields)


def failing(sql: str, error: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return sent(sql, results=[], error=error, **fields)


@recorded(sent("a", rows=[["1"]]), failing("b", ABORTED), sent("b", rows=[["2"]]))
def test_only_what_was_skipped_answers_behind_an_error(opened: Opened) -> None:
    connection = opened.connection
    with connection.pipeline():
        # Nothing has failed, so that what was skipped is not its answer.
        assert connection.execute("b").fetchone() == ("2",)
        with pytest.raises(opened.api.ReplayMiss):
            connection.execute("b")
        assert connection.execute("a").fetchone() == ("1",)


@recorded(failing("fail", DIVISION), failing("b", ABORTED), sent("b", rows=[["2"]]))
def test_what_a_server_skips_is_not_answered(opened: Opened) -> None:
    connection = opened.connection
    with connection.pipeline() as pipeline:
        connection.execute("fail")
        for _ in range(3):
            # The first was recorded; the others are refused as everything is.
            cursor = connection.execute("b")
        with pytest.raises(opened.errors.DivisionByZero):
            cursor.fetchone()
        assert connection.info.pipeline_status.name == "ABORTED"
        with pytest.raises(opened.errors.ProgrammingError, match="no result"):
            cursor.fetchone()
        assert connection.execute("never recorded").rowcount == -1
        with pytest.raises(opened.errors.PipelineAborted):
            pipeline.sync()
        connection.rollback()
        assert connection.execute("b").fetchone() == ("2",)


@recorded(
    sent("a", rows=[["1"]]),
    failing("fail", DIVISION),
    failing("b", ABORTED, interrupted=True),
)
def test_a_call_is_interrupted_by_what_had_arrived(opened: Opened) -> None:
    connection = opened.connection
    with connection.pipeline() as pipeline:
        first = connection.execute("a")
        connection.execute("fail")
        assert first.rowcount == -1
        with pytest.raises(opened.errors.DivisionByZero):
            connection.execute("b")
        assert first.rowcount == 1
        with pytest.raises(opened.errors.PipelineAborted):
            pipeline.sync()


@recorded(
    failing("many", ADAPTATION, parameters=[["x"]], operation="executemany")
    | {"results": [{"rowcount": 2, "tag": "INSERT 0 1"}]}
)
def test_what_fails_in_the_client_is_raised_at_once(opened: Opened) -> None:
    cursor = opened.connection.cursor()
    with opened.connection.pipeline():
        with pytest.raises(opened.errors.ProgrammingError, match="adapt"):
            cursor.executemany("many", [["x"]])
        assert cursor.rowcount == 0
    assert (cursor.rowcount, cursor.statusmessage) == (2, "INSERT 0 1")


ZONE = {"TimeZone": "Asia/Seoul"}
SYNC = {"operation": "sync", "server_parameters": ZONE, "status": "INTRANS"}
BACK = {
    "operation": "rollback",
    "server_parameters": {"TimeZone": "UTC"},
    "status": "IDLE",
}


@recorded(sent("set", results=[], controls=[SYNC, BACK]))
def test_ends_are_taken_one_after_the_other(opened: Opened) -> None:
    connection = opened.connection
    with connection.pipeline() as pipeline:
        connection.execute("set")
        assert connection.session.get("TimeZone") == "UTC"
        pipeline.sync()
        assert connection.session.get("TimeZone") == "Asia/Seoul"
        connection.rollback()
        assert connection.session.get("TimeZone") == "UTC"
    opened.replay.closed(opened.scopes.current())
    unused = [e["unused"] for e in opened.replay.ledger.entries if "unused" in e]
    assert unused[-1]["exchanges"] == []


@recorded(sent("set", results=[], controls=[SYNC, BACK]))
def test_each_end_that_was_not_asked_for_is_listed(opened: Opened) -> None:
    opened.connection.execute("set")
    opened.replay.closed(opened.scopes.current())
    unused = [e["unused"] for e in opened.replay.ledger.entries if "unused" in e]
    operations = [each["operation"] for each in unused[-1]["exchanges"]]
    assert operations == ["sync", "rollback"]


DEFERRED = {
    "class": "psycopg.errors.UniqueViolation",
    "sqlstate": "23505",
    "message": "duplicate key",
}


@recorded(
    sent(
        "insert",
        controls=[{"operation": "sync", "error": DEFERRED, "status": "IDLE"}],
        times=2,
    )
)
def test_a_sync_fails_as_it_did(opened: Opened) -> None:
    connection = opened.connection
    connection.autocommit = True
    with connection.pipeline() as pipeline:
        cursor = connection.execute("insert")
        with pytest.raises(opened.errors.UniqueViolation):
            pipeline.sync()
        assert cursor.rowcount == 1
        pipeline.sync()
    with pytest.raises(opened.errors.UniqueViolation), connection.pipeline():
        connection.execute("insert")


@recorded(sent("a", rows=[["1"]], times=2))
def test_a_row_factory_fails_where_rows_arrive(opened: Opened) -> None:
    def fails(cursor: Any) -> Any:
        raise KeyError("factory")

    cursor = opened.connection.cursor(row_factory=fails)
    with opened.connection.pipeline() as pipeline:
        cursor.execute("a")
        with pytest.raises(KeyError):
            pipeline.sync()
        pipeline.sync()
        assert opened.connection.info.pipeline_status.name == "ON"


LOST = {
    "class": "psycopg.OperationalError",
    "sqlstate": None,
    "message": "server closed the connection unexpectedly",
}


@recorded(
    failing("fail", DIVISION),
    failing("b", LOST) | {"status": "UNKNOWN"},
    failing("c", LOST) | {"status": "UNKNOWN"},
)
def test_a_lost_connection_is_noticed_when_it_is_read_again(opened: Opened) -> None:
    connection, lost = opened.connection, opened.errors.OperationalError
    with pytest.raises(lost, match="is lost"), connection.pipeline() as pipeline:
        cursor = connection.execute("fail")
        with pytest.raises(opened.errors.DivisionByZero):
            cursor.fetchone()
        pipeline.sync()
        connection.execute("b")
        connection.execute("c")
        with pytest.raises(lost, match="closed the"):
            pipeline.sync()
        assert connection.closed and connection.broken


@recorded(sent("a", rows=[["1"]], times=3), sent("b", rows=[["2"]], times=3))
def test_tasks_may_each_ask_for_their_results(opened: Opened) -> None:
    async def ask(connection: Any, sql: str) -> Any:
        cursor = await connection.execute(sql)
        await asyncio.sleep(0)
        return await cursor.fetchall()

    async def main() -> Any:
        connection = await opened.api.MockAsyncConnection.connect("")
        async with connection.pipeline():
            return await asyncio.gather(*(ask(connection, sql) for sql in "ababab"))

    assert asyncio.run(main()) == [[("1",)], [("2",)]] * 3
