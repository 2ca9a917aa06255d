"""Pipeline mode: what was sent, and what of its results has arrived.

The recording knows every outcome when its statement is sent.  The client gets it
where it asks for results or synchronises, and never of its own accord, unless it
did when recorded: how early an answer comes by itself is not the same twice.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import errors
from .exchange import Exchange
from .pq import PipelineStatus, TransactionStatus
from .summary import shown

if TYPE_CHECKING:
    from .connection_base import BaseConnection

logger = logging.getLogger("psycopg")


class BasePipeline:
    """What the pipelines of both kinds of connections share.

    `skips` says that the server has met an error, and looks at nothing until it is
    synchronised; `aborted`, that the client knows.
    """

    __module__ = "psycopg"

    def __init__(self, conn: Any, _no_lock: bool = False) -> None:
        self._connection: BaseConnection[Any] = conn
        self._level = 0
        self._sent: deque[tuple[Exchange | None, Any]] = deque()
        self._known = TransactionStatus.IDLE
        self._parameters: dict[str, str] = {}
        self._aborted = False
        self.skips = False

    def __repr__(self) -> str:
        return shown(self, self._connection)

    @classmethod
    def is_supported(cls) -> bool:
        """Whether there is a pipeline mode: always, as libpq takes no part in it."""
        return True

    @property
    def status(self) -> PipelineStatus:
        lost = self._connection.broken
        if self._level == 0 or (self._connection.closed and not lost):
            return PipelineStatus.OFF
        return PipelineStatus.ABORTED if self._aborted else PipelineStatus.ON

    @property
    def known_status(self) -> TransactionStatus:
        """The transaction's status as far as the server told it: at the last sync."""
        return TransactionStatus.ACTIVE if self._sent else self._known

    def send(self, outcome: Exchange | None, cursor: Any = None) -> None:
        """Send a command, for a cursor or none; None if it will merely succeed."""
        if outcome is not None and outcome.error is not None:
            if outcome.was_cancelled:
                return
            if outcome.fails_in_client:
                if outcome.results:
                    self._sent.append((outcome.without_error(), cursor))
                raise self._connection.recorded_error(outcome.error)
            self.skips = True
        self._sent.append((outcome, cursor))
        if outcome is not None and outcome.interrupted:
            error = self._receive(keep=1) or self._receive()
            if error is not None:
                raise error

    def flush(self) -> None:
        """Let everything arrive that was sent; raises the first error of it."""
        self._connection.check_open()
        error = self._receive()
        if error is not None:
            raise error

    def synchronise(self) -> None:
        """The same, and begin anew after an error."""
        connection = self._connection
        connection.check_open()
        if self._level == 0:
            connection.error_message = (
                "cannot send pipeline when not in pipeline mode\n"
            )
            raise errors.OperationalError("connection not in pipeline mode")
        error = self._receive()
        while self._sent:
            # Only a connection that is lost leaves something.
            self._receive()
        end = None if connection.closed else connection._sync_recorded()
        if end is not None:
            connection._tell(end)
            if end.error is not None:
                error = connection.recorded_error(end.error)
        if not connection.closed:
            self.synchronised()
        if error is not None:
            raise error

    def synchronised(self) -> None:
        """The server has told its state."""
        connection = self._connection
        self.skips = self._aborted = False
        connection.error_message = ""
        connection._take_parameters(self._parameters)
        self._parameters = {}
        connection._settle()
        self._known = connection._status

    def keep(self, parameters: Mapping[str, str]) -> None:
        """Changed server parameters, which the server tells with its state."""
        self._parameters.update(parameters)

    def _enter(self) -> None:
        self._connection.check_open()
        if self._level == 0:
            self._connection.check_idle()
            self.synchronised()
        elif self._sent:
            self.synchronise()
        self._level += 1

    def _exit(self, error: BaseException | None) -> None:
        try:
            self.synchronise()
        except Exception as late:
            if error is None:
                raise
            logger.warning("error ignored terminating %r: %s", self, late)
        finally:
            self._level -= 1

    def _receive(self, keep: int = 0) -> BaseException | None:
        """Take what arrives, but for the last `keep`; the first error of it."""
        first: BaseException | None = None
        while len(self._sent) > keep:
            outcome, cursor = self._sent[0]
            if outcome is not None and outcome.status == "UNKNOWN" and first:
                # That the connection is lost is seen when it is read again.
                break
            self._sent.popleft()
            try:
                self._arrived(outcome, cursor)
            except Exception as error:  # noqa: BLE001 - the first one is raised
                first = first or error
        return first

    def _arrived(self, outcome: Exchange | None, cursor: Any) -> None:
        if outcome is None:
            return
        connection = self._connection
        connection._tell(outcome)
        self._aborted = self._aborted or outcome.error is not None
        if cursor is not None:
            cursor._receive(outcome)
        if outcome.error is not None:
            raise connection.recorded_error(outcome.error)
