"""Redaction at replay: what the application sends stands as its pseudonym in the fixture.

A live value is compared by its pseudonym, and given back where a row has that, so that
an application which looks for what it has sent finds it.  What it has not sent itself
it gets as the pseudonym, and sends that in turn: such a value is compared as it is.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .documents import rewritten
from .exchange import parameter_sets
from .forms import NESTED_TAGS
from .matching import Asked, ScopeState
from .miss import Uncertain
from .parameters import Tagged, canonical, decode
from .pseudonyms import Pseudonyms, Unredactable
from .redaction import Redactor, Rules, Statement, of_part, replaced
from .redaction_key import KEY, KEY_FILE, KeyFault, pseudonyms
from .shown_forms import shown_forms

Told = Callable[[str, str], None]
"""Is told the texts of a live value and of its pseudonym, each pair once a scope."""

# Shorter texts may be equal by chance.
_UNMISTAKABLE = 8
_MOST_SENT = 100_000
_NUMBERS = (int, decimal.Decimal)


class LiveRedaction:
    """The rules that a fixture was recorded with, and the key, once it is needed."""

    def __init__(self, recorded: Mapping[str, Any]) -> None:
        self._rules = Rules(recorded["rules"])
        self._fingerprint: str = recorded["key"]
        self._made: Pseudonyms | None = None
        self._seen: weakref.WeakKeyDictionary[ScopeState, _Seen] = (
            weakref.WeakKeyDictionary()
        )
        # Of all scopes, the latest: notifications come to others than who sent them.
        self._sent: dict[str, str] = {}

    def asked(self, asked: Asked, states: Sequence[ScopeState], told: Told) -> Asked:
        """What is asked, as the recording has it; raises `Uncertain`.

        `states` are that of the current scope and of those that it stands in.
        """
        operation, sql, parameters = asked
        statement = self._rules.of_statement(sql)
        seen = self._seen_of(states)

        def choose(before: Tagged, make: Callable[[], Tagged]) -> Tagged:
            return self._chosen(seen, told, before, make)

        redactor = Redactor(statement, self._pseudonyms, choose)
        if sql is not None:
            sql = redactor.found_in(sql)
        try:
            return operation, sql, redactor.parameters(operation, parameters)
        except Unredactable:
            # The recorder refused to write such a value, so that it was another one.
            return operation, sql, parameters

    def rows(
        self,
        rows: list[tuple[Any, ...]],
        names: Sequence[str],
        sql: str | None,
        states: Sequence[ScopeState],
    ) -> list[tuple[Any, ...]]:
        """Rows with the live values that the application has sent itself."""
        statement = self._rules.of_statement(sql)
        seen = self._seen_of(states)
        whole = [
            statement.names_column(name) or statement.suspects(name) for name in names
        ]
        if not any(whole) and not seen.has_sent:
            return rows
        lift = [seen.lifted if each else seen.lifted_in_texts for each in whole]
        return [
            tuple(of(cell) for of, cell in zip(lift, row, strict=True)) for row in rows
        ]

    def text(self, payload: str) -> str:
        """A text that any scope may have sent."""
        if payload in self._sent:
            return self._sent[payload]
        for recorded, live in list(self._sent.items()):
            if len(recorded) >= _UNMISTAKABLE and recorded in payload:
                payload = payload.replace(recorded, live)
        return payload

    def name(self, text: str) -> str:
        """The part of a scope's name that a client sent; raises `Uncertain`."""
        spans = self._rules.of_statement(None).spans(text)
        if not spans:
            return text
        make = self._pseudonyms()
        return replaced(text, spans, lambda part, span: of_part(make, part, span))

    def _pseudonyms(self) -> Pseudonyms:
        if self._made is None:
            try:
                self._made = pseudonyms(self._fingerprint)
            except KeyFault as fault:
                raise Uncertain(
                    f"it was recorded with redaction, and {fault}\n"
                    f"  hint: set {KEY} or {KEY_FILE} to the key of the recording"
                ) from None
        return self._made

    def _chosen(
        self, seen: _Seen, told: Told, before: Tagged, make: Callable[[], Tagged]
    ) -> Tagged:
        is_recorded = canonical(before) in seen.recorded
        try:
            after = make()
        except Uncertain:
            if is_recorded and (len(str(before)) >= _UNMISTAKABLE or seen.gave(before)):
                # A pseudonym that comes back; nothing needs the key.
                return before
            raise
        if after == before:
            return before
        if canonical(after) not in seen.recorded:
            if is_recorded:
                return before
        elif is_recorded and seen.gave(before):
            raise Uncertain(
                f"{canonical(before)} may be what a row gave, or what stands for it\n"
                "  hint: leave values of so few digits or letters out of the rule"
            )
        if len(self._sent) > _MOST_SENT:
            self._sent.clear()
        for live, recorded in seen.note(before, after):
            self._sent[recorded] = live
            told(live, recorded)
        return after

    def _seen_of(self, states: Sequence[ScopeState]) -> _Seen:
        seen = self._seen.get(states[0])
        if seen is None:
            seen = self._seen[states[0]] = _Seen(states, self._rules)
        return seen


