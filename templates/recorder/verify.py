"""Runs the statements of a trace again and reports what has changed since.

``python -m mock_cursor_recorder.verify --database-url URL TRACE…``: for `mock-cursor
verify`, in the environment of the application. Leaves nothing behind in the database
but the numbers that were taken from its sequences.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from .faults import RecorderError
from .recorded_trace import (
    RecordedExchange,
    RecordedTrace,
    again_files,
    trace_files,
)

_WIDTH = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 nothing has drifted, 1 something has, 2 it cannot be told."""
    parser = argparse.ArgumentParser(prog="mock-cursor verify")
    parser.add_argument("--database-url", required=True, metavar="URL")
    parser.add_argument("--columns-only", action="store_true")
    parser.add_argument("traces", nargs="+", metavar="TRACE")
    options = parser.parse_args(arguments)
    try:
        import psycopg
    except ImportError as error:
        return _trouble(f"{error}\n  hint: name the application's Python: --python")
    try:
        trace = RecordedTrace(trace_files(options.traces))
        again = again_files(options.traces)
        if again:
            trace.compare(RecordedTrace(again))
        connection = psycopg.connect(options.database_url)
        report = _run(trace, connection, options.columns_only)
    except RecorderError as error:
        return _trouble(str(error))
    except psycopg.Error as error:
        return _trouble(f"the database: {error}")
    for line in report.lines():
        print(line)
    return int(report.has_drifted)


def _run(trace: RecordedTrace, connection: Any, columns_only: bool) -> Report:
    # Only now: they need the driver.
    from .drift import drift
    from .redacted_values import RedactedValues
    from .rerun import Rerun

    rerun = Rerun(connection)
    report = Report(columns_only)
    redacted = RedactedValues(trace.redaction)
    try:
        for scope in trace.scopes:
            report.scopes += 1
            for exchange, outcome in rerun.scope(scope):
                if outcome.not_run is not None:
                    report.skip(scope.name, exchange, outcome.not_run)
                    continue
                report.run += 1
                for kind, lines in drift(exchange, outcome, redacted):
                    report.add(scope.name, exchange, kind, lines)
    finally:
        rerun.close()
    return report


class Report:
    """What is said at the end: columns and types first, then errors, then values."""

    def __init__(self, columns_only: bool) -> None:
        self.scopes = self.run = 0
        self._kinds = ("columns",) if columns_only else ("columns", "errors", "values")
        self._found: dict[str, list[list[str]]] = {kind: [] for kind in self._kinds}
        self._skipped: dict[str, int] = {}

    def add(
        self, scope: str, exchange: RecordedExchange, kind: str, lines: list[str]
    ) -> None:
        """Something has drifted."""
        if kind in self._found:
            title = f"{scope}: {exchange.operation} {_statement(exchange)}".rstrip()
            self._found[kind].append([title, *lines])

    def skip(self, scope: str, exchange: RecordedExchange, why: str) -> None:
        """A statement was not run again."""
        line = f"{scope}: {_statement(exchange)}: {why}"
        self._skipped[line] = self._skipped.get(line, 0) + 1

    @property
    def has_drifted(self) -> bool:
        return any(self._found.values())

    def lines(self) -> list[str]:
        """All of it, with a line of counts at the end."""
        lines = []
        for kind, found in self._found.items():
            if found:
                lines.append(f"{kind} have drifted:")
            for title, *details in found:
                lines += [f"  {title}", *(f"    {detail}" for detail in details)]
        if self._skipped:
            lines.append("not run again:")
        for line, times in self._skipped.items():
            lines.append(f"  {line}" + (f" (×{times})" if times > 1 else ""))
        counts = [
            f"{len(found)} differ in {kind}" for kind, found in self._found.items()
        ]
        skipped = sum(self._skipped.values())
        lines.append(
            f"{self.run} statements of {self.scopes} scopes run again: "
            f"{', '.join(counts)}; {skipped} not run"
        )
        return lines


def _statement(exchange: RecordedExchange) -> str:
    text = " ".join((exchange.sql or "").split())
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _trouble(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        code = main()
    except Exception:  # noqa: BLE001 - Python's own exit code would say that it drifted
        traceback.print_exc()
        code = 2
    sys.exit(code)
