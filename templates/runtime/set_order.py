"""The sets of parameters of an `executemany`, whose order is free.

An ORM flushes what it holds in sets, so that the order may come from addresses in
memory.  The server answers set by set, and the answers follow their sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .exchange import Exchange


def order(recorded: Sequence[str], live: Sequence[str]) -> list[int]:
    """For each recorded text the place of an equal live one; equal ones in turn."""
    then = sorted(range(len(recorded)), key=recorded.__getitem__)
    now = sorted(range(len(live)), key=live.__getitem__)
    places = dict(zip(then, now, strict=True))
    return [places[index] for index in range(len(recorded))]


def in_order_of(live: Any, ordered: Any, exchange: Exchange) -> Exchange:
    """The exchange with one result a set in the live order of the sets.

    `ordered` are the same sets, in recorded order.
    """
    if ordered is live or len(exchange.results) != len(live):
        return exchange
    places = {id(each): place for place, each in enumerate(ordered)}
    results = [exchange.results[places[id(each)]] for each in live]
    return replace(exchange, results=results)
