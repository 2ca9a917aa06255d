"""The exchanges of one statement in one scope, and which of them answers.

A statement is one SQL text, or texts that differ in volatile parts alone.  An exchange
whose every value is equal comes first; then one that differs where it was declared or
inferred that it may; and last the next one of the statement, if all that differs in it
was suspected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from .binding import Bindings
from .cover import NOTHING, Cover, Covered
from .exchange import Exchange
from .mask import Pair
from .parameters import canonical
from .plain_keys import PlainKeys
from .set_order import order
from .text_parts import TextParts

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

    The sets of an `executemany` have recorded order.
    """

    exchange: Exchange
    parameters: Any
    pairs: Sequence[Pair] = ()


class Equals:
    """Exchanges of one key, in the order in which they are to be taken."""

    __slots__ = ("_start", "exchanges")

    def __init__(self, first: Exchange) -> None:
        self.exchanges = [first]
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


_Keys = dict[str, Equals]


class Statement:
    """Its exchanges, whose keys are made when they are first asked for.

    `sql` finds the volatile parts of its texts, if there are any; `by_values` finds
    what is exact and does nothing but answer, once keys are made.
    """

    __slots__ = ("_added", "_all", "_by_form", "_exact", "_merges", "by_values", "sql")

    def __init__(self, sql: TextParts | None = None) -> None:
        self.sql = sql
        self._added: list[Exchange] = []
        self._all: Equals | None = None
        self._exact: _Keys | None = None
        self._by_form: dict[Cover, _Keys] = {}
        self._merges = 0
        self.by_values: PlainKeys[Exchange | Equals] = PlainKeys()

    def add(self, exchange: Exchange) -> None:
        self._added.append(exchange)

    def find(self, asked: Asked, wanted: Wanted, bindings: Bindings) -> Found | None:
        """The exchange that answers, if any does."""
        if self._exact is None or self._merges != bindings.merges:
            self._index(bindings)
        assert self._exact is not None
        found = _found(NOTHING, self._exact, asked, wanted, bindings)
        if found is not None:
            return found
        fitting = [
            found
            for cover, keys in self._by_form.items()
            if (found := _found(cover, keys, asked, wanted, bindings)) is not None
        ]
        if fitting:
            return min(fitting, key=lambda each: each.exchange.ordinal)
        found = self._next_if_suspected(asked, wanted, bindings)
        return found or self._cut_short(asked, wanted)

    def fitting(self, asked: Asked, bindings: Bindings) -> Iterator[Exchange]:
        """All that could answer, or could have if they were not taken already."""
        if self._exact is None or self._merges != bindings.merges:
            self._index(bindings)
        assert self._exact is not None
        for cover, keys in ((NOTHING, self._exact), *self._by_form.items()):
            covered = _covered(cover, asked)
            equals = None if covered is None else keys.get(covered.key)
            for exchange in () if equals is None else equals.exchanges:
                if bindings.fit(exchange.pairs(asked.live, asked.live_parts)):
                    yield exchange
        found = self._next_if_suspected(asked, lambda each: True, bindings)
        if found is not None:
            yield found.exchange

    def next(self) -> Exchange | None:
        """The one that would answer next by its order alone."""
        found = None if self._all is None else self._all.first()
        return None if found is None or found.repeatable else found

    def _next_if_suspected(
        self, asked: Asked, wanted: Wanted, bindings: Bindings
    ) -> Found | None:
        exchange = self.next()
        if exchange is None or exchange.volatile is None:
            return None
        if exchange.volatile.is_certain:
            return None
        cover = Cover.of(exchange, suspected=True)
        covered = _covered(cover, asked)
        recorded = cover.of_exchange(exchange, bindings)
        if covered is None or recorded is None or covered.key != recorded.key:
            return None
        return _first((exchange,), cover, covered, asked, wanted, bindings)

    def _cut_short(self, asked: Asked, wanted: Wanted) -> Found | None:
        """An `executemany` that failed, and so says nothing of the sets behind its own.

        Of an iterator the driver takes no more than it needs.
        """
        if asked.operation != "executemany":
            return None
        for exchange in () if self._all is None else self._all.left():
            sets = exchange.parameters
            if exchange.error is None or exchange.volatile is not None:
                continue
            if len(sets) >= len(asked.live) or not wanted(exchange):
                continue
            begin = asked.recorded[: len(sets)]
            if canonical(sets, many=True) == canonical(begin, many=True):
                return Found(exchange, asked.live[: len(sets)])
        return None

    def _index(self, bindings: Bindings) -> None:
        self._exact, self._by_form = {}, {}
        self._all, self.by_values = None, PlainKeys()
        self._merges = bindings.merges
        # What may be answered again comes last: it follows what came before it.
        for exchange in sorted(self._added, key=lambda each: each.repeatable):
            if self._all is None:
                self._all = Equals(exchange)
            else:
                self._all.exchanges.append(exchange)
            _enter(self._exact, NOTHING, exchange, bindings)
            cover = Cover.of(exchange)
            if cover.covers_anything():
                keys = self._by_form.setdefault(cover, {})
                _enter(keys, cover, exchange, bindings)
        if self.sql is None:
            for equals in self._exact.values():
                if all(map(_is_plain, equals.exchanges)):
                    first, *others = equals.exchanges
                    self.by_values.add(first.parameters, equals if others else first)


def _is_plain(exchange: Exchange) -> bool:
    """Whether taking it changes nothing but what is left."""
    is_bound = exchange.volatile is not None
    return not (is_bound or exchange.repeatable or exchange.alters)


def _enter(keys: _Keys, cover: Cover, exchange: Exchange, bindings: Bindings) -> None:
    covered = cover.of_exchange(exchange, bindings)
    if covered is None:
        return
    equals = keys.get(covered.key)
    if equals is None:
        keys[covered.key] = Equals(exchange)
    else:
        equals.exchanges.append(exchange)


def _covered(cover: Cover, asked: Asked) -> Covered | None:
    return cover.covered(asked.operation, asked.recorded, asked.recorded_parts)


def _found(
    cover: Cover, keys: _Keys, asked: Asked, wanted: Wanted, bindings: Bindings
) -> Found | None:
    covered = _covered(cover, asked)
    equals = None if covered is None else keys.get(covered.key)
    if covered is None or equals is None:
        return None
    return _first(equals.left(), cover, covered, asked, wanted, bindings)


def _first(
    exchanges: Iterable[Exchange],
    cover: Cover,
    covered: Covered,
    asked: Asked,
    wanted: Wanted,
    bindings: Bindings,
) -> Found | None:
    """The first that is wanted and whose values may be what the live ones stand for."""
    for exchange in exchanges:
        if not wanted(exchange):
            continue
        live = asked.live
        if asked.operation == "executemany":
            recorded = cover.of_exchange(exchange, bindings)
            assert recorded is not None
            live = [live[place] for place in order(recorded.sets, covered.sets)]
        pairs = list(exchange.pairs(live, asked.live_parts))
        if bindings.fit(pairs):
            return Found(exchange, live, pairs)
    return None
