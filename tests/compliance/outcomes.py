"""A pytest plugin that writes what became of each test, one JSON object a line.

The file is the one of `COMPLIANCE_OUTCOMES`. An entry is the phase that decided:
`{"test": node id, "outcome": "passed" | "failed" | "skipped", "reason": text}`.
"""

from __future__ import annotations

import json
import os
from typing import TextIO

import pytest

_RANKS = ("passed", "skipped", "failed")


class Outcomes:
    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._worst: tuple[str, str] | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = report.outcome, report.longreprtext if report.failed else ""
        worst = self._worst or found
        self._worst = max(worst, found, key=lambda each: _RANKS.index(each[0]))

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        if self._worst is not None:
            outcome, reason = self._worst
            entry = {"test": nodeid, "outcome": outcome, "reason": reason}
            print(json.dumps(entry), file=self._file, flush=True)
        self._worst = None


def pytest_configure(config: pytest.Config) -> None:
    path = os.environ["COMPLIANCE_OUTCOMES"]
    # Open until the process ends.
    file = open(path, "w", encoding="utf-8")  # noqa: SIM115
    config.pluginmanager.register(Outcomes(file), "outcomes of compliance")
