"""What a second recording has shown to be volatile, place by place."""

from __future__ import annotations

import importlib
import json
import uuid
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange

OLD, NEW, SAME = (uuid.UUID(int=n << 100, version=4) for n in (1, 2, 3))


def _jsonb(opened: Opened, value: Any) -> Any:
    json_types = importlib.import_module(f"{opened.package}.runtime.types.json")
    return json_types.Jsonb(value)


def _document(id: Any, n: Any, fixed: Any) -> dict[str, Any]:
    return {"user": {"id": id, "n": n}, "tags": ["a", fixed]}


DOCUMENT = {"jsonb": json.dumps(_document(str(OLD), 1, "b"))}


@pytest.mark.parametrize(
    ("asked", "matches"),
    [
        (_document(str(NEW), 7, "b"), True),
        (_document(str(OLD), 7.5, "b"), True),
        (_document(str(NEW), 7, "c"), False),
        (_document(str(NEW), "7", "b"), False),
        (_document(str(NEW), True, "b"), False),
        (_document("x", 7, "b"), False),
        ({"user": {"id": str(NEW)}, "tags": ["a", "b"]}, False),
        ([], False),
    ],
)
@recorded(
    exchange(
        "a %s",
        [DOCUMENT],
        [["1"]],
        inferred={"/0/user/id": "uuid", "/0/user/n": "number"},
    ),
)
def test_values_in_a_document_may_differ_and_all_else_may_not(
    opened: Opened, asked: Any, matches: bool
) -> None:
    if matches:
        assert opened.execute("a %s", [_jsonb(opened, asked)]).fetchone() == ("1",)
        return
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute("a %s", [_jsonb(opened, asked)])


@pytest.mark.parametrize(
    ("asked", "matches"),
    [
        ([NEW, SAME], True),
        ([NEW, NEW], False),
        ([NEW, SAME, SAME], False),
        ([str(NEW), str(SAME)], False),
        ((NEW, SAME), False),
    ],
)
@recorded(
    exchange(
        "a %s",
        [[{"uuid": str(OLD)}, {"uuid": str(SAME)}]],
        [["1"]],
        inferred={"/0/0": "uuid"},
    )
)
def test_an_element_of_an_array_may_differ(
    opened: Opened, asked: Any, matches: bool
) -> None:
    if matches:
        assert opened.execute("a %s", [asked]).fetchone() == ("1",)
        return
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute("a %s", [asked])


EMAIL = {"/email": ["user-", "token", "@example.org"]}


@recorded(
    exchange("a %(email)s", {"email": "user-ab12cd34@example.org"}, inferred=EMAIL),
    exchange("b %(key)s", {"key": "ab12cd34"}, [["user-ab12cd34@example.org"]]),
    exchange(
        "b %(key)s", {"key": "t_ab12cd34"}, [["it is ab12cd34, and not ab12cd345"]]
    ),
)
def test_a_part_of_a_text_may_differ_and_is_bound(opened: Opened) -> None:
    for other in (
        "user-ab12cd3@example.org",
        "user-zz12cd34@example.org",
        "admin-00ff11ee@example.org",
        "user-00ff11ee@example.com",
    ):
        with pytest.raises(opened.api.ReplayMiss):
            opened.execute("a %(email)s", {"email": other})
    opened.execute("a %(email)s", {"email": "user-00ff11ee@example.org"})
    row = opened.execute("b %(key)s", {"key": "00ff11ee"}).fetchone()
    assert row == ("user-00ff11ee@example.org",)
    row = opened.execute("b %(key)s", {"key": "t_00ff11ee"}).fetchone()
    assert row == ("it is 00ff11ee, and not ab12cd345",)


CREATE = "CREATE TABLE t_ab12cd34 (note text DEFAULT 'it''s 17')"
PARTS = {"sql": [[15, "ab12cd34", "token"], [CREATE.index("17"), "17", "number"]]}
DROP = "DROP TABLE t_ab12cd34"


@recorded(
    exchange(CREATE, None, inferred=PARTS),
    exchange("SELECT %s", ["t_ab12cd34"], [["t_ab12cd34"]]),
    exchange(DROP, None, inferred={"sql": [[13, "ab12cd34", "token"]]}),
)
def test_parts_of_a_sql_text_may_differ_and_are_bound(opened: Opened) -> None:
    def create(name: str, number: str) -> str:
        return CREATE.replace("ab12cd34", name).replace("17", number)

    for other in (create("zz12cd34", "4"), create("00ff11ee", "4'), ('5")):
        with pytest.raises(opened.api.ReplayMiss):
            opened.execute(other)
    opened.execute(create("00ff11ee", "4"))
    row = opened.execute("SELECT %s", ["t_00ff11ee"]).fetchone()
    assert row == ("t_00ff11ee",)
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute(DROP.replace("ab12cd34", "99999999"))
    opened.execute(DROP.replace("ab12cd34", "00ff11ee"))


