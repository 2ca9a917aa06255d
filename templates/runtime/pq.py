"""The numbers of libpq that applications compare with, as psycopg names them.

There is no libpq here: its connections and results are stand-ins.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Any

from .refusal import refusing

__impl__ = "python"
__build_version__ = 180006


class ConnStatus(IntEnum):
    """State of a connection."""

    __module__ = "psycopg.pq"

    OK = 0
    BAD = 1
    STARTED = 2
    MADE = 3
    AWAITING_RESPONSE = 4
    AUTH_OK = 5
    SETENV = 6
    SSL_STARTUP = 7
    NEEDED = 8
    CHECK_WRITABLE = 9
    CONSUME = 10
    GSS_STARTUP = 11
    CHECK_TARGET = 12
    CHECK_STANDBY = 13
    ALLOCATED = 14
    AUTHENTICATING = 15


class PollingStatus(IntEnum):
    """State of a connection that is being opened."""

    __module__ = "psycopg.pq"

    FAILED = 0
    READING = 1
    WRITING = 2
    OK = 3
    ACTIVE = 4


class ExecStatus(IntEnum):
    """State of a result."""

    __module__ = "psycopg.pq"

    EMPTY_QUERY = 0
    COMMAND_OK = 1
    TUPLES_OK = 2
    COPY_OUT = 3
    COPY_IN = 4
    BAD_RESPONSE = 5
    NONFATAL_ERROR = 6
    FATAL_ERROR = 7
    COPY_BOTH = 8
    SINGLE_TUPLE = 9
    PIPELINE_SYNC = 10
    PIPELINE_ABORTED = 11
    TUPLES_CHUNK = 12


class TransactionStatus(IntEnum):
    """Transaction state of a connection."""

    __module__ = "psycopg.pq"

    IDLE = 0
    ACTIVE = 1
    INTRANS = 2
    INERROR = 3
    UNKNOWN = 4


class Ping(IntEnum):
    """Answer of a ping."""

    __module__ = "psycopg.pq"

    OK = 0
    REJECT = 1
    NO_RESPONSE = 2
    NO_ATTEMPT = 3


class PipelineStatus(IntEnum):
    """Pipeline mode of a connection."""

    __module__ = "psycopg.pq"

    OFF = 0
    ON = 1
    ABORTED = 2


class DiagnosticField(IntEnum):
    """Fields of an error report, by their letter in the protocol."""

    __module__ = "psycopg.pq"

    SEVERITY = ord("S")
    SEVERITY_NONLOCALIZED = ord("V")
    SQLSTATE = ord("C")
    MESSAGE_PRIMARY = ord("M")
    MESSAGE_DETAIL = ord("D")
    MESSAGE_HINT = ord("H")
    STATEMENT_POSITION = ord("P")
    INTERNAL_POSITION = ord("p")
    INTERNAL_QUERY = ord("q")
    CONTEXT = ord("W")
    SCHEMA_NAME = ord("s")
    TABLE_NAME = ord("t")
    COLUMN_NAME = ord("c")
    DATATYPE_NAME = ord("d")
    CONSTRAINT_NAME = ord("n")
    SOURCE_FILE = ord("F")
    SOURCE_LINE = ord("L")
    SOURCE_FUNCTION = ord("R")


class Format(IntEnum):
    """Format of a parameter or of a column on the wire."""

    __module__ = "psycopg.pq"

    TEXT = 0
    BINARY = 1


class Trace(IntFlag):
    """Options of libpq's protocol trace."""

    __module__ = "psycopg.pq"

    SUPPRESS_TIMESTAMPS = 1
    REGRESS_MODE = 2


def version() -> int:
    """The version of the libpq that comes with the driver."""
    return __build_version__


def version_pretty(version: int) -> str:
    """A server's or libpq's version number as people write it."""
    if version < 0:
        return f"({version})"
    major, patch = divmod(version, 10000)
    if major >= 10:
        return f"{major}.{patch}"
    minor, patch = divmod(patch, 100)
    return f"{major}.{minor}.{patch}"


def __getattr__(name: str) -> Any:
    # They are made of what needs this module's numbers.
    if name == "Escaping":
        from .escaping import Escaping

        return Escaping
    if name == "PGconn":
        from .pgconn import MockPGconn

        return MockPGconn
    if name == "PGresult":
        from .result import MockResult

        return MockResult
    return refusing("psycopg.pq")(name)
