"""Values and parts of statements, compared with the driver's own."""

from __future__ import annotations

import copy
import importlib
import itertools
import pickle
from datetime import date
from typing import Any

import pytest
from fixture.runtime.psycopg import types as types_
from sides import outcome

pytest.importorskip("psycopg")

MODULES = ("sql", "rows", "types.range", "types.multirange", "types.composite")
INFOS = ("types", "types.enum", "types.hstore", "types.json")

TEMPLATES = (
    "",
    "a",
    "{}",
    "{}{}",
    "{}{}{}",
    "{0}{1}{0}",
    "{00}",
    "{2}",
    "{-1}",
    "{a}{}{b}",
    "{a}{1}{b}",
    "{0}{}",
    "{}{0}",
    "{1}{}",
    "{}{1}",
    "{c}",
    "{ }",
    "{a.b}",
    "{a[0]}",
    "{0.real}",
    "{:s}",
    "{!r}",
    "{!r:s}",
    "{}{:s}",
    "{:{}}",
    "{",
    "}",
    "{{}}",
    "x {{ {} }} y",
    "{\N{SUPERSCRIPT TWO}}",
)
SQL = (
    "SQL('a') + SQL('b')",
    "SQL('a') + Composed([1, SQL('b')])",
    "Composed([1]) + SQL('a')",
    "Composed([1]) + Composed([2]) + Identifier('x')",
    "Composed([1]) + Composed([])",
    "type(Derived([1]) + SQL('a')).__name__",
    "SQL('a') + 'b'",
    "'b' + SQL('a')",
    "Composed([1]) + 3",
    "SQL('a') * 3",
    "Composed([1, 2]).join(', ')",
    "Composed([1, 2]).join(SQL(', '))",
    "Composed([1, 2]).join(Identifier('x'))",
    "Composed([1, 2]).join(3)",
    "Composed([]).join(',')",
    "SQL(',').join([])",
    "SQL(',').join([1, SQL('x'), 'y'])",
    "SQL(',').join(iter([1, 2]))",
    "SQL(',').join(3)",
    "SQL(3)",
    "SQL(b'x')",
    "Identifier()",
    "Identifier('a', None)",
    "Identifier('a', 'b\"c').as_string()",
    "Placeholder(3)",
    "Placeholder('a)')",
    "SQL('a') == SQL('a'), SQL('a') != SQL('b'), SQL('a') == Identifier('a')",
    "hash(SQL('a'))",
    "list(SQL('{}, {b}').format(1, b=Identifier('x')))",
    "SQL('{}, {b}').format(1, b='it''s').as_string()",
)
RANGES = (
    "Range(1, 2)",
    "Range(1, 2, '[]')",
    "Range(1, 2, '(]')",
    "Range(1, 3)",
    "Range(None, 2)",
    "Range(1, None)",
    "Range(None, None)",
    "Range(empty=True)",
    "Range(float('nan'), 1)",
    "Range('a', 'b')",
    "Range(date(2026, 1, 1))",
    "Int4Range(1, 2)",
    "Multirange([Range(1, 2)])",
    "Multirange([Range(1, 2), Range(5, 6)])",
    "Multirange([])",
    "3",
    "None",
)
OPERATORS = ("==", "!=", "<", "<=", ">", ">=")
INFO = (
    "TypeInfo('a', 1, 2)",
    "TypeInfo('a', 1, 2, regtype='b', delimiter=';')",
    "RangeInfo('a', 1, 2, subtype_oid=3)",
    "MultirangeInfo('a', 1, 2, range_oid=3, subtype_oid=4)",
    "EnumInfo('a', 1, 2, ['x', 'y'])",
    "EnumInfo('a', 1, 2, labels=['x'], regtype='b')",
    "CompositeInfo('a', 1, 2, field_names=['x'], field_types=[23])",
    "TypeInfo('a', 1)",
    "RangeInfo('a', 1, 2)",
    "RangeInfo('a', 1, 2, 3)",
)


def _names(package: str) -> dict[str, Any]:
    names: dict[str, Any] = {"date": date}
    for module in (*MODULES, *INFOS):
        names |= vars(importlib.import_module(f"{package}.{module}"))
    names["attributes"] = _attributes
    names["Derived"] = type("Derived", (names["Composed"],), {})
    return names


def _attributes(info: Any) -> dict[str, Any]:
    names = [name for name in dir(info) if not name.startswith("_")]
    values = {name: getattr(info, name) for name in names if name != "typemod"}
    return {name: value for name, value in values.items() if not callable(value)}


STAND_IN, DRIVER = _names(types_.__name__.rpartition(".")[0]), _names("psycopg")


def _same(expression: str) -> None:
    said = [
        outcome(lambda names=n: eval(expression, names)) for n in (STAND_IN, DRIVER)
    ]
    assert said[0] == said[1]


@pytest.mark.parametrize("template", TEMPLATES)
def test_format(template: str) -> None:
    _same(f"SQL({template!r}).format(1, 'x', a=Identifier('y'), b=None)")
    _same(f"SQL({template!r}).format()")


@pytest.mark.parametrize("expression", SQL)
def test_composition(expression: str) -> None:
    _same(expression)


@pytest.mark.parametrize("operator", OPERATORS)
def test_comparisons(operator: str) -> None:
    for one, other in itertools.product(RANGES, RANGES):
        _same(f"({one}) {operator} ({other})")


@pytest.mark.parametrize("value", RANGES[:-2])
def test_hashes_and_states(value: str) -> None:
    _same(f"hash({value}) == hash({value})")
    _same(f"{value}.__getstate__()")
    _same(f"{value} is {value}, {value} in [{value}], {{{value}: 1}}")
    made = eval(value, STAND_IN)
    for copied in (copy.copy(made), copy.deepcopy(made)):
        assert repr(copied) == repr(made)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickled_range(protocol: int) -> None:
    # Pickled by the driver, and read by it: it goes by the name of its class.
    for value in ("Range(1, 2, '[]')", "Int4Range(None, 5, '()')", "Range(empty=True)"):
        ours = eval(value, STAND_IN)
        state = ours.__getstate__()
        theirs = pickle.loads(pickle.dumps(eval(value, DRIVER), protocol))
        theirs.__setstate__(state)
        ours.__setstate__(theirs.__getstate__())
        assert repr(ours) == repr(theirs) == value


@pytest.mark.parametrize("expression", INFO)
def test_types_of_the_database(expression: str) -> None:
    _same(expression)
    _same(f"attributes({expression})")
    _same(f"type({expression}.typemod).__name__")


def test_no_type_is_listed_twice() -> None:
    listed = "sorted(info.name for info in registry)"
    for names in (STAND_IN, DRIVER):
        registry = names["TypesRegistry"]()
        for name, oid in (("a", 1), ("b", 3)):
            registry.add(names["TypeInfo"](name, oid, oid + 1, regtype=f"x.{name}"))
        assert eval(listed, {"registry": registry}) == ["a", "b"]
