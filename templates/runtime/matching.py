"""Which recorded exchange answers a statement, within one scope.

The key is the operation, the SQL text and the typed parameters, of `executemany`
without the order of its sets.  Equal keys are consumed in recorded order.  Where no
key is equal, lists of IN and rows of an INSERT may have another order, too.
Declared volatile parameters are compared by type and shape only, and bound.
Nothing else is ever ignored, but for exchanges that have lost something
themselves, which come last.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from .binding import Bindings, Zone
from .exchange import Exchange, parameter_sets
from .free_order import free_order
from .lossy import Found, LossyExchanges
from .parameters import canonical
from .set_order import in_order_of, order
from .shape import shape

Asked = tuple[str, str | None, Any]
"""Operation, SQL text and tagged parameters of a statement; of `notifies`, channels."""


class Answer(NamedTuple):
    """The exchange that answers, and what its taking changed.

    `bound` are the texts newly bound, live and recorded; `counted` says that
    less is unused than before, and `listed` that the listing of its scope came first.
    """

    exchange: Exchange
    bound: list[tuple[str, str]]
    counted: bool
    listed: bool


class Listing(NamedTuple):
    """What became of the exchanges of a scope.

    `used` are those that were taken, and how often; `unused` are those that might have
    been taken, or more often, and how often.
    """

    used: list[tuple[Exchange, int]]
    unused: list[tuple[Exchange, int]]


Wanted = Callable[[Exchange], bool]

# Equal values of these types have one tagged form, and may be looked up as they are.
_PLAIN = frozenset({str, int, bool, type(None)})


def anything(exchange: Exchange) -> bool:
    """No further demand."""
    return True


class ScopeState:
    """The exchanges of one opened scope, and what is left of them.

    `recorded` is None for a scope that was never recorded: everything misses.
    `commits` and `connected` count what has come about at replay; `listed` says that the ledger has been told
    what is unused, and now has to be told what is taken.
    """

    def __init__(self, name: str, recorded: list[Exchange] | None) -> None:
        self.name = name
        self.recorded = recorded
        self.bindings = Bindings()
        self.commits = self.connected = 0
        self.listed = False
        self._lock = threading.Lock()
        self._statements: dict[tuple[str, str | None], _Statement] = {}
        self._lossy = LossyExchanges()
        self._known: dict[str, _Known] = {}
        self._has_controls = any(exchange.is_control for exchange in recorded or ())
        for exchange in recorded or ():
            exchange.owner = self
            if exchange.lossy:
                self._lossy.add(exchange)
                continue
            key = (exchange.operation, exchange.sql)
            self._statements.setdefault(key, _Statement()).add(exchange)

    def take(self, asked: Asked, zone: Zone, wanted: Wanted) -> Answer | None:
        """Consume the exchange that answers; None if there is none.

        `zone` tells the time zone of the session, where a clock has to be bound.
        """
        operation, sql, live = asked
        statement = self._statements.get((operation, sql))
        if statement is None and not self._lossy:
            return None
        with self._lock:
            found = None
            if statement is not None:
                found = statement.find(asked, wanted, self.bindings)
            if found is None:
                found = self._lossy.find(asked, wanted, self.bindings)
                if found is None:
                    return None
            exchange, ordered = found
            counted = exchange.left > 0
            exchange.left -= counted
            texts: list[tuple[str, str]] = []
            for then, here in exchange.volatile_pairs(ordered):
                texts += self.bindings.bind(then, here, zone)
            if self.bindings.used:
                self._known = {}
            if not exchange.lossy and ordered is not live:
                exchange = _following(asked, ordered, exchange)
            return Answer(exchange, texts, counted, self.listed)

    def copies(self, sql: str | None, parameters: Any) -> list[Exchange]:
        """What a COPY may be, in recorded order; its data are yet to come.

        Exchanges that were consumed are among them: its data are compared with theirs.
        """
        found = []
        with self._lock:
            for operation in ("copy_out", "copy_in"):
                statement = self._statements.get((operation, sql))
                if statement is not None:
                    asked = (operation, sql, parameters)
                    fitting = statement.fitting(asked, self.bindings, consumed=True)
                    found += [exchange for exchange, _ in fitting]
        return sorted(found, key=lambda each: each.ordinal)

    def again(self, sql: str, parameters: Any) -> Exchange | None:
        """As `take`, for an `execute` that `remember` has been told of."""
        known = self._known.get(sql)
        if known is None:
            return None
        kind = type(parameters)
        if kind is tuple or kind is list:
            values = tuple(parameters)
            answers = known.get(tuple(map(type, values)))
        elif kind is dict:
            values = tuple(parameters.values())
            answers = known.get(_form(parameters, values))
        else:
            return None
        # Values come after their types: those that are hashed here are plain.
        equal = None if answers is None else answers.get(values)
        if equal is None:
            return None
        # By hand, as `with` takes as long as all of the above.
        self._lock.acquire()
        try:
            for exchange in equal:
                # A taking that the ledger has to be told of goes the long way.
                if exchange.left and not self.listed:
                    exchange.left -= 1
                    return exchange
        finally:
            self._lock.release()
        return None

    def remember(self, sql: str, parameters: Any, exchange: Exchange) -> None:
        """Let `again` find the exchanges that are equal to this one.

        Only where that cannot change an answer: nothing may be volatile or bound,
        taking the exchange may do nothing else to a connection, and it is of no other
        scope, as those stand behind the scope's own.
        """
        if exchange.owner is not self or exchange.repeatable:
            return
        if not any(each.left for each in exchange.equal):
            return
        statement = self._statements.get(("execute", sql))
        if statement is None or not statement.is_exact:
            return
        if type(parameters) is dict:
            values = tuple(parameters.values())
            form = _form(parameters, values)
        elif type(parameters) in (tuple, list):
            values = tuple(parameters)
            form = tuple(map(type, values))
        else:
            return
        if not _PLAIN.issuperset(map(type, values)):
            return
        if any(each.alters or each.transaction for each in exchange.equal):
            return
        with self._lock:
            # Asked here, as another thread may bind a value in the meantime.
            if not self.listed and not self.bindings.used:
                known = self._known.setdefault(sql, {})
                known.setdefault(form, {})[values] = exchange.equal

    def take_due(self, is_asked: Wanted) -> Exchange | None:
        """A begin or end of a transaction that did more than succeed when recorded.

        An end is one of a transaction of which this scope has no other exchange.
        Neither is matched strictly; it is due once all that was recorded before it
        has been consumed.
        """
        if not self._has_controls:
            return None
        with self._lock:
            for exchange in self.recorded or ():
                if is_asked(exchange):
                    if exchange.left:
                        exchange.left -= 1
                        return exchange
                elif exchange.left and not exchange.repeatable:
                    return None
        return None

    def listing(self) -> Listing:
        """What was asked and what was not, for the ledger; of one moment.

        Every taking from then on is told by itself.
        """
        with self._lock:
            self.listed = True
            used, unused = [], []
            for exchange in self.recorded or ():
                for each in (exchange, *exchange.controls):
                    if each.is_silence:
                        continue
                    taken = each.times - each.left
                    if taken:
                        used.append((each, taken))
                    if each.left:
                        unused.append((each, each.left))
            return Listing(used, unused)

    def after_fork(self) -> None:
        """Go on in another process than the one that opened the scope.

        That one lists what it used itself; here each taking is told.  In a forked
        process a thread that does not exist here may hold the lock.
        """
        self._lock = threading.Lock()
        self.listed = True


_Values = tuple[Any, ...]
# By the form of the parameters and their values: the exchanges that are equal.
_Known = dict[tuple[Any, ...], dict[_Values, list[Exchange]]]


def _form(named: dict[Any, Any], values: _Values) -> tuple[Any, ...]:
    """Names and types; None tells them from the types of parameters without names."""
    return (None, *named, *map(type, values))


class _Statement:
    """The exchanges of one SQL text; their keys are made when first asked for."""

    __slots__ = ("_added", "_by_key", "_merges")

    def __init__(self) -> None:
        self._added: list[Exchange] = []
        self._by_key: dict[tuple[Any, ...], dict[str, list[Exchange]]] | None = None
        self._merges = 0

    def add(self, exchange: Exchange) -> None:
        self._added.append(exchange)

    @property
    def is_exact(self) -> bool:
        """Whether all of its parameters have to be equal."""
        return self._by_key is not None and self._by_key.keys() == {()}

    def find(self, asked: Asked, wanted: Wanted, bindings: Bindings) -> Found | None:
        """The exchange, and the live parameters with their sets in its order."""
        fitting = self.fitting(asked, bindings)
        found = next((found for found in fitting if wanted(found[0])), None)
        if found is not None:
            return found
        if asked[0] == "executemany":
            return self._cut_short(asked[2], wanted)
        return self._rearranged(asked, wanted, bindings)

    def fitting(
        self, asked: Asked, bindings: Bindings, *, consumed: bool = False
    ) -> Iterator[Found]:
        """All that may answer, or might if they were not `consumed`."""
        operation, _, live = asked
        if self._by_key is None or self._merges != bindings.merges:
            self._by_key = self._keyed(bindings)
            self._merges = bindings.merges
        many = operation == "executemany"
        parameters = bindings.to_recorded(live, many=many)
        for names, keys in self._by_key.items():
            texts = _texts(operation, parameters, names)
            for exchange in () if texts is None else keys.get(_key(texts), ()):
                if not (exchange.left or exchange.repeatable or consumed):
                    continue
                ordered = live
                if many and texts is not None:
                    recorded = bindings.to_firsts(exchange.parameters, many=True)
                    then = _texts(operation, recorded, names)
                    ordered = [live[index] for index in order(then or (), texts)]
                if bindings.fit(exchange.volatile_pairs(ordered)):
                    yield exchange, ordered

    def _cut_short(self, live: Any, wanted: Wanted) -> Found | None:
        """An `executemany` that failed, and so says nothing of the sets behind its own.

        Of an iterator the driver takes no more than it needs.
        """
        for exchange in self._added:
            sets = exchange.parameters
            if exchange.error is None or exchange.volatile or len(sets) >= len(live):
                continue
            if not exchange.left or not wanted(exchange):
                continue
            begin = live[: len(sets)]
            if canonical(sets, many=True) == canonical(begin, many=True):
                return exchange, begin
        return None

    def _rearranged(
        self, asked: Asked, wanted: Wanted, bindings: Bindings
    ) -> Found | None:
        """The exchange whose parameters are equal but for an order that is free."""
        _, sql, live = asked
        free = free_order(sql or "")
        if free is None or not isinstance(live, (dict, list)):
            return None
        for exchange in self._added:
            if not (exchange.left or exchange.repeatable) or not wanted(exchange):
                continue
            now = _masked(bindings.to_recorded(live), exchange.volatile)
            then = _masked(bindings.to_firsts(exchange.parameters), exchange.volatile)
            if canonical(free.arranged(then)) != canonical(free.arranged(now)):
                continue
            places = free.places(then, now)
            ordered = free.as_recorded(live, places)
            fits = bindings.fit(exchange.volatile_pairs(ordered))
            if fits and free.can_answer(exchange, places):
                return exchange, ordered
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
            texts = _texts(exchange.operation, parameters, names)
            if texts is not None:
                equal = by_key.setdefault(names, {}).setdefault(_key(texts), [])
                equal.append(exchange)
                exchange.equal = equal
        return by_key


def _following(asked: Asked, ordered: Any, exchange: Exchange) -> Exchange:
    """The exchange with its results in the order of the live parameters.

    `ordered` are the same parameters in recorded order.
    """
    operation, sql, live = asked
    if operation == "executemany":
        return in_order_of(live, ordered, exchange)
    free = free_order(sql or "")
    assert free is not None
    answer = free.answer(exchange, free.places(ordered, live))
    # What is equal to it has the recorded order.
    return replace(answer, equal=[])


def _key(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else "\n".join(sorted(texts))


def _texts(
    operation: str, parameters: Any, volatile: Sequence[str | int]
) -> list[str] | None:
    """The canonical text of each set, with each volatile value replaced by its shape.

    None if a volatile position does not exist in these parameters.
    """
    texts = []
    for each in parameter_sets(operation, parameters):
        values = _masked(each, volatile)
        if values is None and volatile:
            return None
        texts.append(canonical(values))
    return texts


def _masked(parameters: Any, volatile: Sequence[str | int]) -> Any:
    """One set with each volatile value replaced by its shape.

    None if a volatile position does not exist in it.
    """
    if not volatile:
        return parameters
    if not isinstance(parameters, (dict, list)):
        return None
    values: Any = parameters.copy()
    for name in volatile:
        try:
            values[name] = {"volatile": shape(values[name])}
        except (KeyError, IndexError, TypeError):
            return None
    return values
