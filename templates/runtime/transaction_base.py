"""What `transaction()` blocks of both kinds share: their state and how they end.

The driver sends BEGIN, SAVEPOINT and their ends itself, so none of them is matched:
they are steps of the connection's state machine. Nothing here waits for anything.
"""

from __future__ import annotations

import logging
from enum import Enum
from typing import Any, Generic, TypeVar

from .connection_base import BaseConnection
from .errors import Error, ProgrammingError
from .pq import TransactionStatus
from .summary import shown

logger = logging.getLogger("psycopg.transaction")

C = TypeVar("C", bound=BaseConnection[Any])


class Rollback(Exception):
    """Leave the enclosing block, or the block given, with a rollback."""

    __module__ = "psycopg"

    def __init__(self, transaction: Any = None) -> None:
        self.transaction = transaction

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({self.transaction!r})"


class OutOfOrderTransactionNesting(ProgrammingError):
    """A block was left before those within it, or after one around it."""

    __module__ = "psycopg.transaction"


class BaseTransaction(Generic[C]):
    """One block of `connection.transaction()`."""

    __module__ = "psycopg.transaction"

    class Status(str, Enum):
        """What may have become of a block."""

        __module__ = "psycopg.transaction"

        NOT_STARTED = "not_started"
        ACTIVE = "active"
        COMMITTED = "committed"
        FAILED = "failed"
        ROLLED_BACK_EXPLICITLY = "rolled_back_explicitly"
        ROLLED_BACK_WITH_ERROR = "rolled_back_with_error"

    def __init__(
        self,
        connection: C,
        savepoint_name: str | None = None,
        force_rollback: bool = False,
    ) -> None:
        self._connection = connection
        self._savepoint_name = savepoint_name or ""
        self.force_rollback = force_rollback
        self.status = self.Status.NOT_STARTED
        # One that was never entered is left without a complaint, as in psycopg.
        self._depth = -1
        self._outer = True

    def __repr__(self) -> str:
        name = f" {self._savepoint_name!r}" if self._savepoint_name else ""
        return shown(self, self._connection, f"{name} ({self.status.value})")

    @property
    def connection(self) -> C:
        return self._connection

    @property
    def savepoint_name(self) -> str | None:
        """The savepoint of a nested block; empty for the outermost one."""
        return self._savepoint_name

    def _begin(self) -> None:
        if self.status != self.Status.NOT_STARTED:
            raise TypeError("transaction blocks can be used only once")
        connection = self._connection
        connection.check_open()
        self._outer = connection.transaction_status == TransactionStatus.IDLE
        self._depth = connection.enter_block()
        if not self._outer and not self._savepoint_name:
            self._savepoint_name = f"_pg3_{self._depth + 1}"
        self.status = self.Status.ACTIVE
        try:
            connection.begin_block(self._outer, self._savepoint_name)
        except BaseException:
            connection.leave_block(self._depth)
            self.status = self.Status.ROLLED_BACK_WITH_ERROR
            if connection.transaction_status == TransactionStatus.INERROR:
                # There is no savepoint to roll back to, which the driver tries to.
                self._ignored(connection.no_savepoint(self._savepoint_name))
            raise

    def _end(self, error: BaseException | None) -> bool:
        """Commit or roll back; whether `error` has done its work and may be dropped."""
        if self._connection.closed:
            self.status = self.Status.FAILED
            return False
        if error is None and not self.force_rollback:
            # Committed even if the server refuses the RELEASE, as in psycopg.
            operation, ended = "commit", self.Status.COMMITTED
        elif error is None or isinstance(error, Rollback):
            operation, ended = "rollback", self.Status.ROLLED_BACK_EXPLICITLY
        else:
            operation, ended = "rollback", self.Status.ROLLED_BACK_WITH_ERROR
        misplaced = ""
        if not self._connection.leave_block(self._depth):
            misplaced = f"transaction {operation} at the wrong nesting level: {self}"
        self.status = ended
        if misplaced:
            raise OutOfOrderTransactionNesting(misplaced)
        if operation == "commit":
            self._connection.end_block(operation, self._outer, self._savepoint_name)
            return False
        done = self._try_rollback()
        asked = isinstance(error, Rollback) and error.transaction in (self, None)
        return done and asked

    def _try_rollback(self) -> bool:
        """Roll back; whether the server did."""
        try:
            self._connection.end_block("rollback", self._outer, self._savepoint_name)
        except Error as failure:
            self._ignored(failure)
            return False
        return True

    def _ignored(self, failure: BaseException) -> None:
        logger.warning("error ignored in rollback of %s: %s", self, failure)