INSERT = "INSERT INTO t (id, name) VALUES (%s, %s)"


def _insert(id: uuid.UUID, name: str) -> dict[str, Any]:
    parameters = [{"uuid": str(id)}, name]
    return exchange(INSERT, parameters, [[name]], inferred={"/0": "uuid"})


@recorded(_insert(OLD, "Ada"), _insert(NEW, "Eve"), _insert(NEW, "Ada"))
def test_what_is_certain_is_taken_among_several(opened: Opened) -> None:
    live = [uuid.UUID(int=n << 100, version=4) for n in (7, 8)]
    assert opened.execute(INSERT, [live[0], "Eve"]).fetchone() == ("Eve",)
    # `live[0]` stands for NEW now, so it cannot be the first one's.
    assert opened.execute(INSERT, [live[1], "Ada"]).fetchone() == ("Ada",)
    assert opened.replay.bindings().to_live(OLD) == live[1]
    assert opened.execute(INSERT, [live[0], "Ada"]).fetchone() == ("Ada",)


UNIQUE = {
    "class": "psycopg.errors.UniqueViolation",
    "sqlstate": "23505",
    "message": f"Key (id)=({OLD}) already exists.",
    "diagnostics": {"message_detail": f"Key (id)=({OLD}) already exists."},
}


@recorded(
    _insert(OLD, "Ada"),
    exchange(INSERT, [{"uuid": str(OLD)}, "Eve"], error=UNIQUE, status="INERROR"),
)
def test_errors_speak_of_the_live_value(opened: Opened) -> None:
    opened.execute(INSERT, [NEW, "Ada"])
    with pytest.raises(opened.errors.UniqueViolation) as raised:
        opened.execute(INSERT, [NEW, "Eve"])
    said = f"Key (id)=({NEW}) already exists."
    assert (str(raised.value), raised.value.diag.message_detail) == (said, said)


@recorded(
    exchange(
        "a %s %s %s %s",
        [17, "short", True, None],
        inferred={f"/{n}": "value" for n in range(4)},
    ),
    exchange("b %s", [17], [["17"]]),
    exchange("c %s", ["short"], [["short"]]),
)
def test_what_could_be_mistaken_is_never_bound(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute("a %s %s %s %s", [18, "other", None, None])
    opened.execute("a %s %s %s %s", [18, "other", False, None])
    for sql, value in (("b %s", 18), ("c %s", "other")):
        with pytest.raises(opened.api.ReplayMiss):
            opened.execute(sql, [value])
    assert opened.execute("b %s", [17]).fetchone() == ("17",)
    assert opened.execute("c %s", ["short"]).fetchone() == ("short",)


SNOWFLAKE, LIVE_SNOWFLAKE = 1_863_214_997_654_528_000, 1_863_299_001_223_344_556


@recorded(
    exchange("a %s", [SNOWFLAKE], inferred={"/0": "number"}),
    exchange("b %s", [{"jsonb": f'{{"id": {SNOWFLAKE}}}'}], [[f"#{SNOWFLAKE}"]]),
)
def test_a_long_number_is_bound(opened: Opened) -> None:
    opened.execute("a %s", [LIVE_SNOWFLAKE])
    asked = _jsonb(opened, {"id": LIVE_SNOWFLAKE})
    assert opened.execute("b %s", [asked]).fetchone() == (f"#{LIVE_SNOWFLAKE}",)


@recorded(
    exchange(
        "a %s %s",
        [["x", 1], ["y", 2]],
        operation="executemany",
        inferred={"/0": "text"},
        sets_of_rows=[[["one"]], [["two"]]],
    ),
)
def test_places_of_executemany_are_those_of_each_set(opened: Opened) -> None:
    cursor = opened.connection.cursor()
    cursor.executemany("a %s %s", [["q", 2], ["p", 1]], returning=True)
    rows = [cursor.fetchone()]
    while cursor.nextset():
        rows.append(cursor.fetchone())
    assert rows == [("two",), ("one",)]
