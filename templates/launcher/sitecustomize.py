"""Record or replay the database traffic of this interpreter, as the environment says.

Found first on PYTHONPATH and imported by ``site`` before the application; child
processes inherit the environment and do the same. Does nothing without the variables.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from typing import NoReturn

RECORD = "MOCK_CURSOR_RECORD"
REPLAY = "MOCK_CURSOR_REPLAY"
OURS = "mock_cursor_recorder"
PYTEST_PLUGINS = "PYTEST_PLUGINS"
PLUGIN = "mock_cursor_pytest"


def main() -> None:
    _run_other_sitecustomize()
    trace = os.environ.get(RECORD)
    fixture = os.environ.get(REPLAY)
    if trace and fixture:
        _exit(f"{RECORD} and {REPLAY} are both set", f"unset {RECORD} or {REPLAY}")
    if trace:
        _record(trace)
    elif fixture:
        _replay(fixture)
    if trace or fixture:
        _give_tests_their_scopes()


def _run_other_sitecustomize() -> None:
    # Only one module of this name is imported; another tool's must not be lost. Another
    # launcher's would run ours in turn.
    rest = [path for path in sys.path if not os.path.isdir(os.path.join(path, OURS))]
    spec = PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


def _record(trace: str) -> None:
    folder = os.path.dirname(os.path.abspath(trace))
    if not os.path.isdir(folder):
        _exit(f"{trace}: no such folder: {folder}", f"mkdir -p {folder}")
    try:
        from mock_cursor_recorder import RecorderError, install
    except ImportError as error:
        _exit(f"cannot import the recorder: {error}", "mock-cursor launcher --out DIR")
    # A child process may have another working directory.
    os.environ[RECORD] = os.path.abspath(trace)
    try:
        install(trace)
    except RecorderError as error:
        _end(str(error))


def _replay(fixture: str) -> None:
    folder = os.path.abspath(fixture)
    name = os.path.basename(folder)
    path = os.path.join(folder, "__init__.py")
    if not os.path.isfile(path):
        _exit(f"{fixture}: no fixture package", f"set {REPLAY} to a generated folder")
    if not name.isidentifier():
        _exit(f"{fixture}: {name!r} is no package name", "rename the folder")
    spec = spec_from_file_location(name, path, submodule_search_locations=[folder])
    if spec is None or spec.loader is None:
        _exit(f"{fixture}: cannot be imported", f"set {REPLAY} to a generated folder")
    package = module_from_spec(spec)
    sys.modules[name] = package
    try:
        spec.loader.exec_module(package)
        package.activate()
    except Exception as error:  # noqa: BLE001 - else `site` prints it and goes on
        detail = f"{type(error).__name__}: {error}"
        _exit(f"{fixture}: cannot be replayed: {detail}", "generate the fixture again")


def _give_tests_their_scopes() -> None:
    # Read by pytest, in this process or in a child, which finds the plugin beside us.
    plugins = os.environ.get(PYTEST_PLUGINS, "")
    if PLUGIN not in plugins.split(","):
        os.environ[PYTEST_PLUGINS] = f"{plugins},{PLUGIN}".lstrip(",")


def _exit(problem: str, hint: str) -> NoReturn:
    _end(f"{problem}\n  hint: {hint}")


def _end(message: str) -> NoReturn:
    # SystemExit here would become "Failed to import the site module" and status 1.
    sys.stderr.write(f"mock-cursor: {message}\n")
    sys.stderr.flush()
    os._exit(2)


main()
