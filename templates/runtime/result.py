"""`MockResult`: what `cursor.pgresult` is when there is no libpq behind it.

It answers the questions of libpq's `PGresult` from a recorded result, without
decoding a cell.  It never touches a driver.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from .exchange import RecordedResult
from .pq import ExecStatus, Format

_COPY = {"copy_in": ExecStatus.COPY_IN, "copy_out": ExecStatus.COPY_OUT}


class MockResult:
    """A recorded result with the attributes and methods of psycopg's `PGresult`."""

    __slots__ = ("_encoding", "_parsed", "_recorded", "status")

    def __init__(
        self,
        recorded: RecordedResult,
        encoding: str = "utf-8",
        operation: str = "execute",
        status: ExecStatus | None = None,
    ) -> None:
        self._recorded = recorded
        self._encoding = encoding
        self._parsed: dict[int, list[Any]] = {}
        self.status = _status(recorded, operation) if status is None else status

    def __repr__(self) -> str:
        return f"<MockResult [{self.status.name}] {self.ntuples} rows>"

    @property
    def command_status(self) -> bytes | None:
        """The command tag, e.g. ``b"INSERT 0 1"`` (PQcmdStatus)."""
        tag = self._recorded.tag
        return None if tag is None else tag.encode()

    @property
    def command_tuples(self) -> int | None:
        """The number of affected rows (PQcmdTuples); None where there is none."""
        tag = self._recorded.tag or ""
        last = tag.rpartition(" ")[2]
        return int(last) if last.isdecimal() else None

    @property
    def ntuples(self) -> int:
        return len(self._recorded.rows)

    @property
    def nfields(self) -> int:
        return len(self._recorded.columns or ())

    @property
    def error_message(self) -> bytes:
        return b""

    def fname(self, column: int) -> bytes | None:
        found = self._column(column)
        return None if found is None else found.name.encode(self._encoding)

    def ftype(self, column: int) -> int:
        found = self._column(column)
        return 0 if found is None else found.type_code

    def fmod(self, column: int) -> int:
        found = self._column(column)
        return 0 if found is None else found.typmod

    def fsize(self, column: int) -> int:
        found = self._column(column)
        size = None if found is None else found.internal_size
        return -1 if size is None else int(size)

    def fformat(self, column: int) -> Format:
        found = self._column(column)
        binary = found is not None and found.format == "binary"
        return Format.BINARY if binary else Format.TEXT

    def get_value(self, row: int, column: int) -> bytes | None:
        """The cell as the server sent it, or None for SQL NULL (PQgetvalue)."""
        cells = self._parsed.get(row)
        if cells is None:
            cells = self._parsed[row] = json.loads(self._recorded.rows[row])
        cell = cells[column]
        if cell is None:
            return None
        if isinstance(cell, dict):
            return base64.b64decode(cell["bytes"])
        if self.fformat(column) == Format.BINARY:
            return base64.b64decode(cell)
        return str(cell).encode(self._encoding)

    def clear(self) -> None:
        """Forget parsed rows; the recording itself stays."""
        self._parsed.clear()

    def _column(self, number: int) -> Any:
        columns = self._recorded.columns or ()
        return columns[number] if 0 <= number < len(columns) else None


def _status(recorded: RecordedResult, operation: str) -> ExecStatus:
    if operation in _COPY:
        return _COPY[operation]
    if recorded.empty:
        return ExecStatus.EMPTY_QUERY
    if recorded.columns is None:
        return ExecStatus.COMMAND_OK
    return ExecStatus.TUPLES_OK
