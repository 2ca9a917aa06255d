"""The stand-in for ``psycopg``: its public names, answered from the recording.

While a fixture is active this module is ``psycopg`` in ``sys.modules``. Names that have
no stand-in are no attributes, so that an application learns of it where it asks.
"""

from __future__ import annotations

from . import (
    abc,
    adapt,
    conninfo,
    dbapi20,
    errors,
    postgres,
    pq,
    rows,
    sql,
    types,
    version,
)
from .capabilities import Capabilities, capabilities
from .client_cursor import AsyncClientCursor, ClientCursor
from .columns import Column
from .connection import Connection
from .connection_async import AsyncConnection
from .connection_base import BaseConnection
from .copy import Copy
from .copy_async import AsyncCopy
from .cursor import Cursor
from .cursor_async import AsyncCursor
from .dbapi20 import (
    BINARY,
    DATETIME,
    NUMBER,
    ROWID,
    STRING,
    Binary,
    Date,
    DateFromTicks,
    Time,
    TimeFromTicks,
    Timestamp,
    TimestampFromTicks,
)
from .errors import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,
)
from .info import ConnectionInfo
from .isolation_level import IsolationLevel
from .pipeline import Pipeline
from .pipeline_async import AsyncPipeline
from .postgres import adapters
from .raw_cursor import AsyncRawCursor, AsyncRawServerCursor, RawCursor, RawServerCursor
from .refusal import refusing
from .server_cursor import MockServerCursor as ServerCursor
from .server_cursor_async import MockAsyncServerCursor as AsyncServerCursor
from .transaction import Transaction
from .transaction_async import AsyncTransaction
from .transaction_base import Rollback
from .xid import Notify, Xid

__version__ = version.__version__

# A package, so that its submodules without a stand-in are refused by name.
__path__: list[str] = []

# PEP 249
apilevel = "2.0"
threadsafety = 2
paramstyle = "pyformat"

connect = Connection.connect

__all__ = [
    "BINARY",
    "DATETIME",
    "NUMBER",
    "ROWID",
    "STRING",
    "AsyncClientCursor",
    "AsyncConnection",
    "AsyncCopy",
    "AsyncCursor",
    "AsyncPipeline",
    "AsyncRawCursor",
    "AsyncRawServerCursor",
    "AsyncServerCursor",
    "AsyncTransaction",
    "BaseConnection",
    "Binary",
    "Capabilities",
    "ClientCursor",
    "Column",
    "Connection",
    "ConnectionInfo",
    "Copy",
    "Cursor",
    "DataError",
    "DatabaseError",
    "Date",
    "DateFromTicks",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "IsolationLevel",
    "NotSupportedError",
    "Notify",
    "OperationalError",
    "Pipeline",
    "ProgrammingError",
    "RawCursor",
    "RawServerCursor",
    "Rollback",
    "ServerCursor",
    "Time",
    "TimeFromTicks",
    "Timestamp",
    "TimestampFromTicks",
    "Transaction",
    "Warning",
    "Xid",
    "abc",
    "adapt",
    "adapters",
    "apilevel",
    "capabilities",
    "connect",
    "conninfo",
    "dbapi20",
    "errors",
    "paramstyle",
    "postgres",
    "pq",
    "rows",
    "sql",
    "threadsafety",
    "types",
]


__getattr__ = refusing("psycopg")
