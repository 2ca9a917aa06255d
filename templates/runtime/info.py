"""`connection.info`: what a client may ask about its connection.

What the client chose (host, user …) comes from its own arguments; what only
the server knows comes from the recorded server parameters.  What every server
reports and nobody recorded is a miss: nothing is made up for it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from .conninfo import make_conninfo
from .pq import ConnStatus, PipelineStatus, TransactionStatus

if TYPE_CHECKING:
    from .connection_base import BaseConnection
    from .pgconn import MockPGconn

_ALWAYS_REPORTED = frozenset(
    {
        "DateStyle",
        "IntervalStyle",
        "TimeZone",
        "application_name",
        "client_encoding",
        "integer_datetimes",
        "is_superuser",
        "server_encoding",
        "server_version",
        "session_authorization",
        "standard_conforming_strings",
    }
)


class ConnectionInfo:
    """Read-only facts about one connection (PQhost, PQparameterStatus …)."""

    __slots__ = ("_connection",)

    def __init__(self, connection: BaseConnection[Any]) -> None:
        self._connection = connection

    @property
    def pgconn(self) -> MockPGconn:
        return self._connection.pgconn

    @property
    def vendor(self) -> str:
        return "PostgreSQL"

    @property
    def host(self) -> str:
        return self._asked("host")

    @property
    def hostaddr(self) -> str:
        return self._asked("hostaddr")

    @property
    def port(self) -> int:
        return int(self._asked("port") or 5432)

    @property
    def dbname(self) -> str:
        return self._asked("dbname") or self.user

    @property
    def user(self) -> str:
        return self._asked("user")

    @property
    def password(self) -> str:
        return self._asked("password")

    @property
    def options(self) -> str:
        return self._asked("options")

    @property
    def dsn(self) -> str:
        """The connection string, without the password."""
        return make_conninfo(**self.get_parameters())

    @property
    def status(self) -> ConnStatus:
        return ConnStatus.BAD if self._connection.closed else ConnStatus.OK

    @property
    def transaction_status(self) -> TransactionStatus:
        return self._connection.transaction_status

    @property
    def pipeline_status(self) -> PipelineStatus:
        pipeline = self._connection._pipeline
        return PipelineStatus.OFF if pipeline is None else pipeline.status

    @property
    def server_version(self) -> int:
        """The version as an integer: 180006 for ``18.6``, 90624 for ``9.6.24``."""
        if self._connection.broken:
            return 0
        numbers = (self.parameter_status("server_version") or "0").split()[0]
        parts = [int(p) for p in numbers.split(".") if p.isdecimal()] + [0, 0]
        if parts[0] >= 10:
            return parts[0] * 10000 + parts[1]
        return parts[0] * 10000 + parts[1] * 100 + parts[2]

    @property
    def full_protocol_version(self) -> int:
        self._check()
        return 0 if self._connection.broken else 30000

    @property
    def backend_pid(self) -> int:
        self._check()
        return 0 if self._connection.broken else self._connection.backend_pid

    @property
    def error_message(self) -> str:
        connection = self._connection
        if connection.closed and not connection.broken:
            return "connection pointer is NULL\n"
        return connection.error_message

    @property
    def encoding(self) -> str:
        """The Python codec of the client encoding."""
        if not self._connection.closed:
            self.parameter_status("client_encoding")
        return self._connection.session.encoding

    @property
    def timezone(self) -> dt.tzinfo:
        """The time zone of the session."""
        self.parameter_status("TimeZone")
        return self._connection.session.timezone

    def parameter_status(self, param_name: str) -> str | None:
        """A server parameter as last reported, or None."""
        self._check()
        value = self._connection.session.parameters.get(param_name)
        if value is None and param_name in _ALWAYS_REPORTED:
            raise self._connection.missed("parameter_status", param_name)
        return value

    def get_parameters(self) -> dict[str, str]:
        """The connection parameters in force, without the password."""
        self._check()
        asked = self._connection.conninfo
        return {k: str(v) for k, v in asked.items() if k != "password"}

    def _asked(self, name: str) -> str:
        self._check()
        value: Any = self._connection.conninfo.get(name)
        return "" if value is None else str(value)

    def _check(self) -> None:
        # libpq forgets a connection that was closed, and remembers one that was lost.
        if not self._connection.broken:
            self._connection.check_open()
