"""What has no order of its own in a statement: lists of IN, and rows of an INSERT.

An application fills them from sets, so that the order of equal values may come from
hashes and addresses in memory.  The placeholders of one text are told apart by name or
position, so only their values move: members of a list that are written alike, or whole
rows.  The rows that an INSERT returns follow those that it was given.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from .exchange import Exchange
from .parameters import canonical
from .set_order import order

Name = str | int
Members = tuple[tuple[Name, ...], ...]
"""The parameters of each member of a list, or of each row."""

_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/"""
    r"""|%(?:\([^)]*\))?[sbt]|%%|\w+|\s+|.""",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(r"%(?:\(([^)]*)\))?[sbt]")
_MAY_BE_FREE = re.compile(r"\bIN\s*\(\s*[%(]|\bVALUES\s*\(", re.IGNORECASE)


class FreeOrder(NamedTuple):
    """The lists and the rows of one text; each has two members at least.

    `counted` says that the text numbers its rows, as SQLAlchemy has it do to know which
    of the returned rows is whose.
    """

    lists: tuple[Members, ...]
    rows: Members | None
    counted: bool = False

    def arranged(self, parameters: Any) -> Any:
        """The parameters in an order that depends on nothing but their values.

        As they are if the placeholders have no parameters.
        """
        arranged = parameters
        for members in (*self.lists, *([self.rows] if self.rows else ())):
            texts = _texts(members, parameters)
            if texts is None:
                return parameters
            places = sorted(range(len(texts)), key=texts.__getitem__)
            if places != list(range(len(places))):
                arranged = _moved(members, places, parameters, arranged)
        return arranged

    def places(self, recorded: Any, live: Any) -> list[int] | None:
        """For each recorded row the place of an equal live one.

        None if all are where they were, as where an INSERT has one row.
        """
        if self.rows is None:
            return None
        then, now = _texts(self.rows, recorded), _texts(self.rows, live)
        if then is None or now is None or then == now:
            return None
        return order(then, now)

    def as_recorded(self, live: Any, places: Sequence[int] | None) -> Any:
        """A copy of the live parameters with their rows in recorded order."""
        if places is None or self.rows is None:
            return live.copy()
        return _moved(self.rows, places, live, live)

    def can_answer(self, exchange: Exchange, places: Sequence[int] | None) -> bool:
        """Whether the exchange returns no rows, or one for each that it was given.

        Else nobody knows which is whose.
        """
        counts = {len(result.rows) for result in exchange.results if result.rows}
        return places is None or counts <= {len(places)}

    def answer(self, exchange: Exchange, places: Sequence[int] | None) -> Exchange:
        """The exchange with the rows that it returns in the order of the live ones."""
        if places is None:
            return exchange
        results = []
        for result in exchange.results:
            if result.rows:
                rows = list(result.rows)
                for then, now in enumerate(places):
                    rows[now] = result.rows[then]
                if self.counted:
                    rows = _sorted_as(result.rows, rows)
                result = replace(result, rows=rows, _kept=None)
            results.append(result)
        return replace(exchange, results=results)


def _sorted_as(recorded: Sequence[str], rows: Sequence[str]) -> list[str]:
    """The rows in this order, also for who sorts them by their last column.

    SQLAlchemy has the key returned a second time, and takes the order of these for the
    order of what it sent. They stay where they were.
    """
    moved = []
    for before, text in zip(recorded, rows, strict=True):
        row, key = json.loads(text), json.loads(before)[-1]
        if row[-1] not in row[:-1]:
            # No second time: it is what the row itself has.
            return list(rows)
        moved.append(json.dumps([*row[:-1], key], ensure_ascii=False))
    return moved


