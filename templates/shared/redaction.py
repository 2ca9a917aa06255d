"""What is redacted: the rules of a stack, and tagged parameters under them.

A rule names columns, parameters, patterns or detectors, of all statements or of some.
What a rule names is replaced as a whole, by its type; what a pattern or a detector finds
is replaced within its text. Both phases use this; what a value is replaced by, and
whether it is, each decides for itself.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from .detectors import NAMES, Span, found, is_secret_name
from .documents import rewritten
from .moments import pseudonym_of_time
from .parameters import Tagged
from .pseudonyms import Pseudonyms, Unredactable

Choose = Callable[[Tagged, Callable[[], Tagged]], Tagged]
"""A tagged value without parts and what makes its pseudonym: what takes its place."""


class RuleError(Exception):
    """A rule that cannot be what was meant."""


class Statement(NamedTuple):
    """The rules of one SQL text."""

    columns: tuple[re.Pattern[str], ...]
    parameters: tuple[re.Pattern[str], ...]
    patterns: tuple[re.Pattern[str], ...]
    detectors: tuple[str, ...]

    def names_parameter(self, name: str | int) -> bool:
        """Whether a rule names the parameter of that name or position."""
        return _named(self.parameters, str(name))

    def names_column(self, name: str) -> bool:
        return _named(self.columns, name)

    def suspects(self, name: str | int) -> bool:
        """Whether a name alone says that a value is a password."""
        return "password" in self.detectors and is_secret_name(str(name))

    def spans(self, text: str) -> list[Span]:
        """Where something stands in a text that has to be replaced, in order."""
        spans = list(found(text, self.detectors))
        for pattern in self.patterns:
            group = pattern.groups and 1
            matches = pattern.finditer(text)
            spans += [Span(match.start(group), match.end(group)) for match in matches]
        kept: list[Span] = []
        for span in sorted(spans, key=lambda span: (span.start, -span.end)):
            if span.start < span.end and (not kept or span.start >= kept[-1].end):
                kept.append(span)
        return kept


def replaced(
    text: str, spans: Iterable[Span], replace: Callable[[str, Span], str]
) -> str:
    """A text with something else in these places."""
    parts = []
    last = 0
    for span in spans:
        parts += [text[last : span.start], replace(text[span.start : span.end], span)]
        last = span.end
    return "".join((*parts, text[last:]))


def of_part(make: Pseudonyms, part: str, span: Span) -> str:
    """The pseudonym of what was found within a text."""
    if span.is_secret:
        return make.secret(part)
    if "%40" in part and "@" not in part:
        # An address within a URL.
        return make.text(part.replace("%40", "@")).replace("@", "%40")
    return make.text(part)


class Rules:
    """The rules of a stack, as its trace and its fixture carry them."""

    def __init__(self, rules: Iterable[Mapping[str, Any]]) -> None:
        self.rules = [_checked(rule) for rule in rules]
        self._compiled = [_Compiled(rule) for rule in self.rules]
        self.of_statement = functools.lru_cache(maxsize=4096)(self._of)

    def _of(self, sql: str | None) -> Statement:
        """The rules that hold for a statement, or for what belongs to none."""
        applying = [rule for rule in self._compiled if rule.holds_for(sql)]
        return Statement(
            tuple(glob for rule in applying for glob in rule.columns),
            tuple(glob for rule in applying for glob in rule.parameters),
            tuple(rule.pattern for rule in applying if rule.pattern is not None),
            tuple(dict.fromkeys(each for rule in applying for each in rule.detectors)),
        )


class Redactor:
    """Tagged parameters of one statement, redacted as somebody chooses."""

    def __init__(
        self, statement: Statement, make: Callable[[], Pseudonyms], choose: Choose
    ) -> None:
        self._statement = statement
        self._make = make
        self._choose = choose

    def parameters(self, operation: str, parameters: Tagged) -> Tagged:
        """The parameters of a statement, or the sets of an `executemany`."""
        if operation == "executemany" and isinstance(parameters, list):
            return [self._set(each) for each in parameters]
        return self._set(parameters)

    def _set(self, parameters: Tagged) -> Tagged:
        if isinstance(parameters, dict):
            pairs = parameters.items()
            return {name: self._parameter(name, value) for name, value in pairs}
        if isinstance(parameters, list):
            return [self._parameter(at, value) for at, value in enumerate(parameters)]
        return parameters

    def _parameter(self, name: str | int, value: Tagged) -> Tagged:
        statement = self._statement
        named = statement.names_parameter(name)
        try:
            return self.value(value, named or statement.suspects(name))
        except Unredactable as error:
            if not named:
                # Of a name alone nobody has asked that much.
                return self.value(value, whole=False)
            raise Unredactable(f"parameter {name}: {error}") from None

    def value(self, value: Tagged, whole: bool) -> Tagged:
        """A tagged value: replaced as a whole, or what is found within its texts."""
        if isinstance(value, str):
            return self.text(value) if whole else self.found_in(value)
        if isinstance(value, list):
            return [self.value(item, whole) for item in value]
        if isinstance(value, dict):
            ((tag, content),) = value.items()
            return self._tagged(value, tag, content, whole)
        if value is None or (isinstance(value, bool) and not whole):
            return value
        if isinstance(value, bool):
            raise Unredactable("a bool has no pseudonym")
        if isinstance(value, int):
            # A card's number may be sent as a number.
            if not whole and not self._statement.spans(str(value)):
                return value
            return self._choose(value, lambda: self._make().integer(value))
        if not whole:
            return value
        return self._choose(value, lambda: self._make().floating(value))

    def text(self, text: str) -> str:
        """A text, replaced as a whole."""
        return self.replace(text, Pseudonyms.text)

    def found_in(self, text: str) -> str:
        """A text with what is found in it replaced."""

        def part(found: str, span: Span) -> str:
            return self.replace(found, lambda make, _: of_part(make, found, span))

        return replaced(text, self._statement.spans(text), part)

    def replace(self, text: str, new: Callable[[Pseudonyms, str], str]) -> str:
        """A text, replaced in a way of its own."""
        return str(self._choose(text, lambda: new(self._make(), text)))

    def _tagged(self, value: Tagged, tag: str, content: Any, whole: bool) -> Tagged:
        if tag == "subclass":
            return {tag: [content[0], self.value(content[1], whole)]}
        if tag == "tuple":
            return {tag: [self.value(item, whole) for item in content]}
        if tag == "dict":
            return {tag: [[key, self.value(item, whole)] for key, item in content]}
        if tag in ("json", "jsonb"):
            return {tag: self.document(content, whole)}
        if tag == "decimal":
            whole = whole or bool(self._statement.spans(content))
        if not whole:
            return value
        replace = _REPLACE.get(tag)
        if replace is None:
            raise Unredactable(f"a value of the kind {tag!r} has no pseudonym")
        return self._choose(value, lambda: {tag: replace(self._make(), content)})

    def document(self, text: str, whole: bool) -> str:
        """The text of a JSON document; its members' names stay."""
        suspects = self._statement.suspects

        def of_text(name: str, value: str) -> str:
            return self.text(value) if whole or suspects(name) else self.found_in(value)

        def of_number(name: str, number: str) -> str:
            if not (whole or suspects(name)):
                return number
            return self.replace(number, Pseudonyms.number)

        return rewritten(text, of_text, of_number)


