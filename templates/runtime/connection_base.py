"""What sync and async connections share: state, settings, and one exchange.

The state is the client's own (status, autocommit, closed); what only the
server knows comes with the exchange.  Nothing here waits for anything.
"""

from __future__ import annotations

import inspect
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic

from . import errors
from .adapt import AdaptersMap, global_adapters
from .binding import Bindings
from .dumping import StandInAdapt
from .exchange import CONTROL_TAGS, Exchange
from .info import ConnectionInfo
from .matching import Asked, ScopeState
from .miss import ReplayMiss
from .occupation import Occupation
from .opening import Opening
from .parameters import decode, encode_many, encode_parameters
from .pgconn import MockPGconn
from .pq import TransactionStatus
from .refusal import refuses
from .replay import Replay, replay
from .rows import Row
from .scopes import current
from .server_errors import failed_transaction, no_savepoint, server_message
from .session import Session
from .sql import Composable, is_template
from .summary import shown
from .texts import sql_text
from .transaction_settings import TransactionSettings
from .unclosed import warn_unclosed
from .xid import Xid

logger = logging.getLogger("psycopg")

NoticeHandler = Callable[[errors.Diagnostic], None]

_IDLE = TransactionStatus.IDLE
_INTRANS = TransactionStatus.INTRANS
_INERROR = TransactionStatus.INERROR
_ACTIVE = TransactionStatus.ACTIVE

_ENDS_FAILURE = re.compile(
    r"(\s|--[^\n]*\n|/\*.*?\*/)*(rollback|commit|end|abort)\b",
    re.IGNORECASE | re.DOTALL,
)


def _answers_a_failure(exchange: Exchange) -> bool:
    """Whether a server could have answered that in a failed transaction."""
    return exchange.error is not None or any(
        result.empty or result.tag in CONTROL_TAGS for result in exchange.results
    )


