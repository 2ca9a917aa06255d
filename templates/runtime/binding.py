"""Live volatile values and the recorded ones that they stand for, in one scope.

A value is bound when it is taken for a recorded one at a volatile position.  From
then on the recorded value is put in its place in parameters and SQL texts, before
they are compared, and the live value in rows and errors that return it.  Only values
that are unmistakable are bound: moments, UUIDs, hashes, tokens, long texts and
numbers, never a small number, a short text, a boolean or a date without a time.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from weakref import WeakSet

from .bound_data import may_hold
from .forms import is_timestamp
from .mask import Pair
from .replacements import SHORTEST, Replacements
from .types.multirange import Multirange
from .types.range_value import Range

_SHORTEST_TEXT = 16
_SMALLEST_NUMBER = 10**12
"""Of thirteen digits, as milliseconds since 1970 and snowflakes have."""
_DIGITS = re.compile(r"[0-9a-fA-F]{32}")
"""What may be a UUID without hyphens, and is bound like one."""
_FRACTION = re.compile(r"\.\d+")

Zone = Callable[[], dt.tzinfo | None]
"""Tells the time zone of the session; asked only where a clock is bound."""


def _is_key(kind: str, value: Any) -> bool:
    """Whether a value is unmistakable, and no clock's."""
    if isinstance(value, str):
        return _is_unmistakable(kind, value) and not is_timestamp(value)
    if isinstance(value, bytes):
        return len(value) >= _SHORTEST_TEXT
    return isinstance(value, uuid.UUID)


def _is_unmistakable(kind: str, text: str) -> bool:
    shortest = SHORTEST if kind in ("token", "timestamp") else _SHORTEST_TEXT
    return len(text) >= shortest


