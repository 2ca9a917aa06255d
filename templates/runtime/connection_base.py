"""What sync and async connections share: state, settings, and one exchange.

The state is the client's own (status, autocommit, closed); what only the
server knows comes with the exchange.  Nothing here waits for anything.
"""

from __future__ import annotations

import functools
import inspect
import json
import re
from collections.abc import Mapping
from typing import Any, Generic, NoReturn

from . import errors
from .adapt import AdaptersMap, global_adapters
from .dumping import StandInAdapt
from .exchange import CONTROL_TAGS, Exchange
from .info import ConnectionInfo
from .matching import Asked, ScopeState
from .miss import ReplayMiss
from .parameters import decode, encode_many, encode_parameters
from .pgconn import MockPGconn
from .pq import TransactionStatus
from .replay import Replay, replay
from .rows import Row
from .scopes import current
from .server_errors import FAILED_TRANSACTION, PIPELINE_ABORTED
from .session import Session
from .sql import Composable
from .texts import sql_text
from .transaction_state import TransactionState
from .unclosed import warn_unclosed
from .unsupported import NOT_REPLAYED

_IDLE = TransactionStatus.IDLE
_INTRANS = TransactionStatus.INTRANS
_INERROR = TransactionStatus.INERROR

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

    # Until it is made, for `__del__`.
    _closed = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._is_async = inspect.iscoroutinefunction(getattr(cls, "commit", None))

    def __init__(
        self,
        conninfo: Mapping[str, Any],
        server_parameters: Mapping[str, str],
        context: Any = None,
        backend_pid: int = 1,
    ) -> None:
        super().__init__()
        self.conninfo = dict(conninfo)
        self.session = Session(server_parameters)
        self.backend_pid = backend_pid
        template = getattr(context, "adapters", None)
        self._adapters = AdaptersMap(template or global_adapters())
        self._replay: Replay = replay()
        self._closed = False
        self._broken = False
        self.prepare_threshold: int | None = 5
        self.prepared_max: int | None = 100

    def __repr__(self) -> str:
        return f"<{type(self).__name__} [{self._shown_status()}] at 0x{id(self):x}>"

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

    def cancel(self) -> None:
        """Nothing runs, so there is nothing to cancel.

        A statement that was cancelled when recorded fails by itself.
        """

    def __getattr__(self, name: str) -> Any:
        if name in NOT_REPLAYED:
            # Asking whether there is one is no use of it.
            return functools.partial(self._refuse, f"{name}()")
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}"
        )

    def refused(self, what: str) -> errors.NotSupportedError:
        """Enter in the ledger what can't be replayed; the caller raises."""
        return self._replay.refused(what)

    def _refuse(self, what: str, *args: Any, **kwargs: Any) -> NoReturn:
        raise self.refused(what)

    def check_open(self) -> None:
        """Raise as psycopg does if the connection is closed."""
        if self._closed:
            state = "lost" if self._broken else "closed"
            raise errors.OperationalError(f"the connection is {state}")

    def perform(
        self, operation: str, sql: str, parameters: Any, adapters: AdaptersMap
    ) -> Exchange:
        """Send one statement: find its exchange, and become what it made of us.

        Raises the recorded error unless rows came before it, `ReplayMiss` if
        nothing answers, and `InFailedSqlTransaction` in a failed transaction,
        as the server does.  In pipeline mode errors are left to what receives
        the exchange.
        """
        pipeline = self._pipeline
        skips = pipeline is not None and pipeline.skips
        failed = self._status is _INERROR or skips
        is_plain = operation == "execute" and not failed and not self._early
        scope = current()
        if is_plain and scope is not None and scope.state is not None:
            state: ScopeState = scope.state
            known = state.again(sql, parameters)
            if known is not None:
                self._due = None
                return known
        adapt = StandInAdapt(adapters, self.session)
        if operation == "executemany":
            tagged: Any = encode_many(parameters, adapt)
        else:
            tagged = encode_parameters(parameters, adapt)
        asked = (operation, sql, tagged)
        exchange: Exchange | None = None
        if failed:
            exchange = self._refusal(asked, skips)
        if exchange is None:
            exchange = self._replay.answer(asked, self._zone, _was_looked_at)
        if is_plain:
            self._replay.remember(sql, parameters, exchange)
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

    def as_text(self, query: Any) -> str:
        """The SQL text of a query given as str, bytes or composed."""
        if isinstance(query, str | bytes):
            return sql_text(query, self.session.encoding)
        if isinstance(query, Composable):
            return query.as_string(self)
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
        raise errors.from_record(exchange.error)

    def _become(self, exchange: Exchange) -> None:
        if self._change(exchange) or self._early:
            self._tell(exchange)

    def _change(self, exchange: Exchange) -> bool:
        """Take over what it made of the transaction; whether there is more to it."""
        if not exchange.repeatable:
            self._due = exchange.end
        if not exchange.alters:
            return False
        recorded = TransactionStatus[exchange.status]
        tags = [each.tag for each in exchange.results if each.tag in CONTROL_TAGS]
        if exchange.sends is not None:
            self._sending.append(exchange.sends)
        if recorded == TransactionStatus.UNKNOWN:
            pass
        elif "status" in exchange.lossy:
            self.fail()
        elif exchange.error is not None:
            if self._pipeline is not None or not exchange.fails_late:
                self._failed(exchange.error, recorded)
        elif tags:
            if recorded == TransactionStatus.ACTIVE:
                recorded = _status_after(tags[-1], exchange.sql or "")
            self._enter(recorded, kept="ROLLBACK" not in tags)
        if self._pipeline is None:
            self._settle()
        return True

    def _failed(self, error: Mapping[str, Any], recorded: TransactionStatus) -> None:
        # IDLE is a COMMIT that failed; what fails in the client changes nothing.
        if recorded in (_IDLE, _INERROR):
            self._enter(recorded)
        elif recorded == TransactionStatus.ACTIVE and error["sqlstate"]:
            self.fail()

    def _type_row(self, kind: str, name: Any) -> tuple[Any, ...] | None:
        """What `TypeInfo.fetch` and its kin got when recorded: a row, or None."""
        self.check_open()
        if self._pipeline is not None:
            self._pipeline.synchronise()
        text = self.as_text(name)
        exchange = self._replay.answer(("type_info", text, [kind]), self._zone)
        if exchange.error is not None:
            raise errors.from_record(exchange.error)
        for result in exchange.results:
            for row in result.rows:
                return tuple(decode(cell) for cell in json.loads(row))
        return None


def _status_after(tag: str, sql: str) -> TransactionStatus:
    """The status that a statement about transactions leaves, sent in a pipeline."""
    begins = tag in ("BEGIN", "START TRANSACTION")
    return _INTRANS if begins or _GOES_ON.search(sql) else _IDLE
