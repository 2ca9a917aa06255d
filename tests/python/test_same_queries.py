"""Statements as they are sent, with parameters written in or beside them: the driver's."""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from recorded_scripts import require_server
from recordings import PLAIN, exchange, make_fixture
from sides import outcome

require_server()
psycopg = pytest.importorskip("psycopg")

STATEMENTS = (
    "",
    "1",
    "%",
    "100%",
    "%%",
    "%%%",
    "%%%%",
    "%s",
    "%s%",
    "%s%%",
    "x%%%s",
    "%b, %t, %s",
    "%s %s",
    "%(a)s",
    "%(a)s %(b)s",
    "%(b)s %(a)s %(b)s",
    "%(a)s %(a)t",
    "%(a b)s",
    "%(a\nb)s",
    "%s %(a)s",
    "%(a)s %s",
    "%s %(a)s %x",
    "%x %s %(a)s",
    "%x",
    "%S",
    "%1$s",
    "%(a)x",
    "%(a)",
    "%(a) ",
    "%(a)\n",
    "%(a b c",
    "%()s",
    "%(",
    "% s",
    "% ",
    "%\n",
    "%\n%s",
    "like '%a' %s",
    "$1 %s",
    "\u00e9 %s",
    "%s" + " " * 4094,
    "%s" + " " * 4095,
)
PARAMETERS = (
    "None",
    "()",
    "[]",
    "{}",
    "(1,)",
    "[1, 'x']",
    "(1, None, True)",
    "range(2)",
    "{'a': 1}",
    "{'a': 1, 'b': 'it\\'s', 'c': 3}",
    "{'a b': 1, 'a\\nb': 2}",
    "'ab'",
    "b'ab'",
    "bytearray(b'a')",
    "{1}",
    "3",
    "(object,)",
    "{'a': object, 'b': 1}",
    "('\\0',)",
)
ENCODED = ("%s", "\u00e9 %s")
TEXTS = ("\u00e9", "\u20ac", ["\u00e9"], b"\xff\\", "\\")


@pytest.fixture(scope="module")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """The stand-in and the driver, each with a connection."""
    package = make_fixture(tmp_path_factory.mktemp("queries"), {}, [PLAIN])
    yield from _connected(package)


def _connected(package: Any) -> Iterator[list[Any]]:
    drivers = [importlib.import_module(f"{package.__name__}.runtime.psycopg"), psycopg]
    connections = [each.connect(os.environ["DATABASE_URL"]) for each in drivers]
    yield list(zip(drivers, connections, strict=True))
    for each in connections:
        each.close()


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_mogrify(drivers: list[Any], parameters: str) -> None:
    for statement in STATEMENTS:
        _agree(drivers, statement, eval(parameters))


@pytest.mark.parametrize(
    "settings",
    [
        {"standard_conforming_strings": "off"},
        {"client_encoding": "LATIN1"},
        {"client_encoding": "SQL_ASCII"},
        {"client_encoding": "SJIS"},
    ],
)
def test_mogrify_depends_on_the_session(tmp_path: Path, settings: Any) -> None:
    parameters = PLAIN["server_parameters"] | settings
    package = make_fixture(tmp_path, {}, [{"server_parameters": parameters}])
    for drivers in _connected(package):
        for name, value in settings.items():
            drivers[1][1].execute(f"SET {name} TO {value}")
        for statement, parameter in itertools.product(ENCODED, TEXTS):
            _agree(drivers, statement, (parameter,))
        _agree(drivers, "\u00e9", None)


def _agree(drivers: list[Any], statement: str, parameters: Any) -> None:
    said = [
        outcome(partial(driver.ClientCursor(connection).mogrify, statement, parameters))
        for driver, connection in drivers
    ]
    assert said[0] == said[1], (statement, parameters)


SENT = (
    ("Cursor", "SELECT %s::int, %s", "(1, 'x')"),
    ("Cursor", "SELECT %(b)s, %(a)s::int, %(b)s", "{'a': 2, 'b': None}"),
    ("Cursor", "SELECT 1 %% 2", "()"),
    ("Cursor", "SELECT 1 % 2", "None"),
    ("Cursor", "SELECT %b, %t", "(1, 1)"),
    ("ClientCursor", "SELECT %s::int, %s", "(1, 'x')"),
    ("ClientCursor", "SELECT %(b)s, %(a)s::int", "{'a': 2, 'b': None}"),
    ("ClientCursor", "SELECT 1", "None"),
    ("RawCursor", "SELECT $1::int % 2, '%s'", "(1,)"),
    ("RawCursor", "SELECT 1", "None"),
)


def test_what_was_sent_is_there_to_see(tmp_path: Path) -> None:
    recorded = []
    for _, statement, given in SENT:
        parameters = eval(given)
        tagged = list(parameters) if isinstance(parameters, tuple) else parameters
        recorded.append(exchange(statement, tagged, rows=[["1"]], times=9))
    package = make_fixture(tmp_path, {"start-up": recorded}, [PLAIN])
    for sides in _connected(package):
        said: list[list[Any]] = []
        for driver, connection in sides:
            seen: list[Any] = []
            for kind, statement, given in SENT:
                cursor = getattr(driver, kind)(connection)
                seen.append(cursor._query)
                cursor.execute(statement, eval(given))
                sent = cursor._query
                params = sent.params and [each and bytes(each) for each in sent.params]
                seen.append((sent.query, params, tuple(sent.types), sent.formats))
            said.append(seen)
        assert said[0] == said[1]


def test_what_the_driver_refuses_needs_no_recording(drivers: list[Any]) -> None:
    calls = (
        ("Cursor", "SELECT %s %s", (1,)),
        ("Cursor", "SELECT %x", (1,)),
        ("Cursor", "SELECT %s", (object(),)),
        ("Cursor", "SELECT %s", {"a": 1}),
        ("ClientCursor", "SELECT %s %s", (1,)),
        ("RawCursor", "SELECT $1", {"a": 1}),
        ("RawCursor", "SELECT $1", "x"),
    )
    said: list[list[Any]] = []
    for driver, connection in drivers:
        seen: list[Any] = []
        for kind, statement, given in calls:
            cursor = getattr(driver, kind)(connection)
            seen += [
                outcome(partial(cursor.execute, statement, given)),
                outcome(partial(cursor.executemany, statement, [given])),
                outcome(partial(next, cursor.stream(statement, given))),
                connection.info.transaction_status.name,
            ]
            connection.rollback()
        named = driver.RawServerCursor(connection, "n")
        client = driver.ClientCursor(connection)
        seen += [
            outcome(partial(named.execute, "SELECT $1", {"a": 1})),
            outcome(partial(client.execute, "SELECT 1", binary=True)),
            outcome(partial(next, client.stream("SELECT 1", binary=True))),
        ]
        named.close()
        client.format = driver.pq.Format.BINARY
        seen += [
            outcome(partial(client.execute, "SELECT %s %s", (1,))),
            outcome(partial(client.executemany, "SELECT 1", [()])),
        ]
        connection.rollback()
        said.append(seen)
    assert said[0] == said[1]
