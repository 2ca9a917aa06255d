"""Redaction while it is recorded: nothing real reaches the trace that a rule speaks of.

The driver and the application get what is real. Errors repeat values, so that what was
replaced in the parameters of a statement is replaced in what is said of it.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from .faults import RecorderError, RecorderUnsupported
from .noted_pairs import NotedPairs
from .parameters import Tagged
from .pseudonyms import Pseudonyms, Unredactable
from .redacted_cells import Redact, redact_cells
from .redaction import Redactor, RuleError, Rules, Statement, of_part, replaced
from .redaction_key import KeyFault, pseudonyms
from .results import Result
from .scopes import Scope

# `Key (email)=(ada@example.org) already exists.`
_KEY = re.compile(
    r"\((?P<names>[^=]*?)\)=\((?P<values>.*?)\)(?= (?:already|is|conf)|\.)"
)
_ROW = re.compile(r"(?<=Failing row contains \().*(?=\))")
_WORD = re.compile(r"\w+")

# The server shows no more of a value than this, in bytes, where a row fails a check.
_SHOWN_OF_VALUE = 64
# Shorter ones would be found in what is no repetition.
_SHORTEST_REPEATED = 3

# Those of others are no values of the application's: names of types, identifiers of
# transactions.
_STATEMENTS = ("execute", "executemany", "stream", "declare")
# Whose data are blocks: no column of theirs has a name.
_COPIES = ("copy_out", "copy_in")

# Of an error or a notice: the texts that may repeat a value. Others are codes and names.
_WORDS = frozenset({"message", "context", "internal_query"}) | {
    f"message_{part}" for part in ("primary", "detail", "hint")
}

RedactRows: TypeAlias = Callable[[list[Any]], list[Any]]


class _Open(NamedTuple):
    """An exchange of which more may follow."""

    scope: Scope | None
    statement: Statement
    said: dict[str, str]
    rows: RedactRows | None


def from_file(path: str) -> Redacting | None:
    """The redaction by the rules of a file, with the key of the environment.

    It is a `stack.toml`, or the `pyproject.toml` of a project.
    """
    try:
        with open(path, "rb") as file:
            document = tomllib.load(file)
        table = document.get("tool", {}).get("mock-cursor", document)
        rules = Rules(table.get("redact", []))
    except (OSError, ValueError, RuleError) as error:
        raise RecorderError(
            f"{path}: {error}", "see the README on redaction"
        ) from error
    if not rules.rules:
        return None
    try:
        return Redacting(rules, pseudonyms())
    except KeyFault as fault:
        raise RecorderError(f"{path} asks for redaction: {fault}") from fault


class Redacting:
    """The rules and the pseudonyms of one recording."""

    def __init__(self, rules: Rules, make: Pseudonyms) -> None:
        self._rules = rules
        self._make = make
        self._pairs = NotedPairs()
        # Of exchanges that are read bit by bit: what is done to what follows.
        self._open: dict[int, _Open] = {}

    @property
    def header(self) -> dict[str, Any]:
        """What the trace says of it: the rules, and of the key no more than which."""
        return {"rules": self._rules.rules, "key": self._make.fingerprint}

    def name(self, text: str) -> str:
        """The part of a scope's name that a client sent."""
        return self._searched(self._rules.of_statement(None), text)

    def exchange(
        self,
        number: int,
        scope: Scope | None,
        operation: str,
        sql: str | None,
        fields: Mapping[str, Any],
        results: list[Result],
    ) -> tuple[str | None, dict[str, Any], list[Result]]:
        """SQL text, fields and results of an exchange, as they may be written."""
        statement = self._rules.of_statement(sql)
        if operation in _COPIES and any(statement):
            raise RecorderUnsupported(
                "COPY of what is redacted",
                "let the rule's `statement` leave COPY out, or use executemany()",
            )
        said: dict[str, str] = {}
        choose = functools.partial(self._chosen, scope, said)
        redactor = Redactor(statement, lambda: self._make, choose)
        parameters = fields.get("parameters")
        try:
            if operation in _STATEMENTS:
                parameters = redactor.parameters(operation, parameters)
            redact = [_row_redactor(result, statement, redactor) for result in results]
            results = [
                result if rows is None else result._replace(rows=rows(result.rows))
                for result, rows in zip(results, redact, strict=True)
            ]
        except Unredactable as error:
            raise RecorderError(
                f"{error}\n  statement: {sql}",
                "redact what a pattern finds in it, or leave it out of the rule",
            ) from None
        if results and results[-1].partial:
            self._open[number] = _Open(scope, statement, said, redact[-1])
        new = {**fields, "parameters": parameters}
        new |= self._remarks(scope, statement, fields, said)
        if sql is not None:
            sql = redactor.found_in(sql)
        return sql, new, results

    def rows(self, number: int, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Further rows of an exchange, as they may be written."""
        head = self._open.get(number)
        if head is None:
            # Of a COPY that no rule speaks of.
            return dict(fields)
        if fields.get("complete") or fields.get("error"):
            del self._open[number]
        new = dict(fields)
        if head.rows is not None:
            new["rows"] = head.rows(new["rows"])
        return new | self._remarks(head.scope, head.statement, fields, head.said)

    def notification(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A notification, whose payload repeats what any statement has sent."""
        text, known = fields["payload"], self._pairs.known
        if text in known:
            return {**fields, "payload": known[text]}
        # Other threads go on noting.
        said = {each: known[each] for each in list(known) if each in text}
        text = self._remark(self._rules.of_statement(None), text, said)
        return {**fields, "payload": text}

    def refusal(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What is said of a connection that was refused, as it may be written."""
        statement = self._rules.of_statement(None)
        return {**fields, **self._remarks(None, statement, fields, {})}

    def _chosen(
        self,
        scope: Scope | None,
        said: dict[str, str],
        before: Tagged,
        make: Callable[[], Tagged],
    ) -> Tagged:
        after = make()
        if after != before:
            said |= self._pairs.note(scope, before, after)
        return after

    def _remarks(
        self,
        scope: Scope | None,
        statement: Statement,
        fields: Mapping[str, Any],
        said: Mapping[str, str],
    ) -> dict[str, Any]:
        """Errors and notices, without what they repeat."""

        def clean(value: Any, name: str = "") -> Any:
            if isinstance(value, dict):
                return {name: clean(each, name) for name, each in value.items()}
            if isinstance(value, list):
                return [clean(each) for each in value]
            if name not in _WORDS or type(value) is not str:
                return value
            new = self._remark(statement, value, said)
            if new != value:
                # An application may answer with what it was told.
                self._pairs.note(scope, value, new)
            return new

        given = {
            name: fields[name] for name in ("error", "notices") if fields.get(name)
        }
        return {name: clean(value) for name, value in given.items()}

    def _remark(self, statement: Statement, text: str, said: Mapping[str, str]) -> str:
        for before in sorted(said, key=len, reverse=True):
            if len(before) >= _SHORTEST_REPEATED:
                text = _without(text, before, said[before])
        if statement.columns or statement.parameters:
            # It may hold what this statement has not sent.
            text = _ROW.sub("redacted", text)
        text = _KEY.sub(functools.partial(self._key, statement), text)
        return self._searched(statement, text)

    def _searched(self, statement: Statement, text: str) -> str:
        replace = functools.partial(of_part, self._make)
        return replaced(text, statement.spans(text), replace)

    def _key(self, statement: Statement, found: re.Match[str]) -> str:
        names, values = found["names"].split(", "), found["values"].split(", ")
        if len(names) != len(values):
            # Values with commas: which is which cannot be told.
            names, values = [found["names"]], [found["values"]]
        known = self._pairs.pseudonyms
        new = []
        for name, value in zip(names, values, strict=True):
            if value in known or value in self._pairs.known:
                new.append(self._pairs.known.get(value, value))
            elif any(statement.names_column(word) for word in _WORD.findall(name)):
                new.append(self._make.text(value))
            else:
                new.append(value)
        return f"({found['names']})=({', '.join(new)})"


def _row_redactor(
    result: Result, statement: Statement, redactor: Redactor
) -> RedactRows | None:
    by_place: list[tuple[int, Redact]] = []
    for place, column in enumerate(result.columns or ()):
        redact = redact_cells(column, statement, redactor)
        if redact is not None:
            by_place.append((place, redact))
    if not by_place:
        return None

    def rows(given: list[Any]) -> list[Any]:
        new = [list(row) for row in given]
        for row in new:
            for place, redact in by_place:
                row[place] = redact(row[place])
        return new

    return rows


def _without(text: str, before: str, after: str) -> str:
    shown = before.encode("utf-8", "surrogatepass")
    if len(shown) > _SHOWN_OF_VALUE:
        start = shown[:_SHOWN_OF_VALUE].decode("utf-8", "ignore")
        text = text.replace(f"{start}...", f"{after[: len(start)]}...")
    if before not in text:
        return text
    return re.sub(rf"(?<!\w){re.escape(before)}(?!\w)", lambda _: after, text)