class Bindings:
    """The bound values of one scope, looked up by either side.

    What is bound in the scopes around it is bound in it as well: `around` are theirs,
    the innermost first.

    A clock may give two equal values at replay where it gave two different
    ones when recorded.  The live value then stands for both, so from then on
    these are one value: the first of them stands for all.  `merges` counts how
    often that came about, for who keeps keys of recorded parameters.  `used`
    says whether any value stands for another.
    """

    __slots__ = (
        "__weakref__",
        "_around",
        "_firsts",
        "_live",
        "_own",
        "_recorded",
        "_within",
        "merges",
        "used",
    )

    def __init__(self) -> None:
        self._live = Replacements()
        self._recorded = Replacements()
        self._firsts = Replacements()
        self._around: tuple[Bindings, ...] = ()
        self._within: WeakSet[Bindings] = WeakSet()
        self._own = False
        self.merges = 0
        self.used = False

    def stand_in(self, around: Iterable[Bindings]) -> None:
        """Have what is bound in other scopes, too, the innermost first."""
        self._around = tuple(around)
        for outer in self._around:
            outer._within.add(self)
            self.used = self.used or outer._own

    def fit(self, pairs: Iterable[Pair]) -> bool:
        """Whether each recorded value may have the live one in its place.

        What is bound stays bound, within the statement, too: only clocks give equal
        values by chance.
        """
        taken: dict[tuple[type, Any], Any] = {}
        given: dict[tuple[type, Any], Any] = {}
        for kind, before, now in pairs:
            if not _is_key(kind, before) or not _is_key(kind, now):
                continue
            before_key, now_key = (type(before), before), (type(now), now)
            known = (
                taken.setdefault(now_key, before),
                given.setdefault(before_key, now),
            )
            if known != (before, now):
                return False
            for each in (self, *self._around):
                if each._recorded.get(now, before) != before:
                    return False
                if each._live.get(before, now) != now:
                    return False
        return True

    def bind(self, pair: Pair, zone: Zone) -> list[tuple[str, str]]:
        """Let the live value stand for the recorded one.

        Returns the texts in which the value may appear outside of the database
        (live text and recorded text), for whoever compares a response.
        """
        kind, then, here = pair
        if then == here:
            # It stands for itself, and nothing else does.
            if _is_key(kind, then):
                self._live.add(then, then)
                self._recorded.add(then, then)
            return []
        new: list[tuple[str, str]] = []
        forms = zip(_forms(kind, then, zone), _forms(kind, here, zone), strict=False)
        for before, now in forms:
            if type(before) is not type(now) or before == now:
                continue
            if self._bind(before, now) and isinstance(now, str):
                new.append((now, before))
        return new

    def _bind(self, before: Any, now: Any) -> bool:
        """Whether the pair is news."""
        # A clock that gave one value twice is bound to the newer one: a row that
        # returns it is read next.
        self._live.put_last(before, now)
        if not self._own:
            self._own = self.used = True
            for inner in tuple(self._within):
                inner.used = True
        first = self._firsts.get(before, before)
        known = self._recorded.get(now)
        if known is None:
            self._recorded.add(now, first)
        elif known != first:
            self._merge(known, first)
        else:
            return False
        return True

    def _merge(self, first: Any, other: Any) -> None:
        for table in (self._firsts, self._recorded):
            table.redirect(other, first)
            # As it may be asked for by itself, too.
            table.add(other, first)
        self.merges += 1

    def to_recorded(self, parameters: Any, *, many: bool = False) -> Any:
        """Live parameters with each bound value replaced by the recorded one.

        With `many`, the sets of parameters of an `executemany`.
        """
        for each in self._in_use():
            parameters = each._recorded.put(parameters, many=many)
        return parameters

    def to_recorded_sql(self, sql: str) -> str:
        """The same, of what stands in a SQL text."""
        for each in self._in_use():
            sql = each._recorded.within_sql(sql)
        return sql

    def to_firsts(self, parameters: Any, *, many: bool = False) -> Any:
        """Recorded parameters with one value for all that became one."""
        return self._firsts.put(parameters, many=many) if self.merges else parameters

    def text_to_recorded(self, text: str) -> str:
        """A text with each bound text in it replaced by the recorded one."""
        for each in self._in_use():
            text = each._recorded.within(text)
        return text

    def text_to_first(self, text: str) -> str:
        """A recorded text with one value for all that became one."""
        return self._firsts.within(text) if self.merges else text

    def text_to_live(self, text: str) -> str:
        """A recorded text with each bound text in it replaced by the live one."""
        for each in self._in_use():
            text = each._live.within(text)
        return text

    def may_hide_in(self, data: bytes, binary: bool, encoding: str) -> bool:
        """Whether a recorded value may be in data in a form that can't be replaced."""
        return any(
            may_hold(data, each._live.values, binary, encoding)
            for each in self._in_use()
        )

    def to_live(self, value: Any) -> Any:
        """A decoded cell with each bound recorded value replaced by the live one."""
        for each in self._in_use():
            value = each._to_live(value)
        return value

    def _in_use(self) -> Iterator[Bindings]:
        """These and those around them, as far as there is anything bound."""
        if self.used:
            yield from (each for each in (self, *self._around) if each._own)

    def _to_live(self, value: Any) -> Any:
        kind = type(value)
        if kind is str:
            return self._live.within(value)
        if kind in _BOUND_TYPES:
            live = self._live.get(value)
            if live is None:
                return value
            if kind is dt.datetime and value.tzinfo is not None:
                return live.astimezone(value.tzinfo)
            return live
        to_live = self._to_live
        if kind is dict:
            return {to_live(key): to_live(each) for key, each in value.items()}
        if kind is list or kind is tuple or kind is Multirange:
            return kind(map(to_live, value))
        if kind is Range:
            if value.isempty:
                return value
            lower, upper = to_live(value.lower), to_live(value.upper)
            return Range(lower, upper, value.bounds)
        if isinstance(value, tuple):
            # Of a registered composite: a named tuple takes its fields one by one.
            return kind(*map(to_live, value))
        return value

    def record_to_live(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """A recorded error or notice with live values in its texts."""
        if not self.used:
            return record
        live: dict[str, Any] = self.to_live(dict(record))
        return live


_BOUND_TYPES = frozenset({dt.datetime, uuid.UUID, bytes, int, float})


def _forms(kind: str, value: Any, zone: Zone) -> Iterator[Any]:
    """The forms in which a volatile value comes back, in a fixed order."""
    if isinstance(value, uuid.UUID):
        yield from (value, str(value), value.hex)
    elif isinstance(value, dt.datetime):
        yield from _moment_forms(value, zone)
    elif isinstance(value, str) and (kind == "uuid" or _DIGITS.fullmatch(value)):
        # Whichever form it was sent in, a column of UUIDs returns them as such.
        known = uuid.UUID(value)
        yield from (value, known, str(known), known.hex)
    elif isinstance(value, str) and kind == "timestamp":
        yield value
        yield from _moment_forms(dt.datetime.fromisoformat(value), zone)
    elif isinstance(value, str):
        if _is_unmistakable(kind, value):
            yield value
    elif isinstance(value, bytes):
        if len(value) >= _SHORTEST_TEXT:
            yield value
    elif type(value) is int:
        if abs(value) >= _SMALLEST_NUMBER:
            yield from (value, str(value))
    elif type(value) is float and len(str(value)) >= _SHORTEST_TEXT:
        yield value


def _moment_forms(value: dt.datetime, zone: Zone) -> Iterator[Any]:
    session = zone()
    aware = value if value.tzinfo is not None else value.replace(tzinfo=session)
    local = aware.astimezone(session)
    naive = local.replace(tzinfo=None)
    utc = aware.astimezone(dt.UTC).replace(tzinfo=None)
    yield from (aware, naive, utc)
    for moment in (value, value.replace(tzinfo=None), utc, naive, local):
        yield from (moment.isoformat(), str(moment))
    yield f"{utc.isoformat()}Z"
    # The server writes no zeros at the end of a fraction or of an offset.
    for text in (str(naive), naive.isoformat(), local.isoformat()):
        yield _trimmed(text)
    yield _trimmed(str(local)).removesuffix(":00")


def _trimmed(text: str) -> str:
    return _FRACTION.sub(lambda found: found[0].rstrip("0"), text)
