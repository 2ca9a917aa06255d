"""Names of types by their OIDs, which differ from database to database.

The driver's registry knows the built-in ones; for others the server is asked once,
on the connection in hand, beneath everything that the application could notice.
"""

from __future__ import annotations

import threading
from typing import Any

import psycopg
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus

FIRST_USER_OID = 16384
"""The server gives lower OIDs to its own types only, the same in every database."""

_QUESTION = b"SELECT typname FROM pg_catalog.pg_type WHERE oid = $1"
_QUIET = (TransactionStatus.IDLE, TransactionStatus.INTRANS)


class TypeNames:
    """The names that are known of each database."""

    def __init__(self) -> None:
        self._names: dict[tuple[Any, ...], dict[int, str]] = {}
        self._lock = threading.Lock()

    def name(self, connection: Any, oid: int) -> str | None:
        """The type's name, or None if it cannot be found out now."""
        if oid < FIRST_USER_OID:
            info = psycopg.adapters.types.get(oid)
            if info is not None:
                return str(info.name if info.oid == oid else f"_{info.name}")
        pgconn = connection.pgconn
        database = (pgconn.host, pgconn.hostaddr, pgconn.port, pgconn.db)
        with self._lock:
            names = self._names.setdefault(database, {})
        name = names.get(oid)
        if name is None:
            name = _ask(pgconn, oid)
            if name is not None:
                names[oid] = name
        return name


def _ask(pgconn: Any, oid: int) -> str | None:
    # Anywhere else a question would disturb what is under way.
    if pgconn.transaction_status not in _QUIET:
        return None
    if pgconn.pipeline_status != PipelineStatus.OFF:
        return None
    result = pgconn.exec_params(_QUESTION, [str(oid).encode()])
    if result.status != ExecStatus.TUPLES_OK or result.ntuples != 1:
        return None
    return str(result.get_value(0, 0), "utf-8", "replace")
