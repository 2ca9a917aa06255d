from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from warehouse.store import Item, OutOfStock, Store


@pytest.fixture
def nut(store: Store) -> Item:
    return store.add("n-1", "Nut", "0.05")


@pytest.fixture
def stocked(store: Store, nut: Item) -> Item:
    store.put(nut, "north", 10)
    return nut


def test_stock_adds_up(store: Store, stocked: Item) -> None:
    store.put(stocked, "north", 5)
    store.put(stocked, "south", 1)
    assert store.report() == [
        {"sku": "n-1", "place": "north", "count": 15},
        {"sku": "n-1", "place": "south", "count": 1},
    ]


@pytest.mark.parametrize("count", [1, 9, 10])
def test_stock_is_taken(store: Store, stocked: Item, count: int) -> None:
    assert store.take(stocked, "north", count) == 10 - count
    assert store.moves(stocked) == [10, -count]


def test_no_more_is_taken_than_there_is(store: Store, stocked: Item) -> None:
    with pytest.raises(OutOfStock, match="stock_count_check"):
        store.take(stocked, "north", 11)
    # The savepoint is undone, and the transaction goes on.
    assert store.take(stocked, "north", 10) == 0


def test_nothing_is_taken_from_nowhere(store: Store, stocked: Item) -> None:
    with pytest.raises(OutOfStock, match="west"):
        store.take(stocked, "west", 1)


def test_the_stock_has_a_value(store: Store, stocked: Item) -> None:
    assert store.value() == Decimal("0.50")


def test_an_empty_store_has_no_value(store: Store) -> None:
    assert store.value() == 0


def test_a_move_has_a_time(store: Store, stocked: Item) -> None:
    row = store.connection.execute("SELECT at = now(), at FROM moves").fetchone()
    assert row is not None
    assert row[0] is True
    assert row[1].tzinfo is not None


@pytest.fixture(scope="class")
def big(pool: ConnectionPool[Any]) -> Iterator[int]:
    with pool.connection() as connection:
        connection.execute("CREATE TABLE big AS SELECT generate_series(1, 500) AS n")
    yield 500
    with pool.connection() as connection:
        connection.execute("DROP TABLE big")


@pytest.mark.xdist_group("big")
class TestBig:
    def test_all_is_counted(self, big: int, pool: ConnectionPool[Any]) -> None:
        with pool.connection() as connection:
            row = connection.execute("SELECT count(*) FROM big").fetchone()
        assert row == (big,)

    def test_rows_are_read_in_pieces(self, big: int, pool: ConnectionPool[Any]) -> None:
        with pool.connection() as connection, connection.cursor("pieces") as cursor:
            cursor.itersize = 100
            cursor.execute("SELECT n FROM big ORDER BY n")
            assert sum(n for (n,) in cursor) == 125250

    def test_rows_are_copied(self, big: int, pool: ConnectionPool[Any]) -> None:
        text = "COPY (SELECT n FROM big ORDER BY n) TO STDOUT"
        with (
            pool.connection() as connection,
            connection.cursor() as cursor,
            cursor.copy(text) as copy,
        ):
            assert [row[0] for row in copy.rows()][:3] == ["1", "2", "3"]


def test_threads_share_the_pool(pool: ConnectionPool[Any]) -> None:
    def double(n: int) -> int:
        with pool.connection() as connection:
            row = connection.execute("SELECT %s * 2", (n,)).fetchone()
        assert row is not None
        return int(row[0])

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(double, range(9))) == [n * 2 for n in range(9)]


def test_a_broken_connection_is_replaced(pool: ConnectionPool[Any]) -> None:
    with pytest.raises(psycopg.OperationalError), pool.connection() as connection:
        connection.close()
        connection.execute("SELECT 'gone'")
    with pool.connection() as connection:
        assert connection.execute("SELECT 'back'").fetchone() == ("back",)
