"""A project with tests of its own, run by pytest under the launcher."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from launcher_folder import run_python

PYTEST = ("-m", "pytest", "-q", "--tb=short", "-rA", "-p", "no:cacheprovider")

_OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED) (\S+)", re.MULTILINE)


class Project:
    """A folder of tests."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.folder = folder
        folder.mkdir()
        # So that pytest does not look for one further up.
        (folder / "pytest.ini").write_text("[pytest]\n")
        for name, text in files.items():
            (folder / name).write_text(text)
        self.said = ""

    def run(self, environment: Mapping[str, str], *tests: str) -> dict[str, str]:
        """The outcomes of tests, of all if none is named, by node id."""
        done = run_python([*PYTEST, *tests], environment, folder=self.folder)
        self.said = done.stdout + done.stderr
        assert done.returncode in (0, 1), self.said
        return {name: outcome for outcome, name in _OUTCOME.findall(done.stdout)}
