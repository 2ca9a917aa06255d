"""`connection.transaction()`: blocks that commit or roll back, and nest.

The driver sends BEGIN, SAVEPOINT and their ends itself, so none of them is
matched: they are steps of the connection's state machine.  `transaction.py`
is derived from this file.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from . import server_errors
from .pq import TransactionStatus
from .transaction_state import Rollback, State

if TYPE_CHECKING:
    from .connection_async import MockAsyncConnection


class AsyncTransaction:
    """One block of `connection.transaction()`."""

    __module__ = "psycopg"

    def __init__(
        self,
        connection: MockAsyncConnection,
        savepoint_name: str | None = None,
        force_rollback: bool = False,
    ) -> None:
        self._connection = connection
        self._savepoint_name = savepoint_name or ""
        self.force_rollback = force_rollback
        self.status = State.NON_STARTED
        self._outer = False

    def __repr__(self) -> str:
        name = f" {self._savepoint_name!r}" if self._savepoint_name else ""
        status = self._connection.transaction_status.name
        what = f"{type(self).__name__}{name} ({self.status.value}) [{status}]"
        return f"<psycopg.{what} at 0x{id(self):x}>"

    @property
    def connection(self) -> MockAsyncConnection:
        return self._connection

    @property
    def savepoint_name(self) -> str | None:
        """The savepoint of a nested block; empty for the outermost one."""
        return self._savepoint_name

    async def __aenter__(self) -> Self:
        if self.status != State.NON_STARTED:
            raise TypeError("transaction blocks can be used only once")
        self._connection.check_open()
        status = self._connection.transaction_status
        if status == TransactionStatus.INERROR:
            # It would begin with a SAVEPOINT, which the server refuses.
            raise server_errors.failed_transaction()
        self._outer = status == TransactionStatus.IDLE
        depth = self._connection.enter_block()
        if not self._outer and not self._savepoint_name:
            self._savepoint_name = f"_pg3_{depth + 1}"
        self.status = State.ACTIVE
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if self._connection.closed:
            self.status = State.ROLLED_BACK_WITH_ERROR
            return False
        if exc_type is None and not self.force_rollback:
            # Committed even if the server refuses the RELEASE, as in psycopg.
            self.status = State.COMMITTED
            self._connection.leave_block("commit", self._outer)
            return False
        self._connection.leave_block("rollback", self._outer)
        if isinstance(exc_value, Rollback):
            self.status = State.ROLLED_BACK_EXPLICITLY
            return exc_value.transaction in (self, None)
        explicit = exc_type is None
        self.status = (
            State.ROLLED_BACK_EXPLICITLY if explicit else State.ROLLED_BACK_WITH_ERROR
        )
        return False