@lru_cache(maxsize=4096)
def free_order(sql: str) -> FreeOrder | None:
    """What is free in a text; None if nothing is."""
    if _MAY_BE_FREE.search(sql) is None:
        return None
    tokens = _Tokens(sql)
    lists = []
    rows = None
    counted = False
    is_insert = tokens.word(0) == "INSERT"
    for index in range(len(tokens.texts)):
        if tokens.word(index) == "IN" and tokens.at(index + 1) == "(":
            members, _ = tokens.members(index + 1)
            names = tokens.names_of(members, numbered=False)
            if names is not None:
                lists.append(names)
        elif is_insert and tokens.word(index) == "VALUES":
            spans = tokens.rows(index + 1)
            rows = tokens.names_of(spans, numbered=True)
            counted = rows is not None and tokens.differ(spans)
            # Of a second VALUES nobody knows which of the two is returned.
            is_insert = False
    return FreeOrder(tuple(lists), rows, counted) if lists or rows else None


Span = tuple[int, int]


class _Tokens:
    """The tokens of a text but for white space and comments, with their parameters."""

    def __init__(self, sql: str) -> None:
        found = _TOKEN.findall(sql)
        self.texts = [
            each
            for each in found
            if not each.isspace() and each[:2] not in ("--", "/*")
        ]
        self._names: dict[int, Name] = {}
        for index, text in enumerate(self.texts):
            placeholder = _PLACEHOLDER.fullmatch(text)
            if placeholder is not None:
                name = placeholder[1]
                self._names[index] = len(self._names) if name is None else name
        uses = Counter(self._names.values())
        self._twice = {name for name in uses if uses[name] > 1}

    def at(self, index: int) -> str:
        return self.texts[index] if index < len(self.texts) else ""

    def word(self, index: int) -> str:
        return self.at(index).upper()

    def members(self, start: int) -> tuple[list[Span], int]:
        """What commas separate behind an opening parenthesis, and the end of it all."""
        members = []
        depth = 0
        begin = start + 1
        for index in range(start, len(self.texts)):
            text = self.texts[index]
            depth += (text == "(") - (text == ")")
            if depth == 0 or (depth == 1 and text == ","):
                members.append((begin, index))
                begin = index + 1
            if depth == 0:
                return members, index + 1
        return [], len(self.texts)

    def rows(self, start: int) -> list[Span]:
        """The parenthesised rows from here on that commas separate."""
        rows = []
        while self.at(start) == "(":
            _, end = self.members(start)
            rows.append((start, end))
            if self.at(end) != ",":
                break
            start = end + 1
        return rows

    def differ(self, spans: Sequence[Span]) -> bool:
        """Whether anything but their placeholders tells the members apart."""
        written = {
            tuple(self.texts[i] for i in range(*span) if i not in self._names)
            for span in spans
        }
        return len(written) > 1

    def names_of(self, spans: Sequence[Span], *, numbered: bool) -> Members | None:
        """The parameters of each member, if all are written alike.

        With `numbered`, a number that counts the members may differ.
        """
        if len(spans) < 2:
            return None
        written = [self.texts[begin:end] for begin, end in spans]
        for place, tokens in enumerate(written):
            if len(tokens) != len(written[0]):
                return None
            begin, _ = spans[place]
            for offset in range(len(tokens)):
                first, here = written[0][offset], tokens[offset]
                if begin + offset in self._names:
                    if spans[0][0] + offset not in self._names:
                        return None
                elif here != first and not (
                    numbered and first == "0" and here == str(place)
                ):
                    return None
        names = tuple(
            tuple(self._names[each] for each in range(*span) if each in self._names)
            for span in spans
        )
        # A parameter that stands elsewhere, too, cannot be moved in one place.
        if not names[0] or any(name in self._twice for each in names for name in each):
            return None
        return names


def _texts(members: Members, parameters: Any) -> list[str] | None:
    try:
        return [canonical([parameters[name] for name in each]) for each in members]
    except (KeyError, IndexError, TypeError):
        return None


def _moved(
    members: Members, places: Iterable[int], parameters: Any, into: Any
) -> dict[Any, Any] | list[Any]:
    """A copy in which each member has the values of the one at its place."""
    moved: Any = into.copy()
    for names, place in zip(members, places, strict=True):
        for name, source in zip(names, members[place], strict=True):
            moved[name] = parameters[source]
    return moved  # type: ignore[no-any-return]
