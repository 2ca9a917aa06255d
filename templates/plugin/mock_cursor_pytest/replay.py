"""A fixture takes the driver's place in this process, and in those that it starts."""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

active: Path | None = None
"""The fixture's folder, while one is replayed."""


def activate(fixtures: Path, block_network: bool) -> None:
    """Replay from now on; what is imported later gets stand-ins for the driver."""
    global active
    if block_network:
        os.environ["MOCK_CURSOR_GUARD"] = "1"
    name = fixtures.name
    path = fixtures / "__init__.py"
    spec = spec_from_file_location(
        name, path, submodule_search_locations=[str(fixtures)]
    )
    assert spec is not None and spec.loader is not None
    package = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(package)
        package.activate()
    except Exception as error:
        raise pytest.UsageError(
            f"{fixtures}: cannot be replayed: {error}\n  hint: mock-cursor gen"
        ) from error
    active = fixtures
    _reach_children(fixtures)


def _reach_children(fixtures: Path) -> None:
    launcher = Path(__file__).parent.parent / "mock_cursor_launcher"
    if launcher.is_dir():
        os.environ["MOCK_CURSOR_REPLAY"] = str(fixtures)
        paths = [str(launcher), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
