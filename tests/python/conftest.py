"""The fixture under test, loaded as the package ``fixture``.

``MOCK_CURSOR_FIXTURE`` names a generated fixture's directory; without it the first one
of ``generated/python`` is taken. All have the same runtime.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from opened import Opened
from recordings import make_fixture

REPOSITORY = Path(__file__).resolve().parents[2]


def _directory() -> Path | None:
    given = os.environ.get("MOCK_CURSOR_FIXTURE")
    if given:
        return Path(given)
    found = sorted((REPOSITORY / "generated" / "python").glob("*/runtime"))
    return found[0].parent if found else None


def _load(directory: Path) -> ModuleType:
    """The package, under a name that does not depend on the stack."""
    spec = importlib.util.spec_from_file_location(
        "fixture",
        directory / "__init__.py",
        submodule_search_locations=[str(directory)],
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["fixture"] = package
    # Not executed: its `__init__` opens the recording, which these tests do not need.
    return package


_found = _directory()
if _found is not None:
    _load(_found)


@pytest.fixture
def opened(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """What `opened.recorded` describes, with the scope ``s`` open."""
    made = Opened(make_fixture(tmp_path, {"s": [], **request.param}))
    with made.scopes.open_scope("s", "test"):
        yield made
