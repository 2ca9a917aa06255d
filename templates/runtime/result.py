"""`MockResult`: what `cursor.pgresult` is when there is no libpq behind it.

It answers the questions of libpq's `PGresult` from a recorded result, without
decoding a cell.  It never touches a driver.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from .exchange import RecordedResult
from .pq import DiagnosticField, ExecStatus, Format
from .refusal import refuses

_COPIES = {"copy_in": ExecStatus.COPY_IN, "copy_out": ExecStatus.COPY_OUT}


@refuses("psycopg.pq.PGresult")
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
        return (self._recorded.tag or "").encode()

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
        """The message as the server sent it, severity and all (PQresultErrorMessage)."""
        return b""

    def fname(self, column_number: int) -> bytes | None:
        found = self._column(column_number)
        return None if found is None else found.name.encode(self._encoding)

    def ftype(self, column_number: int) -> int:
        found = self._column(column_number)
        return 0 if found is None else found.type_code

    def fmod(self, column_number: int) -> int:
        found = self._column(column_number)
        return 0 if found is None else found.typmod

    def fsize(self, column_number: int) -> int:
        found = self._column(column_number)
        if found is None:
            return 0
        return -1 if found.internal_size is None else int(found.internal_size)

    def fformat(self, column_number: int) -> int:
        """0 for text, 1 for binary (PQfformat)."""
        found = self._column(column_number)
        return int(found is not None and found.format == "binary")

    def get_value(self, row_number: int, column_number: int) -> bytes | None:
        """The cell as the server sent it, or None for SQL NULL (PQgetvalue)."""
        cells = self._parsed.get(row_number)
        if cells is None:
            cells = json.loads(self._recorded.rows[row_number])
            self._parsed[row_number] = cells
        cell = cells[column_number]
        if cell is None:
            return None
        if isinstance(cell, dict):
            return base64.b64decode(cell["bytes"])
        if self.fformat(column_number) == Format.BINARY:
            return base64.b64decode(cell)
        return str(cell).encode(self._encoding)

    def error_field(self, fieldcode: DiagnosticField) -> bytes | None:
        """A field of what the server said of an error (PQresultErrorField)."""
        return None

    def get_error_message(self, encoding: str = "utf-8") -> str:
        """The message without its severity."""
        return "no error details available"

    def clear(self) -> None:
        """Forget parsed rows; the recording itself stays."""
        self._parsed.clear()

    def _column(self, number: int) -> Any:
        columns = self._recorded.columns or ()
        return columns[number] if 0 <= number < len(columns) else None


class ErrorResult(MockResult):
    """The result that an error of the server is."""

    __slots__ = ("_fields", "_message")

    def __init__(
        self, fields: Mapping[str, str | None], message: str, encoding: str
    ) -> None:
        super().__init__(RecordedResult(None, -1, ""), encoding)
        self.status = ExecStatus.FATAL_ERROR
        self._fields = fields
        self._message = message

    @property
    def error_message(self) -> bytes:
        severity = self._fields.get("severity") or "ERROR"
        return f"{severity}:  {self._message}\n".encode(self._encoding)

    def error_field(self, fieldcode: DiagnosticField) -> bytes | None:
        field = self._fields.get(DiagnosticField(fieldcode).name.lower())
        return None if field is None else field.encode(self._encoding)

    def get_error_message(self, encoding: str = "utf-8") -> str:
        return self._message


def _status(recorded: RecordedResult, operation: str) -> ExecStatus:
    # The server's word on what it was sent comes with a tag.
    if operation in _COPIES and recorded.tag is None:
        return _COPIES[operation]
    if recorded.empty:
        return ExecStatus.EMPTY_QUERY
    if recorded.columns is None:
        return ExecStatus.COMMAND_OK
    return ExecStatus.TUPLES_OK
