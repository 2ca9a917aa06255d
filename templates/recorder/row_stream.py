"""Rows that arrive bit by bit: of `stream()`, in results of one or a few rows each.

What a result brings is written before the application gets it, so that a killed
process loses nothing that was seen. Reads nothing ahead.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from .diagnostics import error_record, is_outcome
from .pgresults import read_rows
from .results import Result
from .step import Step


class RowStream:
    """Surrounds a loop over rows and writes the exchange of them."""

    def __init__(self, step: Step) -> None:
        self.complete = False
        self._step = step
        self._last: Any = None
        self._encoding = "utf-8"

    def take(self, result: Any) -> None:
        """Take the rows of a result; several rows may come with one."""
        if result is self._last:
            return
        self._last = result
        step = self._step
        if step.written:
            # Once a row as a rule: changed parameters are asked for at the end, when the
            # server tells them.
            rows: dict[str, Any] = {"rows": read_rows(result, self._encoding)}
            notices = step.connection.take_notices()
            if notices:
                rows["notices"] = notices
            step.connection.recording.rows(step.number, rows)
            return
        self._encoding = step.connection.encoding()
        read = step.read(result)
        step.results = [read._replace(rowcount=-1, command_tag=None, partial=True)]
        step.write()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._step.written:
            if error is None:
                self._step.results = [Result(None, -1, None, [])]
            self._step.end(error)
        elif error is not None and is_outcome(error):
            # Who breaks off reading closes the generator: that is none.
            self._step.more([], error=error_record(error))
        elif self.complete:
            self._step.more([], complete=True)
