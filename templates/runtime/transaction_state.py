"""The transaction of a connection: its status, its savepoints, and how it ends.

The driver sends BEGIN, SAVEPOINT and their ends by itself, so none of them is
matched: they are steps of this state machine, and the trace only says which of
them did more than succeed.  `_status` is the server's, which a client in pipeline
mode learns later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from . import errors, server_errors
from .exchange import Exchange
from .notification import Sender
from .occupation import Occupation
from .pq import TransactionStatus
from .replay import Replay
from .server_messages import ServerMessages
from .transaction_settings import TransactionSettings

if TYPE_CHECKING:
    from .pipeline_base import BasePipeline

_IDLE = TransactionStatus.IDLE
_INTRANS = TransactionStatus.INTRANS
_INERROR = TransactionStatus.INERROR
_ACTIVE = TransactionStatus.ACTIVE


class TransactionState(ServerMessages, Occupation, TransactionSettings):
    """What a connection knows of its transaction, and the calls that change it."""

    _replay: Replay
    _pipeline: BasePipeline | None = None

    def __init__(self) -> None:
        super().__init__()
        self._status = _IDLE
        self.transactions_ended = 0
        self._transactions = 0
        # Of the blocks within the current transaction, the innermost one last.
        self._savepoints: list[str] = []
        # What the driver is to send next, as far as it does more than succeed.
        self._due: list[Exchange] = []
        # What it sends to listeners if it commits.
        self._sending: list[Sender] = []

    @property
    def transaction_status(self) -> TransactionStatus:
        """The status as the client knows it."""
        if self._closed:
            return TransactionStatus.UNKNOWN
        if self._pipeline is not None:
            return self._pipeline.known_status
        return _ACTIVE if self._is_streaming else self._status

    @contextmanager
    def _between_syncs(self) -> Iterator[None]:
        """Surround what asks the server and waits for its answer, in pipeline mode too."""
        pipeline = self._pipeline
        if pipeline is None:
            yield
            return
        pipeline.synchronise()
        try:
            yield
        finally:
            pipeline.synchronised()

    def _sync_recorded(self) -> Exchange | None:
        """What came with the end of a pipeline's statements, if anything did."""
        return self._replay.end("sync", self._due)

    def begin(self) -> None:
        """Begin a transaction as before every statement, were it never sent.

        The driver looks at the query and its parameters afterwards only.
        """
        if self._closed:
            self.check_open()
        # A generator that nobody closed is done with, as the driver sees to.
        self._is_streaming = False
        if self._status is _ACTIVE:
            self.check_free()
        elif self._status is _IDLE and not self._autocommit:
            if self._pipeline is None:
                self._enter(_INTRANS)
            elif self._pipeline.known_status is _IDLE:
                self._enter(_INTRANS)
                self._pipeline.synchronised()

    def fail(self) -> None:
        """The server refused something: its transaction has failed, if there is one."""
        if self._status == _INTRANS:
            self._enter(_INERROR)

    def enter_block(self) -> int:
        """Count a `transaction()` block; returns how many are open outside of it."""
        depth = self._transactions
        self._transactions += 1
        return depth

    def leave_block(self, depth: int) -> bool:
        """Leave a block; whether it is the innermost of those that are open."""
        self._transactions -= 1
        return self._transactions == depth

    def begin_block(self, outer: bool, savepoint: str) -> None:
        """Begin the transaction of a block, or its savepoint."""
        self.check_free()
        if outer:
            if self._skipped():
                return
            self._enter(_INTRANS)
        else:
            if self._refused("SAVEPOINT"):
                return
            self._savepoints.append(savepoint)
        self._came_of(self._replay.begin(self._due))

    def end_block(self, operation: str, outer: bool, savepoint: str) -> None:
        """End a block: commit or rollback, or the same to its savepoint."""
        if outer:
            self._finish(operation)
            return
        self.check_free()
        releases = operation == "commit"
        if self._refused("RELEASE SAVEPOINT" if releases else _ROLLBACK_TO):
            return
        end = self._replay.end(operation, self._due, nested=True)
        if savepoint in self._savepoints:
            del self._savepoints[self._savepoints.index(savepoint) :]
        elif end is None:
            end = Exchange.refused(operation, server_errors.no_savepoint(savepoint))
        self._enter(_INTRANS)
        if end is not None and end.status == "INERROR":
            self.fail()
        self._came_of(end)

    def no_savepoint(self, name: str) -> BaseException:
        """What the server says to a rollback to no savepoint, to be raised."""
        return self.recorded_error(server_errors.no_savepoint(name))

    def _refused(self, command: str) -> bool:
        """Whether the server refuses it; raises that, unless it arrives later."""
        if self._skipped():
            return True
        if self._status == _IDLE:
            record = server_errors.no_transaction(command)
        elif self._status == _INERROR and command != _ROLLBACK_TO:
            record = server_errors.FAILED_TRANSACTION
        else:
            return False
        self._came_of(Exchange.refused(command, record))
        return True

    def _skipped(self) -> bool:
        """Whether an earlier error of the pipeline keeps the server from looking."""
        pipeline = self._pipeline
        if pipeline is None or not pipeline.skips:
            return False
        pipeline.send(Exchange.refused("", server_errors.PIPELINE_ABORTED))
        return True

    def _came_of(self, outcome: Exchange | None) -> None:
        """Take what came of a command; in pipeline mode it arrives later."""
        if self._pipeline is not None:
            self._pipeline.send(outcome)
        elif outcome is not None:
            self._take(outcome)

    def _take(self, outcome: Exchange) -> None:
        self._tell(outcome)
        if outcome.error is not None:
            raise self.recorded_error(outcome.error)

    def _enter(self, status: TransactionStatus, *, kept: bool = True) -> None:
        """Become `status`; `kept` says whether a transaction that ends was committed."""
        if status == _IDLE:
            if kept:
                self._deliver()
            self._sending = []
            if self._status != _IDLE:
                self.transactions_ended += 1
                self._parameters_before = {}
                self._savepoints.clear()
                while self._due and self._due[0].operation in _ENDS:
                    # Of a transaction that ended otherwise.
                    self._due.pop(0)
        self._status = status

    def _settle(self) -> None:
        """Send what a statement outside of any transaction has notified."""
        if self._sending and self._status == _IDLE:
            self._deliver()

    def _deliver(self) -> None:
        if self._sending:
            self._replay.deliveries.send(self._sending, self.bindings())
            self._sending = []

    def _check_end(self, operation: str) -> None:
        """Raise as psycopg does if the transaction may not be ended now."""
        self.check_open()
        if self._transactions:
            raise errors.ProgrammingError(_FORBIDDEN[operation])

    def _end(self, operation: str) -> None:
        """Commit or roll back; the state machine decides, not the trace."""
        self._check_end(operation)
        pipeline = self._pipeline
        if pipeline is not None and operation == "rollback":
            pipeline.synchronise()
        known = self._status if pipeline is None else pipeline.known_status
        if known == _IDLE:
            return
        self._finish(operation)
        if pipeline is not None:
            pipeline.synchronise()

    def _finish(self, operation: str) -> None:
        self.check_open()
        if self._skipped():
            return
        self.check_free()
        self.error_message = ""
        end = self._replay.end(operation, self._due)
        undone = operation == "rollback" or self._status == _INERROR
        if undone:
            self._undo_parameters()
        self._enter(_IDLE, kept=not undone)
        self._came_of(end)

    def _undo_parameters(self) -> None:
        """Take back what was SET in the transaction, which is rolled back."""
        self.session.update(self._parameters_before)


_ROLLBACK_TO = "ROLLBACK TO SAVEPOINT"
_ENDS = ("commit", "rollback")

_FORBIDDEN = {
    "commit": "Explicit commit() forbidden within a Transaction context. "
    "(Transaction will be automatically committed on successful exit from context.)",
    "rollback": "Explicit rollback() forbidden within a Transaction context. "
    "(Either raise Rollback() or allow an exception to propagate out of the context.)",
}
