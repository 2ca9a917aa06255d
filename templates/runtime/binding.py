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
from collections.abc import Iterator
from typing import Any

from .parameters import decode, encode

_SHORTEST_TEXT = 16
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_FRACTION = re.compile(r"\.\d+")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-][\d:]+)?")


def shape(tagged: Any) -> str:
    """What must be equal of a volatile parameter: its type, and the form of a text."""
    if isinstance(tagged, dict):
        tag = next(iter(tagged))
        if tag == "subclass":
            return shape(tagged[tag][1])
        if tag in ("datetime", "time"):
            value = tagged[tag]
            text = value["value"] if isinstance(value, dict) else value
            aware = re.search(r"[+-]\d\d:\d\d(:\d\d)?$", text) is not None
            return f"{tag} with time zone" if aware else tag
        return str(tag)
    if isinstance(tagged, str):
        if _UUID.fullmatch(tagged):
            return "str uuid"
        return "str timestamp" if _TIMESTAMP.fullmatch(tagged) else "str"
    return "array" if isinstance(tagged, list) else type(tagged).__name__


class _NoDriver:
    """Bound values are of built-in types: no driver is asked about them."""

    def json(self, wrapper: Any) -> str:
        raise TypeError(f"{wrapper!r} can't be bound")

    dumped = json


_NO_DRIVER = _NoDriver()


class Bindings:
    """The bound values of one scope, looked up by either side."""

    __slots__ = ("_live", "_recorded", "texts")

    def __init__(self) -> None:
        self._recorded: dict[tuple[type, Any], Any] = {}
        self._live: dict[tuple[type, Any], Any] = {}
        self.texts: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._live)

    def bind(self, recorded: Any, live: Any, zone: dt.tzinfo | None) -> dict[str, str]:
        """Let `live` stand for `recorded`, both tagged; `zone` is the session's.

        Returns the texts in which the value may appear outside of the database
        (live text to recorded text), for whoever compares a response.
        """
        new: dict[str, str] = {}
        for then, here in _leaves(recorded, live):
            pairs = zip(_forms(then, zone), _forms(here, zone), strict=False)
            for before, now in pairs:
                if type(before) is not type(now) or before == now:
                    continue
                self._recorded.setdefault((type(now), now), before)
                self._live.setdefault((type(before), before), now)
                if isinstance(now, str) and now not in self.texts:
                    new.setdefault(now, before)
        self.texts.update(new)
        return new

    def to_recorded(self, parameters: Any, *, many: bool = False) -> Any:
        """Parameters with each bound live value replaced by the recorded one.

        With `many`, the sets of parameters of an `executemany`.
        """
        if many:
            return [self.to_recorded(each) for each in parameters]
        if isinstance(parameters, dict):
            return {name: self._replaced(each) for name, each in parameters.items()}
        if isinstance(parameters, list):
            return [self._replaced(each) for each in parameters]
        return parameters

    def _replaced(self, tagged: Any) -> Any:
        if isinstance(tagged, str):
            return self._recorded.get((str, tagged), tagged)
        if isinstance(tagged, list):
            return [self._replaced(each) for each in tagged]
        if not isinstance(tagged, dict):
            return tagged
        tag, content = next(iter(tagged.items()))
        if tag in _BOUND_TAGS:
            live = decode(tagged)
            found = self._recorded.get((type(live), live))
            if found is None:
                return tagged
            if tag == "datetime" and live.tzinfo is not None:
                # One moment is equal in all time zones; the parameter has its own.
                found = found.astimezone(live.tzinfo)
            return encode(found, _NO_DRIVER)
        if tag in _JSON_TAGS:
            for now, before in self.texts.items():
                content = content.replace(now, before)
            return {tag: content}
        if isinstance(content, (dict, list)):
            return {tag: self.to_recorded(content)}
        return tagged

    def to_live(self, value: Any) -> Any:
        """A decoded cell with each bound recorded value replaced by the live one."""
        kind = type(value)
        if kind is list or kind is tuple:
            return kind(map(self.to_live, value))
        if kind is dict:
            return {key: self.to_live(each) for key, each in value.items()}
        if kind not in _BOUND_TYPES:
            return value
        live = self._live.get((kind, value))
        if live is None:
            return value
        if kind is dt.datetime and value.tzinfo is not None:
            return live.astimezone(value.tzinfo)
        return live


_BOUND_TAGS = frozenset({"bytes", "datetime", "uuid"})
_JSON_TAGS = frozenset({"json", "jsonb"})
_BOUND_TYPES = frozenset({dt.datetime, uuid.UUID, str, bytes})


def _leaves(recorded: Any, live: Any) -> Iterator[tuple[Any, Any]]:
    """The values of two tagged parameters that stand at the same places."""
    if isinstance(recorded, list) and isinstance(live, list):
        for before, now in zip(recorded, live, strict=False):
            yield from _leaves(before, now)
    elif isinstance(recorded, dict) and isinstance(live, dict):
        tag = next(iter(recorded))
        if tag not in _JSON_TAGS:
            yield decode(recorded), decode(live)
        elif tag in live:
            yield from _json_leaves(json.loads(recorded[tag]), json.loads(live[tag]))
    else:
        yield recorded, live


def _json_leaves(recorded: Any, live: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(recorded, list) and isinstance(live, list):
        for before, now in zip(recorded, live, strict=False):
            yield from _json_leaves(before, now)
    elif isinstance(recorded, dict) and isinstance(live, dict):
        for key in recorded.keys() & live.keys():
            yield from _json_leaves(recorded[key], live[key])
    else:
        yield recorded, live


def _forms(value: Any, zone: dt.tzinfo | None) -> Iterator[Any]:
    """The forms in which a volatile value comes back, in a fixed order."""
    if isinstance(value, uuid.UUID):
        yield from (value, str(value), value.hex)
    elif isinstance(value, dt.datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=zone)
        local = aware.astimezone(zone)
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
