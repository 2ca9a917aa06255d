"""A COPY from the client: what is sent, against what was sent when recorded.

The data are part of what is asked, so that the exchange is known when they are
complete. They are compared line by line as they come, and not kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .copy_data import Cell, Stream, cell_of
from .copy_side import CopySide
from .exchange import Exchange, RecordedResult
from .matching import Asked, Wanted

if TYPE_CHECKING:
    from .connection_base import BaseConnection

_SHOWN = 200


class CopyIn(CopySide):
    """The data so far, beside those of `recorded`, of which `first` is the first left.

    `said` is what the cursor has for its result once the block was left.
    """

    def __init__(
        self,
        connection: BaseConnection[Any],
        asked: Asked,
        first: Exchange,
        recorded: Sequence[Exchange],
    ) -> None:
        super().__init__(connection, first)
        self.said: RecordedResult | None = None
        self._asked = asked
        self._stream = Stream(self.binary)
        self._lines = 0
        # By ordinal: what is equal so far, and the first line of others that is not.
        self._equal = {exchange.ordinal: exchange for exchange in recorded}
        self._differing: dict[int, tuple[int, Cell, Cell]] = {}

    def block(self) -> bytes:
        """The client is the one that sends."""
        raise self._refused("receiving copy data failed")

    def put(self, data: Any) -> None:
        """Send a buffer of bytes."""
        self._connection.check_open()
        if self._ended:
            raise self._refused("sending copy data failed")
        if len(data):
            self._compare(self._stream.lines(data))

    def finish(self, reason: Any) -> Exchange | None:
        """End the data, or give them up for a reason; the exchange that this is."""
        connection = self._connection
        connection.check_open()
        if self._ended:
            raise self._refused("sending copy end failed")
        self._ended = True
        if reason:
            return self._give_up()
        self._compare(self._stream.rest())
        for exchange in [*self._equal.values()]:
            then = self._recorded(exchange)
            if then is not None:
                self._differ(exchange, then, None)
        connection.release()
        found = self._take(self._is_equal)
        if found is None:
            raise connection._replay.missed(self._asked, self)
        if found.error is not None and not found.was_cancelled:
            error = self._connection.recorded_error(found.error)
            self._complaints.append(str(error))
            raise error
        result = found.results[0]
        self.said = RecordedResult(
            columns=None, rowcount=result.rowcount, tag=result.tag
        )
        return found

    def left(self) -> None:
        super().left()
        if not self._ended:
            # A writer kept the data to itself, or the connection was closed.
            status = "UNKNOWN" if self._connection.closed else "ACTIVE"
            self._take(lambda each: _is_partial(each) and each.status == status)

    def agreed(self, exchange: Exchange) -> int:
        """How many lines are those of an exchange."""
        differing = self._differing.get(exchange.ordinal)
        return self._lines if differing is None else differing[0]

    def difference(self, exchange: Exchange) -> str:
        """How what was sent differs from an exchange's data, for the report of a miss."""
        differing = self._differing.get(exchange.ordinal)
        if differing is not None:
            line, then, now = differing
            was, has = _shown(then), _shown(now)
            return f"data, line {line + 1}: recorded {was}, asked {has}"
        if _is_partial(exchange):
            return "data: recorded without an end"
        return "data: the same"

    def _give_up(self) -> Exchange | None:
        # There is one way in which this can end, whatever was sent.
        self._connection.release()
        self._connection.fail()
        return self._take(_was_given_up)

    def _take(self, wanted: Wanted) -> Exchange | None:
        connection = self._connection
        found = connection._replay.find(self._asked, connection._zone, wanted)
        if found is not None and not connection.closed:
            connection._become(found)
        return found

    def _compare(self, lines: Sequence[bytes]) -> None:
        bindings = self._connection.bindings()
        binds = self._connection._replay.binds and not self.binary
        for line in lines:
            live = told = cell_of(line, self.binary, self._encoding)
            if binds and isinstance(live, str):
                told = bindings.text_to_recorded(live)
            for exchange in [*self._equal.values()]:
                then = first = self._recorded(exchange)
                if binds and isinstance(then, str):
                    first = bindings.text_to_first(then)
                if first != told:
                    self._differ(exchange, then, live)
            self._lines += 1

    def _recorded(self, exchange: Exchange) -> Cell:
        """The line that is due of an exchange's data; None behind the last one."""
        rows = exchange.results[0].rows
        return json.loads(rows[self._lines])[0] if self._lines < len(rows) else None

    def _differ(self, exchange: Exchange, then: Cell, now: Cell) -> None:
        del self._equal[exchange.ordinal]
        self._differing[exchange.ordinal] = (self._lines, then, now)

    def _is_equal(self, exchange: Exchange) -> bool:
        is_equal = self._equal.get(exchange.ordinal) is exchange
        return is_equal and not exchange.results[0].partial


def _was_given_up(exchange: Exchange) -> bool:
    return _is_partial(exchange) and exchange.status != "ACTIVE"


def _is_partial(exchange: Exchange) -> bool:
    return bool(exchange.results) and exchange.results[0].partial


def _shown(cell: Cell) -> str:
    if cell is None:
        return "nothing"
    text = json.dumps(cell, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