@refuses("psycopg.BaseConnection")
class BaseConnection(TransactionSettings, Occupation, Generic[Row]):
    """A connection to nothing: state as psycopg keeps it, answers from the fixture."""

    __module__ = "psycopg"

    Warning = errors.Warning
    Error = errors.Error
    InterfaceError = errors.InterfaceError
    DatabaseError = errors.DatabaseError
    DataError = errors.DataError
    OperationalError = errors.OperationalError
    IntegrityError = errors.IntegrityError
    InternalError = errors.InternalError
    ProgrammingError = errors.ProgrammingError
    NotSupportedError = errors.NotSupportedError

    prepare_threshold: int | None
    prepared_max: int | None

    # Until it is made, for `__del__`.
    _closed = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._is_async = inspect.iscoroutinefunction(getattr(cls, "commit", None))

    def __init__(self, pgconn: Opening) -> None:
        self.conninfo = dict(pgconn.conninfo)
        self.session = Session(pgconn.server_parameters)
        self._adapters = AdaptersMap(global_adapters())
        self._replay: Replay = replay()
        self._status = _IDLE
        self._closed = False
        self._broken = False
        # What the server last refused, as libpq keeps it until the next statement.
        self.error_message = ""
        self.transactions_ended = 0
        self._parameters_before: dict[str, str] = {}
        # What the driver is to send next, as far as it does more than succeed.
        self._due: list[Exchange] = []
        self._notice_handlers: list[NoticeHandler] = []
        self._notify_handlers: list[Callable[[Any], None]] = []
        self._transactions = 0
        self.prepare_threshold = 5
        self.prepared_max = 100

    def __repr__(self) -> str:
        return shown(self, self)

    def __del__(self) -> None:
        # A pool keeps its connections: psycopg marks them with `_pool`.
        if not self._closed and not getattr(self, "_pool", None):
            warn_unclosed(self, "connection")

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def broken(self) -> bool:
        return self._broken

    @property
    def info(self) -> ConnectionInfo:
        return ConnectionInfo(self)

    @property
    def adapters(self) -> AdaptersMap:
        return self._adapters

    @property
    def connection(self) -> BaseConnection[Row]:
        return self

    @property
    def pgconn(self) -> MockPGconn:
        return MockPGconn(self)

    @property
    def transaction_status(self) -> TransactionStatus:
        if self._closed:
            return TransactionStatus.UNKNOWN
        return TransactionStatus.ACTIVE if self._is_streaming else self._status

    def add_notice_handler(self, callback: NoticeHandler) -> None:
        """Call `callback` with a `Diagnostic` for every notice of the server."""
        self._notice_handlers.append(callback)

    def remove_notice_handler(self, callback: NoticeHandler) -> None:
        self._notice_handlers.remove(callback)

    def add_notify_handler(self, callback: Callable[[Any], None]) -> None:
        self._notify_handlers.append(callback)

    def remove_notify_handler(self, callback: Callable[[Any], None]) -> None:
        self._notify_handlers.remove(callback)

    def xid(self, format_id: int, gtrid: str, bqual: str) -> Xid:
        """An identifier of three parts, for `tpc_begin()` and what follows it."""
        return Xid.from_parts(format_id, gtrid, bqual)

    def cancel(self) -> None:
        """Nothing runs, so there is nothing to cancel."""

    def refused(self, what: str) -> errors.NotSupportedError:
        """Enter in the ledger what can't be replayed; the caller raises."""
        return self._replay.refused(what)

    def check_open(self) -> None:
        """Raise as psycopg does if the connection is closed."""
        if self._closed:
            state = "lost" if self._broken else "closed"
            raise errors.OperationalError(f"the connection is {state}")

    def perform(
        self,
        operation: str,
        sql: str,
        parameters: Any,
        adapters: AdaptersMap,
        check: Callable[[], None],
    ) -> Exchange:
        """Send one statement: find its exchange, and become what it made of us.

        Raises the recorded error unless rows came before it; if nothing answers, what
        `check` finds wrong before anything would be sent, `InFailedSqlTransaction` in
        a failed transaction, as the server does, and `ReplayMiss` else.
        """
        is_plain = operation == "execute" and self._status is not _INERROR
        scope = current()
        if is_plain and scope is not None and scope.state is not None:
            state: ScopeState = scope.state
            known = state.again(sql, parameters)
            if known is not None:
                self._due = []
                self.error_message = ""
                return known
        asked = self._asked(operation, sql, parameters, adapters)
        exchange: Exchange | None = None
        if self._status == _INERROR:
            exchange = self._replay.find(asked, self._zone, _answers_a_failure)
            if exchange is None and not _ENDS_FAILURE.match(sql):
                check()
                # The server refuses everything alike, so it need not be recorded.
                raise self.in_failed_transaction()
        if exchange is None:
            exchange = self._replay.find(asked, self._zone)
            if exchange is None:
                check()
                raise self._replay.missed(asked)
        if is_plain:
            self._replay.remember(sql, parameters, exchange)
        return self._become_or_raise(exchange)

    def refuse(
        self, operation: str, sql: str, parameters: Any, adapters: AdaptersMap
    ) -> None:
        """Take what was recorded of a statement that the driver itself refuses."""
        asked = self._asked(operation, sql, parameters, adapters)
        self._replay.find(asked, self._zone, lambda each: each.error is not None)

    def _asked(
        self, operation: str, sql: str, parameters: Any, adapters: AdaptersMap
    ) -> Asked:
        adapt = StandInAdapt(adapters, self.session)
        encode = encode_many if operation == "executemany" else encode_parameters
        return self._replay.redacted((operation, sql, encode(parameters, adapt)))

    def begin(self) -> None:
        """Begin a transaction as before every statement, were it never sent.

        The driver looks at the query and its parameters afterwards only.
        """
        if self._closed:
            self.check_open()
        # A generator that nobody closed is done with, as the driver sees to.
        self._is_streaming = False
        if self._status is _IDLE:
            if not self._autocommit:
                self._enter(_INTRANS)
        elif self._status is _ACTIVE:
            self.check_free()

    def fail_late(self, exchange: Exchange) -> BaseException:
        """Become what an error after results made of us; it is for the caller to raise."""
        assert exchange.error is not None
        if exchange.status == "UNKNOWN":
            self._closed = self._broken = True
        elif exchange.error["sqlstate"]:
            self.fail()
        return self.recorded_error(exchange.error)

    def fail(self) -> None:
        """The server refused something: its transaction has failed, if there is one."""
        if self._status == _INTRANS:
            self._enter(_INERROR)

    def recorded_error(self, record: Mapping[str, Any]) -> BaseException:
        """The exception of a recorded error, to be raised."""
        return self.raised(errors.from_record(record))

    def in_failed_transaction(self) -> BaseException:
        """What the server says to a statement in a failed transaction, to be raised."""
        return self.raised(failed_transaction())

    def raised(self, error: BaseException) -> BaseException:
        """The same error, which the server raises now; the caller does."""
        self.error_message = server_message(error)
        return error

    def bindings(self) -> Bindings:
        """The values bound in the scope that is current now."""
        return self._replay.bindings()

    def as_text(self, query: Any) -> str:
        """The SQL text of a query given as str, bytes or composed."""
        if isinstance(query, str | bytes):
            return sql_text(query, self.session.encoding)
        if isinstance(query, Composable):
            return query.as_string(self)
        if is_template(query):
            raise self.refused("a template string")
        raise TypeError(f"expected bytes, {type(query).__name__} found")

    def _zone(self) -> Any:
        return self.session.timezone

    def missed(self, operation: str, sql: str | None) -> ReplayMiss:
        """Enter a miss in the ledger; the exception is for the caller to raise."""
        return self._replay.missed((operation, sql, None))

    def enter_block(self) -> int:
        """Enter a `transaction()` block; returns how many are open outside of it."""
        depth = self._transactions
        self._transactions += 1
        return depth

    def begin_block(self) -> None:
        """Begin a transaction or, within one, set a savepoint."""
        self.check_free()
        if self._status == _INERROR:
            raise self.in_failed_transaction()
        if self._status == _IDLE:
            self._enter(_INTRANS)
        self._told(self._replay.begin(self._due))

    def leave_block(self, depth: int) -> bool:
        """Leave a block; whether it is the innermost of those that are open."""
        self._transactions -= 1
        return self._transactions == depth

    def end_block(self, operation: str, outer: bool) -> None:
        """End a block: commit or rollback, or the same to its savepoint."""
        self.check_free()
        if outer and self._status == _IDLE:
            # The application has ended the transaction by itself; a notice says so.
            self._told(self._replay.end(operation, self._due))
        elif outer:
            self._finish(operation)
        elif self._status == _IDLE:
            raise self.raised(no_savepoint(operation))
        elif operation == "commit" and self._status == _INERROR:
            raise self.in_failed_transaction()
        else:
            self._enter(_INTRANS)
            self._told(self._replay.end(operation, self._due, nested=True))

    def _enter(self, status: TransactionStatus) -> None:
        if status == _IDLE and self._status != _IDLE:
            self.transactions_ended += 1
            self._parameters_before = {}
            while self._due and self._due[0].operation != "begin":
                # Of a transaction that ended otherwise.
                self._due.pop(0)
        self._status = status

    def _become_or_raise(self, exchange: Exchange) -> Exchange:
        self._become(exchange)
        if exchange.error is None or exchange.fails_late or exchange.was_cancelled:
            return exchange
        raise self.recorded_error(exchange.error)

    def _become(self, exchange: Exchange) -> None:
        self.error_message = ""
        if exchange.alters:
            self._altered_by(exchange)
        if not exchange.repeatable:
            self._due = list(exchange.controls)

    def _altered_by(self, exchange: Exchange) -> None:
        recorded = TransactionStatus[exchange.status]
        if exchange.fails_late:
            pass
        elif recorded == TransactionStatus.UNKNOWN:
            self._closed = self._broken = True
        elif "status" in exchange.lossy:
            self.fail()
        elif exchange.error is not None and not exchange.fails_late:
            # IDLE is a COMMIT that failed, ACTIVE a COPY among other statements; what
            # fails in the client changes nothing.
            if recorded in (_IDLE, _INERROR, _ACTIVE):
                self._enter(recorded)
        elif any(result.tag in CONTROL_TAGS for result in exchange.results):
            self._enter(recorded)
        if exchange.server_parameters:
            # What is SET in a transaction is undone by its rollback.
            if self._status != _IDLE and not self._parameters_before:
                self._parameters_before = dict(self.session.parameters)
            self.session.update(exchange.server_parameters)
        self._notify_notices(exchange.notices)

    def _notify_notices(self, notices: Sequence[Mapping[str, Any]]) -> None:
        for notice in notices:
            diagnostic = errors.Diagnostic(notice)
            for handler in self._notice_handlers:
                try:
                    handler(diagnostic)
                except Exception as error:
                    logger.exception(
                        "error processing notice callback '%s': %s",
                        handler,
                        error,  # noqa: TRY401 - the driver's words
                    )

    def _check_end(self, operation: str) -> None:
        """Raise as psycopg does if the transaction may not be ended now."""
        self.check_open()
        if self._transactions:
            raise errors.ProgrammingError(_FORBIDDEN[operation])

    def _end(self, operation: str) -> None:
        """Commit or roll back; the state machine decides, not the trace."""
        self._check_end(operation)
        self._finish(operation)

    def _finish(self, operation: str) -> None:
        self.check_open()
        if self._status == _IDLE:
            return
        self.check_free()
        self.error_message = ""
        end = self._replay.end(operation, self._due)
        if operation == "rollback" or self._status == _INERROR:
            self._undo_parameters()
        self._enter(_IDLE)
        self._told(end)

    def _undo_parameters(self) -> None:
        """Take back what was SET in the transaction, which is rolled back."""
        self.session.update(self._parameters_before)

    def _told(self, end: Exchange | None) -> None:
        if end is None:
            return
        self.session.update(end.server_parameters)
        if TransactionStatus[end.status] == TransactionStatus.UNKNOWN:
            self._closed = self._broken = True
        self._notify_notices(end.notices)
        if end.error is not None:
            raise self.recorded_error(end.error)

    def _type_row(self, kind: str, name: Any) -> tuple[Any, ...] | None:
        """What `TypeInfo.fetch` and its kin got when recorded: a row, or None."""
        self.check_open()
        self.check_free()
        if self._status == _INERROR:
            raise self.in_failed_transaction()
        text = self.as_text(name)
        exchange = self._replay.answer(("type_info", text, [kind]), self._zone)
        if exchange.error is not None:
            raise self.recorded_error(exchange.error)
        for result in exchange.results:
            for row in result.rows:
                return tuple(decode(cell) for cell in json.loads(row))
        return None


_FORBIDDEN = {
    "commit": "Explicit commit() forbidden within a Transaction context. "
    "(Transaction will be automatically committed on successful exit from context.)",
    "rollback": "Explicit rollback() forbidden within a Transaction context. "
    "(Either raise Rollback() or allow an exception to propagate out of the context.)",
}
