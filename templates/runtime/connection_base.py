"""What sync and async connections share: state, settings, and one exchange.

The state is the client's own (status, autocommit, closed); what only the
server knows comes with the exchange.  Nothing here waits for anything.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Generic

from . import errors
from .adapt import AdaptersMap, global_adapters
from .dumping import StandInAdapt
from .exchange import CONTROL_TAGS, Exchange
from .info import ConnectionInfo
from .matching import Asked, ScopeState
from .miss import ReplayMiss
from .opening import Opening
from .parameters import decode, encode_many, encode_parameters
from .pgconn import MockPGconn
from .pq import TransactionStatus
from .refusal import refuses
from .replay import Replay, replay
from .rows import Row
from .scopes import current
from .server_errors import FAILED_TRANSACTION, PIPELINE_ABORTED, failed_transaction
from .session import Session
from .sql import Composable, is_template
from .summary import shown
from .texts import sql_text
from .transaction_mode import transaction_mode
from .transaction_state import TransactionState
from .unclosed import warn_unclosed
from .xid import Xid

_IDLE = TransactionStatus.IDLE
_INTRANS = TransactionStatus.INTRANS
_INERROR = TransactionStatus.INERROR
_ACTIVE = TransactionStatus.ACTIVE

_ENDS_FAILURE = re.compile(
    r"(\s|--[^\n]*\n|/\*.*?\*/)*(rollback|commit|end|abort)\b",
    re.IGNORECASE | re.DOTALL,
)


# By the text, where no status was told: what of these leaves the transaction open.
_GOES_ON = re.compile(
    r"\brollback\s+((work|transaction)\s+)?to\b|\band\s+chain\b", re.IGNORECASE
)


def _was_looked_at(exchange: Exchange) -> bool:
    """Whether the server took it, as it does unless a pipeline is aborted."""
    return not exchange.was_skipped


def _was_skipped(exchange: Exchange) -> bool:
    return exchange.was_skipped


def _answers_a_failure(exchange: Exchange) -> bool:
    """Whether a server could have answered that in a failed transaction."""
    if exchange.error is not None:
        return not exchange.was_skipped
    return any(
        result.empty or result.tag in CONTROL_TAGS for result in exchange.results
    )


@refuses("psycopg.BaseConnection")
class BaseConnection(TransactionState, Generic[Row]):
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
        super().__init__()
        self.conninfo = dict(pgconn.conninfo)
        self.session = Session(pgconn.server_parameters)
        self.backend_pid = pgconn.backend_pid
        self._adapters = AdaptersMap(global_adapters())
        self._replay: Replay = replay()
        self._closed = False
        self._broken = False
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

    def xid(self, format_id: int, gtrid: str, bqual: str) -> Xid:
        """An identifier of three parts, for `tpc_begin()` and what follows it."""
        return Xid.from_parts(format_id, gtrid, bqual)

    def cancel(self) -> None:
        """Nothing runs, so there is nothing to cancel.

        A statement that was cancelled when recorded fails by itself.
        """

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
        a failed transaction, as the server does, and `ReplayMiss` else.  In pipeline
        mode errors of the server are left to what receives the exchange.
        """
        transaction = self._transaction_mode()
        pipeline = self._pipeline
        skips = pipeline is not None and pipeline.skips
        failed = self._status is _INERROR or skips
        is_plain = operation == "execute" and not failed and not self._early
        if is_plain and transaction is None and not self._replay.lifts:
            scope = current()
            # Who looks on has to see each.
            if scope is not None and scope.asked is None:
                state: ScopeState = scope.state or self._replay.state_of(scope)
                known = state.take_by_values(sql, parameters)
                if known is not None:
                    self._due = []
                    self.error_message = ""
                    return known
        asked = self._asked(operation, sql, parameters, adapters)
        exchange = self._refusal(asked, skips) if failed else None
        if exchange is None:
            exchange = self._replay.find(
                asked,
                self._zone,
                lambda e: e.is_begun_as(transaction) and _was_looked_at(e),
            )
        if exchange is None or not exchange.ordinal:
            # It was not recorded.
            check()
        if exchange is None:
            raise self._replay.missed(asked, transaction=transaction)
        if pipeline is not None:
            self._change(exchange)
            return exchange
        return self._become_or_raise(exchange)

    def _refusal(self, asked: Asked, skips: bool) -> Exchange | None:
        """What a server says that takes no statement; None if it takes this one.

        It refuses everything alike, so that need not be recorded.
        """
        operation, sql, _ = asked
        if skips:
            found = self._replay.find(asked, self._zone, _was_skipped)
            return found or Exchange.refused(operation, PIPELINE_ABORTED)
        found = self._replay.find(asked, self._zone, _answers_a_failure)
        if found is None and not _ENDS_FAILURE.match(sql or ""):
            return Exchange.refused(operation, FAILED_TRANSACTION)
        return found

    def refuse(
        self, operation: str, sql: str, parameters: Any, adapters: AdaptersMap
    ) -> None:
        """Take what was recorded of a statement that the driver itself refuses."""
        asked = self._asked(operation, sql, parameters, adapters)
        self._replay.find(asked, self._zone, lambda each: each.error is not None)

    def _transaction_mode(self) -> str | None:
        """The mode that the transaction was begun with; None without one."""
        if self._autocommit and self._status is _IDLE:
            return None
        return transaction_mode(self)

    def _asked(
        self, operation: str, sql: str, parameters: Any, adapters: AdaptersMap
    ) -> Asked:
        adapt = StandInAdapt(adapters, self.session)
        encode = encode_many if operation == "executemany" else encode_parameters
        return self._replay.redacted((operation, sql, encode(parameters, adapt)))

    def fail_late(self, exchange: Exchange) -> BaseException:
        """Become what an error after results made of us; it is for the caller to raise."""
        assert exchange.error is not None
        if exchange.status == "UNKNOWN":
            self._lose()
        elif exchange.error["sqlstate"]:
            self.fail()
        return self.recorded_error(exchange.error)

    def in_failed_transaction(self) -> BaseException:
        """What the server says to a statement in a failed transaction, to be raised."""
        return self.raised(failed_transaction())

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

    def _become_or_raise(self, exchange: Exchange) -> Exchange:
        self._become(exchange)
        if exchange.error is None or exchange.fails_late or exchange.was_cancelled:
            return exchange
        raise self.recorded_error(exchange.error)

    def _become(self, exchange: Exchange) -> None:
        if self._change(exchange) or self._early:
            self._tell(exchange)

    def _change(self, exchange: Exchange) -> bool:
        """Take over what it made of the transaction; whether there is more to it."""
        self.error_message = ""
        if exchange.alters:
            self._alter(exchange)
        if not exchange.repeatable:
            self._due = list(exchange.controls)
        return exchange.alters

    def _alter(self, exchange: Exchange) -> None:
        recorded = TransactionStatus[exchange.status]
        tags = [each.tag for each in exchange.results if each.tag in CONTROL_TAGS]
        if exchange.sends is not None:
            self._sending.append(exchange.sends)
        if self._fails_later(exchange) or recorded == TransactionStatus.UNKNOWN:
            pass
        elif "status" in exchange.lossy:
            self.fail()
        elif exchange.error is not None:
            self._failed(exchange.error, recorded)
        elif tags:
            if recorded == _ACTIVE:
                recorded = _status_after(tags[-1], exchange.sql or "")
            self._enter(recorded, kept="ROLLBACK" not in tags)
        if self._pipeline is None:
            self._settle()

    def _failed(self, error: Mapping[str, Any], recorded: TransactionStatus) -> None:
        if self._pipeline is not None and recorded == _ACTIVE:
            if error["sqlstate"]:
                self.fail()
        elif recorded in (_IDLE, _INERROR, _ACTIVE):
            # IDLE is a COMMIT that failed, ACTIVE a COPY among other statements; what
            # fails in the client changes nothing.
            self._enter(recorded)

    def _type_row(self, kind: str, name: Any) -> tuple[Any, ...] | None:
        """What `TypeInfo.fetch` and its kin got when recorded: a row, or None."""
        self.check_open()
        self.check_free()
        text = self.as_text(name)
        with self._between_syncs():
            exchange = self._replay.answer(("type_info", text, [kind]), self._zone)
            if exchange.error is not None:
                raise self.recorded_error(exchange.error)
        for result in exchange.results:
            for row in result.rows:
                return tuple(decode(cell) for cell in json.loads(row))
        return None


def _status_after(tag: str, sql: str) -> TransactionStatus:
    """The status that a statement about transactions leaves, sent in a pipeline."""
    begins = tag in ("BEGIN", "START TRANSACTION")
    return _INTRANS if begins or _GOES_ON.search(sql) else _IDLE
