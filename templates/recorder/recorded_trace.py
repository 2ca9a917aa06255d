"""A trace read back: the exchanges of each scope, by the transactions that they ran in.

For who runs the statements again. Checks nothing: the generator says what is wrong with
a trace.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .faults import RecorderError
from .parameters import Tagged
from .results import Column
from .scopes import START_UP

_COMMENTS = r"(?:\s|--[^\n]*\n|/\*.*?\*/|;)*"
SHARED, FIXTURE = "shared", "fixture"
"""Kinds of scopes: those that are parts of others, and what outlives a test."""

_END = re.compile(
    rf"{_COMMENTS}(?P<word>COMMIT|END|ROLLBACK|ABORT)\s*(WORK|TRANSACTION)?[\s;]*$",
    re.IGNORECASE | re.DOTALL,
)


Cell = tuple[int, int, int]
"""Where a cell stands in an exchange: result, row and column, each from 0."""


@dataclass
class RecordedResult:
    """One result; ``columns`` is None where there are no rows."""

    columns: tuple[Column, ...] | None
    rowcount: int
    rows: list[list[Any]]
    partial: bool = False


@dataclass
class RecordedExchange:
    """One statement and its outcome; ``sqlstate`` is None without an error of the server.

    ``changed`` are the server's parameters that it changed. ``follows_control``: a begin
    or an end of a block was sent right before it. These have a number, and no line if
    they did no more than succeed. ``varying`` are the cells that a second recording had
    otherwise.
    """

    number: int
    operation: str
    sql: str | None
    parameters: Tagged | None
    results: list[RecordedResult]
    error: dict[str, Any] | None
    status: str
    connection: RecordedConnection
    changed: dict[str, str]
    follows_control: bool = False
    varying: frozenset[Cell] = frozenset()

    @property
    def sqlstate(self) -> str | None:
        return None if self.error is None else self.error.get("sqlstate")


@dataclass
class RecordedConnection:
    """The server's parameters of a connection, when it was made and from then on.

    ``number`` is its own in its file.
    """

    number: int
    server_parameters: dict[str, str] = field(default_factory=dict)


@dataclass
class Unit:
    """What one connection did in one transaction; ``kept`` if that was committed."""

    exchanges: list[RecordedExchange] = field(default_factory=list)
    kept: bool = False

    @property
    def end(self) -> int:
        return self.exchanges[-1].number


@dataclass
class RecordedScope:
    """A scope; one of a name, though several processes may have been in it.

    Of a trace that is kept, ``begins`` and ``ends`` are the scopes that have what others
    have as well.
    """

    name: str
    kind: str = START_UP
    begins: Sequence[str] = ()
    ends: Sequence[str] = ()
    exchanges: list[RecordedExchange] = field(default_factory=list)

    def statements(self) -> list[tuple[str, str | None]]:
        """What was asked, without parameters."""
        return [(each.operation, each.sql) for each in self.exchanges]

    def units(self) -> list[Unit]:
        """Its transactions, in the order in which they ended."""
        done: list[Unit] = []
        open_units: dict[int, Unit] = {}
        for exchange in self.exchanges:
            connection = id(exchange.connection)
            unit = open_units.setdefault(connection, Unit())
            unit.exchanges.append(exchange)
            if exchange.status == "IDLE":
                # Autocommit keeps what it did; so does a commit that did not fail.
                undone = exchange.operation == "rollback" or is_rollback(exchange.sql)
                unit.kept = not undone and exchange.error is None
                done.append(open_units.pop(connection))
        # What nobody ended was rolled back with its connection.
        return sorted([*done, *open_units.values()], key=lambda unit: unit.end)


def is_commit(text: str | None) -> bool:
    """Whether a statement by itself commits."""
    found = _END.match(text or "")
    return found is not None and found["word"].upper() in ("COMMIT", "END")


def is_rollback(text: str | None) -> bool:
    """Whether a statement by itself rolls back."""
    return _END.match(text or "") is not None and not is_commit(text)


class RecordedTrace:
    """The scopes of several files of one recording, and what their headers say."""

    def __init__(self, paths: Iterable[str]) -> None:
        """`paths` are files, each the whole of it or a part."""
        self.redaction: dict[str, Any] | None = None
        self._scopes: dict[str, RecordedScope] = {START_UP: RecordedScope(START_UP)}
        self._is_kept = False
        self._exchanges = 0
        for path in sorted(paths, key=_began):
            self._read(path)

    def compare(self, again: RecordedTrace) -> None:
        """Note in each exchange which of its cells a second recording has otherwise.

        Of a scope that did not ask the same in both, nothing is known.
        """
        for name, scope in self._scopes.items():
            other = again._scopes.get(name)
            if other is None or scope.statements() != other.statements():
                continue
            for one, two in zip(scope.exchanges, other.exchanges, strict=True):
                one.varying = frozenset(_differing(one, two))

    @property
    def scopes(self) -> Sequence[RecordedScope]:
        """Start-up first, then as they opened.

        Of traces that are kept one a scope nobody knows how these opened: fixtures come
        last, as their tear-down takes away what tests need.
        """
        scopes = [each for each in self._scopes.values() if each.kind != SHARED]
        if self._is_kept:
            scopes.sort(key=lambda each: each.kind == FIXTURE)
        return [self._whole(each) for each in scopes]

    def _whole(self, scope: RecordedScope) -> RecordedScope:
        """A scope with what it has in common with others."""
        if not scope.begins and not scope.ends:
            return scope
        names = (*scope.begins, scope.name, *scope.ends)
        missing = next((name for name in names if name not in self._scopes), None)
        if missing is not None:
            raise RecorderError(
                f"`{scope.name}` has exchanges in common with others that are missing: "
                f"`{missing}`",
                "name all traces of the project",
            )
        exchanges: list[RecordedExchange] = []
        connections: dict[int, RecordedConnection] = {}
        for each in (each for name in names for each in self._scopes[name].exchanges):
            # Each file numbers the connections as they come: the first one is the same.
            number, given = each.connection.number, each.connection.server_parameters
            connection = RecordedConnection(number, given.copy())
            connection = connections.setdefault(number, connection)
            exchanges.append(
                replace(each, number=len(exchanges), connection=connection)
            )
        return replace(scope, exchanges=exchanges)

    def _read(self, path: str) -> None:
        texts: dict[int, str] = {}
        columns: dict[int, tuple[Column, ...]] = {}
        connections: dict[int, RecordedConnection] = {}
        names = {0: START_UP}
        by_id: dict[int, RecordedExchange] = {}
        for event, content in _events(path):
            if event == "trace":
                self.redaction = content.get("redaction")
                self._is_kept = "started_at" not in content
            elif event == "text":
                texts[content["id"]] = content["sql"]
            elif event == "row_description":
                described = (Column(**column) for column in content["columns"])
                columns[content["id"]] = tuple(described)
            elif event == "scope":
                names[content["id"]] = content["name"]
                scope = RecordedScope(
                    content["name"],
                    content["kind"],
                    content.get("begins", ()),
                    content.get("ends", ()),
                )
                self._scopes.setdefault(content["name"], scope)
            elif event == "connect":
                given = content.get("server_parameters") or {}
                number = content["id"]
                connections[number] = RecordedConnection(number, given)
            elif event == "exchange":
                exchange = _exchange(content, texts, columns, connections)
                # Each file counts for itself; the files follow each other.
                exchange.number += self._exchanges
                by_id[content["id"]] = exchange
                self._scopes[names[content["scope"]]].exchanges.append(exchange)
            elif event == "rows":
                _append(by_id[content["exchange"]], content)
        for number, exchange in by_id.items():
            exchange.follows_control = number > 1 and number - 1 not in by_id
        self._exchanges += max(by_id, default=0)
        # Lines stand in the order in which statements were answered.
        for scope in self._scopes.values():
            scope.exchanges.sort(key=lambda each: each.number)


def trace_files(paths: Iterable[str]) -> list[str]:
    """Files of traces; a folder stands for those of its first recording."""
    found = _files(paths, "trace")
    if not found:
        raise RecorderError("there is no trace", "name a trace file, or its folder")
    return found


def again_files(paths: Iterable[str]) -> list[str]:
    """The files of second recordings, as far as folders were named."""
    return _files(filter(os.path.isdir, paths), "again")


def _files(paths: Iterable[str], start: str) -> list[str]:
    files: list[str] = []
    for path in paths:
        if os.path.isdir(path):
            names = sorted(os.listdir(path))
            ours = [n for n in names if n.startswith(start) and n.endswith(".jsonl")]
            files += [os.path.join(path, name) for name in ours]
        else:
            files.append(path)
    return files


def _began(path: str) -> str:
    for event, content in _events(path):
        return str(content.get("started_at", "")) if event == "trace" else ""
    return ""


def _events(path: str) -> Iterator[tuple[str, Any]]:
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith("\n"):
                    # The recorded process was killed while it wrote.
                    return
                try:
                    ((event, content),) = json.loads(line).items()
                except ValueError as error:
                    raise RecorderError(f"{path}:{number}: {error}") from error
                yield event, content
    except OSError as error:
        raise RecorderError(f"{path}: {error.strerror}") from error


def _exchange(
    content: dict[str, Any],
    texts: dict[int, str],
    columns: dict[int, tuple[Column, ...]],
    connections: dict[int, RecordedConnection],
) -> RecordedExchange:
    text, number = content.get("text"), content["connection"]
    return RecordedExchange(
        content["id"],
        content["operation"],
        None if text is None else texts[text],
        content.get("parameters"),
        [_result(result, columns) for result in content.get("results", ())],
        content.get("error"),
        content["status"],
        connections.setdefault(number, RecordedConnection(number)),
        content.get("server_parameters") or {},
    )


def _result(
    content: dict[str, Any], columns: dict[int, tuple[Column, ...]]
) -> RecordedResult:
    described = content.get("row_description")
    return RecordedResult(
        None if described is None else columns[described],
        content["rowcount"],
        list(content.get("rows", ())),
        content.get("partial", False),
    )


def _differing(one: RecordedExchange, two: RecordedExchange) -> Iterator[Cell]:
    """The cells that differ, of rows that both have."""
    for number, (first, second) in enumerate(zip(one.results, two.results)):
        for place, (row, other) in enumerate(zip(first.rows, second.rows)):
            for column, (cell, now) in enumerate(zip(row, other)):
                if cell != now:
                    yield number, place, column


def _append(exchange: RecordedExchange, content: dict[str, Any]) -> None:
    exchange.results[-1].rows += content.get("rows", ())
    exchange.error = exchange.error or content.get("error")
    if content.get("complete"):
        exchange.results[-1].partial = False
