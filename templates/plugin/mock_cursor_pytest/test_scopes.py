"""The scopes of tests and of their fixtures.

A fixture that outlives a test is set up and torn down in a scope of its own, too, so
that a single test replays as well as all of them. What was asked in vain fails the test
that was running, even if the application has swallowed the miss. Does nothing in a
process that neither records nor replays.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack
from types import ModuleType
from typing import Any, TypeAlias

import pytest

from .settings import MODE, MODES

Around: TypeAlias = Generator[None, object, object]
"""A wrapper of a hook."""


class _OpenFixture:
    """The scope of a fixture that is set up, and that it is entered for tear-down."""

    def __init__(self, scopes: ModuleType, name: str) -> None:
        self.scopes = scopes
        self.scope = scopes.begin(name, "fixture", tuple(_around))
        self.entered = ExitStack()

    def enter(self) -> None:
        self.entered.enter_context(self.scopes.by_default(self.scope))

    def close(self) -> None:
        self.entered.close()
        _around.remove(self.scope)
        self.scopes.end(self.scope)


_open: dict[pytest.FixtureDef[Any], _OpenFixture] = {}

# The scopes of these fixtures, in the order of their set-up.
_around: list[Any] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Around:
    scopes = _scopes()
    if scopes is None:
        return (yield)
    scope = scopes.begin(item.nodeid, "test", _around)
    scope.mode = _mode(item)
    if "mock_cursor" in getattr(item, "fixturenames", ()):
        scope.asked = []
    item.stash[_SCOPE] = scope
    try:
        with scopes.by_default(scope):
            return (yield)
    finally:
        scopes.end(scope)
        # The item outlives the session, and what was recorded of its test need not.
        del item.stash[_SCOPE]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Around:
    return (yield from _failing(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Around:
    return (yield from _failing(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Around:
    return (yield from _failing(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    scope = scope_of(item)
    if scope is not None:
        scope.failed = scope.failed or report.failed
        if report.skipped and not hasattr(report, "wasxfail"):
            # It did not run to its end, so what is known of it stays.
            scope.mode = "new_episodes"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Around:
    scopes = _scopes()
    if scopes is None or fixturedef.scope == "function":
        return (yield)
    opened = _open[fixturedef] = _OpenFixture(scopes, _name(fixturedef, request))
    opened.scope.mode = _asked_mode(request.config)
    try:
        with scopes.by_default(opened.scope):
            return (yield)
    except pytest.skip.Exception:
        opened.scope.mode = "new_episodes"
        raise
    except BaseException:
        opened.scope.failed = True
        raise
    finally:
        _around.append(opened.scope)
        # Finalizers run in reverse: first those of the fixtures that need this one, then
        # this, and then its own, which are there already even if the set-up failed.
        fixturedef.addfinalizer(opened.enter)


def pytest_fixture_post_finalizer(fixturedef: pytest.FixtureDef[Any]) -> None:
    # Some versions of pytest call it more than once.
    opened = _open.pop(fixturedef, None)
    if opened is not None:
        opened.close()


_SCOPE = pytest.StashKey[Any]()


def are_open() -> bool:
    """Whether this process records or replays."""
    return _scopes() is not None


def scope_of(item: pytest.Item) -> Any:
    """The scope of a test that runs, if this process records or replays."""
    return item.stash.get(_SCOPE, None)


def _mode(item: pytest.Item) -> str | None:
    """What a recording keeps of a test, where the run or the test itself says so."""
    asked = _asked_mode(item.config)
    marker = item.get_closest_marker("mock_cursor")
    if asked is not None or MODE in os.environ or marker is None:
        return asked
    mode = (*marker.args, *marker.kwargs.values(), None)[0]
    if mode not in MODES:
        raise pytest.UsageError(
            f"{item.nodeid}: no mode {mode!r}\n  hint: modes are {', '.join(MODES)}"
        )
    return str(mode)


def _asked_mode(config: pytest.Config) -> str | None:
    mode: str | None = config.getoption("--mock-cursor")
    return mode


def _scopes() -> ModuleType | None:
    # Asked each time, as a conftest may activate a fixture after this was imported.
    return sys.modules.get("mock_cursor_scopes")


def _name(fixturedef: pytest.FixtureDef[Any], request: Any) -> str:
    """Where the fixture lives, its name, and which of its parameters it has."""
    name = f"{request.node.nodeid} fixture {fixturedef.argname}".lstrip()
    if hasattr(request, "param"):
        name += f"[{request.param_index}]"
    return name


def _failing(item: pytest.Item) -> Around:
    """Fail a phase of the test in which something was asked that had no answer."""
    scope = scope_of(item)
    if scope is None:
        return (yield)
    try:
        result = yield
    except pytest.skip.Exception:
        _fail(scope.faults)
        raise
    except BaseException:
        # Reported once: it fails already, most likely of just this.
        scope.faults.clear()
        raise
    _fail(scope.faults)
    return result


def _fail(faults: list[str]) -> None:
    report = "\n\n".join(faults)
    faults.clear()
    if report:
        pytest.fail(report, pytrace=False)
