"""A COPY to the client: the blocks that the server sent when recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .copy_data import Cell, data_of
from .copy_side import CopySide
from .exchange import Exchange
from .miss import ReplayMiss

if TYPE_CHECKING:
    from .connection_base import BaseConnection


class CopyOut(CopySide):
    """The blocks, one after the other; what came of the COPY is known at their end."""

    def __init__(self, connection: BaseConnection[Any], exchange: Exchange) -> None:
        super().__init__(connection, exchange)
        self._result = exchange.results[0]
        self._position = 0
        self._has_waited = False
        self._has_failed = False

    def waits(self) -> bool:
        """Whether the next block did not come before the task was cancelled."""
        is_next = self._position == len(self._result.rows) and not self._ended
        waits = is_next and self.exchange.was_cancelled and not self._has_waited
        self._has_waited = self._has_waited or waits
        return waits

    def block(self) -> bytes:
        """The next block; an empty one at the end."""
        self._connection.check_open()
        if self._has_failed:
            raise self._refused("receiving copy data failed")
        if self._ended:
            return b""
        if self._position < len(self._result.rows):
            (cell,) = json.loads(self._result.rows[self._position])
            self._position += 1
            return self._live(cell)
        error = None if self.exchange.was_cancelled else self.exchange.error
        if error is None and self._result.partial:
            raise self._missed("read")
        self._end()
        if error is not None:
            self._has_failed = True
            raised = self._connection.recorded_error(error)
            self._complaints.append(str(raised))
            raise raised
        return b""

    def put(self, data: Any) -> None:
        """The server is the one that sends."""
        raise self._refused("sending copy data failed")

    def finish(self, error: Any) -> None:
        """The server is the one that ends."""
        raise self._refused("sending copy end failed")

    def cancel(self, error: BaseException) -> bool:
        """The driver cancels what is under way; whether it was read to its end by then."""
        connection = self._connection
        if not self._ended and not connection.closed:
            status = self.exchange.status
            # Whether the server is done before it is cancelled is a matter of luck.
            is_known = self._result.partial and status != "ACTIVE"
            if not is_known and not isinstance(error, ReplayMiss):
                raise self._missed("cancel")
            self._end()
            self._has_failed = self._result.rowcount < 0
            if status == "INERROR" or not is_known:
                connection.fail()
        return not self._has_failed

    def _end(self) -> None:
        self._ended = True
        self.shown.rowcount = self._result.rowcount
        self._connection.release()
        self._connection._become(self.exchange)

    def _live(self, cell: Cell) -> bytes:
        encoding = self._encoding
        data = data_of(cell, self.binary, encoding)
        if not self._connection._replay.binds:
            return data
        bindings = self._connection.bindings()
        if bindings.may_hide_in(data, self.binary, encoding):
            # What the live value would look like there is not known.
            raise self._missed("read of a bound value")
        if self.binary or not isinstance(cell, str):
            return data
        return bindings.text_to_live(cell).encode(encoding)

    def _missed(self, operation: str) -> ReplayMiss:
        return self._connection.missed(operation, self.exchange.sql)
