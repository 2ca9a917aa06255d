"""What a project has decided: ``[tool.mock-cursor]`` of its ``pyproject.toml``.

The program reads the same table by the same rules.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

MODES = ("none", "once", "new_episodes", "all", "rewrite")
MODE = "MOCK_CURSOR_MODE"
FIXTURES = "tests/fixtures/mock_cursor"

_KEYS = (
    "fixtures",
    "mode",
    "block-network",
    "deterministic",
    "record",
    "volatile",
    "redact",
    "not-secret",
)


@dataclass(frozen=True)
class Settings:
    """What holds for a run, but for its command line.

    `asked_mode` is that of the environment, which comes before markers; the table's own
    comes behind them, and says what a recording keeps.
    """

    fixtures: Path
    block_network: bool = False
    asked_mode: str | None = None

    @property
    def is_recorded(self) -> bool:
        return (self.fixtures / "__init__.py").is_file()


def settings_around(folder: Path) -> Settings:
    """The settings of the nearest ``pyproject.toml`` that has the table, or defaults."""
    asked = os.environ.get(MODE)
    if asked is not None and asked not in MODES:
        raise pytest.UsageError(
            f"{MODE}: no mode {asked!r}\n  hint: modes are {', '.join(MODES)}"
        )
    nearest: Path | None = None
    for each in (folder, *folder.parents):
        path = each / "pyproject.toml"
        try:
            text = path.read_text(encoding="utf-8")
        except OSError:
            continue
        table = _table(path, text)
        if table is not None:
            fixtures = each / table.get("fixtures", FIXTURES)
            return Settings(fixtures, table.get("block-network", False), asked)
        nearest = nearest or each
    return Settings((nearest or folder) / FIXTURES, asked_mode=asked)


def _table(path: Path, text: str) -> dict[str, Any] | None:
    if "mock-cursor" not in text:
        # Most files have no such table, and reading TOML takes its time.
        return None
    import tomllib

    try:
        table = tomllib.loads(text).get("tool", {}).get("mock-cursor")
    except tomllib.TOMLDecodeError as error:
        raise pytest.UsageError(f"{path}: {error}") from error
    if table is None:
        return None
    for key in table:
        if key not in _KEYS:
            what = f"unknown field `{key}`, expected one of {', '.join(_KEYS)}"
            raise pytest.UsageError(f"{_place(path, text, key)}: {what}")
    if table.get("mode", "none") not in MODES:
        what = f"no mode {table['mode']!r}, expected one of {', '.join(MODES)}"
        raise pytest.UsageError(f"{_place(path, text, 'mode')}: {what}")
    return dict(table)


def _place(path: Path, text: str, key: str) -> str:
    found = re.search(rf"^\s*[\"']?{re.escape(key)}\b", text, re.MULTILINE)
    line = 1 if found is None else text.count("\n", 0, found.end()) + 1
    return f"{path}:{line}:1"