class _Seen:
    """What one scope has recorded, sent and been given.

    `texts` are the pseudonyms that can stand within a longer text, with what they
    stand for; `recorded` are the values of all recorded parameters.
    """

    def __init__(self, states: Sequence[ScopeState], rules: Rules) -> None:
        self.texts: dict[str, str] = {}
        self.recorded: set[str] = set()
        self._live: dict[tuple[type, Any], Any] = {}
        self._given: set[tuple[type, Any]] = set()
        self._told: set[tuple[str, str]] = set()
        for exchange in (each for state in states for each in state.recorded or ()):
            statement = rules.of_statement(exchange.sql)
            self.recorded |= set(_parts(exchange.sql or "", statement))
            for each in parameter_sets(exchange.operation, exchange.parameters) or ():
                values = each.values() if isinstance(each, dict) else each
                for value in values or ():
                    self.recorded |= set(_leaves(value, statement))

    def note(self, before: Tagged, after: Tagged) -> list[tuple[str, str]]:
        """Remember a pair; the texts of it that are new."""
        pairs = zip(_decoded(after), _decoded(before), strict=False)
        for recorded, live in pairs:
            self._live[type(recorded), recorded] = live
        if isinstance(after, str) and len(after) >= _UNMISTAKABLE:
            self.texts[after] = str(before)
        new = [pair for pair in shown_forms(before, after) if pair not in self._told]
        self._told |= set(new)
        return new

    @property
    def has_sent(self) -> bool:
        """Whether anything can be given back."""
        return bool(self._live)

    def gave(self, tagged: Tagged) -> bool:
        """Whether a row has given the application this value."""
        return any((type(each), each) in self._given for each in _decoded(tagged))

    def lifted(self, value: Any) -> Any:
        """A value of a redacted column, or what the application has sent for it."""
        parts = _with_parts(value, self.lifted)
        if parts is not None:
            return parts
        key = (type(value), value)
        live = self._live.get(key)
        if live is not None:
            if isinstance(live, dt.datetime) and value.tzinfo is not None:
                return live.astimezone(value.tzinfo)
            return live
        if value is not None:
            self._given.add(key)
        return value

    def lifted_in_texts(self, value: Any) -> Any:
        """Any other value, with what the application has sent in its texts."""
        if type(value) in _NUMBERS:
            # As a card's number, which may be kept as a number.
            is_told = len(str(value)) >= _UNMISTAKABLE
            return self._live.get((type(value), value), value) if is_told else value
        if type(value) is str:
            for recorded, live in self.texts.items():
                if recorded in value:
                    value = value.replace(recorded, live)
            return value
        parts = _with_parts(value, self.lifted_in_texts)
        return value if parts is None else parts


def _with_parts(value: Any, of: Callable[[Any], Any]) -> Any:
    """A value whose parts became others; None for one that has no parts."""
    kind = type(value)
    if kind is dict:
        return {key: of(each) for key, each in value.items()}
    if kind is list or kind is tuple:
        return kind(map(of, value))
    if isinstance(value, tuple):
        # Of a registered composite: a named tuple takes its fields one by one.
        return kind(*map(of, value))
    return None


def _decoded(tagged: Tagged) -> Iterator[Any]:
    """The values that a tagged one may come back as, in a fixed order."""
    value = decode(tagged)
    if isinstance(value, bytearray | memoryview):
        value = bytes(value)
    yield value
    if isinstance(value, uuid.UUID):
        yield str(value)
    elif isinstance(value, str):
        for parse in (int, float, uuid.UUID):
            try:
                yield parse(value)
            except ValueError:
                # In the place of what the other of a pair has there.
                yield None


def _leaves(tagged: Tagged, statement: Statement) -> Iterator[str]:
    """The keys of all values without parts in a tagged one."""
    if isinstance(tagged, list):
        for each in tagged:
            yield from _leaves(each, statement)
    elif isinstance(tagged, dict):
        ((tag, content),) = tagged.items()
        if tag in ("json", "jsonb"):
            yield from _document_leaves(content, statement)
        elif tag in NESTED_TAGS or tag == "subclass":
            yield from _leaves(content, statement)
        else:
            yield canonical(tagged)
    else:
        yield canonical(tagged)
        if isinstance(tagged, str):
            yield from _parts(tagged, statement)


def _document_leaves(text: str, statement: Statement) -> Iterable[str]:
    found: list[str] = []

    def note(_: str, value: str) -> str:
        found.append(canonical(value))
        found.extend(_parts(value, statement))
        return value

    rewritten(text, note, note)
    return found


def _parts(text: str, statement: Statement) -> Iterator[str]:
    for span in statement.spans(text):
        yield canonical(text[span.start : span.end])
