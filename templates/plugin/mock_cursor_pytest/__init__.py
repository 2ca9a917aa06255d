"""A pytest plugin: each test is recorded and replayed in a scope of its own.

Where a fixture was recorded, ``pytest`` alone replays it: no database and no driver is
needed. ``--mock-cursor=MODE`` records. An entry point must bear this module's name, by
which the launcher asks for it as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from . import program, replay, test_scopes, worker
from .exchanges import Exchanges, mock_cursor
from .settings import MODES, Settings, settings_around

__all__ = ["Exchanges", "mock_cursor"]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mock-cursor", "recorded database traffic")
    group.addoption(
        "--mock-cursor",
        choices=MODES,
        metavar="MODE",
        help="none: replay, the default where a fixture exists; the others record: "
        "once (what asks something new), new_episodes (what was never recorded), "
        "all, rewrite (and drop what did not run)",
    )
    group.addoption(
        "--block-network",
        action="store_true",
        default=None,
        help="refuse connections by Python's sockets while replaying",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config,
) -> Generator[None, object, object]:
    # Before conftest files are imported, and before anything is captured.
    options = early_config.known_args_namespace
    settings = settings_around(early_config.invocation_params.dir)
    early_config.stash[_SETTINGS] = settings
    if not test_scopes.are_open():
        mode = options.mock_cursor or settings.asked_mode
        if "MOCK_CURSOR_RECORD" in os.environ:
            raise pytest.UsageError(
                "this process is to be recorded, and has no recorder\n"
                "  hint: start Python without -S, -I and -E"
            )
        if mode in (None, "none"):
            _replay(settings, options, demanded=options.mock_cursor is not None)
        else:
            raise SystemExit(subprocess.call(program.record(mode)))
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "mock_cursor(mode): what a recording keeps of this test, unless the command "
        "line or the environment says",
    )
    config.pluginmanager.register(test_scopes, "mock_cursor_test_scopes")
    config.pluginmanager.register(worker, "mock_cursor_worker")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    # Modules of scopes are named for tests.
    settings = config.stash.get(_SETTINGS, None)
    if settings is not None and collection_path == settings.fixtures:
        return True
    return None


def pytest_report_header(config: pytest.Config) -> str | None:
    if replay.active is None:
        return None
    return f"mock-cursor: replaying {os.path.relpath(replay.active, config.rootpath)}"


def _replay(settings: Settings, options: Any, demanded: bool) -> None:
    if not settings.is_recorded:
        if demanded:
            raise pytest.UsageError(
                f"{settings.fixtures}: nothing is recorded there\n"
                "  hint: record first: `pytest --mock-cursor=all`"
            )
        return
    if "psycopg" in sys.modules:
        raise pytest.UsageError(
            "another plugin has imported psycopg already, so nothing can be replayed\n"
            "  hint: run `mock-cursor replay -- pytest`, which comes before plugins"
        )
    replay.activate(
        settings.fixtures, bool(options.block_network or settings.block_network)
    )


_SETTINGS = pytest.StashKey[Settings]()
