"""What answers a statement, what does not, and what a miss says."""

from __future__ import annotations

import datetime as dt
import decimal
import importlib
import json
import uuid
import zoneinfo
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from opened import INSERT, SELECT, UNIQUE, Opened, recorded
from recordings import exchange, make_fixture

OLD, NEW = uuid.UUID(int=1 << 100), uuid.UUID(int=2 << 100)
THEN = dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
NOW = dt.datetime(2027, 6, 5, 4, 3, 2, 1, tzinfo=dt.UTC)


@recorded(exchange(SELECT, [1], [["Ada"]]), exchange(SELECT, [1], [["Grace"]]))
def test_equal_keys_are_consumed_in_recorded_order(opened: Opened) -> None:
    assert opened.execute(SELECT, [1]).fetchall() == [("Ada",)]
    assert opened.execute(SELECT, [1]).fetchall() == [("Grace",)]
    with pytest.raises(opened.api.ReplayMiss, match="already consumed"):
        opened.execute(SELECT, [1])


@recorded(exchange(SELECT, [1], [["Ada"]], times=2))
def test_a_repeated_exchange_answers_as_often_as_it_was_recorded(
    opened: Opened,
) -> None:
    assert opened.execute(SELECT, [1]).fetchone() == ("Ada",)
    assert opened.execute(SELECT, [1]).fetchone() == ("Ada",)
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute(SELECT, [1])


@pytest.mark.parametrize("value", [2, 1.0, True, "1", decimal.Decimal(1), None])
@recorded(exchange(SELECT, [1], [["Ada"]]))
def test_another_value_or_another_type_is_a_miss(opened: Opened, value: Any) -> None:
    with pytest.raises(opened.api.ReplayMiss, match="parameter 0: recorded 1, asked"):
        opened.execute(SELECT, [value])


@recorded(exchange(SELECT, [1], [["Ada"]]))
def test_another_text_is_a_miss_that_names_the_token(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss) as miss:
        opened.execute(SELECT.replace("name", "email"), [1])
    assert "recorded 'name', asked 'email'" in str(miss.value)
    assert "hint: record this scope again with `record scratch_" in str(miss.value)
    assert opened.replay.ledger.misses() == [str(miss.value)]
    assert not isinstance(miss.value, opened.errors.Error)


@recorded(other=[exchange(SELECT, [1], [["Ada"]])])
def test_a_scope_does_not_take_the_answers_of_another(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss, match="without any statement"):
        opened.execute(SELECT, [1])
    unheard_of = opened.scopes.open_scope("unheard of", "test")
    with unheard_of, pytest.raises(opened.api.ReplayMiss, match="was not recorded"):
        opened.execute(SELECT, [1])
    with opened.scopes.open_scope("other", "test"):
        assert opened.execute(SELECT, [1]).fetchone() == ("Ada",)


@recorded(
    **{
        "start-up": [
            exchange("SELECT 1", None, [["1"]], repeatable=True),
            exchange("SELECT count(*) FROM users", None, [["0"]]),
        ]
    }
)
def test_only_connection_set_up_is_answered_again_in_a_scope(opened: Opened) -> None:
    for _ in range(3):
        assert opened.execute("SELECT 1").fetchone() == ("1",)
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute("SELECT count(*) FROM users")


def _insert(**fields: Any) -> dict[str, Any]:
    parameters = {
        "id": {"uuid": str(OLD)},
        "at": {"datetime": THEN.isoformat()},
        "name": "Ada",
    }
    return exchange(INSERT, parameters, volatile=["id", "at"], **fields)


@recorded(
    _insert(),
    exchange(
        "SELECT id, at FROM users WHERE id = %s",
        [{"uuid": str(OLD)}],
        [[str(OLD), THEN.isoformat()]],
    ),
)
def test_a_volatile_value_is_bound_in_parameters_and_rows(opened: Opened) -> None:
    opened.execute(INSERT, {"id": NEW, "at": NOW, "name": "Ada"})
    cursor = opened.execute("SELECT id, at FROM users WHERE id = %s", [NEW])
    assert cursor.fetchone() == (str(NEW), NOW.isoformat())
    bound = {
        entry["bound"]["live"]: entry["bound"]["recorded"]
        for entry in opened.replay.ledger.entries
        if "bound" in entry
    }
    assert bound[str(NEW)] == str(OLD)
    naive = NOW.replace(tzinfo=None).isoformat()
    assert bound[naive] == THEN.replace(tzinfo=None).isoformat()


def _jsonb(of: uuid.UUID) -> dict[str, str]:
    return {"jsonb": json.dumps({"id": str(of), "n": 1})}


