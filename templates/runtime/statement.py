"""The exchanges of one statement in one scope, and which of them answers.

A statement is one SQL text, or texts that differ in volatile parts alone.  An exchange
whose every value is equal comes first; then one that has equal values in an order that
is free; then one that differs where it was declared or inferred that it may; and last
the next one of the statement, if all that differs in it was suspected.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .binding import Bindings
from .cover import Cover
from .exchange import Exchange
from .free_order import free_order
from .keys import Asked, Equals, Found, Keys, Wanted, first
from .parameters import canonical
from .plain_keys import PlainKeys
from .text_parts import TextParts


class Statement:
    """Its exchanges, whose keys are made when they are first asked for.

    `sql` finds the volatile parts of its texts, if there are any.
    """

    __slots__ = (
        "_added",
        "_all",
        "_by_values",
        "_keys",
        "_merges",
        "_unordered",
        "sql",
    )

    def __init__(self, sql: TextParts | None = None) -> None:
        self.sql = sql
        self._added: list[Exchange] = []
        self._all = Equals(())
        self._keys: Keys | None = None
        self._unordered: Keys | None = None
        self._merges = 0
        self._by_values: PlainKeys[_Plain] | None = None

    def add(self, exchange: Exchange) -> None:
        self._added.append(exchange)

    def by_values(self, parameters: Any) -> Exchange | None:
        """The first left of these parameters, if no closer look is needed to say so.

        They are as the application passes them, and nothing is bound.
        """
        index = self._by_values
        if index is None:
            index = self._by_values = self._plain()
        found = index.get(parameters)
        if found is None or not found.is_plain:
            return None
        first = found.exchanges[0]
        return first if first.left else found.first()

    def find(self, asked: Asked, wanted: Wanted, bindings: Bindings) -> Found | None:
        """The exchange that answers, if any does."""
        keys = self._indexed(bindings)
        found = keys.equal(asked, wanted, bindings)
        if found is not None:
            return found
        unordered = self._without_order(asked, bindings)
        return (
            (unordered and unordered.equal(asked, wanted, bindings))
            or keys.differing(asked, wanted, bindings)
            or (unordered and unordered.differing(asked, wanted, bindings))
            or self._next_if_suspected(asked, wanted, bindings)
            or self._cut_short(asked, wanted)
        )

    def fitting(self, asked: Asked, bindings: Bindings) -> Iterator[Exchange]:
        """All that could answer, or could have if they were not taken already."""
        yield from self._indexed(bindings).fitting(asked, bindings)
        found = self._next_if_suspected(asked, lambda each: True, bindings)
        if found is not None:
            yield found.exchange

    def next(self) -> Exchange | None:
        """The one that would answer next by its order alone."""
        found = self._all.first()
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
        covered = cover.covered(asked.operation, asked.recorded, asked.recorded_parts)
        recorded = cover.of_exchange(exchange, bindings)
        if covered is None or recorded is None or covered.key != recorded.key:
            return None
        return first((exchange,), cover, covered, asked, wanted, bindings)

    def _cut_short(self, asked: Asked, wanted: Wanted) -> Found | None:
        """An `executemany` that failed, and so says nothing of the sets behind its own.

        Of an iterator the driver takes no more than it needs.
        """
        if asked.operation != "executemany":
            return None
        for exchange in self._all.left():
            sets = exchange.parameters
            if exchange.error is None or exchange.volatile is not None:
                continue
            if len(sets) >= len(asked.live) or not wanted(exchange):
                continue
            begin = asked.recorded[: len(sets)]
            if canonical(sets, many=True) == canonical(begin, many=True):
                return Found(exchange, asked.live[: len(sets)])
        return None

    def _indexed(self, bindings: Bindings) -> Keys:
        if self._keys is not None and self._merges == bindings.merges:
            return self._keys
        self._merges = bindings.merges
        self._all = Equals(self._in_order())
        self._keys = Keys(self._all.exchanges, bindings)
        self._unordered = None
        return self._keys

    def _in_order(self) -> list[Exchange]:
        """As they are to be taken."""
        # What may be answered again comes last: it follows what came before it.
        return sorted(self._added, key=lambda each: each.repeatable)

    def _plain(self) -> PlainKeys[_Plain]:
        index: PlainKeys[_Plain] = PlainKeys()
        for exchange in self._in_order() if self.sql is None else ():
            found = index.of(exchange.parameters, _Plain)
            if found is not None:
                found.exchanges.append(exchange)
                found.is_plain = found.is_plain and _is_plain(exchange)
        return index

    def _without_order(self, asked: Asked, bindings: Bindings) -> Keys | None:
        """The same by keys that know no order of what has none."""
        if self._unordered is not None or self.sql is not None:
            return self._unordered
        if asked.operation == "executemany":
            return None
        free = free_order(self._added[0].sql or "")
        if free is not None:
            self._unordered = Keys(self._all.exchanges, bindings, free)
        return self._unordered


class _Plain(Equals):
    """Exchanges of equal parameters; whether taking one changes nothing else."""

    __slots__ = ("is_plain",)

    def __init__(self) -> None:
        super().__init__(())
        self.is_plain = True


def _is_plain(exchange: Exchange) -> bool:
    """Whether taking it changes nothing but what is left."""
    is_bound = exchange.volatile is not None
    has_mode = exchange.transaction is not None
    return not (is_bound or has_mode or exchange.repeatable or exchange.alters)