class _Compiled:
    def __init__(self, rule: Mapping[str, Any]) -> None:
        statement = rule.get("statement")
        self.statement = None if statement is None else _glob(statement)
        self.columns = [_glob(each) for each in rule.get("columns", ())]
        self.parameters = [_glob(each) for each in rule.get("parameters", ())]
        pattern = rule.get("pattern")
        self.pattern = None if pattern is None else re.compile(pattern)
        self.detectors: list[str] = list(rule.get("detectors", ()))

    def holds_for(self, sql: str | None) -> bool:
        if self.statement is None:
            return True
        return sql is not None and self.statement.fullmatch(sql) is not None


_LISTS = ("columns", "parameters", "detectors")


def _checked(rule: Mapping[str, Any]) -> dict[str, Any]:
    known = {"statement", "pattern", *_LISTS}
    unknown = sorted(rule.keys() - known)
    if unknown:
        raise RuleError(f"unknown key {unknown[0]!r}, known are: {sorted(known)}")
    if not rule.keys() - {"statement"}:
        raise RuleError("names no columns, parameters, pattern or detectors")
    for name in _LISTS:
        given = rule.get(name, [])
        if not isinstance(given, list) or not all(isinstance(e, str) for e in given):
            raise RuleError(f"{name} is not a list of texts")
    for name in ("statement", "pattern"):
        if not isinstance(rule.get(name, ""), str):
            raise RuleError(f"{name} is not a text")
    for detector in rule.get("detectors", ()):
        if detector not in NAMES:
            raise RuleError(f"unknown detector {detector!r}, known are: {list(NAMES)}")
    try:
        re.compile(rule.get("pattern", ""))
    except re.error as error:
        raise RuleError(f"the pattern is no regular expression: {error}") from error
    return dict(rule)


def _glob(text: str) -> re.Pattern[str]:
    # As everywhere in a stack's file: a star for any text, and nothing else.
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def _named(globs: Iterable[re.Pattern[str]], name: str) -> bool:
    return any(glob.fullmatch(name) for glob in globs)


def _of_bytes(make: Pseudonyms, content: str) -> str:
    data = make.data(base64.b64decode(content))
    return base64.b64encode(data).decode("ascii")


def _of_surrogates(make: Pseudonyms, content: str) -> str:
    text = base64.b64decode(content).decode("utf-8", "surrogatepass")
    data = make.text(text).encode("utf-8", "surrogatepass")
    return base64.b64encode(data).decode("ascii")


def _of_zoned(make: Pseudonyms, content: Any) -> Any:
    if isinstance(content, dict):
        return content | {"value": make.text(content["value"])}
    return make.text(content)


def _of_time(make: Pseudonyms, content: Any) -> Any:
    if isinstance(content, dict):
        value = pseudonym_of_time(content["value"], make.below)
        return content | {"value": value}
    return pseudonym_of_time(content, make.below)


# By tag; what has parts of its own is not among them.
_REPLACE: dict[str, Callable[[Pseudonyms, Any], Any]] = {
    "int": lambda make, content: str(make.integer(int(content, 0))),
    "float": lambda make, content: content,
    "decimal": lambda make, content: make.number(content),
    "bytes": _of_bytes,
    "bytearray": _of_bytes,
    "memoryview": _of_bytes,
    "binary": _of_bytes,
    "surrogates": _of_surrogates,
    "date": lambda make, content: make.text(content),
    "datetime": _of_zoned,
    "time": _of_time,
    "uuid": lambda make, content: make.text(content),
    "ip": lambda make, content: [content[0], make.address(content[1])],
    "object": lambda make, content: [content[0], make.text(content[1])],
    "lost": lambda make, content: content,
}
