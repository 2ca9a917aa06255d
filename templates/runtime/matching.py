"""Which recorded exchange answers a statement, within one scope.

The key is the operation, the SQL text and the typed parameters.  Equal keys
are consumed in recorded order.  Declared volatile parameters are compared by
type and shape only, and bound.  Nothing else is ever ignored.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .binding import Bindings, Zone
from .exchange import Exchange, parameter_sets
from .parameters import canonical
from .shape import shape

Asked = tuple[str, str | None, Any]
"""Operation, SQL text and tagged parameters of a statement."""


class Answer(NamedTuple):
    """The exchange that answers, and what its taking changed.

    `bound` are the texts newly bound, live and recorded; `counted` says that
    less is unused than before.
    """

    exchange: Exchange
    bound: list[tuple[str, str]]
    counted: bool


Wanted = Callable[[Exchange], bool]


def anything(exchange: Exchange) -> bool:
    """No further demand."""
    return True


class ScopeState:
    """The exchanges of one opened scope, and what is left of them.

    `recorded` is None for a scope that was never recorded: everything misses.
    `commits` counts the live ones; `listed` says that the ledger has been told
    what is unused, and now has to be told what is taken.
    """

    def __init__(self, name: str, recorded: list[Exchange] | None) -> None:
        self.name = name
        self.recorded = recorded
        self.bindings = Bindings()
        self.commits = 0
        self.listed = False
        self._lock = threading.Lock()
        self._statements: dict[tuple[str, str | None], _Statement] = {}
        for exchange in recorded or ():
            key = (exchange.operation, exchange.sql)
            self._statements.setdefault(key, _Statement()).add(exchange)

    def take(self, asked: Asked, zone: Zone, wanted: Wanted) -> Answer | None:
        """Consume the exchange that answers; None if there is none.

        `zone` tells the time zone of the session, where a clock has to be bound.
        """
        operation, sql, live = asked
        statement = self._statements.get((operation, sql))
        if statement is None:
            return None
        with self._lock:
            exchange = statement.find(asked, wanted, self.bindings)
            if exchange is None:
                return None
            counted = exchange.left > 0
            exchange.left -= counted
            texts: list[tuple[str, str]] = []
            for then, here in exchange.volatile_pairs(live):
                texts += self.bindings.bind(then, here, zone)
            return Answer(exchange, texts, counted)

    def take_end(self, operation: str, nested: bool) -> Exchange | None:
        """A commit or rollback that did more than succeed when recorded, in a
        transaction of which this scope has no other exchange.

        Ends of transactions aren't matched strictly; this one is due once all
        that was recorded before it has been consumed.  Within a transaction it
        is the end of a savepoint.
        """
        with self._lock:
            for exchange in self.recorded or ():
                if exchange.is_end(operation, nested):
                    if exchange.left:
                        exchange.left -= 1
                        return exchange
                elif exchange.left and not exchange.repeatable:
                    return None
        return None

    def unused(self) -> list[Exchange]:
        """What was recorded and not asked, or not as often."""
        unused = []
        for exchange in self.recorded or ():
            for each in (exchange, exchange.end):
                if each is not None and each.left:
                    unused.append(each)
        return unused


class _Statement:
    """The exchanges of one SQL text; their keys are made when first asked for."""

    __slots__ = ("_added", "_by_key", "_merges")

    def __init__(self) -> None:
        self._added: list[Exchange] = []
        self._by_key: dict[tuple[Any, ...], dict[str, list[Exchange]]] | None = None
        self._merges = 0

    def add(self, exchange: Exchange) -> None:
        self._added.append(exchange)

    def find(self, asked: Asked, wanted: Wanted, bindings: Bindings) -> Exchange | None:
        operation, _, live = asked
        if self._by_key is None or self._merges != bindings.merges:
            self._by_key = self._keyed(bindings)
            self._merges = bindings.merges
        parameters = bindings.to_recorded(live, many=operation == "executemany")
        for names, keys in self._by_key.items():
            key = _key(operation, parameters, names)
            for exchange in keys.get(key, ()) if key is not None else ():
                if not (exchange.left or exchange.repeatable) or not wanted(exchange):
                    continue
                if bindings.fit(exchange.volatile_pairs(live)):
                    return exchange
        return None

    def _keyed(
        self, bindings: Bindings
    ) -> dict[tuple[Any, ...], dict[str, list[Exchange]]]:
        by_key: dict[tuple[Any, ...], dict[str, list[Exchange]]] = {}
        # What may be answered again comes last: it follows what came before it.
        for exchange in sorted(self._added, key=lambda each: each.repeatable):
            names = tuple(exchange.volatile)
            many = exchange.operation == "executemany"
            parameters = bindings.to_firsts(exchange.parameters, many=many)
            key = _key(exchange.operation, parameters, names)
            if key is not None:
                by_key.setdefault(names, {}).setdefault(key, []).append(exchange)
        return by_key


def _key(operation: str, parameters: Any, volatile: Sequence[str | int]) -> str | None:
    """The canonical text, with each volatile value replaced by its shape.

    None if a volatile position does not exist in these parameters.
    """
    many = operation == "executemany"
    if not volatile:
        return canonical(parameters, many=many)
    masked = []
    for each in parameter_sets(operation, parameters):
        if not isinstance(each, (dict, list)):
            return None
        values: Any = each.copy()
        for name in volatile:
            try:
                values[name] = {"volatile": shape(values[name])}
            except (KeyError, IndexError, TypeError):
                return None
        masked.append(values)
    return canonical(masked if many else masked[0], many=many)
