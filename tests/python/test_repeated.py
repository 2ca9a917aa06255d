"""What a repeated statement may take a short cut for, and what it must not."""

from __future__ import annotations

import importlib
import json
import threading
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fixture.runtime.adapt import AdaptersMap, Loader, global_adapters
from fixture.runtime.columns import Column, RowDescription
from fixture.runtime.decoding import row_loader
from fixture.runtime.errors import DataError
from fixture.runtime.session import Session
from fixture.runtime.types.numeric import IntLoader
from fixture.runtime.types.string import TextLoader
from recordings import exchange, make_fixture

SELECT = "SELECT name FROM users WHERE id = %s"
NAMED = "SELECT name FROM users WHERE id = %(id)s AND at = %(at)s"
INT, TEXT, NUMERIC, DATE, JSONB = 23, 25, 1700, 1082, 3802


class Opened:
    """A fixture and a connection to it."""

    def __init__(self, folder: Path, *exchanges: dict[str, Any], **more: Any) -> None:
        package = make_fixture(folder, {"s": list(exchanges), **more}).__name__

        def load(name: str) -> Any:
            return importlib.import_module(f"{package}.runtime.{name}")

        self.miss = load("miss").ReplayMiss
        self.ledger = load("replay").replay().ledger
        self.scopes = load("scopes")
        self.connection = load("api").MockConnection.connect("")

    def rows(self, parameters: Any, sql: str = SELECT) -> list[Any]:
        rows: list[Any] = self.connection.execute(sql, parameters).fetchall()
        return rows


@pytest.mark.parametrize("form", [tuple, list])
@pytest.mark.parametrize("other", [True, 1.0, "1", None])
def test_a_value_of_another_type_stays_a_miss(
    tmp_path: Path, form: Any, other: Any
) -> None:
    opened = Opened(tmp_path, exchange(SELECT, [1], [["Ada"]], times=9))
    with opened.scopes.open_scope("s", "test"):
        for _ in range(3):
            assert opened.rows(form([1])) == [("Ada",)]
        with pytest.raises(opened.miss):
            opened.rows(form([other]))
        assert opened.rows(form([1])) == [("Ada",)]


def test_it_is_answered_as_often_as_recorded(tmp_path: Path) -> None:
    first = exchange(SELECT, [1], [["Ada"]], times=3)
    opened = Opened(tmp_path, first, exchange(SELECT, [1], [["Grace"]]))
    with opened.scopes.open_scope("s", "test"):
        found = [opened.rows((1,)) for _ in range(4)]
        assert found == [[("Ada",)]] * 3 + [[("Grace",)]]
        with pytest.raises(opened.miss):
            opened.rows((1,))


def test_many_threads_take_no_more_than_there_is(tmp_path: Path) -> None:
    opened = Opened(tmp_path, exchange(SELECT, [1], [["Ada"]], times=400))
    scope = opened.scopes.begin("s", "test")
    taken: list[int] = []

    def take() -> None:
        count = 0
        with opened.scopes.entered(scope):
            try:
                while True:
                    opened.rows((1,))
                    count += 1
            except opened.miss:
                taken.append(count)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 8
    assert sum(taken) == 400


def test_what_is_left_is_unused_at_the_end_of_the_scope(tmp_path: Path) -> None:
    opened = Opened(tmp_path, exchange(SELECT, [1], [["Ada"]], times=5))
    with opened.scopes.open_scope("s", "test") as scope:
        for _ in range(3):
            opened.rows((1,))
    (unused,) = [
        e["unused"]["exchanges"]
        for e in opened.ledger.entries
        if e.get("unused", {}).get("scope") == "s"
    ]
    assert [each["left"] for each in unused] == [2]
    with opened.scopes.entered(scope):
        opened.rows((1,))
    assert "taken" in opened.ledger.entries[-1]


