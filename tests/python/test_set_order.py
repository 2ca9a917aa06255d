"""`executemany` with its sets in another order than recorded."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange

ONE = "INSERT INTO t (a) VALUES (%(a)s)"
INSERT = "INSERT INTO t (a, at) VALUES (%(a)s, %(at)s) RETURNING id"
THEN = dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
NOW = dt.datetime(2027, 6, 5, 4, 3, 2, 1, tzinfo=dt.UTC)


def _set(a: int, at: dt.datetime) -> dict[str, Any]:
    return {"a": a, "at": {"datetime": at.isoformat()}}


def _many(*sets: Any, **fields: Any) -> dict[str, Any]:
    return exchange(INSERT, list(sets), operation="executemany", **fields)


@recorded(
    exchange(ONE, [{"a": 1}, {"a": 2}, {"a": 2}], operation="executemany"),
)
def test_the_order_of_sets_is_free_and_their_number_is_not(opened: Opened) -> None:
    cursor = opened.connection.cursor()
    for sets in ([1, 2], [1, 1, 2], [1, 2, 2, 2]):
        with pytest.raises(opened.api.ReplayMiss):
            cursor.executemany(ONE, [{"a": a} for a in sets])
    cursor.executemany(ONE, [{"a": a} for a in (2, 1, 2)])


@recorded(
    _many({"a": 1}, {"a": 2}, {"a": 3}, sets_of_rows=[[["11"]], [["12"]], [["13"]]])
)
def test_results_follow_their_sets(opened: Opened) -> None:
    cursor = opened.connection.cursor()
    cursor.executemany(INSERT, [{"a": a} for a in (3, 1, 2)], returning=True)
    seen = [cursor.fetchone()]
    while cursor.nextset():
        seen.append(cursor.fetchone())
    assert seen == [("13",), ("11",), ("12",)]


LATER = dt.timedelta(seconds=1)


@recorded(
    _many(_set(1, THEN), _set(2, THEN + LATER), volatile=["at"]),
    exchange("SELECT a FROM t WHERE at = %s", [_set(1, THEN)["at"]], [["1"]]),
)
def test_volatile_values_are_bound_set_by_set(opened: Opened) -> None:
    cursor = opened.connection.cursor()
    cursor.executemany(INSERT, [{"a": 2, "at": NOW + LATER}, {"a": 1, "at": NOW}])
    row = opened.execute("SELECT a FROM t WHERE at = %s", [NOW]).fetchone()
    assert row == ("1",)
