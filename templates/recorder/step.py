"""One call of the driver, from before its parameters are read to after its outcome.

Used as a context manager around the call: whatever comes out of it, results or an
exception, becomes an exchange. The exception goes on to the application unchanged.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from . import scopes
from .adaptation import Adaptation, ParameterSets
from .diagnostics import error_record, is_outcome
from .faults import RecorderError, RecorderUnsupported
from .overrides import enter, leave
from .parameters import Tagged
from .pgresults import pgresults, read_columns, read_result
from .recording import ConnectionRecording
from .results import Cell, Column, Result
from .type_names import TypeNames

_type_names = TypeNames()


class Step:
    """One exchange in the making."""

    def __init__(self, connection: ConnectionRecording, operation: str) -> None:
        self.connection = connection
        self.operation = operation
        self.encoding = connection.encoding()
        self.sql: str | None = None
        self.transaction: str | None = None
        self.encoded: Tagged | None = None
        self.results: list[Result] = []
        self.status: str | None = None
        self._encode: Callable[[], Tagged | None] | None = None
        self._sets: ParameterSets | None = None
        self.scope = scopes.current()
        self.postponed = False
        self.is_interrupted = False
        self.counts_only = False
        # Taken before the call, so that statements which overlap keep their order.
        self.number = connection.recording.next_exchange()
        self.written = False
        self._before_call = False
        # By the driver, which sends nothing of it.
        self._is_refused = False
        # By the server, whatever the driver made of it.
        self._is_answered = False

    def statement(self, context: Any, query: Any, parameters: Any) -> tuple[Any, Any]:
        """Take down a statement; the query and the parameters for the driver."""
        self.connection.last_statement = self.number
        adaptation = Adaptation(context)
        query = self._take_down(adaptation, query)
        prepared = adaptation.prepared(parameters)
        overheard = adaptation.overheard(prepared)
        self._encode = functools.partial(adaptation.encoded, prepared)
        if overheard is prepared:
            self._encode_now()
        return query, overheard

    def statements(self, context: Any, query: Any, sequence: Any) -> tuple[Any, Any]:
        """The same for ``executemany``; the parameters are taken down as they go."""
        self.connection.last_statement = self.number
        adaptation = Adaptation(context)
        query = self._take_down(adaptation, query)
        if not hasattr(sequence, "__iter__"):
            self._is_refused = True
            return query, sequence
        self._sets = ParameterSets(adaptation, sequence)
        self.encoded = self._sets.encoded
        return query, self._sets

    def _encode_now(self) -> None:
        if self._encode is not None:
            self.encoded = self._encode()
            self._encode = None

    def _take_down(self, adaptation: Adaptation, query: Any) -> Any:
        query, self.sql = adaptation.statement(query, self.encoding)
        self.transaction = self.connection.transaction_mode()
        self._is_refused = self.sql is None
        return query

    def take_results(self, cursor: Any) -> None:
        """All results that a cursor holds after a call that succeeded."""
        self.results = [self.read(result) for result in pgresults(cursor)]

    def take_answer(self, cursor: Any) -> None:
        """The results of a call that failed over them, in a row factory for one.

        The replay fails over them in the same way.
        """
        self.take_results(cursor)
        self._is_answered = True

    def take_counts(self, cursor: Any) -> None:
        """What ``executemany`` leaves when no results were asked for."""
        self.results = [Result(None, cursor.rowcount, cursor.statusmessage, [])]

    def read(self, result: Any) -> Result:
        """One result, with the names of its types."""
        return read_result(result, self.connection.encoding(), self._type_name)

    def columns(self, result: Any, binary: bool) -> tuple[Column, ...]:
        """The columns that a portal's description announces."""
        encoding = self.connection.encoding()
        return read_columns(result, encoding, self._type_name, binary)

    def __enter__(self) -> Self:
        self._before_call = enter()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        leave(self._before_call)
        try:
            self.end(error)
        finally:
            self.connection.forget_arrivals()

    def end(self, error: BaseException | None) -> None:
        """The call is over, with an exception or without."""
        connection = self.connection
        lost = bool(connection.sent) and connection.is_lost()
        if lost:
            connection.lose(error)
        if isinstance(error, RecorderUnsupported) or (self.postponed and not error):
            return
        if error is not None and (self._is_refused or not is_outcome(error)):
            return
        if error is not None and connection.has_arrived(error):
            # It is that of a statement in the pipeline, and this call did not succeed.
            if connection.has_news():
                self.operation, self.sql, self.encoded = "sync", None, None
                self.conclude(None)
        elif error is None or not lost:
            self.conclude(error)

    def conclude(self, error: BaseException | None) -> None:
        """Write what has become of it."""
        with self._naming_faults():
            if self._sets is not None:
                self._sets.finish()
            self.write(None if self._is_answered else error)

    @contextmanager
    def _naming_faults(self) -> Iterator[None]:
        try:
            yield
        except RecorderError:
            raise
        except Exception as fault:
            what = f"cannot record {self.operation} of {self.sql!r}"
            raise RecorderError(f"{what}: {type(fault).__name__}: {fault}") from fault

    def write(self, error: BaseException | None = None) -> None:
        """Write the exchange."""
        self._encode_now()
        connection = self.connection
        connection.recording.exchange(
            self.number,
            connection,
            self.scope,
            self.operation,
            self.sql,
            {
                "parameters": self.encoded,
                "transaction": self.transaction,
                "error": error_record(error) if error is not None else None,
                **self.said(),
                "interrupted": self.is_interrupted,
                "status": self.status or connection.status(),
            },
            self.results,
        )
        self.written = True
        connection.changed_channels(
            self.sql, [each.command_tag for each in self.results]
        )

    def said(self) -> dict[str, Any]:
        """What the server said with it."""
        connection = self.connection
        return {
            "notices": connection.take_notices(),
            "server_parameters": connection.take_server_parameters(),
            "notifications": connection.take_notifications(),
        }

    def more(self, rows: list[list[Cell]], **fields: Any) -> None:
        """Write more rows of the exchange, what ended them, and what came with them."""
        connection = self.connection
        said = {
            "notices": connection.take_notices(),
            "server_parameters": connection.take_server_parameters(),
            "status": connection.status() if "error" in fields else None,
        }
        fields |= {name: value for name, value in said.items() if value}
        connection.recording.rows(self.number, {"rows": rows, **fields})

    def _type_name(self, oid: int) -> str | None:
        self.connection.quiet = True
        try:
            return _type_names.name(self.connection.real, oid)
        finally:
            self.connection.quiet = False


