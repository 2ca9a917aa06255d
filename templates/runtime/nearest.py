"""Which recorded exchanges come nearest to a statement that none answers.

In a large scope every one of them is looked at, so that a look has to be short.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from . import lossy
from .binding import Bindings
from .differences import differences
from .exchange import Exchange
from .fixture import Fixture
from .matching import Asked, ScopeState
from .sql_layout import tokens

_COUNT = 3


class CopyData(Protocol):
    """What a COPY was sent, beside the data of recorded ones."""

    def agreed(self, exchange: Exchange) -> int:
        """How many of the first lines are equal."""

    def difference(self, exchange: Exchange) -> str:
        """The first line that is not."""


class Near(NamedTuple):
    """An exchange, and the name of its scope if that is another one."""

    exchange: Exchange
    scope: str | None = None


def nearest(
    asked: Asked, state: ScopeState, fixture: Fixture, data: CopyData | None
) -> list[Near]:
    """Three at most: of the statement, else of other scopes, else of other texts."""
    operation, sql, _ = asked
    known = [each for each in state.recorded or () if not each.is_control]
    same = [
        each
        for each in known
        if each.operation == operation and same_text(each, sql, state.bindings)
    ]
    if same:
        nearest = _by_parameters(asked, same, state.bindings, data)
        return [Near(each) for each in nearest]
    elsewhere = list(_elsewhere(asked, state, fixture))
    alike = _by_text(asked, known)[: _COUNT - len(elsewhere)]
    return [*elsewhere, *map(Near, alike)]


def same_text(exchange: Exchange, sql: str | None, bindings: Bindings) -> bool:
    """Whether a text is the exchange's, as far as it may not differ."""
    if exchange.sql == sql or sql is None or exchange.sql is None:
        return exchange.sql == sql
    if exchange.lossy:
        own = lossy.text_of(exchange, exchange.sql)
        return lossy.text_of(exchange, sql) == own
    recorded = bindings.to_recorded_sql(sql)
    if exchange.volatile is not None and exchange.volatile.sql is not None:
        return exchange.volatile.sql.forms(recorded) is not None
    return exchange.sql == recorded


def _by_parameters(
    asked: Asked,
    exchanges: Iterable[Exchange],
    bindings: Bindings,
    data: CopyData | None = None,
) -> list[Exchange]:
    operation, _, parameters = asked

    def distance(exchange: Exchange) -> tuple[int, int, int, bool]:
        found = list(differences(exchange, operation, parameters, bindings))
        types = sum(not each.is_of_one_type() for each in found)
        agreed = 0 if data is None else data.agreed(exchange)
        return len(found), types, -agreed, not exchange.left

    # Of equally near ones those that stand first.
    return heapq.nsmallest(_COUNT, exchanges, key=distance)


def _by_text(asked: Asked, exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The first that is left of each of the texts that share most tokens."""
    operation, sql, _ = asked
    wanted = Counter(tokens(sql or ""))
    first: dict[Any, Exchange] = {}
    for exchange in exchanges:
        known = first.setdefault((exchange.operation, exchange.sql), exchange)
        if exchange.left and not known.left:
            first[exchange.operation, exchange.sql] = exchange

    def distance(exchange: Exchange) -> tuple[float, bool, int]:
        own = Counter(tokens(exchange.sql or ""))
        shared = (own & wanted).total() / max(1, (own | wanted).total())
        return -shared, exchange.operation != operation, exchange.ordinal

    return heapq.nsmallest(_COUNT, first.values(), key=distance)


def _elsewhere(asked: Asked, state: ScopeState, fixture: Fixture) -> Iterable[Near]:
    """Exchanges of the statement in other scopes, the equal one first."""
    operation, sql, _ = asked
    found = []
    for scope in fixture.scopes_with(sql or "", but=state.name)[:_COUNT]:
        same = [
            each
            for each in fixture.exchanges(scope) or ()
            if each.operation == operation and each.sql == sql
        ]
        found += [
            Near(each, scope)
            for each in _by_parameters(asked, same, state.bindings)[:1]
        ]
    return found
