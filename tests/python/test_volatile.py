"""Volatile parameters: which live values stand for a recorded one."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange

OLD, NEW = uuid.UUID(int=1 << 100), uuid.UUID(int=2 << 100)
THEN = dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
NOW = dt.datetime(2027, 6, 5, 4, 3, 2, 1, tzinfo=dt.UTC)


def _uuid(value: uuid.UUID) -> dict[str, str]:
    return {"uuid": str(value)}


def _jsonb(value: Any) -> dict[str, str]:
    return {"jsonb": json.dumps(value)}


@pytest.mark.parametrize(
    ("asked", "matches"),
    [
        ([NEW, NEW], True),
        ([NEW], False),
        ([], False),
        ([NEW, NEW, NEW], False),
        ([1.5, 2.5], False),
        ([NEW, None], False),
    ],
)
@recorded(exchange("a %s", [[_uuid(OLD), _uuid(OLD)]], [["1"]], volatile=[0]))
def test_a_volatile_array_keeps_its_length_and_types(
    opened: Opened, asked: list[Any], matches: bool
) -> None:
    if matches:
        assert opened.execute("a %s", [asked]).fetchone() == ("1",)
        return
    with pytest.raises(opened.api.ReplayMiss, match=r"parameter 0 \(volatile\)"):
        opened.execute("a %s", [asked])


DOCUMENT = {"id": str(OLD), "n": [1, 2.5], str(OLD): {"ok": True}}


@pytest.mark.parametrize(
    ("asked", "matches"),
    [
        ({"n": [7, 8], str(NEW): {"ok": False}, "id": str(NEW)}, True),
        ({"id": str(NEW), "n": [7], str(NEW): {"ok": True}}, False),
        ({"id": "x", "n": [7, 8], str(NEW): {"ok": True}}, False),
        ({"id": str(NEW), "n": [7, 8]}, False),
        (["quite", {}], False),
    ],
)
@recorded(exchange("a %s", [_jsonb(DOCUMENT)], [["1"]], volatile=[0]))
def test_a_volatile_document_keeps_its_keys_and_kinds(
    opened: Opened, asked: Any, matches: bool
) -> None:
    jsonb = importlib.import_module(f"{opened.package}.runtime.types.json").Jsonb
    if matches:
        assert opened.execute("a %s", [jsonb(asked)]).fetchone() == ("1",)
        return
    with pytest.raises(opened.api.ReplayMiss, match=r"parameter 0 \(volatile\)"):
        opened.execute("a %s", [jsonb(asked)])


@recorded(
    exchange("a %s", [_jsonb({str(OLD): 1})], volatile=[0]),
    exchange("b %s", [_jsonb([str(OLD)])], [[str(OLD)]]),
)
def test_a_key_of_a_document_is_bound(opened: Opened) -> None:
    jsonb = importlib.import_module(f"{opened.package}.runtime.types.json").Jsonb
    opened.execute("a %s", [jsonb({str(NEW): 1})])
    assert opened.execute("b %s", [jsonb([str(NEW)])]).fetchone() == (str(NEW),)


def _range(moment: dt.datetime) -> dict[str, Any]:
    return {"range": ["[)", {"datetime": moment.isoformat()}, None]}


@recorded(
    exchange("a %s", [_range(THEN)], volatile=[0]),
    exchange("b %s", [_range(THEN)], [["1"]]),
)
def test_the_bounds_of_a_range_are_bound(opened: Opened) -> None:
    ranges = importlib.import_module(f"{opened.package}.runtime.types.range")
    later = ranges.Range(NOW, None, "[)")
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute("a %s", [ranges.Range(NOW, None, "()")])
    opened.execute("a %s", [later])
    assert opened.execute("b %s", [later]).fetchone() == ("1",)


def _composite(runtime: Callable[[str], Any]) -> Any:
    from collections import namedtuple

    return namedtuple("Pair", "a b")(THEN, 1)


def _values(package: str) -> list[tuple[Any, Any]]:
    """Values with the recorded moment in them, and the same with the live one."""

    def runtime(name: str) -> Any:
        return importlib.import_module(f"{package}.runtime.{name}")

    one, many = runtime("types.range").Range, runtime("types.multirange").Multirange
    pair = _composite(runtime)
    return [
        (one(THEN, None, "[)"), one(NOW, None, "[)")),
        (one(empty=True), one(empty=True)),
        (many([one(THEN, THEN, "[]")]), many([one(NOW, NOW, "[]")])),
        (pair, pair._replace(a=NOW)),
        ({THEN.isoformat(): [THEN]}, {NOW.isoformat(): [NOW]}),
        ((THEN, (THEN, 7)), (NOW, (NOW, 7))),
    ]


@recorded(exchange("a %s", [{"datetime": THEN.isoformat()}], volatile=[0]))
def test_rows_give_the_live_value_wherever_it_stands(opened: Opened) -> None:
    opened.execute("a %s", [NOW])
    for then, now in _values(opened.package):
        live = opened.replay.bindings().to_live(then)
        assert (type(live), live) == (type(now), now)


AT = "INSERT INTO marks (at) VALUES (%s) RETURNING at"


@recorded(
    exchange(
        AT,
        [{"datetime": THEN.isoformat()}],
        [[THEN.isoformat()]],
        volatile=[0],
        times=2,
    ),
)
def test_a_row_that_returns_a_moment_gives_the_one_just_sent(opened: Opened) -> None:
    for moment in (NOW, NOW + dt.timedelta(microseconds=1)):
        assert opened.execute(AT, [moment]).fetchone() == (moment.isoformat(),)


@recorded(
    exchange(
        "a %(x)s %(y)s",
        [{"x": {"subclass": ["app.E", "one"]}, "y": 1}, {"x": "two", "y": 2}],
        operation="executemany",
        volatile=["y"],
    ),
)
def test_a_miss_of_executemany_says_which_set_differs(opened: Opened) -> None:
    cursor = opened.connection.cursor()
    with pytest.raises(opened.api.ReplayMiss) as miss:
        cursor.executemany(
            "a %(x)s %(y)s", [{"x": "one", "y": 7}, {"x": "three", "y": "8"}]
        )
    said = str(miss.value)
    assert 'parameter [1] x: recorded "two", asked "three"' in said
    assert "parameter [1] y (volatile): recorded int, asked str" in said
    with pytest.raises(
        opened.api.ReplayMiss, match="sets of parameters: recorded 2, asked 3"
    ):
        cursor.executemany("a %(x)s %(y)s", [{"x": "one", "y": 7}] * 3)
    assert len(opened.replay.ledger.misses()) == 2


@recorded(exchange("a %s", [1]))
def test_a_miss_is_entered_even_if_its_report_fails(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> str:
        raise ValueError("no")

    module = importlib.import_module(f"{opened.package}.runtime.replay")
    monkeypatch.setattr(module, "report", broken)
    with pytest.raises(opened.api.ReplayMiss, match="ValueError"):
        opened.execute("b %s", [1])
    assert len(opened.replay.ledger.misses()) == 1


XID = "_sa_" + "1" * 32
BEGUN = exchange(None, [XID], operation="tpc_begin", volatile=[0], results=[])
REFUSED = {
    "class": "psycopg.errors.DuplicateObject",
    "sqlstate": "42710",
    "message": "in use",
}
PREPARED = {"operation": "tpc_prepare", "error": REFUSED, "status": "IDLE"}


@recorded(
    BEGUN,
    exchange(None, [XID], **PREPARED, results=[]),
    exchange("a %s", [XID], [[XID]]),
)
def test_a_random_identifier_of_a_transaction_is_bound(opened: Opened) -> None:
    live = "_sa_" + "2" * 32
    connection = opened.connection
    for other in ("_sb_" + "2" * 32, "_sa_" + "2" * 31, connection.xid(1, live, "")):
        with pytest.raises(opened.api.ReplayMiss):
            connection.tpc_begin(other)
        assert connection.info.transaction_status.name == "IDLE"
    connection.tpc_begin(live)
    with pytest.raises(opened.errors.DuplicateObject):
        connection.tpc_prepare()
    connection.tpc_rollback()
    assert opened.execute("a %s", [live]).fetchone() == (live,)
