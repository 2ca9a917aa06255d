"""What a warehouse holds, by plain SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg import Connection, errors
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb


class OutOfStock(Exception):
    """There is less of an item than was asked for."""


@dataclass
class Item:
    id: int
    sku: str
    name: str
    price: Decimal
    tags: list[str]
    facts: dict[str, Any]


class Store:
    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection

    def add(
        self,
        sku: str,
        name: str,
        price: Decimal | str,
        tags: Iterable[str] = (),
        **facts: Any,
    ) -> Item:
        with self.connection.cursor(row_factory=class_row(Item)) as cursor:
            cursor.execute(
                "INSERT INTO items (sku, name, price, tags, facts)"
                " VALUES (%s, %s, %s, %s, %s) RETURNING *",
                (sku, name, Decimal(price), list(tags), Jsonb(facts)),
            )
            item = cursor.fetchone()
        assert item is not None
        return item

    def by_sku(self, sku: str) -> Item | None:
        with self.connection.cursor(row_factory=class_row(Item)) as cursor:
            return cursor.execute(
                "SELECT * FROM items WHERE sku = %s", (sku,)
            ).fetchone()

    def search(self, text: str) -> list[str]:
        rows = self.connection.execute(
            "SELECT name FROM items WHERE name ILIKE %(like)s ORDER BY name",
            {"like": f"%{text}%"},
        )
        return [name for (name,) in rows]

    def tagged(self, tag: str) -> list[str]:
        rows = self.connection.execute(
            "SELECT sku FROM items WHERE %s = ANY (tags) ORDER BY sku", (tag,)
        )
        return [sku for (sku,) in rows]

    def remove(self, sku: str) -> bool:
        cursor = self.connection.execute("DELETE FROM items WHERE sku = %s", (sku,))
        return cursor.rowcount == 1

    def put(self, item: Item, place: str, count: int) -> None:
        self.connection.execute(
            "INSERT INTO stock VALUES (%s, %s, %s) ON CONFLICT (item_id, place)"
            " DO UPDATE SET count = stock.count + excluded.count",
            (item.id, place, count),
        )
        self._moved([(item.id, count)])

    def take(self, item: Item, place: str, count: int) -> int:
        try:
            with self.connection.transaction():
                row = self.connection.execute(
                    "UPDATE stock SET count = count - %s"
                    " WHERE item_id = %s AND place = %s RETURNING count",
                    (count, item.id, place),
                ).fetchone()
        except errors.CheckViolation as error:
            raise OutOfStock(error.diag.constraint_name) from error
        if row is None:
            raise OutOfStock(place)
        self._moved([(item.id, -count)])
        return int(row[0])

    def _moved(self, moves: list[tuple[int, int]]) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO moves (item_id, count) VALUES (%s, %s)", moves
            )

    def moves(self, item: Item) -> list[int]:
        rows = self.connection.execute(
            "SELECT count FROM moves WHERE item_id = %s ORDER BY id", (item.id,)
        )
        return [count for (count,) in rows]

    def value(self) -> Decimal:
        row = self.connection.execute(
            "SELECT coalesce(sum(price * count), 0)"
            " FROM items JOIN stock ON items.id = item_id"
        ).fetchone()
        assert row is not None
        return Decimal(row[0])

    def report(self) -> list[dict[str, Any]]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(
                "SELECT sku, place, count FROM items JOIN stock ON items.id = item_id"
                " ORDER BY sku, place"
            )
            return cursor.fetchall()
