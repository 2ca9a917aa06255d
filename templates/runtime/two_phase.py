"""Two-phase transactions of a connection: which of their calls are allowed when.

A transaction that is begun and the end of one by its identifier are matched by that,
as only the server knows what has been prepared under it. What ends a connection's own
transaction follows its state, and the recording where it has that transaction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from . import errors
from .connection_base import BaseConnection
from .exchange import Exchange
from .parameters import Tagged, decode, encode_xid
from .pq import TransactionStatus
from .rows import Row
from .server_errors import (
    failed_transaction,
    not_in_a_transaction_block,
    unknown_prepared_transaction,
)
from .xid import Xid

_IDLE = TransactionStatus.IDLE
_INTRANS = TransactionStatus.INTRANS
_INERROR = TransactionStatus.INERROR

# What ends it in one phase, and what the server is told after the first of two.
_ONE_PHASE = {"tpc_commit": "commit", "tpc_rollback": "rollback"}
_SECOND_PHASE = {"tpc_commit": "COMMIT PREPARED", "tpc_rollback": "ROLLBACK PREPARED"}


@dataclass(slots=True)
class _Begun:
    """The two-phase transaction of a connection.

    `recorded` is the tagged identifier that it had when recorded. `prepared` says that
    preparing it was tried, and `nothing` that the server has nothing prepared.
    """

    xid: Xid
    recorded: Tagged
    prepared: bool = False
    nothing: bool = False


class TwoPhaseConnection(BaseConnection[Row]):
    """What connections of both kinds share beyond their one-phase transactions."""

    _begun: _Begun | None = None

    def _check_end(self, operation: str) -> None:
        super()._check_end(operation)
        if self._begun is not None:
            raise errors.ProgrammingError(
                f"{operation}() cannot be used during a two-phase transaction"
            )

    def _begin_two_phase(self, xid: Xid | str) -> None:
        self.check_open()
        if self.transaction_status != _IDLE:
            raise errors.ProgrammingError(
                "can't start two-phase transaction: connection in status "
                f"{self.transaction_status.name}"
            )
        if self._autocommit:
            raise errors.ProgrammingError(
                "can't use two-phase transactions in autocommit mode"
            )
        asked = ("tpc_begin", None, encode_xid(xid))
        exchange = self._become_or_raise(self._replay.answer(asked, self._zone))
        self._enter(_INTRANS)
        given = xid if isinstance(xid, Xid) else Xid.from_string(xid)
        self._begun = _Begun(given, exchange.parameters)

    def _prepare_two_phase(self) -> None:
        self.check_open()
        begun = self._begun
        if begun is None:
            raise errors.ProgrammingError(
                "'tpc_prepare()' must be called inside a two-phase transaction"
            )
        if begun.prepared:
            raise errors.ProgrammingError(
                "'tpc_prepare()' cannot be used during a prepared two-phase transaction"
            )
        begun.prepared = True
        # PostgreSQL rolls a failed transaction back and says so in its tag alone.
        begun.nothing = self._status != _INTRANS
        self._end_one_phase("tpc_prepare", begun)

    def _end_two_phase(self, operation: str, xid: Xid | str | None) -> None:
        """Commit or roll back the connection's own transaction, or that of `xid`."""
        self.check_open()
        begun = self._begun
        if xid is None and begun is None:
            raise errors.ProgrammingError(
                f"{operation}() without xid must must be called inside "
                "a two-phase transaction"
            )
        if xid is not None and begun is not None:
            raise errors.ProgrammingError(
                f"{operation}() with xid must must be called outside "
                "a two-phase transaction"
            )
        if begun is None:
            asked = (operation, None, encode_xid(xid))
            if not self._end_prepared(operation, asked[2]):
                raise self._replay.missed(asked)
        elif not begun.prepared:
            super()._check_end(_ONE_PHASE[operation])
            self._end_one_phase(operation, begun)
        elif not self._end_prepared(operation, begun.recorded) and begun.nothing:
            raise unknown_prepared_transaction(str(begun.xid))
        self._begun = None
        if operation == "tpc_commit":
            self._replay.committed()

    def _recover(self) -> list[Xid]:
        """The transactions that were prepared on the server when recorded."""
        if self._closed:
            # Of a connection that was lost, too.
            raise errors.OperationalError("the connection is closed")
        with self._between_syncs():
            if self._status == _INERROR:
                raise failed_transaction()
            before = self._status
            self.begin()
            if before != self._status:
                # What begins here is rolled back here.
                self._check_end("rollback")
            asked = ("tpc_recover", None, None)
            exchange = self._become_or_raise(self._replay.answer(asked, self._zone))
            self._enter(before)
        to_live = self.bindings().to_live
        return [
            Xid(*(to_live(decode(cell)) for cell in json.loads(row)))
            for result in exchange.results
            for row in result.rows
        ]

    def _end_one_phase(self, operation: str, begun: _Begun) -> None:
        asked = (operation, None, begun.recorded)
        with self._between_syncs():
            exchange = self._replay.find(asked, self._zone)
            if exchange is not None and exchange.error is not None:
                self._become_or_raise(exchange)
            if operation == "tpc_rollback" or self._status == _INERROR:
                self._undo_parameters()
            self._enter(_IDLE)
            if exchange is not None:
                self._become(exchange)

    def _end_prepared(self, operation: str, recorded: Tagged) -> bool:
        """Ask the server for the second phase; whether the recording has an answer."""
        with self._between_syncs():
            return self._ask_second_phase(operation, recorded)

    def _ask_second_phase(self, operation: str, recorded: Tagged) -> bool:
        if self._status == _INERROR:
            raise failed_transaction()
        within = self._status == _INTRANS

        def wanted(exchange: Exchange) -> bool:
            # Within a transaction it is refused, and leaves none that is idle.
            idle = exchange.status == "IDLE"
            return exchange.status == "UNKNOWN" or idle != within

        exchange = self._replay.find((operation, None, recorded), self._zone, wanted)
        if exchange is not None:
            self._become_or_raise(exchange)
        elif within:
            self.fail()
            raise not_in_a_transaction_block(_SECOND_PHASE[operation])
        return exchange is not None
