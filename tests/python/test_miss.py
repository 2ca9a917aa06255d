"""What a miss says, so that nobody has to guess."""

from __future__ import annotations

import tomllib
import uuid
from typing import Any

import pytest
from opened import SELECT, Opened, recorded
from recordings import exchange

INSERT = (
    "INSERT INTO users (id, email, name, age) "
    "VALUES (%(id)s::UUID, %(email)s::VARCHAR, %(name)s::VARCHAR, %(age)s) "
    "RETURNING users.id"
)
ONE, TWO = (uuid.UUID(int=n << 100, version=4) for n in (1, 2))


def _ada(**changed: Any) -> dict[str, Any]:
    parameters = {
        "id": {"uuid": str(ONE)},
        "email": "ada@example.org",
        "name": "Ada",
        "age": 36,
    }
    return parameters | changed


def _missed(opened: Opened, sql: str, parameters: Any = None) -> str:
    with pytest.raises(opened.api.ReplayMiss) as miss:
        opened.execute(sql, parameters)
    assert not isinstance(miss.value, opened.errors.Error)
    return str(miss.value)


ASKED = {"id": TWO, "email": "ada@example.org", "name": "Ada", "age": "36"}


@recorded(exchange(INSERT, _ada()), exchange(INSERT, _ada(name="Eve")))
def test_it_says_all_that_there_is_to_know(opened: Opened) -> None:
    opened.execute(INSERT, _ada(id=ONE))
    command = opened.replay.fixture.record_command
    expected = f"""no recorded exchange answers this execute
  scope: s
  statement:
    INSERT INTO users (id, email, name, age)
    VALUES (%(id)s::UUID, %(email)s::VARCHAR, %(name)s::VARCHAR, %(age)s)
    RETURNING users.id
  parameters:
    age: str "36"
    email: str "ada@example.org"
    id: UUID {TWO}
    name: str "Ada"
  recorded exchange 1, already consumed by statement 1 of this scope:
    statement: the same
    parameter age (type): recorded int 36, asked str "36"
    parameter id: recorded UUID {ONE}, asked UUID {TWO}
  recorded exchange 2:
    statement: the same
    parameter age (type): recorded int 36, asked str "36"
    parameter id: recorded UUID {ONE}, asked UUID {TWO}
    parameter name: recorded str "Eve", asked str "Ada"
  hint: record this scope again with `{command}`"""
    assert _missed(opened, INSERT, ASKED) == expected
    assert opened.replay.ledger.misses() == [expected]


def _rule(said: str) -> dict[str, Any]:
    _, _, lines = said.partition("declare in stack.toml:\n")
    (rule,) = tomllib.loads(lines)["volatile"]
    return rule


@recorded(exchange(INSERT, _ada()))
def test_it_says_how_to_declare_what_may_differ(opened: Opened) -> None:
    assert _rule(_missed(opened, INSERT, _ada(id=TWO))) == {
        "statement": "INSERT INTO users (id, email, name,*",
        "parameters": ["id"],
        "kind": "uuid",
    }
    both = _rule(_missed(opened, INSERT, _ada(id=TWO, name="Eve")))
    assert both["parameters"] == ["id", "name"] and "kind" not in both
    assert "stack.toml" not in _missed(opened, INSERT, _ada(id=str(ONE)))


@recorded(exchange("DROP TABLE tmp_ab12cd34"), exchange("SELECT 'Ada'", None, [["1"]]))
def test_it_says_how_to_declare_a_part_of_a_statement(opened: Opened) -> None:
    rule = _rule(_missed(opened, "DROP TABLE tmp_00ff11ee"))
    assert rule == {"statement": "DROP TABLE {token}*"}
    rule = _rule(_missed(opened, "SELECT 'Eve'"))
    assert rule == {"statement": "SELECT '{text}'*"}
    assert "stack.toml" not in _missed(opened, "DROP VIEW tmp_ab12cd34")


@recorded(
    exchange("SELECT a FROM t"),
    exchange("SELECT b FROM t"),
    exchange("SELECT c, d FROM u"),
    exchange("DELETE FROM x"),
    other=[exchange(SELECT, [2], [["Eve"]]), exchange(SELECT, [1], [["Ada"]])],
)
def test_it_finds_the_statement_in_another_scope(opened: Opened) -> None:
    said = _missed(opened, SELECT, [1])
    assert 'recorded exchange 2, of scope "other":\n    statement: the same' in said
    assert said.count("\n  recorded exchange") == 3
    near = _missed(opened, "SELECT a, b FROM t")
    assert near.count("\n  recorded exchange") == 3 and "DELETE" not in near
    assert "recorded '', asked ', b'" in near


@recorded(exchange("a %s", ["x" * 500 + "1" + "y" * 500]))
def test_long_values_are_shown_where_they_differ(opened: Opened) -> None:
    said = _missed(opened, "a %s", ["x" * 500 + "2" + "y" * 500])
    assert "recorded str …xxx" in said and "x1y" in said and "x2y" in said
    assert max(map(len, said.split("\n"))) < 600


@recorded(
    exchange(SELECT, [1], [["Ada"]], times=200),
    *(exchange(SELECT, [n], [["x"]]) for n in range(2, 3000)),
)
def test_a_large_scope_is_looked_through_in_no_time(opened: Opened) -> None:
    said = _missed(opened, SELECT, [0])
    assert said.count("\n  recorded exchange") == 3