@recorded(
    exchange("a", [_jsonb(OLD), [{"uuid": str(OLD)}]], volatile=[0, 1]),
    exchange("b", [_jsonb(OLD), [{"uuid": str(OLD)}]], [[str(OLD)]]),
)
def test_values_within_arrays_and_documents_are_bound(opened: Opened) -> None:
    jsonb = importlib.import_module(f"{opened.package}.runtime.types.json").Jsonb
    parameters = [jsonb({"id": str(NEW), "n": 1}), [NEW]]
    opened.execute("a", parameters)
    assert opened.execute("b", parameters).fetchone() == (str(NEW),)


BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def _in_berlin(moment: dt.datetime) -> dict[str, Any]:
    value = {"value": moment.astimezone(BERLIN).isoformat(), "zone": BERLIN.key}
    return {"datetime": value | {"fold": 0}}


@recorded(
    exchange("SET", results=[], server_parameters={"TimeZone": BERLIN.key}),
    exchange("a", [{"datetime": THEN.isoformat()}], volatile=[0]),
    exchange("b", [_in_berlin(THEN)], [["2026-01-02 04:04:05.000006+01"]]),
    exchange("c", [{"datetime": THEN.replace(tzinfo=None).isoformat()}]),
)
def test_a_bound_moment_is_one_in_every_time_zone(opened: Opened) -> None:
    opened.execute("SET")
    opened.execute("a", [NOW])
    row = opened.execute("b", [NOW.astimezone(BERLIN)]).fetchone()
    assert row == ("2027-06-05 06:03:02.000001+02",)
    opened.execute("c", [NOW.replace(tzinfo=None)])


@recorded(_insert())
def test_an_undeclared_parameter_of_the_statement_stays_exact(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss) as miss:
        opened.execute(INSERT, {"id": NEW, "at": NOW, "name": "Eve"})
    assert 'parameter name: recorded "Ada", asked "Eve"' in str(miss.value)


@pytest.mark.parametrize(
    "changed", [{"at": NOW.replace(tzinfo=None)}, {"at": str(NOW)}, {"id": 7}]
)
@recorded(_insert())
def test_a_volatile_value_of_another_shape_is_a_miss(
    opened: Opened, changed: dict[str, Any]
) -> None:
    with pytest.raises(opened.api.ReplayMiss, match=r"parameter (at|id) \(volatile\)"):
        opened.execute(INSERT, {"id": NEW, "at": NOW, "name": "Ada"} | changed)


AT = "INSERT INTO marks (at) VALUES (%s)"
SINCE = "SELECT name FROM marks WHERE at = %s"
LATER = THEN + dt.timedelta(microseconds=4)


def _moment(moment: dt.datetime) -> list[Any]:
    return [{"datetime": moment.isoformat()}]


@recorded(
    exchange(AT, _moment(THEN), volatile=[0]),
    exchange(SINCE, _moment(THEN), [["first"]]),
    exchange(AT, _moment(LATER), volatile=[0]),
    exchange(SINCE, _moment(LATER), [[LATER.isoformat()]]),
    exchange(SINCE, [{"jsonb": f'["{LATER.isoformat()}"]'}], [["document"]]),
)
def test_one_live_moment_may_stand_for_two_recorded_ones(opened: Opened) -> None:
    opened.execute(AT, [NOW])
    assert opened.execute(SINCE, [NOW]).fetchone() == ("first",)
    opened.execute(AT, [NOW])
    assert opened.execute(SINCE, [NOW]).fetchone() == (NOW.isoformat(),)
    jsonb = importlib.import_module(f"{opened.package}.runtime.types.json").Jsonb
    asked = jsonb([NOW.isoformat()])
    assert opened.execute(SINCE, [asked]).fetchone() == ("document",)
    pairs = [
        entry["bound"] for entry in opened.replay.ledger.entries if "bound" in entry
    ]
    stands_for = {p["recorded"] for p in pairs if p["live"] == NOW.isoformat()}
    assert stands_for >= {THEN.isoformat(), LATER.isoformat()}


@recorded(
    exchange(AT, _moment(THEN), volatile=[0], times=2),
    exchange(SINCE, _moment(THEN), [["both"]], times=2),
)
def test_two_live_moments_may_stand_for_one_recorded(opened: Opened) -> None:
    moments = [NOW, NOW + dt.timedelta(microseconds=1)]
    for moment in moments:
        opened.execute(AT, [moment])
    for moment in moments:
        assert opened.execute(SINCE, [moment]).fetchone() == ("both",)


KEY = "INSERT INTO keys (id, parent) VALUES (%s, %s)"


def _keys(*keys: uuid.UUID) -> dict[str, Any]:
    values = [{"uuid": str(key)} for key in keys]
    return exchange(KEY, values, volatile=[*range(len(values))])


