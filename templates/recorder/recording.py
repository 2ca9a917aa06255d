"""One recording: scopes and connections of this process, and their trace.

Turns what happened into events. Calls nothing of the driver that could reach the
server; see `step` for what surrounds a call and `type_names` for the one exception.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from . import channels, scopes
from .connects import Connects, Place
from .diagnostics import diagnostics, error_record, is_outcome
from .faults import RecorderError
from .results import Column, Result
from .scopes import Scope, Sent
from .settings import settings
from .texts import escaped
from .trace import Trace, moment
from .transaction_mode import transaction_mode

if TYPE_CHECKING:
    from .redacting import Redacting

SERVER_PARAMETERS = (
    "server_version",
    "server_encoding",
    "client_encoding",
    "application_name",
    "default_transaction_read_only",
    "in_hot_standby",
    "is_superuser",
    "session_authorization",
    "DateStyle",
    "IntervalStyle",
    "TimeZone",
    "search_path",
    "integer_datetimes",
    "standard_conforming_strings",
    "scram_iterations",
)
"""What servers report of themselves (libpq's ``PQparameterStatus``)."""


class Recording:
    """Writes events; a listener of scopes."""

    def __init__(self, trace: Trace, redacting: Redacting | None = None) -> None:
        self._trace = trace
        self._redacting = redacting
        self._connects = Connects()
        # By their backends, which notifications name.
        self._connections: WeakValueDictionary[int, ConnectionRecording]
        self._connections = WeakValueDictionary()

    @property
    def path(self) -> str:
        return self._trace.path

    def opened(self, scope: Scope) -> None:
        self._scope(scope)

    def closed(self, scope: Scope) -> None:
        number = self._trace.known("scope", scope)
        if number is not None:
            ending: dict[str, Any] = {"id": number, "at": moment()}
            if scope.failed:
                ending["failed"] = True
            if scope.mode is not None:
                ending["mode"] = scope.mode
            self._trace.write("scope_end", ending)

    def start_clock(self, scope: Scope | None, moment: int) -> int:
        """Let the clock of a scope start at a moment, in microseconds since the epoch."""
        content = {"scope": self._scope(scope), "starts_at": moment}
        self._trace.write("clock", content)
        return moment

    def connected(self, connection: ConnectionRecording) -> int:
        """The connection's id. Making connections is start-up, whoever needs one."""
        self._connections[connection.backend_pid] = connection
        return self._trace.number(
            "connect",
            connection.key,
            lambda: {"scope": self._scope(connection.scope), **connection.opening},
        )

    def refused(self, error: BaseException, asked: Place) -> None:
        """A connection could not be made; the scope that asked for it has to know."""
        if type(error).__name__ == "ProgrammingError" or not is_outcome(error):
            # Of the connection string itself, which the replay reads as well.
            return
        content: dict[str, Any] = {
            "id": self._trace.next("connect"),
            "scope": self._scope(scopes.current()),
            "error": error_record(error),
        }
        if self._redacting is not None:
            content = self._redacting.refusal(content)
        content |= self._connects.refused(asked, scopes.current())
        self._trace.write("connect", content)

    def made(self, connection: ConnectionRecording, asked: Place) -> None:
        """A connection has come about, in the current scope."""
        scope = scopes.current()
        place = self._connects.made(asked, scope)
        if place is not None:
            connection.scope = scope
            connection.opening["place"] = place
        self.connected(connection)

    def next_exchange(self) -> int:
        """The id of a statement that is about to be sent."""
        return self._trace.next("exchange")

    def exchange(
        self,
        number: int,
        connection: ConnectionRecording,
        scope: Scope | None,
        operation: str,
        sql: str | None,
        fields: Mapping[str, Any],
        results: list[Result],
    ) -> None:
        """Write one exchange; fields that are empty are left out."""
        if self._redacting is not None:
            sql, fields, results = self._redacting.exchange(
                number, scope, operation, sql, fields, results
            )
        if scope is not None and scope.asked is not None and sql is not None:
            scope.asked.append(Sent(operation, sql, fields.get("parameters")))
        with self._trace.lock:
            head: dict[str, Any] = {
                "id": number,
                "scope": self._scope(scope),
                "connection": self.connected(connection),
                "operation": operation,
            }
            if sql is not None:
                head["text"] = self._text(sql)
            if fields.get("parameters") is not None:
                head["parameters"] = fields["parameters"]
            if results:
                head["results"] = [self._result(result) for result in results]
            for name in _FIELDS:
                if fields.get(name):
                    head[name] = fields[name]
            self._trace.write("exchange", head)
            for notification in fields.get("notifications", ()):
                self.notify(number, notification)

    def rows(self, exchange: int, fields: Mapping[str, Any]) -> None:
        """More rows of an exchange."""
        if self._redacting is not None:
            fields = self._redacting.rows(exchange, fields)
        self._trace.write("rows", {"exchange": exchange, **fields})

    def notify(self, exchange: int, notification: Mapping[str, Any]) -> None:
        """A notification that came with an exchange which has been written."""
        if self._redacting is not None:
            notification = self._redacting.notification(notification)
        self._trace.write("notify", {"exchange": exchange, **notification})

    def sender(self, backend_pid: int) -> ConnectionRecording | None:
        """The connection of this process that has this backend, if one has."""
        return self._connections.get(backend_pid)

    def _scope(self, scope: Scope | None) -> int:
        if scope is None:
            return 0
        opening: dict[str, Any] = {"name": scope.name, "kind": scope.kind}
        if scope.process != os.getpid():
            opening["continues"] = True
        return self._trace.number("scope", scope, lambda: opening)

    def _text(self, sql: str) -> int:
        return self._trace.number("text", sql, lambda: {"sql": escaped(sql)})

    def _row_description(self, columns: tuple[Column, ...]) -> int:
        described = [column._asdict() for column in columns]
        return self._trace.number(
            "row_description", columns, lambda: {"columns": described}
        )

    def _result(self, result: Result) -> dict[str, Any]:
        content: dict[str, Any] = {}
        if result.columns is not None:
            content["row_description"] = self._row_description(result.columns)
        content["rowcount"] = result.rowcount
        content["command_tag"] = result.command_tag
        if result.columns is not None:
            content["rows"] = result.rows
        if result.empty:
            content["empty"] = True
        if result.partial:
            content["partial"] = True
        return content


class ConnectionRecording:
    """One connection of the driver: what it was like when it was made, and changes."""

    def __init__(self, recording: Recording, real: Any, asked: Place) -> None:
        self.recording = recording
        # Who drops a connection closes it: nothing here may keep it, nor make it part
        # of a cycle with the notice handler that it holds.
        self._real = weakref.ref(real)
        self.key = object()
        self.quiet = False
        # Start-up's, but for those of places that were refused.
        self.scope: Scope | None = None
        # The identifier of the two-phase transaction that was begun last, tagged.
        self.two_phase: Any = None
        self.backend_pid: int = real.info.backend_pid
        self.channels = channels.NONE
        # Statements in pipeline mode whose results have not all arrived.
        self.sent: list[Any] = []
        # The run of `notifies()` that is going on.
        self.run: Any = None
        # The exchange of the statement that was begun last.
        self.last_statement: int | None = None
        self._arrivals: list[BaseException] = []
        self._notices: list[dict[str, str]] = []
        self._notifications: list[dict[str, Any]] = []
        self._server_parameters = self._read_server_parameters()
        self.opening: dict[str, Any] = {
            "backend_pid": self.backend_pid,
            "server_parameters": dict(self._server_parameters),
            "status": self.status(),
        }
        given = settings(real.info.get_parameters())
        if given:
            self.opening["settings"] = given
        real.add_notice_handler(self._noticed)
        # A handler of the driver's own would keep them from `notifies()`.
        real.pgconn.notify_handler = self._notifying(real.pgconn.notify_handler)
        recording.made(self, asked)

    @property
    def real(self) -> Any:
        """The driver's connection, which whoever makes a step holds."""
        real = self._real()
        if real is None:
            raise RecorderError("the connection is gone")
        return real

    def status(self) -> str:
        """The transaction status, in libpq's words."""
        return _STATUS[int(self.real.pgconn.transaction_status)]

    def transaction_mode(self) -> str | None:
        """The mode of the transaction that a statement begins or is in."""
        if self.real.autocommit and self.status() == "IDLE":
            return None
        return transaction_mode(self.real)

    def encoding(self) -> str:
        """The Python codec of the client encoding."""
        if self.real.closed:
            return "utf-8"
        try:
            encoding: str = self.real.info.encoding
        except self.real.NotSupportedError:
            # PostgreSQL has encodings that Python has not: cells are kept as bytes.
            return "ascii"
        return encoding

    def take_notices(self) -> list[dict[str, str]]:
        """The notices that arrived since the last time."""
        notices, self._notices = self._notices, []
        return notices

    def take_server_parameters(self) -> dict[str, str]:
        """The server parameters that changed since the last time."""
        changed = self._changed_server_parameters()
        self._server_parameters |= changed
        return changed

    def take_notifications(self) -> list[dict[str, Any]]:
        """The notifications that arrived since the last time."""
        notifications, self._notifications = self._notifications, []
        return notifications

    def has_news(self) -> bool:
        """Whether there is something to take."""
        heard = self._notices or self._notifications
        return bool(heard or self._changed_server_parameters())

    def changed_channels(self, sql: str | None, tags: Sequence[str | None]) -> None:
        """Follow what the connection listens to."""
        if channels.changes_channels(tags):
            self.channels = channels.channels_after(self.channels, sql or "")

    def is_lost(self) -> bool:
        """Whether the connection is closed or broken."""
        return self.status() == "UNKNOWN"

    def lose(self, error: BaseException | None) -> None:
        """No result of what was sent will arrive any more, for which an error is why."""
        for step in self.sent.copy():
            step.lost(error or self.real.OperationalError("the connection is closed"))

    def result_queue(self) -> Iterable[Any]:
        """What the driver waits for in its pipeline, if there is one."""
        pipeline = getattr(self.real, "_pipeline", None)
        return () if pipeline is None else pipeline.result_queue

    def note_arrival(self, error: BaseException) -> None:
        """An error is that of a statement in the pipeline, whichever call raises it."""
        self._arrivals.append(error)

    def has_arrived(self, error: BaseException) -> bool:
        """Whether an error is one of those."""
        return any(each is error for each in self._arrivals)

    def forget_arrivals(self) -> None:
        """A call is over. What it raised holds frames, and so the connection."""
        self._arrivals.clear()

    def _changed_server_parameters(self) -> dict[str, str]:
        if self.real.closed:
            return {}
        before, now = self._server_parameters, self._read_server_parameters()
        return {name: value for name, value in now.items() if before.get(name) != value}

    def _noticed(self, diagnostic: Any) -> None:
        if not self.quiet:
            self._notices.append(diagnostics(diagnostic))

    def _notifying(self, handler: Callable[[Any], None]) -> Callable[[Any], None]:
        def notified(notification: Any) -> None:
            self._notified(notification)
            handler(notification)

        return notified

    def _notified(self, notification: Any) -> None:
        encoding = self.encoding()
        pid = notification.be_pid
        made: dict[str, Any] = {
            "channel": notification.relname.decode(encoding, "replace"),
            "payload": notification.extra.decode(encoding, "replace"),
            "pid": pid,
        }
        sender = self.recording.sender(pid)
        if sender not in (None, self) and sender.last_statement is not None:
            made["after"] = sender.last_statement
        if self.run is None:
            self._notifications.append(made)
        else:
            self.run.notify(made)

    def _read_server_parameters(self) -> dict[str, str]:
        read = self.real.pgconn.parameter_status
        values = {name: read(name.encode("ascii")) for name in SERVER_PARAMETERS}
        return {
            name: value.decode("utf-8", "replace")
            for name, value in values.items()
            if value is not None
        }


# What an exchange has besides, each only if there is any.
_FIELDS = (
    "transaction",
    "error",
    "notices",
    "server_parameters",
    "interrupted",
    "status",
)
_STATUS = ("IDLE", "ACTIVE", "INTRANS", "INERROR", "UNKNOWN")
