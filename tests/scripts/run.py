"""Runs the scripts, each in a scope of its own, and prints what they saw.

One JSON line a script: ``{"case": …, "lines": […]}``. `cargo xtask scripts` runs this
live, under the recorder and on the fixture, and compares. Arguments are parts of names.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
import logging
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

from both import synchronous
from observe import AsyncObserver, Observer

_FOLDER = Path(__file__).parent
_LIMIT = 60

OpenScope = Callable[[str, str], AbstractContextManager[Any]]


class Script(NamedTuple):
    name: str
    function: Callable[[Any], Any]


def main(parts: list[str]) -> None:
    open_scope = _scopes()
    chosen = [
        script
        for script in _scripts()
        if not parts or any(part in script.name for part in parts)
    ]
    if not chosen:
        sys.exit(f"no script has any of these in its name: {' '.join(parts)}")
    signal.signal(signal.SIGALRM, _too_long)
    warnings.simplefilter("always")
    for script in chosen:
        outcome = _outcome(script, open_scope)
        print(
            json.dumps({"case": script.name, **outcome}, ensure_ascii=False), flush=True
        )


def _scopes() -> OpenScope:
    """What opens a scope in this process; live there are none."""
    fixture = os.environ.get("MOCK_CURSOR_REPLAY")
    if fixture:
        module = import_module(f"{Path(fixture).name}.runtime.scopes")
    elif os.environ.get("MOCK_CURSOR_RECORD"):
        module = import_module("mock_cursor_recorder.scopes")
    else:
        return lambda name, kind: nullcontext()
    opener: OpenScope = module.open_scope
    return opener


def _scripts() -> Iterator[Script]:
    for path in sorted(_FOLDER.glob("*.py")):
        if path.stem == "run":
            continue
        module = import_module(path.stem)
        half: ModuleType | None = None
        for name, function in list(_written(module)):
            if not inspect.iscoroutinefunction(function):
                yield Script(f"{path.stem}.{name}", function)
                continue
            yield Script(f"{path.stem}.{name} (async)", function)
            if not hasattr(function, "only_async"):
                half = half or synchronous(module)
                yield Script(f"{path.stem}.{name} (sync)", getattr(half, name))


def _written(module: ModuleType) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """The scripts of a module: its public functions of the one parameter `see`."""
    for name, function in vars(module).items():
        if not inspect.isfunction(function) or name.startswith("_"):
            continue
        is_script = [*inspect.signature(function).parameters] == ["see"]
        if is_script and function.__module__ == module.__name__:
            yield name, function


def _outcome(script: Script, open_scope: OpenScope) -> dict[str, Any]:
    is_async = inspect.iscoroutinefunction(script.function)
    see = (AsyncObserver if is_async else Observer)(os.environ["DATABASE_URL"])
    outcome: dict[str, Any] = {"lines": see.lines}
    with _Listening(see), open_scope(script.name, "test"):
        signal.alarm(_LIMIT)
        try:
            if is_async:
                asyncio.run(script.function(see))
            else:
                script.function(see)
        except BaseException as error:  # noqa: BLE001 - no script ends the others
            # A script shows what it expects to fail: this is a fault of its own.
            see.line(f"broken by {type(error).__name__}")
            see.error(error)
            outcome["broken"] = traceback.format_exc()
        finally:
            signal.alarm(0)
        # What it left open goes within its own scope, and so does what that held.
        while gc.collect():
            pass
    return outcome


def _too_long(*_: Any) -> NoReturn:
    raise TimeoutError(f"the script takes longer than {_LIMIT} s")


class _Listening(logging.Handler):
    """Shows warnings, log records and exceptions that nobody gets, while it is open."""

    def __init__(self, see: Observer) -> None:
        super().__init__()
        self._see = see

    def __enter__(self) -> None:
        self._before = warnings.showwarning, sys.unraisablehook
        warnings.showwarning = self._warned
        sys.unraisablehook = self._unraisable
        logging.getLogger().addHandler(self)

    def __exit__(self, *_: object) -> None:
        warnings.showwarning, sys.unraisablehook = self._before
        logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self._see.line(f"log {record.name} {record.levelname}: {record.getMessage()}")
        if record.exc_info and record.exc_info[1] is not None:
            self._see.error(record.exc_info[1])

    def _warned(
        self, message: Any, category: Any, filename: str, lineno: int, *_: Any
    ) -> None:
        path = Path(filename)
        place = f"{path.name}:{lineno}" if path.parent == _FOLDER else "elsewhere"
        self._see.line(f"warning {category.__name__} ({place}): {message}")

    def _unraisable(self, unraisable: Any) -> None:
        self._see.line(f"unraisable: {unraisable.exc_value!r}")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    main(sys.argv[1:])
