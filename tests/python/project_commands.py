"""A repository of its own, recorded and replayed by the program as it is built."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from launcher_folder import launcher

XTASK = "MOCK_CURSOR_XTASK"
FIXTURES = "tests/fixtures/mock_cursor"

_OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED) (\S+)", re.MULTILINE)
_OURS = ("MOCK_CURSOR_", "PYTHON", "PYTEST_", "CI")


class Repository:
    """A folder with a `pyproject.toml`; `said` and `code` are those of the last command."""

    def __init__(self, folder: Path, **files: str) -> None:
        self.folder = folder
        self.said = ""
        self.code: int | None = None
        self.write("pyproject.toml", '[project]\nname = "p"\nversion = "1"\n')
        for name, text in files.items():
            self.write(f"tests/{name}.py", text)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def mock_cursor(self, *arguments: str, **variables: str) -> int:
        return self._run([program(), *arguments], variables)

    def record(self, *arguments: str, **variables: str) -> dict[str, str]:
        self.mock_cursor("record", *arguments, "--", *_PYTEST, **variables)
        return self.outcomes()

    def replay(self, *arguments: str, **variables: str) -> dict[str, str]:
        nowhere = "postgresql://nowhere.invalid/nowhere"
        variables = {"DATABASE_URL": nowhere, **variables}
        self.mock_cursor("replay", "--", *_PYTEST, *arguments, **variables)
        return self.outcomes()

    def pytest(self, *arguments: str, **variables: str) -> dict[str, str]:
        """Without the program: with the plugin where the wheel has it."""
        variables = {"PYTHONPATH": str(launcher()), **variables}
        self._run([*_PYTEST, "-p", "mock_cursor_pytest", *arguments], variables)
        return self.outcomes()

    def outcomes(self) -> dict[str, str]:
        return {name: outcome for outcome, name in _OUTCOME.findall(self.said)}

    def kept(self) -> dict[str, str]:
        """The traces and modules of scopes, by name."""
        folder = self.folder / FIXTURES
        files = [*folder.glob("traces/*"), *folder.glob("scopes/*.py")]
        return {f"{path.parent.name}/{path.name}": path.read_text() for path in files}

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """That of a user's shell, wherever these tests run."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
        scripts = os.path.dirname(program())
        path = os.pathsep.join((scripts, inherited.get("PATH", "")))
        return {**inherited, "PATH": path, **variables}

    def _run(self, command: list[str], variables: Mapping[str, str]) -> int:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(variables),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.said = done.stdout + done.stderr
        self.code = done.returncode
        return self.code


_PYTEST = (sys.executable, "-m", "pytest", "-q", "--tb=short", "-rA")


def program() -> str:
    """The program, which lies beside that of the commands; skips where none is named."""
    given = os.environ.get(XTASK)
    if given is None:
        pytest.skip(f"{XTASK} names no program")
    return str(Path(given).with_name("mock-cursor"))
