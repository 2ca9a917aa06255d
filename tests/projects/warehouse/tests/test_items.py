from __future__ import annotations

from decimal import Decimal

import pytest
from psycopg import errors
from warehouse.store import Store


class TestItems:
    @pytest.fixture(autouse=True)
    def items(self, store: Store) -> None:
        store.add("b-1", "Bolt", "0.10", ["metal", "small"])
        store.add("b-2", "Bolt, long", "0.15", ["metal"], length=80)
        store.add("n-1", "Nut", "0.05", ["metal", "small"])

    def test_an_item_is_found_by_its_number(self, store: Store) -> None:
        item = store.by_sku("b-2")
        assert item is not None
        assert (item.name, item.price) == ("Bolt, long", Decimal("0.15"))
        assert item.facts == {"length": 80}

    def test_an_unknown_number_finds_nothing(self, store: Store) -> None:
        assert store.by_sku("x-9") is None

    def test_a_search_finds_parts_of_names(self, store: Store) -> None:
        assert store.search("bolt") == ["Bolt", "Bolt, long"]

    def test_a_search_may_find_nothing(self, store: Store) -> None:
        assert store.search("screw") == []

    @pytest.mark.parametrize(
        "tag, expected",
        [("metal", ["b-1", "b-2", "n-1"]), ("small", ["b-1", "n-1"]), ("wood", [])],
        ids=["all", "some", "none at all"],
    )
    def test_items_have_tags(self, store: Store, tag: str, expected: list[str]) -> None:
        assert store.tagged(tag) == expected

    def test_a_number_is_given_once(self, store: Store) -> None:
        with pytest.raises(errors.UniqueViolation) as raised:
            store.add("b-1", "Bolt again", "1")
        assert raised.value.diag.constraint_name == "items_sku_key"
        assert raised.value.sqlstate == "23505"

    def test_a_removed_item_is_gone(self, store: Store) -> None:
        assert store.remove("n-1")
        assert store.by_sku("n-1") is None

    def test_nothing_is_removed_twice(self, store: Store) -> None:
        assert store.remove("n-1")
        assert not store.remove("n-1")


@pytest.mark.parametrize("price", ["0", "0.01", "12345678.90"])
def test_prices_are_exact(store: Store, price: str) -> None:
    assert store.add("p", "Priced", price).price == Decimal(price)


def test_a_price_is_not_negative(store: Store) -> None:
    with pytest.raises(errors.CheckViolation, match="items_price_check"):
        store.add("p", "Priced", "-1")


def test_a_price_has_its_limits(store: Store) -> None:
    with pytest.raises(errors.NumericValueOutOfRange):
        store.add("p", "Priced", "123456789012")


@pytest.mark.parametrize("name", ["Größe", "日本", "O'Neill", 'a "b"', "100 %"])
def test_names_are_any_text(store: Store, name: str) -> None:
    store.add("t", name, "1")
    assert store.search(name.replace("%", "")) == [name]


def test_facts_are_any_json(store: Store) -> None:
    item = store.add("f", "Facts", "1", nested={"a": [1, None, True]}, big=2**70)
    assert item.facts == {"nested": {"a": [1, None, True]}, "big": 2**70}
