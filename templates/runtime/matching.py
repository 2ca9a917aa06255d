"""Which recorded exchange answers a statement, within one scope.

The key is the operation, the SQL text and the typed parameters.  Equal keys
are consumed in recorded order.  Declared volatile parameters are compared by
type and shape only, and bound.  Nothing else is ever ignored.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .binding import Bindings, shape
from .exchange import Exchange
from .parameters import canonical

Asked = tuple[str, str | None, Any]
"""Operation, SQL text and tagged parameters of a statement."""


class Answer(NamedTuple):
    """The exchange that answers, and what its taking changed.

    `bound` are the texts newly bound, live to recorded; `counted` says that
    less is unused than before.
    """

    exchange: Exchange
    bound: dict[str, str]
    counted: bool


Wanted = Callable[[Exchange], bool]

Zone = Callable[[], dt.tzinfo | None]


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
        operation, sql, parameters = asked
        statement = self._statements.get((operation, sql))
        if statement is None:
            return None
        with self._lock:
            if self.bindings:
                many = operation == "executemany"
                parameters = self.bindings.to_recorded(parameters, many=many)
            exchange = statement.find((operation, sql, parameters), wanted)
            if exchange is None:
                return None
            counted = exchange.left > 0
            exchange.left -= counted
            texts: dict[str, str] = {}
            if exchange.volatile:
                pairs = zip(
                    _sets(operation, exchange.parameters),
                    _sets(operation, parameters),
                    strict=True,
                )
                for recorded, live in pairs:
                    for name in exchange.volatile:
                        if recorded[name] != live[name]:
                            texts |= self.bindings.bind(
                                recorded[name], live[name], zone()
                            )
            return Answer(exchange, texts, counted)

    def take_ending(self, operation: str) -> Exchange | None:
        """A commit or rollback that had an error or a notice when recorded.

        Ends of transactions aren't matched strictly; this one is due once all
        that was recorded before it has been consumed.
        """
        with self._lock:
            for exchange in self.recorded or ():
                if exchange.sql is None and exchange.operation == operation:
                    if exchange.left:
                        exchange.left -= 1
                        return exchange
                elif exchange.left and not exchange.repeatable:
                    return None
        return None

    def unused(self) -> list[Exchange]:
        """What was recorded and not asked, or not as often."""
        return [exchange for exchange in self.recorded or () if exchange.left]


class _Statement:
    """The exchanges of one SQL text; their keys are made when first asked for."""

    __slots__ = ("_added", "_by_key")

    def __init__(self) -> None:
        self._added: list[Exchange] = []
        self._by_key: dict[tuple[Any, ...], dict[str, list[Exchange]]] | None = None

    def add(self, exchange: Exchange) -> None:
        self._added.append(exchange)

    def find(self, asked: Asked, wanted: Wanted) -> Exchange | None:
        if self._by_key is None:
            self._by_key = {}
            # What may be answered again comes last: it follows what came before it.
            for exchange in sorted(self._added, key=lambda each: each.repeatable):
                names = tuple(exchange.volatile)
                key = _key(exchange.operation, exchange.parameters, names)
                if key is not None:
                    keys = self._by_key.setdefault(names, {})
                    keys.setdefault(key, []).append(exchange)
        operation, _, parameters = asked
        for names, keys in self._by_key.items():
            key = _key(operation, parameters, names)
            for exchange in keys.get(key, ()) if key is not None else ():
                if (exchange.left or exchange.repeatable) and wanted(exchange):
                    return exchange
        return None


def _sets(operation: str, parameters: Any) -> list[Any]:
    """The sets of parameters: one, or those of `executemany`."""
    return parameters if operation == "executemany" else [parameters]


def _key(operation: str, parameters: Any, volatile: Sequence[str | int]) -> str | None:
    """The canonical text, with each volatile value replaced by its shape.

    None if a volatile position does not exist in these parameters.
    """
    many = operation == "executemany"
    if not volatile:
        return canonical(parameters, many=many)
    masked = []
    for each in _sets(operation, parameters):
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
