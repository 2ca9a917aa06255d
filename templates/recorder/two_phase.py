"""Two-phase commit: transaction ids as parameters, recovered ones as rows.

The driver shows no wire form of them, so the cells are tagged Python values.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from psycopg import ProgrammingError
from psycopg.errors import InFailedSqlTransaction

from .parameters import encode_xid
from .python_rows import python_rows
from .recording import ConnectionRecording
from .results import Result
from .step import Step

FIELDS = ("format_id", "gtrid", "bqual", "prepared", "owner", "database")


class TwoPhaseStep(Step):
    """A step of a two-phase transaction, with the identifier that it has.

    Only `tpc_begin()` is always told it; its ends have the connection's own.
    """

    def __init__(
        self, connection: ConnectionRecording, operation: str, xid: Any = None
    ) -> None:
        super().__init__(connection, operation)
        if xid is not None:
            self.encoded = encode_xid(xid)
        elif operation != "tpc_recover":
            self.encoded = connection.two_phase

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(exc_type, error, traceback)
        if error is None and self.operation == "tpc_begin":
            self.connection.two_phase = self.encoded

    def write(self, error: BaseException | None = None) -> None:
        # What the driver or a failed transaction refuses, the replay does, too.
        if isinstance(error, InFailedSqlTransaction):
            return
        if isinstance(error, ProgrammingError) and error.sqlstate is None:
            return
        super().write(error)


def recovered(xids: list[Any]) -> Result:
    """The result of `tpc_recover()`."""
    rows = [{field: getattr(xid, field) for field in FIELDS} for xid in xids]
    return python_rows(FIELDS, rows)
