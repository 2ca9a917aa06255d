"""`connection.pgconn`: what libpq's connection says, and refusals of what it does.

Made anew each time it is asked for, as it holds its connection and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .refusal import refuses

if TYPE_CHECKING:
    from .connection_base import BaseConnection

# libpq has bytes and numbers where `connection.info` has texts and enumerations.
_TEXTS = {"db": "dbname", "error_message": "error_message"} | {
    name: name for name in ("host", "hostaddr", "options", "password", "port", "user")
}
_NUMBERS = frozenset(
    {
        "backend_pid",
        "full_protocol_version",
        "pipeline_status",
        "server_version",
        "status",
        "transaction_status",
    }
)


@refuses("psycopg.pq.PGconn")
class MockPGconn:
    """A libpq connection that answers what the fixture knows."""

    __module__ = "psycopg.pq"

    __slots__ = ("_connection",)

    backend_pid: int
    db: bytes
    error_message: bytes
    full_protocol_version: int
    host: bytes
    hostaddr: bytes
    options: bytes
    password: bytes
    pipeline_status: int
    port: bytes
    server_version: int
    status: int
    transaction_status: int
    user: bytes

    def __init__(self, connection: BaseConnection[Any]) -> None:
        self._connection = connection

    @property
    def encoding(self) -> str:
        """The Python codec of the client encoding; psycopg's own has none of this."""
        return self._connection.session.encoding

    @property
    def backslashes_are_plain(self) -> bool:
        """Whether backslashes in literals stand for themselves, as they usually do."""
        return self._connection.session.backslashes_are_plain

    def check_open(self) -> None:
        self._connection.check_open()

    def parameter_status(self, name: bytes) -> bytes | None:
        if not isinstance(name, bytes):
            raise TypeError(f"expected bytes, {type(name).__name__} found")
        value = self._connection.info.parameter_status(name.decode())
        return None if value is None else value.encode()

    def __getattr__(self, name: str) -> Any:
        if name in _TEXTS:
            return str(getattr(self._connection.info, _TEXTS[name])).encode()
        if name in _NUMBERS:
            return int(getattr(self._connection.info, name))
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
