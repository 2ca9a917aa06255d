"""Keys of parameters that are plain values: the values themselves, and their types.

Such a key is made without encoding anything, and most statements have one.  `1` and
`True` are equal and of different types; `0.0` and `-0.0` are of one type, so that
neither has such a key.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from operator import itemgetter
from typing import Any, Generic, TypeVar

from .parameters import decode

Found = TypeVar("Found")

_Values = tuple[Any, ...]
_Types = tuple[type, ...]
_Names = tuple[str, ...]

# Equal values of these types have one tagged form, but for zeros of floats.
_PLAIN = frozenset({str, int, bool, type(None), float, bytes, dt.date, uuid.UUID})
_PLAIN_TAGS = frozenset({"bytes", "date", "uuid"})


class PlainKeys(Generic[Found]):
    """What is found by the parameters of one statement, where they are plain."""

    __slots__ = ("_by_names", "_by_order", "_by_place", "_without")

    def __init__(self) -> None:
        self._by_place: dict[_Types, dict[_Values, Found]] = {}
        # By sorted names; and by names as they come, with how to sort their values.
        self._by_names: dict[_Names, dict[_Types, dict[_Values, Found]]] = {}
        self._by_order: dict[
            tuple[Any, ...],
            tuple[Callable[[Any], _Values], dict[_Types, dict[_Values, Found]]],
        ] = {}
        self._without: Found | None = None

    def of(self, tagged: Any, make: Callable[[], Found]) -> Found | None:
        """What is found by tagged parameters, made if there is nothing yet.

        None if not all of them are plain.
        """
        if tagged is None:
            if self._without is None:
                self._without = make()
            return self._without
        if isinstance(tagged, dict):
            names = tuple(sorted(tagged))
            values = tuple(_value(tagged[name]) for name in names)
            by_types = self._by_names.setdefault(names, {})
        else:
            values = tuple(map(_value, tagged))
            by_types = self._by_place
        types = tuple(map(type, values))
        has_zero = float in types and any(type(v) is float and not v for v in values)
        if has_zero or not _PLAIN.issuperset(types):
            return None
        by_values = by_types.setdefault(types, {})
        found = by_values.get(values)
        if found is None:
            found = by_values[values] = make()
        return found

    def get(self, parameters: Any) -> Found | None:
        """What is found by parameters as an application passes them."""
        kind = type(parameters)
        if kind is tuple or kind is list:
            values = parameters if kind is tuple else tuple(parameters)
            known = self._by_place.get(tuple(map(type, values)))
        elif kind is dict:
            order = tuple(parameters)
            sorting = self._by_order.get(order)
            if sorting is None:
                sorting = self._sorting(order)
            sort, by_types = sorting
            values = sort(parameters)
            known = by_types.get(tuple(map(type, values)))
        else:
            return self._without if parameters is None else None
        # Values come after their types: those that are hashed here are plain.
        return None if known is None else known.get(values)

    def _sorting(
        self, order: tuple[Any, ...]
    ) -> tuple[Callable[[Any], _Values], dict[_Types, dict[_Values, Found]]]:
        if not all(type(name) is str for name in order):
            return _no_values, {}
        names = tuple(sorted(order))
        if len(names) > 1:
            sort: Callable[[Any], _Values] = itemgetter(*names)
        else:
            sort = _all_values
        sorting = sort, self._by_names.setdefault(names, {})
        self._by_order[order] = sorting
        return sorting


def _value(tagged: Any) -> Any:
    """The value of a tagged one, if it is plain; else what is of no plain type."""
    is_tagged = isinstance(tagged, dict) and not _PLAIN_TAGS.isdisjoint(tagged)
    return decode(tagged) if is_tagged else tagged


def _no_values(parameters: dict[Any, Any]) -> _Values:
    return ()


def _all_values(parameters: dict[Any, Any]) -> _Values:
    return tuple(parameters.values())
