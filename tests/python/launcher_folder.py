"""The launcher's folder and scratch packages of the shared modules, for tests."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY / "templates" / "shared"
LAUNCHER = "MOCK_CURSOR_LAUNCHER"
# What would make the program another one: pytest says more where it is on CI.
_NOT_INHERITED = ("MOCK_", "CI", "BUILD_NUMBER")

_numbers = itertools.count(1)


def shared(module: str) -> ModuleType:
    """A shared module in a package of its own, with state of its own."""
    package = f"scratch_shared_{next(_numbers)}"
    spec = importlib.util.spec_from_loader(package, None, is_package=True)
    assert spec is not None
    spec.submodule_search_locations = [str(SHARED)]
    sys.modules[package] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"{package}.{module}")


def launcher() -> Path:
    """The folder that goes on PYTHONPATH."""
    given = os.environ.get(LAUNCHER)
    hint = f"make one with `mock-cursor launcher --out DIR` and set {LAUNCHER}"
    assert given, f"no launcher folder to test: {hint}"
    folder = Path(given).resolve()
    assert (folder / "sitecustomize.py").is_file(), f"{folder} has no launcher: {hint}"
    return folder


def run(
    script: str,
    environment: Mapping[str, str],
    *arguments: str,
    path: tuple[Path, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """Run a script under the launcher."""
    return run_python(["-c", script, *arguments], environment, path=path)


def run_python(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    path: tuple[Path, ...] = (),
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run Python with arguments of its own under the launcher, in a folder."""
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(_NOT_INHERITED)
    }
    python_path = os.pathsep.join(str(folder) for folder in (launcher(), *path))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**inherited, "PYTHONPATH": python_path, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
