"""Fixtures of foreign span files: each statement is answered as its span says."""

from __future__ import annotations

import copy
import datetime as dt
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tusk_spans
from tusk_spans import SETS, Scope, Statement, expected_rows, read_set

GENERATED = "MOCK_CURSOR_TUSK"
NAMES = sorted(path.name for path in SETS.iterdir() if path.is_dir())
SCOPES = [(name, scope) for name in NAMES for scope in read_set(name)]


class Replayed:
    """The fixture of a set, with one connection."""

    def __init__(self, name: str) -> None:
        package = name.replace("-", "_")

        def load(module: str) -> Any:
            return importlib.import_module(f"{package}.runtime.{module}")

        self.api, self.scopes = load("api"), load("scopes")
        self.range = load("types.range").Range
        self.connection = self.api.MockConnection.connect("")

    def perform(self, statement: Statement, parameters: Any) -> Any:
        """Ask as the application asked; the cursor."""
        parameters = self.as_driver(parameters)
        sql, kind = statement.sql(), statement.kind
        # Whatever stood around the text was stripped.
        sql = f"\n  {sql}\n"
        if kind == "declare":
            cursor = self.connection.cursor("named")
            return cursor.execute(sql, parameters)
        cursor = self.connection.cursor()
        if kind == "executemany":
            returning = "result_sets" in statement.output
            cursor.executemany(sql, parameters, returning=returning)
            return cursor
        if kind == "copy":
            with cursor.copy(sql, parameters) as copy:
                return list(copy)
        if kind == "stream":
            return list(cursor.stream(sql, parameters))
        return cursor.execute(sql, parameters)

    def as_driver(self, value: Any) -> Any:
        """Ranges as the driver's class; the reader has one of its own."""
        if isinstance(value, tusk_spans.Range):
            return self.range(value.lower, value.upper, value.bounds)
        if isinstance(value, list):
            return [self.as_driver(each) for each in value]
        return value

    def as_reader(self, value: Any) -> Any:
        if isinstance(value, self.range):
            return tusk_spans.Range(value.lower, value.upper, value.bounds)
        return value


@pytest.fixture(scope="module")
def fixtures() -> Iterator[Path]:
    given = os.environ.get(GENERATED)
    hint = f"run `cargo xtask python-test`, or generate tests/tusk and set {GENERATED}"
    assert given, f"no fixtures to test: {hint}"
    sys.path.insert(0, given)
    yield Path(given)
    sys.path.remove(given)


def exact(value: Any) -> Any:
    """A value with its type, and with all that equality overlooks."""
    if isinstance(value, (list, tuple)):
        return [type(value), *map(exact, value)]
    if isinstance(value, dict):
        return [(key, exact(each)) for key, each in value.items()]
    if isinstance(value, dt.datetime):
        return value.isoformat(), value.utcoffset()
    return type(value), str(value)


def check_result(
    replayed: Replayed, cursor: Any, recorded: dict[str, Any], one: bool
) -> None:
    description = recorded.get("description")
    assert cursor.rowcount == recorded["rowcount"]
    if one and "statusmessage" in recorded:
        assert cursor.statusmessage == recorded["statusmessage"]
    if description is None:
        assert cursor.description is None
        return
    columns = [(each.name, each.type_code) for each in cursor.description]
    assert columns == [(each["name"], each["type_code"]) for each in description]
    rows = [tuple(map(replayed.as_reader, row)) for row in cursor.fetchall()]
    wanted = expected_rows(recorded, [each["type_code"] for each in description])
    assert exact(rows) == exact(wanted)


def check_statement(replayed: Replayed, statement: Statement) -> None:
    parameters = statement.parameters()
    if "errorName" in statement.output:
        with pytest.raises(replayed.connection.Error) as error:
            replayed.perform(statement, parameters)
        assert type(error.value).__name__ == statement.output["errorName"]
        assert str(error.value) == statement.output["errorMessage"]
        assert error.value.sqlstate is not None
        replayed.connection.rollback()
        return
    cursor = replayed.perform(statement, parameters)
    if statement.kind == "copy":
        blocks = [bytes(block).decode() for block in cursor]
        assert blocks == statement.output["data"]
        return
    if statement.kind == "stream":
        # Its columns have no type codes; the set has none but int and text there.
        assert exact(cursor) == exact(list(map(tuple, statement.output["rows"])))
        return
    for number, recorded in enumerate(statement.result_sets):
        if number:
            assert cursor.nextset()
        check_result(replayed, cursor, recorded, statement.kind != "declare")
    assert statement.kind == "declare" or not cursor.nextset()


def test_the_sets_are_there() -> None:
    assert NAMES == ["fastapi-postgres", "fastapi-sqlalchemy", "psycopg-e2e"]
    statements = [each for _, scope in SCOPES for each in scope.statements]
    assert len(statements) == 113
    assert sum(each.left_out for each in statements) == 1


@pytest.mark.parametrize(
    ("name", "scope"), SCOPES, ids=lambda each: getattr(each, "name", each)
)
def test_each_statement_is_answered_as_recorded(
    fixtures: Path, name: str, scope: Scope
) -> None:
    replayed = Replayed(name)
    with replayed.scopes.entered(opened(replayed, scope)):
        for statement in scope.statements:
            if statement.left_out:
                with pytest.raises(
                    (replayed.api.ReplayMiss, replayed.connection.NotSupportedError)
                ):
                    replayed.perform(statement, statement.parameters())
                continue
            check_statement(replayed, statement)


def altered(value: Any) -> Iterator[Any]:
    """Parameters with one known value changed at a time."""
    places = value.items() if isinstance(value, dict) else enumerate(value)
    for place, each in list(places):
        if isinstance(each, dt.datetime):
            continue  # a blank, of which nothing is known
        changed = copy.copy(value)
        changed[place] = other_than(each)
        yield changed


def other_than(value: Any) -> Any:
    """What the driver would send in the place of a value, as many and of one type."""
    if isinstance(value, list):
        return [*value[:-1], other_than(value[-1])] if value else [7]
    if isinstance(value, int):
        return value + 7
    return "something else"


KNOWN = [
    (name, scope)
    for name, scope in SCOPES
    if any(each.parameters() for each in scope.statements)
]


@pytest.mark.parametrize(
    ("name", "scope"), KNOWN, ids=lambda each: getattr(each, "name", each)
)
def test_another_value_of_a_known_parameter_is_a_miss(
    fixtures: Path, name: str, scope: Scope
) -> None:
    replayed = Replayed(name)
    with replayed.scopes.entered(opened(replayed, scope)):
        for statement in scope.statements:
            parameters = statement.parameters()
            for other in altered(parameters) if parameters else ():
                with pytest.raises(replayed.api.ReplayMiss):
                    replayed.perform(statement, other)
            check_statement(replayed, statement)


def opened(replayed: Replayed, scope: Scope) -> Any:
    """The scope of that very name, whatever ran before; None is start-up."""
    if scope.name == "start-up":
        return None
    return replayed.scopes.Scope(scope.name, "request")
