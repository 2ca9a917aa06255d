"""Which worker of pytest-xdist a test sees while a fixture is replayed.

Workers on one server name databases and schemas for themselves. A replay has no server
to share, so each of its processes is the worker that was recorded.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

VARIABLE = "PYTEST_XDIST_WORKER"
FIRST = "gw0"
NONE = "master"
"""What pytest-xdist calls a run without workers."""


def recorded() -> str | None:
    """The worker's name, if this process replays."""
    scopes = sys.modules.get("mock_cursor_scopes")
    if scopes is None:
        return None
    package, _, name = scopes.__name__.rpartition(".runtime.")
    if name != "scopes":
        # A recording has scopes, and no fixture.
        return None
    index = sys.modules[f"{package}.index"]
    return FIRST if getattr(index, "WORKERS", False) else NONE


def pytest_configure(config: pytest.Config) -> None:
    worker = recorded()
    if worker is None:
        return
    if worker == NONE:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = worker
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    if given is not None:
        given["workerid"] = worker


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: Any
) -> str | None:
    # Also where no worker runs, which has no name to be changed.
    worker = recorded() if fixturedef.argname == "worker_id" else None
    if worker is not None:
        fixturedef.cached_result = (worker, fixturedef.cache_key(request), None)
    return worker