def test_names_of_parameters_are_part_of_it(tmp_path: Path) -> None:
    answer = exchange(NAMED, {"at": "x", "id": 1}, [["Ada"]], times=5)
    opened = Opened(tmp_path, answer)
    with opened.scopes.open_scope("s", "test"):
        assert opened.rows({"id": 1, "at": "x"}, NAMED) == [("Ada",)]
        assert opened.rows({"at": "x", "id": 1}, NAMED) == [("Ada",)]
        assert opened.rows({"at": "x", "id": 1}, NAMED) == [("Ada",)]
        for other in ({"id": "x", "at": 1}, {"at": 1, "id": "x"}):
            with pytest.raises(opened.miss):
                opened.rows(other, NAMED)


def test_no_parameters_are_not_an_empty_mapping(tmp_path: Path) -> None:
    named = exchange("SELECT 1", {}, [["named"]], times=3)
    opened = Opened(tmp_path, named, exchange("SELECT 1", [], [["listed"]], times=3))
    with opened.scopes.open_scope("s", "test"):
        for _ in range(2):
            assert opened.rows({}, "SELECT 1") == [("named",)]
            assert opened.rows((), "SELECT 1") == [("listed",)]


def test_a_value_bound_in_between_is_put_in_its_place(tmp_path: Path) -> None:
    old, new = uuid.UUID(int=1 << 100), uuid.UUID(int=2 << 100)
    insert = "INSERT INTO users (id) VALUES (%s)"
    opened = Opened(
        tmp_path,
        exchange(SELECT, [str(old)], [["before"]], times=2),
        exchange(insert, [{"uuid": str(old)}], volatile=[0]),
        exchange(SELECT, [str(old)], [["after"]], times=2),
    )
    with opened.scopes.open_scope("s", "test"):
        assert opened.rows((str(old),)) == [("before",)]
        opened.connection.execute(insert, (new,))
        # From here on the live text stands for the recorded one.
        assert opened.rows((str(new),)) == [("before",)]
        assert opened.rows((str(new),)) == [("after",)]


def test_a_repeated_error_is_raised_each_time(tmp_path: Path) -> None:
    error = {
        "class": "psycopg.errors.UndefinedTable",
        "sqlstate": "42P01",
        "message": "no users",
        "diagnostics": {},
    }
    failing = exchange(SELECT, [1], error=error, status="INERROR", times=3, results=[])
    opened = Opened(tmp_path, failing)
    with opened.scopes.open_scope("s", "test"):
        for _ in range(3):
            with pytest.raises(Exception, match="no users"):
                opened.rows((1,))
            assert opened.connection.info.transaction_status.name == "INERROR"
            opened.connection.rollback()


def test_rows_that_were_given_away_are_the_callers_own(tmp_path: Path) -> None:
    opened = Opened(tmp_path, exchange(SELECT, [1], [["Ada"], ["Bob"]], times=3))
    with opened.scopes.open_scope("s", "test"):
        first = opened.rows((1,))
        first.clear()
        assert opened.rows((1,)) == [("Ada",), ("Bob",)]
        cursor = opened.connection.execute(SELECT, (1,))
        assert cursor.fetchone() == ("Ada",)
        assert cursor.fetchall() == [("Bob",)]


def described(*oids: int) -> RowDescription:
    return RowDescription(
        Column(f"c{place}", None, oid) for place, oid in enumerate(oids)
    )


def texts(rows: Sequence[Sequence[Any]]) -> list[str]:
    return [json.dumps(row, separators=(",", ":")) for row in rows]


UTF8 = Session({"client_encoding": "UTF8", "server_encoding": "UTF8"})
UNUSUAL: list[list[list[Any]]] = [
    [["1", "a"], ["2", "b"], ["3", "c"]],
    [["1", "a"], [None, "b"], ["3", None]],
    [[None, None], [None, None]],
    [["1", 'a","b'], ["2", "\\"], ["3", "]["]],
    [["1", "null"], ["2", ","], ["3", ""]],
    [["1", "{"], ["2", "}"], ["3", "äöü\u2028"]],
    [["1", "line\nfeed"]],
    [["1", "a"]],
    [],
]


