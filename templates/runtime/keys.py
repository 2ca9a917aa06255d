"""Exchanges of one statement by keys of what is compared.

An exchange that may differ somewhere has two keys: one of all of its values, and one
with the form alone of those that may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from .binding import Bindings
from .cover import NOTHING, Cover, Covered
from .exchange import Exchange
from .free_order import FreeOrder
from .mask import Pair
from .set_order import order

Wanted = Callable[[Exchange], bool]


class Asked(NamedTuple):
    """What is asked of a statement, as it came and with bound values replaced."""

    operation: str
    live: Any
    recorded: Any
    live_parts: Sequence[str] = ()
    recorded_parts: Sequence[str] = ()


class Found(NamedTuple):
    """The exchange that answers, the live parameters, and what stands for what.

    What of the parameters has no order of its own is in the recorded one: the sets of
    an `executemany`, lists of IN, and rows of an INSERT.
    """

    exchange: Exchange
    parameters: Any
    pairs: Sequence[Pair] = ()


class Equals:
    """Exchanges of one key, in the order in which they are to be taken."""

    __slots__ = ("_start", "exchanges")

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self.exchanges = list(exchanges)
        self._start = 0

    def first(self) -> Exchange | None:
        """The first that may still be taken."""
        for index in range(self._start, len(self.exchanges)):
            exchange = self.exchanges[index]
            if exchange.left or exchange.repeatable:
                # What is taken mostly stands in front, and is passed once.
                self._start = index
                return exchange
        self._start = len(self.exchanges)
        return None

    def left(self) -> Iterator[Exchange]:
        """All that may still be taken."""
        self.first()
        for index in range(self._start, len(self.exchanges)):
            exchange = self.exchanges[index]
            if exchange.left or exchange.repeatable:
                yield exchange


class Keys:
    """The exchanges of one statement by their keys.

    With `free`, the order of what it names is none of the keys'.
    """

    __slots__ = ("_by_form", "_equal")

    def __init__(
        self,
        exchanges: Iterable[Exchange],
        bindings: Bindings,
        free: FreeOrder | None = None,
    ) -> None:
        self._equal = _OfCover(NOTHING._replace(free=free))
        self._by_form: dict[Cover, _OfCover] = {}
        for exchange in exchanges:
            self._equal.add(exchange, bindings)
            cover = Cover.of(exchange)
            if cover.covers_anything():
                cover = cover._replace(free=free)
                self._by_form.setdefault(cover, _OfCover(cover)).add(exchange, bindings)

    def equal(self, asked: Asked, wanted: Wanted, bindings: Bindings) -> Found | None:
        """The first that is equal in all of its values."""
        return self._equal.first(asked, wanted, bindings)

    def differing(
        self, asked: Asked, wanted: Wanted, bindings: Bindings
    ) -> Found | None:
        """The first that differs where it was declared or inferred that it may."""
        fitting = [
            found
            for each in self._by_form.values()
            if (found := each.first(asked, wanted, bindings)) is not None
        ]
        return min(fitting, key=lambda each: each.exchange.ordinal, default=None)

    def fitting(self, asked: Asked, bindings: Bindings) -> Iterator[Exchange]:
        """All that could answer, or could have if they were not taken already."""
        for each in (self._equal, *self._by_form.values()):
            covered = _covered(each.cover, asked)
            equals = None if covered is None else each.equals.get(covered.key)
            for exchange in () if equals is None else equals.exchanges:
                if bindings.fit(exchange.pairs(asked.live, asked.live_parts)):
                    yield exchange


class _OfCover:
    """The exchanges of which one cover says what is compared, by that."""

    __slots__ = ("cover", "equals")

    def __init__(self, cover: Cover) -> None:
        self.cover = cover
        self.equals: dict[str, Equals] = {}

    def add(self, exchange: Exchange, bindings: Bindings) -> None:
        covered = self.cover.of_exchange(exchange, bindings)
        if covered is None:
            return
        equals = self.equals.get(covered.key)
        if equals is None:
            self.equals[covered.key] = Equals((exchange,))
        else:
            equals.exchanges.append(exchange)

    def first(self, asked: Asked, wanted: Wanted, bindings: Bindings) -> Found | None:
        covered = _covered(self.cover, asked)
        equals = None if covered is None else self.equals.get(covered.key)
        if covered is None or equals is None:
            return None
        return first(equals.left(), self.cover, covered, asked, wanted, bindings)


def _covered(cover: Cover, asked: Asked) -> Covered | None:
    return cover.covered(asked.operation, asked.recorded, asked.recorded_parts)


def first(
    exchanges: Iterable[Exchange],
    cover: Cover,
    covered: Covered,
    asked: Asked,
    wanted: Wanted,
    bindings: Bindings,
) -> Found | None:
    """The first that is wanted and whose values may be what the live ones stand for.

    `covered` is of what is asked, and equal to theirs.
    """
    for exchange in exchanges:
        if not wanted(exchange):
            continue
        live = asked.live
        if asked.operation == "executemany":
            recorded = cover.of_exchange(exchange, bindings)
            assert recorded is not None
            live = [live[place] for place in order(recorded.sets, covered.sets)]
        elif cover.free is not None:
            live = cover.free.as_recorded(
                live,
                cover.mask.covered(bindings.to_firsts(exchange.parameters)),
                cover.mask.covered(asked.recorded),
            )
            if live is None or not cover.free.can_answer(exchange, live, asked.live):
                continue
        pairs = list(exchange.pairs(live, asked.live_parts))
        if bindings.fit(pairs):
            return Found(exchange, live, pairs)
    return None