class ControlStep(Step):
    """A step that begins or ends a transaction, a savepoint included.

    One that changes nothing was refused by the driver or by a failed transaction. The
    replay refuses it by itself, and would take its error for that of the next end.
    A block whose connection is gone ends without asking anything.
    """

    def __init__(self, connection: ConnectionRecording, operation: str) -> None:
        super().__init__(connection, operation)
        self._before = connection.status()

    def write(self, error: BaseException | None = None) -> None:
        status = self.connection.status()
        if error is None:
            says = self._before != "UNKNOWN"
        else:
            # In pipeline mode the error may arrive before what says the status.
            early = status == "ACTIVE" and getattr(error, "sqlstate", None) is not None
            says = status != self._before or early
        if says:
            super().write(error)


class QuietStep(ControlStep):
    """A step of the driver itself, worth an exchange only if something is seen of it.

    BEGIN, SAVEPOINT and their ends follow from the application's calls, so at replay
    they follow from the same calls; only errors, notices and the server parameters that
    a rollback undoes come from the server. The error of a rollback the driver keeps to
    itself, but not what becomes of the connection.
    """

    def write(self, error: BaseException | None = None) -> None:
        status = self.connection.status()
        failed = status in ("INERROR", "UNKNOWN") and status != self._before
        if failed or error is not None or self.connection.has_news():
            super().write(error)


def ending(connection: ConnectionRecording, operation: str) -> Step:
    """The step of a commit or rollback; outside a transaction nothing is sent."""
    idle = connection.status() == "IDLE"
    return (QuietStep if idle else ControlStep)(connection, operation)