@pytest.mark.parametrize("rows", UNUSUAL)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_rows_by_column_are_the_rows_one_by_one(
    rows: list[list[Any]], separators: tuple[str, str]
) -> None:
    load = row_loader(described(INT, TEXT), global_adapters(), UTF8)
    assert load.is_pure
    lines = [json.dumps(row, separators=separators) for row in rows]
    assert load.rows(lines) == [load(row) for row in rows]


def test_rows_without_columns_are_as_many() -> None:
    load = row_loader(described(), global_adapters(), UTF8)
    assert load.rows(["[]", "[]"]) == [(), ()]


def test_the_first_cell_that_cannot_be_decoded_is_raised() -> None:
    load = row_loader(described(DATE, DATE), global_adapters(), UTF8)
    rows = [["2026-01-02", "infinity"], ["-infinity", "2026-01-02"]]
    with pytest.raises(DataError, match="date too large"):
        load.rows(texts(rows))


def test_values_that_can_be_changed_are_made_anew(tmp_path: Path) -> None:
    load = row_loader(described(INT, JSONB), global_adapters(), UTF8)
    assert not load.is_pure
    once, again = load.rows(['["1","{}"]']), load.rows(['["1","{}"]'])
    assert once == again
    assert once[0][1] is not again[0][1]


class Negative(IntLoader):
    """Derived from a loader that is pure, and may do anything itself."""

    def decoder(self) -> Any:
        return lambda text: -int(text)


class Shouting(Loader):
    def load(self, data: Any) -> str:
        return bytes(data).decode().upper()


@pytest.mark.parametrize(
    ("name", "loader", "row"),
    [("int4", Negative, (-1, "a")), ("text", Shouting, (1, "A"))],
)
def test_a_registered_loader_counts_from_then_on(
    name: str, loader: type[Loader], row: Any
) -> None:
    columns, adapters = described(INT, TEXT), AdaptersMap(global_adapters())
    before = row_loader(columns, adapters, UTF8)
    assert before.rows(['["1","a"]']) == [(1, "a")]
    assert before.serves(adapters, UTF8)
    adapters.register_loader(name, loader)
    assert not before.serves(adapters, UTF8)
    after = row_loader(columns, adapters, UTF8)
    assert not after.is_pure
    assert after.rows(['["1","a"]', '["1","a"]']) == [row, row]
    others = row_loader(columns, global_adapters(), UTF8)
    assert others.rows(['["1","a"]']) == [(1, "a")]


def test_another_setting_of_the_session_counts_from_then_on() -> None:
    columns = described(INT, DATE)
    session = Session({"DateStyle": "ISO, MDY"})
    load = row_loader(columns, global_adapters(), session)
    assert load.rows(['["1","2026-02-01"]'])[0][1].isoformat() == "2026-02-01"
    session.update({"DateStyle": "SQL, DMY"})
    assert not load.serves(global_adapters(), session)
    load = row_loader(columns, global_adapters(), session)
    assert load.rows(['["1","01/02/2026"]'])[0][1].isoformat() == "2026-02-01"


def test_a_cursor_has_the_adapters_of_its_making(tmp_path: Path) -> None:
    opened = Opened(tmp_path, exchange(SELECT, [1], [["Ada"]], times=4))
    with opened.scopes.open_scope("s", "test"):
        old = opened.connection.cursor()
        assert old.execute(SELECT, (1,)).fetchall() == [("Ada",)]
        opened.connection.adapters.register_loader("text", Shouting)
        assert old.execute(SELECT, (1,)).fetchall() == [("Ada",)]
        new = opened.connection.cursor()
        assert new.execute(SELECT, (1,)).fetchall() == [("ADA",)]
        new.adapters.register_loader("text", TextLoader)
        assert new.execute(SELECT, (1,)).fetchall() == [("Ada",)]
