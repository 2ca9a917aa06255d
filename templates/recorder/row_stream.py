"""Rows that arrive bit by bit: of `stream()`, in results of one or a few rows each.

A short stream is one exchange; of a long one the rows are written as they come.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from .diagnostics import error_record, is_outcome
from .results import Result
from .step import Step

BATCH = 500
"""Rows that are held back before they are written."""


class RowStream:
    """Surrounds a loop over rows and writes the exchange of them."""

    def __init__(self, step: Step) -> None:
        self.complete = False
        self._step = step
        self._last: Any = None
        self._result: Result | None = None
        self._rows: list[list[Any]] = []

    def take(self, result: Any) -> None:
        """Take the rows of a result; several rows may come with one."""
        if result is self._last:
            return
        self._last = result
        read = self._step.read(result)
        if self._result is None:
            self._result = read._replace(rows=[], rowcount=-1, command_tag=None)
        self._rows.extend(read.rows)
        if len(self._rows) >= BATCH:
            self._flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Who breaks off reading closes the generator: that is no error.
        failed = error is not None and is_outcome(error)
        if self._result is None:
            self._step.results = [] if failed else [Result(None, -1, None, [])]
            self._step.end(error if failed else None)
        elif not self._step.written and not failed:
            self._step.results = [self._so_far(partial=not self.complete)]
            self._step.end(None)
        else:
            self._flush(error if failed else None)

    def _so_far(self, *, partial: bool) -> Result:
        assert self._result is not None
        return self._result._replace(rows=self._rows, partial=partial)

    def _flush(self, error: BaseException | None = None) -> None:
        if not self._step.written:
            self._step.results = [self._so_far(partial=True)]
            self._step.write()
            self._rows = []
            if error is None:
                return
        fields: dict[str, Any] = {"rows": self._rows}
        if self.complete:
            fields["complete"] = True
        if error is not None:
            fields["error"] = error_record(error)
        self._step.connection.recording.rows(self._step.number, fields)
        self._rows = []