@recorded(_keys(OLD, OLD))
def test_two_keys_do_not_stand_for_one(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute(KEY, [NEW, uuid.UUID(int=3 << 100)])
    opened.execute(KEY, [NEW, NEW])


@recorded(_keys(OLD, OLD), _keys(uuid.UUID(int=7 << 100), OLD))
def test_another_parent_than_the_bound_one_is_a_miss(opened: Opened) -> None:
    opened.execute(KEY, [NEW, NEW])
    child, stranger = uuid.UUID(int=8 << 100), uuid.UUID(int=9 << 100)
    with pytest.raises(opened.api.ReplayMiss) as miss:
        opened.execute(KEY, [child, stranger])
    assert "parameter 1 (volatile): recorded" in str(miss.value)
    with pytest.raises(opened.api.ReplayMiss, match="bound to recorded"):
        opened.execute(KEY, [NEW, NEW])
    opened.execute(KEY, [child, NEW])


@recorded(exchange(INSERT, None, error=UNIQUE, status="INERROR", results=[]))
def test_a_recorded_error_is_the_class_and_fails_the_transaction(
    opened: Opened,
) -> None:
    with pytest.raises(opened.errors.UniqueViolation) as raised:
        opened.execute(INSERT)
    assert isinstance(raised.value, opened.errors.IntegrityError)
    assert raised.value.sqlstate == "23505"
    assert raised.value.diag.constraint_name == "users_email_key"
    with pytest.raises(opened.errors.InFailedSqlTransaction):
        opened.execute("SELECT 1")
    assert opened.replay.ledger.misses() == []
    opened.connection.rollback()
    assert opened.connection.info.transaction_status.name == "IDLE"


@recorded(
    exchange(INSERT),
    exchange(None, operation="commit", error=UNIQUE, status="IDLE", results=[]),
)
def test_a_commit_that_failed_fails_once_what_came_before_is_done(
    opened: Opened,
) -> None:
    with opened.connection.transaction():
        pass
    opened.execute(INSERT)
    with pytest.raises(opened.errors.UniqueViolation):
        opened.connection.commit()
    opened.connection.commit()


@recorded(exchange(SELECT, [1], [["Ada"]]))
def test_the_end_of_a_scope_lists_what_was_not_used(opened: Opened) -> None:
    with opened.scopes.open_scope("s", "set-up"):
        pass
    assert opened.replay.ledger.entries[-2:] == [
        {"unused": {"scope": "s (2)", "exchanges": []}},
        {"scope_end": {"scope": "s (2)"}},
    ]
    opened.replay.closed(opened.scopes.current())
    (unused,) = opened.replay.ledger.entries[-2]["unused"]["exchanges"]
    assert (unused["sql"], unused["parameters"], unused["left"]) == (SELECT, [1], 1)
    # A task that outlives its request may still come for it.
    opened.execute(SELECT, [1])
    taken = {"scope": "s", "exchange": unused["exchange"]}
    assert opened.replay.ledger.entries[-1] == {"taken": taken}


@recorded(
    **{
        "start-up": [
            exchange("SELECT 1", None, [["1"]], repeatable=True),
            exchange("SELECT 1", None, [["0"]]),
            exchange("SELECT 2", None, [["2"]], repeatable=True),
        ]
    }
)
def test_start_up_is_listed_at_once_and_then_what_is_taken(opened: Opened) -> None:
    listed = opened.replay.ledger.entries[0]["unused"]
    assert listed["scope"] == "start-up"
    assert [each["exchange"] for each in listed["exchanges"]] == [1, 2, 3]
    with opened.scopes.entered(None):
        rows = [opened.execute("SELECT 1").fetchone() for _ in range(3)]
    assert rows == [("0",), ("1",), ("1",)]
    taken = [e["taken"] for e in opened.replay.ledger.entries if "taken" in e]
    assert taken == [{"scope": "start-up", "exchange": n} for n in (2, 1)]


@recorded(exchange(INSERT))
def test_a_scope_that_lost_its_commit_fails(opened: Opened) -> None:
    opened.replay.fixture.commits = lambda scope: 2
    opened.execute(INSERT)
    opened.connection.rollback()
    opened.replay.closed(opened.scopes.current())
    (report,) = opened.replay.ledger.misses()
    assert report.startswith("recorded with a commit (2 times), replayed without any")


def test_a_miss_names_packages_of_other_versions(tmp_path: Path) -> None:
    now = metadata.version("pytest")
    packages = {"pytest": "0.1", "no-such-package": "1.0"}
    package = make_fixture(tmp_path, {"s": []}, packages=packages)
    opened = Opened(package)
    with opened.scopes.open_scope("s", "test"):
        with pytest.raises(opened.api.ReplayMiss) as miss:
            opened.execute(SELECT, [1])
        note = f"  note: recorded with pytest 0.1, replayed with {now}"
        assert str(miss.value).split("\n")[-1] == note


def test_a_miss_says_nothing_of_packages_that_are_the_same(tmp_path: Path) -> None:
    packages = {"pytest": metadata.version("pytest")}
    opened = Opened(make_fixture(tmp_path, {"s": []}, packages=packages))
    with opened.scopes.open_scope("s", "test"):
        with pytest.raises(opened.api.ReplayMiss) as miss:
            opened.execute(SELECT, [1])
        assert "note:" not in str(miss.value)
