"""Which recorded exchange answers a statement, within one scope.

The key is the operation, the SQL text and the typed parameters, of `executemany`
without the order of its sets.  Equal keys are consumed in recorded order, and
different ones in any, unless strict order was asked for.  Where no key is equal, lists
of IN and rows of an INSERT may have another order, too.  What may differ of an exchange
stands beside it in the fixture; nothing else is ever ignored, but for exchanges that
have lost something themselves, which come last.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

from .binding import Bindings, Zone
from .exchange import Exchange
from .free_order import free_order
from .keys import Asked as AskedOfStatement
from .keys import Found, Wanted
from .lossy import LossyExchanges
from .set_order import in_order_of
from .statement import Statement
from .text_parts import TextParts

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


def anything(exchange: Exchange) -> bool:
    """No further demand."""
    return True


class ScopeState:
    """The exchanges of one opened scope, and what is left of them.

    `recorded` is None for a scope that was never recorded: everything misses.
    `asked`, `commits` and `connected` count what has come about at replay; `listed`
    says that the ledger has been told what is unused, and now has to be told what is
    taken.
    """

    def __init__(
        self, name: str, recorded: list[Exchange] | None, *, strict: bool = False
    ) -> None:
        self.name = name
        self.recorded = recorded
        self.bindings = Bindings()
        self.asked = self.commits = self.connected = 0
        self.listed = False
        self._strict = strict
        self._lock = threading.Lock()
        # Whether a look at values may find an answer, which the ledger is not told of.
        self._by_values = not strict
        self._statements: dict[tuple[str, str | None], Statement] = {}
        self._executed: dict[str, Statement] = {}
        # Of texts with volatile parts, by operation and what is fixed of them.
        self._in_parts: dict[str, dict[TextParts, Statement]] = {}
        self._lossy = LossyExchanges()
        self._next = 0
        self._has_controls = any(exchange.is_control for exchange in recorded or ())
        for exchange in recorded or ():
            if exchange.lossy:
                self._lossy.add(exchange)
            else:
                self._statement_of(exchange).add(exchange)

    def _statement_of(self, exchange: Exchange) -> Statement:
        """The one that it belongs to, made if there is none."""
        sql = None if exchange.volatile is None else exchange.volatile.sql
        if sql is None:
            key = exchange.operation, exchange.sql
            statement = self._statements.get(key)
            if statement is None:
                statement = self._statements[key] = Statement()
                if exchange.operation == "execute":
                    self._executed[exchange.sql or ""] = statement
            return statement
        in_parts = self._in_parts.setdefault(exchange.operation, {})
        return in_parts.setdefault(sql, Statement(sql))

    def take(self, asked: Asked, zone: Zone, wanted: Wanted) -> Answer | None:
        """Consume the exchange that answers; None if there is none.

        `zone` tells the time zone of the session, where a clock has to be bound.
        """
        if self._never_answers(asked):
            return None
        with self._lock:
            found = self._find(asked, self._in_turn(wanted))
            if found is None:
                return None
            exchange = found.exchange
            counted = exchange.left > 0
            self._consume(exchange)
            texts: list[tuple[str, str]] = []
            for pair in found.pairs:
                texts += self.bindings.bind(pair, zone)
            if found.parameters is not asked[2] and not exchange.lossy:
                exchange = _following(asked, found.parameters, exchange)
            return Answer(exchange, texts, counted, self.listed)

    def copies(self, sql: str | None, parameters: Any) -> list[Exchange]:
        """What a COPY may be, in recorded order; its data are yet to come.

        Exchanges that were consumed are among them: its data are compared with theirs.
        """
        with self._lock:
            found = {
                exchange.ordinal: exchange
                for operation in ("copy_out", "copy_in")
                for statement, asked in self._statements_of(
                    (operation, sql, parameters)
                )
                for exchange in statement.fitting(asked, self.bindings)
            }
        return [exchange for _, exchange in sorted(found.items())]

    def take_by_values(self, sql: str, parameters: Any) -> Exchange | None:
        """As `take`, by the parameters of an `execute` as the application passes them.

        None says nothing: what needs more than a look goes the long way.
        """
        statement = self._executed.get(sql)
        if statement is None:
            return None
        # By hand, as `with` takes as long as all of the rest.
        self._lock.acquire()
        try:
            if self.bindings.used or not self._by_values:
                return None
            exchange = statement.by_values(parameters)
            if exchange is None:
                return None
            exchange.left -= 1
            exchange.taken_by = self.asked = self.asked + 1
            return exchange
        finally:
            self._lock.release()

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

    def next_in_turn(self) -> Exchange | None:
        """The only one that may be taken, where order is strict."""
        recorded = self.recorded or ()
        while self._next < len(recorded):
            exchange = recorded[self._next]
            is_matched = not exchange.repeatable and not exchange.is_control
            if exchange.left and is_matched:
                return exchange
            self._next += 1
        return None

    def before(self, exchange: Exchange) -> Exchange | None:
        """What has to be taken before this one, if anything has."""
        first = self.next_in_turn() if self._strict else None
        volatile = exchange.volatile
        if first is None and volatile is not None and not volatile.is_certain:
            first = self._statement_of(exchange).next()
        return None if first is exchange else first

    def listing(self) -> Listing:
        """What was asked and what was not, for the ledger; of one moment.

        Every taking from then on is told by itself.
        """
        with self._lock:
            self._tell_each()
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
        self._tell_each()

    def _tell_each(self) -> None:
        self.listed = True
        self._by_values = False

    def _never_answers(self, asked: Asked) -> bool:
        """Whether a look at the text says so, as for most that start-up is asked."""
        operation, sql, _ = asked
        return (
            not self.bindings.used
            and not self._lossy
            and operation not in self._in_parts
            and (operation, sql) not in self._statements
        )

    def _find(self, asked: Asked, wanted: Wanted) -> Found | None:
        for statement, of_statement in self._statements_of(asked):
            found = statement.find(of_statement, wanted, self.bindings)
            if found is not None:
                return found
        return self._lossy.find(asked, wanted, self.bindings)

    def _statements_of(
        self, asked: Asked
    ) -> Iterator[tuple[Statement, AskedOfStatement]]:
        """The statements whose text is asked, equal or in volatile parts another."""
        operation, sql, live = asked
        many = operation == "executemany"
        recorded = self.bindings.to_recorded(live, many=many)
        recorded_sql = None if sql is None else self.bindings.to_recorded_sql(sql)
        statement = self._statements.get((operation, recorded_sql))
        if statement is not None:
            yield statement, AskedOfStatement(operation, live, recorded)
        for parts, statement in self._in_parts.get(operation, {}).items():
            live_parts = parts.parts(sql or "")
            if live_parts is not None:
                recorded_parts = parts.parts(recorded_sql or "") or live_parts
                yield (
                    statement,
                    AskedOfStatement(
                        operation, live, recorded, live_parts, recorded_parts
                    ),
                )

    def _in_turn(self, wanted: Wanted) -> Wanted:
        if not self._strict:
            return wanted
        due = self.next_in_turn()
        return lambda each: (each is due or each.repeatable) and wanted(each)

    def _consume(self, exchange: Exchange) -> None:
        self.asked += 1
        exchange.taken_by = self.asked
        if exchange.left:
            exchange.left -= 1


def _following(asked: Asked, ordered: Any, exchange: Exchange) -> Exchange:
    """The exchange with its results in the order of the live parameters.

    `ordered` are the same parameters in recorded order.
    """
    operation, _, live = asked
    if operation == "executemany":
        return in_order_of(live, ordered, exchange)
    free = free_order(exchange.sql or "")
    return exchange if free is None else free.answer(exchange, ordered, live)
