"""Recorded statements run again, in one transaction that is never committed.

Each statement runs within a savepoint of its own, so that one that fails now, or failed
then, takes nothing with it. What was rolled back when recorded is rolled back again;
what was committed stays for the scopes that follow, until the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg.types.json import Json, Jsonb
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from .copy_data import cell_of, data_of
from .faults import RecorderError
from .parameters import decode
from .pgresults import pgresults, read_columns, read_result
from .recorded_trace import (
    RecordedExchange,
    RecordedScope,
    Unit,
    is_commit,
    is_rollback,
)
from .results import Result
from .type_names import TypeNames

NOT_RUN = (
    (r"VACUUM|CLUSTER|ALTER\s+SYSTEM", "runs in no transaction"),
    (r"(CREATE|DROP)\s+(DATABASE|TABLESPACE|SUBSCRIPTION)", "runs in no transaction"),
    (
        r"(CREATE\s+(UNIQUE\s+)?|DROP\s+|RE)INDEX\s+([(]?\w+[)]?\s+)*CONCURRENTLY",
        "runs in no transaction",
    ),
    (r"(PREPARE\s+TRANSACTION|(COMMIT|ROLLBACK)\s+PREPARED)", "commits in two phases"),
    (r"SET\s+(TRANSACTION|SESSION\s+CHARACTERISTICS)", "begins a transaction"),
    (r"COPY\b.*\b(FROM|TO)\s+(PROGRAM\b|E?')", "works on the server's own files"),
)
"""Statements that are not run again, by how they begin, and why."""

_COMMENTS = r"(?:\s|--[^\n]*\n|/\*.*?\*/|;)*"
_NOT_RUN = [
    (re.compile(_COMMENTS + f"(?:{start})", re.IGNORECASE | re.DOTALL), why)
    for start, why in NOT_RUN
]
_BEGINS = re.compile(_COMMENTS + r"(BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)
# What may stand between statements and hold a semicolon that ends none.
_QUOTED = re.compile(
    r"[eE]'(?:[^'\\]|\\.|'')*'|'[^']*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$"
    r"|--[^\n]*|/\*.*?\*/",
    re.DOTALL,
)
_CONTROLS = re.compile(
    r"\s*(BEGIN|START|COMMIT|END|ROLLBACK|ABORT|PREPARE)\b", re.IGNORECASE
)
_SAVEPOINTS = re.compile(
    _COMMENTS + r"(SAVEPOINT|RELEASE|ROLLBACK\s+(WORK\s+)?TO)\b", re.IGNORECASE
)
_RUN = ("execute", "executemany", "stream", "declare", "copy_in", "copy_out")
_FAILED_TRANSACTION = "25P02"
# What a text of the server depends on; others say what a server is, not a session.
_SHAPING = ("client_encoding", "TimeZone", "DateStyle", "IntervalStyle", "search_path")

_type_names = TypeNames()


class Outcome(NamedTuple):
    """What came of a statement now: results or an error; or why it was not run."""

    results: list[Result]
    error: psycopg.Error | None = None
    not_run: str | None = None


class Rerun:
    """One connection, and the transaction on it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        connection.autocommit = True
        connection.prepare_threshold = None
        self._connection = connection
        self._set: dict[str, str] = {}
        self._command("BEGIN")

    def scope(self, scope: RecordedScope) -> Iterator[tuple[RecordedExchange, Outcome]]:
        """Run a scope's statements; each with what came of it."""
        for unit in scope.units():
            self._command("SAVEPOINT mock_cursor_unit")
            yield from self._unit(unit)
            if not unit.kept:
                self._command("ROLLBACK TO mock_cursor_unit")
                self._set.clear()
            self._command("RELEASE mock_cursor_unit")

    def close(self) -> None:
        """Undo everything."""
        self._connection.close()

    def _unit(self, unit: Unit) -> Iterator[tuple[RecordedExchange, Outcome]]:
        blocks = _Blocks(unit)
        for exchange in unit.exchanges:
            if blocks.begin_before(exchange):
                self._command("SAVEPOINT mock_cursor_block")
            yield from self._exchange(exchange)
            if blocks.undone_after(exchange):
                self._command("ROLLBACK TO mock_cursor_block")
                self._set.clear()

    def _exchange(
        self, exchange: RecordedExchange
    ) -> Iterator[tuple[RecordedExchange, Outcome]]:
        if exchange.sqlstate == _FAILED_TRANSACTION:
            # It followed from the error before it.
            return
        self._set_up(exchange)
        exchange.connection.server_parameters |= exchange.changed
        if exchange.operation == "commit" or is_commit(exchange.sql):
            yield exchange, self._constraints()
        elif exchange.sql is None or exchange.operation == "type_info":
            # Ends and begins of transactions; numbers of types differ anyway.
            return
        elif exchange.error is not None and exchange.sqlstate is None:
            yield exchange, Outcome([], not_run="the driver refused it by itself")
        else:
            yield exchange, self._statement(exchange)

    def _statement(self, exchange: RecordedExchange) -> Outcome:
        text = exchange.sql or ""
        if exchange.operation not in _RUN:
            return Outcome([], not_run=f"{exchange.operation} is not run again")
        if exchange.operation == "copy_in" and not _is_whole(exchange):
            return Outcome([], not_run="the application gave it up")
        for start, why in _NOT_RUN:
            if start.match(text):
                return Outcome([], not_run=f"it {why}")
        if _BEGINS.match(text) or is_rollback(text):
            return Outcome([], not_run="the transaction is another one")
        if _may_end_transaction(text):
            return Outcome([], not_run="one of its statements may end the transaction")
        try:
            parameters = _parameters(exchange)
        except _Unknown as unknown:
            return Outcome([], not_run=f"its parameters hold {unknown}")
        if _SAVEPOINTS.match(text):
            # A savepoint of ours around it would undo what it does.
            outcome = self._executed(exchange, parameters)
            if outcome.error is not None:
                self._command("ROLLBACK TO mock_cursor_unit")
            return outcome
        with self._undone_if_failed() as failed:
            outcome = self._executed(exchange, parameters)
            failed.append(outcome.error is not None)
        return outcome

    def _executed(self, exchange: RecordedExchange, parameters: Any) -> Outcome:
        with self._connection.cursor(binary=_is_binary(exchange)) as cursor:
            try:
                if exchange.operation in ("copy_in", "copy_out"):
                    results = [self._copied(cursor, exchange, parameters)]
                elif exchange.operation == "executemany":
                    results = self._of_many(cursor, exchange, parameters)
                else:
                    cursor.execute(exchange.sql or "", parameters)
                    results = self._read(cursor)
            except psycopg.Error as error:
                if self._connection.broken:
                    raise
                return Outcome([], error)
        self._check_transaction(exchange)
        return Outcome(results)

    def _of_many(
        self, cursor: Any, exchange: RecordedExchange, parameters: Any
    ) -> list[Result]:
        counts = any(each.columns is None for each in exchange.results)
        cursor.executemany(exchange.sql or "", parameters, returning=not counts)
        if counts:
            return [Result(None, cursor.rowcount, cursor.statusmessage, [])]
        # Without sets nothing was sent, whatever was asked for.
        return self._read(cursor) if parameters else []

    def _copied(
        self, cursor: Any, exchange: RecordedExchange, parameters: Any
    ) -> Result:
        binary = _is_binary(exchange)
        encoding = self._connection.info.encoding
        with cursor.copy(exchange.sql or "", parameters) as copy:
            result = cursor.pgresult
            columns = read_columns(result, encoding, self._type_name, binary)
            names = [column.name for column in cursor.description or ()]
            rows = [row for each in exchange.results for row in each.rows]
            if exchange.operation == "copy_in":
                for (cell,) in rows:
                    copy.write(data_of(cell, binary, encoding))
            else:
                rows = [[cell_of(bytes(data), binary, encoding)] for data in copy]
        named = zip(columns, names, strict=True)
        described = tuple(column._replace(name=name) for column, name in named)
        return Result(described, cursor.rowcount, cursor.statusmessage, rows)

    def _read(self, cursor: Any) -> list[Result]:
        encoding = self._connection.info.encoding
        found = pgresults(cursor)
        return [read_result(one, encoding, self._type_name) for one in found]

    def _constraints(self) -> Outcome:
        """Check what a commit would: the constraints that wait for it."""
        self._command("SAVEPOINT mock_cursor_commit")
        error = None
        try:
            self._command("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as raised:
            error = raised
        # So that they wait again.
        self._command("ROLLBACK TO mock_cursor_commit")
        self._command("RELEASE mock_cursor_commit")
        return Outcome([], error)

    def _check_transaction(self, exchange: RecordedExchange) -> None:
        if self._connection.info.transaction_status == TransactionStatus.IDLE:
            # Not to be mended, and so not to be passed over.
            raise RecorderError(
                f"a statement has ended the transaction: {exchange.sql}",
                "look into the database: what ran before it may be committed",
            )

    def _set_up(self, exchange: RecordedExchange) -> None:
        """Have the session as the recorded connection had it before the statement."""
        recorded = exchange.connection.server_parameters
        for name in _SHAPING:
            value = recorded.get(name)
            now = self._connection.info.parameter_status(name) or self._set.get(name)
            if value is None or now == value:
                continue
            self._set[name] = value
            with self._undone_if_failed() as failed:
                try:
                    setting = sql.SQL("SELECT set_config({}, {}, false)")
                    self._command(setting.format(name, value))
                except psycopg.Error:
                    # A time zone that this server does not know, for one.
                    failed.append(True)

    @contextmanager
    def _undone_if_failed(self) -> Iterator[list[bool]]:
        self._command("SAVEPOINT mock_cursor_statement")
        failed: list[bool] = []
        yield failed
        if any(failed):
            self._command("ROLLBACK TO mock_cursor_statement")
        self._command("RELEASE mock_cursor_statement")

    def _command(self, command: Any) -> None:
        self._connection.execute(command)

    def _type_name(self, oid: int) -> str | None:
        return _type_names.name(self._connection, oid)


class _Blocks:
    """Blocks of `transaction()` within a transaction, as far as a trace tells of them.

    An error within one that the transaction outlived has undone it, from where the
    nearest block began. Who names savepoints himself needs none of ours.
    """

    def __init__(self, unit: Unit) -> None:
        named = any(_SAVEPOINTS.match(each.sql or "") for each in unit.exchanges)
        self._undone = {
            exchange.number
            for exchange, then in pairwise(unit.exchanges)
            if exchange.status == "INERROR" and then.status == "INTRANS" and not named
        }
        self._has_begun = False

    def begin_before(self, exchange: RecordedExchange) -> bool:
        """Whether one may begin here."""
        begins = bool(self._undone) and exchange.follows_control
        self._has_begun = self._has_begun or begins
        return begins

    def undone_after(self, exchange: RecordedExchange) -> bool:
        """Whether one was undone here."""
        return self._has_begun and exchange.number in self._undone


class _Unknown(Exception):
    """A kind of value that only the application can send."""


def _may_end_transaction(text: str) -> bool:
    """Whether one of several statements that are sent at once may."""
    statements = _QUOTED.sub(" ", text).split(";")
    several = [each for each in statements if each.strip()]
    return len(several) > 1 and any(map(_CONTROLS.match, several))


def _is_whole(exchange: RecordedExchange) -> bool:
    return exchange.error is not None or not any(e.partial for e in exchange.results)


def _is_binary(exchange: RecordedExchange) -> bool:
    columns = (column for each in exchange.results for column in each.columns or ())
    return any(column.format == "binary" for column in columns)


def _parameters(exchange: RecordedExchange) -> Any:
    tagged = exchange.parameters
    if exchange.operation == "executemany":
        return [_set(each) for each in tagged or ()]
    return _set(tagged)


def _set(tagged: Any) -> Any:
    if isinstance(tagged, dict):
        return {name: decode(value, _CONSTRUCTORS) for name, value in tagged.items()}
    return None if tagged is None else decode(tagged, _CONSTRUCTORS)


def _json(kind: Any) -> Any:
    # The text that was sent, whatever an application's own `dumps` made it of.
    return lambda text: kind(None, dumps=lambda _: text)


def _range(content: Any) -> Range[Any]:
    if content == "empty":
        return Range(empty=True)
    bounds, lower, upper = content
    return Range(decode(lower, _CONSTRUCTORS), decode(upper, _CONSTRUCTORS), bounds)


def _refused(what: str) -> Any:
    def refuse(content: Any) -> Any:
        raise _Unknown(what)

    return refuse


_CONSTRUCTORS: dict[str, Any] = {
    "json": _json(Json),
    "jsonb": _json(Jsonb),
    "range": _range,
    "multirange": lambda items: Multirange(
        decode(item, _CONSTRUCTORS) for item in items
    ),
    "binary": lambda content: psycopg.Binary(decode({"bytes": content})),
    # As text of no type, which the server takes for what it needs.
    "enum": lambda content: content[1],
    "dict": _refused("a dict, which an adapter of the application sends"),
    "lost": _refused("what was not recorded"),
}
