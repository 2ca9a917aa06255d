"""Commits and rollbacks that did more than succeed when they were recorded."""

from __future__ import annotations

from typing import Any

import pytest
from opened import INSERT, SELECT, UNIQUE, Opened, recorded
from recordings import exchange

FAILED = {"operation": "commit", "error": UNIQUE, "status": "IDLE"}


@recorded(
    exchange(SELECT, [1], [["0"]], times=2),
    exchange(INSERT, controls=[FAILED]),
    exchange(INSERT),
)
def test_a_commit_fails_whatever_was_asked_before_and_succeeds_on_retry(
    opened: Opened,
) -> None:
    opened.execute(SELECT, [1])
    opened.execute(INSERT)
    with pytest.raises(opened.errors.UniqueViolation):
        opened.connection.commit()
    assert opened.connection.info.transaction_status.name == "IDLE"
    opened.execute(SELECT, [1])
    opened.execute(INSERT)
    opened.connection.commit()
    opened.replay.closed(opened.scopes.current())
    (unused,) = [e["unused"] for e in opened.replay.ledger.entries if "unused" in e][1:]
    assert unused["exchanges"] == []


@recorded(exchange("a", None), exchange("b", None, controls=[FAILED]))
def test_the_connection_of_the_last_exchange_gets_the_error(opened: Opened) -> None:
    other = opened.api.MockConnection.connect("")
    opened.execute("a")
    other.execute("b")
    opened.connection.commit()
    with pytest.raises(opened.errors.UniqueViolation):
        other.commit()


@recorded(exchange("a", None, controls=[FAILED]), exchange("b", None))
def test_an_end_that_was_not_asked_for_is_listed_as_unused(opened: Opened) -> None:
    opened.execute("a")
    opened.connection.rollback()
    opened.execute("b")
    opened.connection.commit()
    opened.replay.closed(opened.scopes.current())
    unused = [e["unused"] for e in opened.replay.ledger.entries if "unused" in e][-1]
    assert [each["operation"] for each in unused["exchanges"]] == ["commit"]


ZONE = "SELECT set_config('TimeZone', %s, true)"
BACK = {"operation": "commit", "server_parameters": {"TimeZone": "UTC"}}


@recorded(
    exchange(
        ZONE,
        ["Asia/Tokyo"],
        [["Asia/Tokyo"]],
        server_parameters={"TimeZone": "Asia/Tokyo"},
    ),
    exchange("a", None, controls=[BACK | {"status": "IDLE"}], times=2),
)
def test_what_was_set_for_a_transaction_ends_with_it(opened: Opened) -> None:
    zone = opened.connection.info.parameter_status
    opened.execute(ZONE, ["Asia/Tokyo"])
    opened.execute("a")
    assert zone("TimeZone") == "Asia/Tokyo"
    opened.connection.commit()
    assert zone("TimeZone") == "UTC"


@pytest.mark.parametrize("comment", ["", "-- a\n ", "/* a\n*/ /* b */"])
@recorded(exchange("bad", None, error=UNIQUE, status="INERROR", results=[]))
def test_a_rollback_behind_a_comment_is_no_statement_of_the_failed_transaction(
    opened: Opened, comment: str
) -> None:
    with pytest.raises(opened.errors.UniqueViolation):
        opened.execute("bad")
    with pytest.raises(opened.errors.InFailedSqlTransaction):
        opened.execute(f"{comment}select 1")
    assert opened.replay.ledger.misses() == []
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute(f"{comment}ROLLBACK")


ROLLED_BACK: dict[str, Any] = {"results": [{"rowcount": -1, "tag": "ROLLBACK"}]}


@recorded(
    exchange("bad", None, error=UNIQUE, status="INERROR", results=[]),
    exchange("/* tag */ ROLLBACK TO a", None, **ROLLED_BACK),
    exchange("after", None),
)
def test_a_recorded_rollback_to_a_savepoint_mends_the_transaction(
    opened: Opened,
) -> None:
    with pytest.raises(opened.errors.UniqueViolation):
        opened.execute("bad")
    opened.execute("/* tag */ ROLLBACK TO a")
    opened.execute("after")


@recorded(exchange(INSERT))
def test_a_commit_after_the_end_of_the_scope_is_not_lost(opened: Opened) -> None:
    opened.replay.fixture.commits = lambda scope: 1
    opened.execute(INSERT)
    opened.replay.closed(opened.scopes.current())
    (report,) = opened.replay.ledger.misses()
    assert report.startswith("recorded with a commit (once), replayed without any")
    opened.connection.commit()
    assert opened.replay.ledger.misses() == []
