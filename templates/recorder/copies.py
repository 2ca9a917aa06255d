"""What goes over a COPY, taken down as it passes.

The driver's own ``Copy`` does the copying, on the proxy of its cursor. What the server
sends passes one generator of it, however it is read; what the server is sent passes
a writer of libpq's kind. Reads nothing ahead.
"""

from __future__ import annotations

import functools
from collections.abc import Generator
from typing import Any

import psycopg
from psycopg.pq import ExecStatus

from .copy_data import Cell, Stream, cell_of, operation_of
from .diagnostics import error_record, is_cancellation, is_outcome
from .faults import RecorderUnsupported
from .pgresults import pgresults, read_result
from .proxy import Proxy, real_of
from .recording import ConnectionRecording
from .results import Column, Result
from .step import Step

LARGEST = 64 * 1024
"""Bytes of data that are kept until they are written; a killed process loses these."""

_READ = "_read_gen"
_OPERATIONS = {ExecStatus.COPY_OUT: "copy_out", ExecStatus.COPY_IN: "copy_in"}


class CopyStep(Step):
    """The exchange of one COPY in the making."""

    def __init__(self, connection: ConnectionRecording, cursor: Any) -> None:
        super().__init__(connection, "copy_out")
        self.postponed = True
        self._cursor = real_of(cursor)
        self._columns: tuple[Column, ...] | None = None
        self._binary = False
        self._stream = Stream(False)
        self._rows: list[list[Cell]] = []
        self._size = 0
        self._rowcount = -1
        self._tag: str | None = None
        self._complete = False
        self._is_left = False
        self._error: BaseException | None = None
        # A block on its way to the application.
        self._block: bytes | None = None

    def statement(self, context: Any, query: Any, parameters: Any) -> tuple[Any, Any]:
        query, parameters = super().statement(context, query, parameters)
        self.operation = operation_of(self.sql or "")
        return query, parameters

    def begun(self) -> None:
        """The server has agreed to copy, and the driver has dumped the parameters."""
        self._encode_now()
        result = self._cursor.pgresult
        self.operation = _OPERATIONS[result.status]
        self._binary = bool(result.binary_tuples)
        self._stream = Stream(self._binary)
        if self._binary and not result.nfields:
            raise RecorderUnsupported("a binary COPY of no columns", "copy it as text")
        # The server does not name them, but the driver does.
        names = [column.name for column in self._cursor.description or ()]
        columns = zip(self.columns(result, self._binary), names, strict=True)
        self._columns = tuple(column._replace(name=name) for column, name in columns)

    def received(self, data: Any) -> None:
        """A block has come from the server; an empty one is the end."""
        if not self._is_left and self.operation == "copy_out":
            # Who reads on has got what came before.
            self.delivered()
            self._block = bytes(data)

    def delivered(self) -> None:
        """The application has it."""
        if self._block:
            self._keep([self._block])
        self._complete = self._complete or self._block == b""
        self._block = None

    def interrupted(self, error: BaseException) -> None:
        """The application does not get it, nor knows of it."""
        self._block = None
        if self._error is None and is_cancellation(error):
            self._error = error

    def failed(self, error: Exception) -> None:
        """There was an error in the place of a block."""
        if not self._is_left and self.operation == "copy_out" and is_outcome(error):
            self._error = self._error or error

    def sent(self, data: Any) -> None:
        """The server was sent data."""
        if self.operation == "copy_in" and not self._complete:
            self._keep(self._stream.lines(data))

    def finished(self, given_up: bool, error: BaseException | None) -> None:
        """The data came to their end, or were given up."""
        if self.operation != "copy_in" or self._complete or self._error is not None:
            return
        if error is not None:
            self._error = error if is_outcome(error) else None
            self._complete = self._error is not None and not given_up
        elif not given_up:
            (result,) = pgresults(self._cursor)
            said = read_result(result, self.encoding, self._type_name)
            self._rowcount, self._tag = said.rowcount, said.command_tag
            self._complete = True

    def leaving(self, error: BaseException | None) -> None:
        """The application leaves the block, by an exception or without."""
        self._is_left = True
        if error is not None:
            self.interrupted(error)

    def left(self) -> None:
        """The block is left, and the driver has done what it does then."""
        if self.operation == "copy_out":
            self._rowcount = self._cursor.rowcount
        self._keep(self._stream.rest())
        self.postponed = False
        self.end(self._error)

    def write(self, error: BaseException | None = None) -> None:
        if self._columns is not None and not self.written:
            self.results = [self._result()]
        if not self.written:
            super().write(error)
            return
        fields: dict[str, Any] = {"rowcount": self._rowcount}
        if self._tag is not None:
            fields["command_tag"] = self._tag
        if self._complete:
            fields["complete"] = True
        if error is not None:
            fields["error"] = error_record(error)
        self.more(self._rows, **fields, status=self.connection.status())
        for notification in self.connection.take_notifications():
            self.connection.recording.notify(self.number, notification)

    def _keep(self, blocks: list[bytes]) -> None:
        for block in blocks:
            self._rows.append([cell_of(block, self._binary, self.encoding)])
            self._size += len(block)
            if self._size >= LARGEST:
                self._flush()

    def _flush(self) -> None:
        recording = self.connection.recording
        if self.written:
            recording.rows(self.number, {"rows": self._rows})
        else:
            # What came with it is written at the end, all at once.
            recording.exchange(
                self.number,
                self.connection,
                self.scope,
                self.operation,
                self.sql,
                {"parameters": self.encoded, "status": self.connection.status()},
                [self._result()],
            )
            self.written = True
        self._rows, self._size = [], 0

    def _result(self) -> Result:
        return Result(
            self._columns,
            self._rowcount,
            self._tag,
            self._rows,
            partial=not self._complete,
        )


def step_of(cursor: Any) -> CopyStep | None:
    """The COPY that is under way on a cursor's proxy."""
    if not issubclass(type(cursor), Proxy):
        return None
    step: CopyStep | None = cursor._copying
    return step


def check_hooked() -> None:
    """Refuse a driver whose blocks cannot be seen."""
    if _reader() is None:
        raise RecorderUnsupported(f"copy() of psycopg {psycopg.__version__}")


def hook_reading() -> None:
    """See every block that any ``Copy`` reads."""
    reader = _reader()
    if reader is not None:
        setattr(reader, _READ, _seen(getattr(reader, _READ)))


def _reader() -> type[Any] | None:
    bases = psycopg.Copy.__mro__
    return next((base for base in bases if _READ in vars(base)), None)


def _seen(original: Any) -> Any:
    @functools.wraps(original)
    def read(copy: Any) -> Generator[Any, Any, Any]:
        step = step_of(copy.cursor)
        try:
            data = yield from original(copy)
        except Exception as error:
            if step is not None:
                step.failed(error)
            raise
        if step is not None:
            step.received(data)
        return data

    return read
