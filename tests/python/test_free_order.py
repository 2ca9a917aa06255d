"""Lists of IN and rows of an INSERT in another order than recorded."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange

IN = "SELECT n FROM t WHERE id IN (%(id_1)s::INTEGER, %(id_2)s::INTEGER) AND k = %(k)s"
PAIRS = "SELECT n FROM t WHERE (a, b) IN ((%s, %s), (%s, %s))"
ROWS = (
    "INSERT INTO t (a, b) VALUES (%(a__0)s, lower(%(b__0)s)), "
    "(%(a__1)s, lower(%(b__1)s)), (%(a__2)s, lower(%(b__2)s)) RETURNING t.id"
)
COUNTED = (
    "INSERT INTO t (a) SELECT p0::VARCHAR FROM (VALUES (%(a__0)s, 0), (%(a__1)s, 1)) "
    "AS imp_sen(p0, sen_counter) ORDER BY sen_counter RETURNING t.id, t.id AS id__1"
)
CONFLICT = "INSERT INTO t (a) VALUES (%s), (%s) ON CONFLICT DO NOTHING RETURNING id"


def rows_of(*pairs: tuple[Any, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for number, (a, b) in enumerate(pairs):
        parameters |= {f"a__{number}": a, f"b__{number}": b}
    return parameters


@recorded(
    exchange(IN, {"id_1": 1, "id_2": 2, "k": 3}, [["x"]]),
    exchange(PAIRS, [1, 2, 3, 4], [["y"]]),
)
def test_lists_are_sets(opened: Opened) -> None:
    for other in ((1, 1, 3), (1, 3, 2), (3, 2, 1), (2, 1, 4), (1.0, 2, 3)):
        with pytest.raises(opened.api.ReplayMiss):
            opened.execute(IN, dict(zip(("id_1", "id_2", "k"), other, strict=True)))
    assert opened.execute(IN, {"k": 3, "id_1": 2, "id_2": 1}).fetchone() == ("x",)
    for pair in ([1, 4, 3, 2], [2, 1, 4, 3], [3, 2, 1, 4]):
        with pytest.raises(opened.api.ReplayMiss):
            opened.execute(PAIRS, pair)
    assert opened.execute(PAIRS, [3, 4, 1, 2]).fetchone() == ("y",)


@recorded(
    exchange(IN, {"id_1": 1, "id_2": 2, "k": 3}, [["first"]]),
    exchange(IN, {"id_1": 2, "id_2": 1, "k": 3}, [["second"]]),
)
def test_the_recorded_order_comes_first(opened: Opened) -> None:
    asked = {"id_1": 2, "id_2": 1, "k": 3}
    answers = [opened.execute(IN, asked).fetchone() for _ in range(2)]
    assert answers == [("second",), ("first",)]


@pytest.mark.parametrize(
    "sql",
    [
        # Written differently, used twice, quoted, or no list of values.
        "SELECT n FROM t WHERE id IN (%(a)s, lower(%(b)s))",
        "SELECT n FROM t WHERE id IN (%(a)s::INTEGER, %(b)s::TEXT)",
        "SELECT n FROM t WHERE id IN (%(a)s, %(b)s) OR %(a)s",
        "SELECT n FROM t WHERE s = 'IN (' AND f(%(a)s, %(b)s) -- IN (%%, %%)",
        "SELECT n FROM t WHERE id IN (SELECT f(%(a)s, %(b)s))",
        "SELECT n FROM (VALUES (%(a)s), (%(b)s)) AS t (n)",
        "INSERT INTO t (a) VALUES (%(a)s, 7), (%(b)s, 8)",
        "INSERT INTO t (a) VALUES (%(a)s, %(b)s)",
    ],
)
def test_order_counts_wherever_it_may(sql: str, tmp_path: Any) -> None:
    from recordings import make_fixture

    made = Opened(
        make_fixture(tmp_path, {"s": [exchange(sql, {"a": 1, "b": 2}, [["x"]])]})
    )
    with made.scopes.open_scope("s", "test"):
        with pytest.raises(made.api.ReplayMiss):
            made.execute(sql, {"a": 2, "b": 1})
        assert made.execute(sql, {"a": 1, "b": 2}).fetchone() == ("x",)


@recorded(
    exchange(ROWS, rows_of((1, "x"), (2, "y"), (2, "y")), [["11"], ["12"], ["13"]]),
)
def test_returned_rows_follow_those_that_were_given(opened: Opened) -> None:
    for other in (
        rows_of((1, "y"), (2, "x"), (2, "y")),
        rows_of((1, "x"), (1, "x"), (2, "y")),
    ):
        with pytest.raises(opened.api.ReplayMiss):
            opened.execute(ROWS, other)
    asked = rows_of((2, "y"), (2, "y"), (1, "x"))
    assert opened.execute(ROWS, asked).fetchall() == [("12",), ("13",), ("11",)]


@recorded(
    exchange(COUNTED, {"a__0": "x", "a__1": "y"}, [["1", "1"], ["2", "2"]]),
    exchange(COUNTED, {"a__0": "u", "a__1": "v"}, [["3", "u"], ["4", "v"]]),
)
def test_rows_that_are_sorted_by_their_key_have_their_own_first(opened: Opened) -> None:
    rows = opened.execute(COUNTED, {"a__0": "y", "a__1": "x"}).fetchall()
    # SQLAlchemy sorts by what was returned a second time.
    assert sorted(rows, key=lambda row: row[-1]) == [("2", "1"), ("1", "2")]
    rows = opened.execute(COUNTED, {"a__0": "v", "a__1": "u"}).fetchall()
    assert rows == [("4", "v"), ("3", "u")]


@recorded(
    exchange(CONFLICT, [1, 2], [["11"]]),
    exchange("INSERT INTO t (a) VALUES (%s), (%s)", [1, 2]),
)
def test_rows_that_nobody_can_tell_apart_stay(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute(CONFLICT, [2, 1])
    assert opened.execute(CONFLICT, [1, 2]).fetchall() == [("11",)]
    # It returns none.
    assert opened.execute("INSERT INTO t (a) VALUES (%s), (%s)", [2, 1]).rowcount == 1


THEN = dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
NOW = dt.datetime(2027, 6, 5, 4, 3, 2, 1, tzinfo=dt.UTC)
LATER = dt.timedelta(seconds=1)
AT = "INSERT INTO t (a, at) VALUES (%(a__0)s, %(at__0)s), (%(a__1)s, %(at__1)s)"


def tagged(moment: dt.datetime) -> dict[str, str]:
    return {"datetime": moment.isoformat()}


@recorded(
    exchange(
        AT,
        {
            "a__0": 1,
            "at__0": tagged(THEN),
            "a__1": 2,
            "at__1": tagged(THEN + LATER),
        },
        volatile=["at__0", "at__1"],
    ),
    exchange("SELECT a FROM t WHERE at = %s", [tagged(THEN)], [["1"]]),
)
def test_volatile_values_are_bound_row_by_row(opened: Opened) -> None:
    asked = {"a__0": 2, "at__0": NOW + LATER, "a__1": 1, "at__1": NOW}
    opened.execute(AT, asked)
    row = opened.execute("SELECT a FROM t WHERE at = %s", [NOW]).fetchone()
    assert row == ("1",)
