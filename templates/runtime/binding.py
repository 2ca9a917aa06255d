"""Live volatile values and the recorded ones that they stand for, in one scope.

A value is bound when it is taken for a recorded one at a declared volatile
position.  From then on the recorded value is put in its place in parameters,
before they are compared, and the live value in rows that return it.  Only
values that are unmistakable are bound: clocks, UUIDs and long texts, never
small numbers.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .bound_data import may_hold
from .parameters import decode
from .replacements import JSON_TAGS, Replacements
from .shape import NESTED_TAGS, is_timestamp
from .types.multirange import Multirange
from .types.range_value import Range

_SHORTEST_TEXT = 16
_FRACTION = re.compile(r"\.\d+")

Zone = Callable[[], dt.tzinfo | None]
"""Tells the time zone of the session; asked only where a clock is bound."""


def _is_key(value: Any) -> bool:
    """Whether a value is unmistakable, and no clock's."""
    if isinstance(value, (str, bytes)):
        return len(value) >= _SHORTEST_TEXT and not is_timestamp(value)
    return isinstance(value, uuid.UUID)


class Bindings:
    """The bound values of one scope, looked up by either side.

    A clock may give two equal values at replay where it gave two different
    ones when recorded.  The live value then stands for both, so from then on
    these are one value: the first of them stands for all.  `merges` counts how
    often that came about, for who keeps keys of recorded parameters.  `used`
    says whether anything is bound at all.
    """

    __slots__ = ("_firsts", "_live", "_recorded", "merges", "used")

    def __init__(self) -> None:
        self._live = Replacements()
        self._recorded = Replacements()
        self._firsts = Replacements()
        self.merges = 0
        self.used = False

    def __bool__(self) -> bool:
        return self.used

    def fit(self, pairs: Iterable[tuple[Any, Any]]) -> bool:
        """Whether each recorded value may have the live one in its place.

        The pairs are tagged values of one statement.  What is bound stays
        bound, within the statement, too: only clocks give equal values by chance.
        """
        taken: dict[tuple[type, Any], Any] = {}
        given: dict[tuple[type, Any], Any] = {}
        for recorded, live in pairs:
            for before, now in _leaves(recorded, live):
                if not _is_key(before) or not _is_key(now):
                    continue
                before_key, now_key = (type(before), before), (type(now), now)
                known = (
                    taken.setdefault(now_key, before),
                    given.setdefault(before_key, now),
                )
                if known != (before, now):
                    return False
                if self._recorded.get(now, before) != before:
                    return False
                if self._live.get(before, now) != now:
                    return False
        return True

    def bind(self, recorded: Any, live: Any, zone: Zone) -> list[tuple[str, str]]:
        """Let `live` stand for `recorded`, both tagged.

        Returns the texts in which the value may appear outside of the database
        (live text and recorded text), for whoever compares a response.
        """
        new: list[tuple[str, str]] = []
        for then, here in _leaves(recorded, live):
            if then == here:
                continue
            pairs = zip(_forms(then, zone), _forms(here, zone), strict=False)
            for before, now in pairs:
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
        self.used = True
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
        return self._recorded.put(parameters, many=many) if self else parameters

    def to_firsts(self, parameters: Any, *, many: bool = False) -> Any:
        """Recorded parameters with one value for all that became one."""
        return self._firsts.put(parameters, many=many) if self.merges else parameters

    def text_to_recorded(self, text: str) -> str:
        """A text with each bound text in it replaced by the recorded one."""
        return self._recorded.within(text) if self else text

    def text_to_first(self, text: str) -> str:
        """A recorded text with one value for all that became one."""
        return self._firsts.within(text) if self.merges else text

    def text_to_live(self, text: str) -> str:
        """A recorded text with each bound text in it replaced by the live one."""
        return self._live.within(text) if self else text

    def may_hide_in(self, data: bytes, binary: bool, encoding: str) -> bool:
        """Whether a recorded value may be in data in a form that can't be replaced."""
        return self.used and may_hold(data, self._live.values, binary, encoding)

    def to_live(self, value: Any) -> Any:
        """A decoded cell with each bound recorded value replaced by the live one."""
        kind = type(value)
        if kind in _BOUND_TYPES:
            live = self._live.get(value)
            if live is None:
                return value
            if kind is dt.datetime and value.tzinfo is not None:
                return live.astimezone(value.tzinfo)
            return live
        to_live = self.to_live
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


_BOUND_TYPES = frozenset({dt.datetime, uuid.UUID, str, bytes})


def _leaves(recorded: Any, live: Any) -> Iterator[tuple[Any, Any]]:
    """The values of two tagged parameters that stand at the same places."""
    if isinstance(recorded, list) and isinstance(live, list):
        for before, now in zip(recorded, live, strict=False):
            yield from _leaves(before, now)
    elif isinstance(recorded, dict) and isinstance(live, dict):
        tag = next(iter(recorded))
        if tag not in live:
            return
        if tag in JSON_TAGS:
            yield from _json_leaves(json.loads(recorded[tag]), json.loads(live[tag]))
        elif tag in NESTED_TAGS or tag == "subclass":
            yield from _leaves(recorded[tag], live[tag])
        else:
            yield decode(recorded), decode(live)
    else:
        yield recorded, live


def _json_leaves(recorded: Any, live: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(recorded, list) and isinstance(live, list):
        for before, now in zip(recorded, live, strict=False):
            yield from _json_leaves(before, now)
    elif isinstance(recorded, dict) and isinstance(live, dict):
        then = [key for key in recorded if key not in live]
        here = [key for key in live if key not in recorded]
        common = [(key, key) for key in recorded if key in live]
        for before, now in (*common, *zip(then, here, strict=False)):
            yield before, now
            yield from _json_leaves(recorded[before], live[now])
    else:
        yield recorded, live


def _forms(value: Any, zone: Zone) -> Iterator[Any]:
    """The forms in which a volatile value comes back, in a fixed order."""
    if isinstance(value, uuid.UUID):
        yield from (value, str(value), value.hex)
    elif isinstance(value, dt.datetime):
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
    elif isinstance(value, (str, bytes)) and len(value) >= _SHORTEST_TEXT:
        yield value


def _trimmed(text: str) -> str:
    return _FRACTION.sub(lambda found: found[0].rstrip("0"), text)
