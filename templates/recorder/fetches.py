"""What is fetched from one declared cursor, by position.

The driver sends a FETCH when it needs rows and keeps its result; a new result after a
call means new rows. Sends nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg.pq import Format

from .diagnostics import error_record, is_outcome
from .faults import RecorderError, RecorderUnsupported
from .results import Result
from .step import Step


class Fetches:
    """The rows of one ``declare`` exchange."""

    def __init__(self, step: Step, real: Any, binary: bool | None) -> None:
        self._step = step
        self._real = real
        self._position = 0
        self._known = 0
        self._complete = False
        self._last = real._tx.pgresult
        if binary is None:
            binary = real.format == Format.BINARY
        columns = step.columns(real.pgresult, binary)
        self._formats = tuple(column.format for column in columns)
        step.results = [Result(columns, -1, None, [], partial=True)]

    @contextmanager
    def fetching(self, count: int | None) -> Iterator[None]:
        """Surround one fetch of up to ``count`` rows, or of all."""
        try:
            yield
        except (StopIteration, StopAsyncIteration):
            self._take(count)
            raise
        except BaseException as error:
            # Past the last row only the transaction's state is left to fail.
            if not self._complete and is_outcome(error):
                self._write([], error=error_record(error))
            raise
        self._take(count)

    @contextmanager
    def scrolling(self, value: int, mode: str) -> Iterator[None]:
        """Surround a move; over rows that would never be seen it is refused."""
        is_open = self._complete or self._real.connection.closed
        if self._moved(value, mode) > self._known and not is_open:
            raise RecorderUnsupported(
                "ServerCursor.scroll() over rows that were not fetched",
                "fetch them first",
            )
        try:
            yield
        except Exception as error:
            # What the driver refuses by itself, it refuses at replay.
            if getattr(error, "sqlstate", None):
                self._write([], error=error_record(error))
            raise
        self._position = max(self._moved(value, mode), 0)

    def _moved(self, value: int, mode: str) -> int:
        return self._position + value if mode == "relative" else value

    def _take(self, count: int | None) -> None:
        result = self._real._tx.pgresult
        if result is self._last:
            return
        self._last = result
        read = self._step.read(result)
        formats = tuple(column.format for column in read.columns or ())
        if formats != self._formats:
            raise RecorderError(
                f"a server-side cursor announced the formats {self._formats} "
                f"and sent {formats}"
            )
        if self._complete:
            # It has moved in rows that are all known.
            return
        new = read.rows[max(self._known - self._position, 0) :]
        self._position += len(read.rows)
        self._known = max(self._known, self._position)
        if count is None or len(read.rows) < count:
            self._complete = True
            self._write(new, complete=True)
        elif new:
            self._write(new)

    def _write(self, rows: list[Any], **fields: Any) -> None:
        if self._step.written:
            self._step.more(rows, **fields)
