"""Positions that are only suspected: taken in their turn, and never among several."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange

INSERT = "INSERT INTO t (id, name) VALUES (%(id)s, %(name)s)"
ONE, TWO, LIVE = (uuid.UUID(int=n << 100, version=4) for n in (1, 2, 3))


def _row(id: uuid.UUID, name: str, **fields: Any) -> dict[str, Any]:
    parameters = {"id": {"uuid": str(id)}, "name": name}
    return exchange(INSERT, parameters, [[name]], suspected={"/id": "uuid"}, **fields)


def _insert(opened: Opened, id: uuid.UUID, name: str) -> Any:
    return opened.execute(INSERT, {"id": id, "name": name}).fetchone()


@recorded(_row(ONE, "Ada"), _row(TWO, "Eve"))
def test_only_the_next_exchange_of_its_text_is_taken(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss) as miss:
        _insert(opened, LIVE, "Eve")
    said = str(miss.value)
    assert "recorded exchange 2, whose turn has not come: exchange 1 is next:" in said
    assert _insert(opened, LIVE, "Ada") == ("Ada",)
    assert _insert(opened, uuid.UUID(int=4 << 100, version=4), "Eve") == ("Eve",)


@recorded(_row(ONE, "Ada"), _row(TWO, "Ada"))
def test_what_is_equal_comes_first_in_any_order(opened: Opened) -> None:
    assert _insert(opened, TWO, "Ada") == ("Ada",)
    assert _insert(opened, LIVE, "Ada") == ("Ada",)
    bound = opened.replay.bindings()
    assert bound.to_live(str(ONE)) == str(LIVE)
    with pytest.raises(opened.api.ReplayMiss, match="already consumed by statement 1"):
        _insert(opened, TWO, "Ada")


@pytest.mark.parametrize("version", [1, 7])
@recorded(_row(ONE, "Ada"))
def test_another_version_of_uuid_is_another_form(opened: Opened, version: int) -> None:
    other = uuid.UUID(int=5 << 100, version=version if version < 6 else None)
    with pytest.raises(opened.api.ReplayMiss, match="volatile, of another form"):
        _insert(opened, other, "Ada")


@recorded(
    _row(ONE, "Ada"),
    exchange("SELECT a %s", [{"uuid": str(ONE)}], [[str(ONE)]]),
    exchange("SELECT b %s", [f"/users/{ONE}.json"], [[f"at /users/{ONE}.json"]]),
    exchange(f"SELECT '{ONE}'", None, [[ONE.hex]]),
)
def test_a_suspected_value_is_bound_like_any_other(opened: Opened) -> None:
    _insert(opened, LIVE, "Ada")
    assert opened.execute("SELECT a %s", [LIVE]).fetchone() == (str(LIVE),)
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute("SELECT b %s", [f"/users/{TWO}.json"])
    row = opened.execute("SELECT b %s", [f"/users/{LIVE}.json"]).fetchone()
    assert row == (f"at /users/{LIVE}.json",)
    assert opened.execute(f"SELECT '{LIVE}'").fetchone() == (LIVE.hex,)


HASH = "$2b$12$" + "a" * 53
OTHER_HASH = "$2b$12$" + "b" * 53


@recorded(
    exchange("UPDATE a %s", [HASH], [["1"]], suspected={"/0": "hash"}),
    exchange("SELECT %s", [HASH], [[HASH]]),
)
def test_a_hash_keeps_its_scheme_and_its_cost(opened: Opened) -> None:
    for other in (OTHER_HASH.replace("$12$", "$13$"), OTHER_HASH[:-1], "secret"):
        with pytest.raises(opened.api.ReplayMiss):
            opened.execute("UPDATE a %s", [other])
    opened.execute("UPDATE a %s", [OTHER_HASH])
    assert opened.execute("SELECT %s", [OTHER_HASH]).fetchone() == (OTHER_HASH,)
