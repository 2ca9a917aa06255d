"""The trace file: events appended as they happen, one a line.

Every line is written at once to a file opened for appending, so that a killed
process loses at most the last one. A forked or spawned process writes a file of its
own beside the first, an old recording is never added to. Knows nothing of drivers.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from importlib import metadata
from typing import Any

from .faults import RecorderError
from .scopes import START_UP

VERSION = 1
PROFILE = "psycopg"
PACKAGES = ("psycopg", "psycopg-binary", "sqlalchemy")
"""The packages whose versions shape the traffic."""

WORKER = "PYTEST_XDIST_WORKER"
"""The variable that names a worker of pytest-xdist: ``gw0``, ``gw1`` …"""

FIRST_WORKER = "gw0"

RECORDING = "MOCK_CURSOR_RECORDING"
"""The variable by which child processes know that a recording is theirs."""


def claim(path: str) -> str:
    """Begin a recording, or join that of the parent process; its absolute path.

    An old trace beside the new one would be taken for another process of it.
    """
    path = os.path.abspath(path)
    if os.environ.get(RECORDING) == path:
        return path
    folder, name = os.path.split(path)
    stem, extension = os.path.splitext(name)
    ours = re.compile(rf"{re.escape(stem)}(-\d+)*{re.escape(extension or '.jsonl')}")
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise RecorderError(f"{folder}: {error.strerror}") from error
    for old in names:
        if old == name or ours.fullmatch(old):
            raise RecorderError(
                f"{os.path.join(folder, old)}: is there already, from another recording",
                f"remove it; or set {RECORDING}={path} to add a process to it",
            )
    os.environ[RECORDING] = path
    return path


class Trace:
    """Appends events to a file; numbers what is written once and referred to."""

    def __init__(self, path: str, more_header: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self._more_header = dict(more_header or {})
        self._restart()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._restart)

    def number(
        self, event: str, key: Hashable, content: Callable[[], dict[str, Any]]
    ) -> int:
        """The id of what ``key`` stands for; at first sight its event is written."""
        with self.lock:
            self._open()
            number = self._numbers.get((event, key))
            if number is None:
                number = self._numbers[event, key] = self.next(event)
                self.write(event, {"id": number, **content()})
            return number

    def known(self, event: str, key: Hashable) -> int | None:
        """The id of what was written to this process's file, if it was."""
        with self.lock:
            return self._numbers.get((event, key))

    def next(self, event: str) -> int:
        """The next id of an event; ids start at 1, as scope 0 is start-up."""
        with self.lock:
            self._last[event] = self._last.get(event, 0) + 1
            return self._last[event]

    def write(self, event: str, content: dict[str, Any]) -> None:
        """Append one event."""
        line = json.dumps({event: content}, ensure_ascii=False, separators=(",", ":"))
        if self._worker is not None:
            line = self._worker.sub(FIRST_WORKER, line)
        # Surrogates are escaped where they may come in. One that is not expected
        # must not make the whole trace one that cannot be read.
        data = line.encode("utf-8", "replace") + b"\n"
        with self.lock:
            self._open()
            self._append(data)

    def _restart(self) -> None:
        # What a worker names for itself is recorded as if the first one had.
        worker = os.environ.get(WORKER)
        self._worker = (
            re.compile(rf"(?<![^\W_]){re.escape(worker)}(?![^\W_])")
            if worker and worker != FIRST_WORKER
            else None
        )
        # In a forked child nothing that its parent wrote is in its own file, and
        # the parent's lock may be held by a thread that does not exist here.
        self.lock = threading.RLock()
        self._numbers: dict[tuple[str, Hashable], int] = {}
        self._last: dict[str, int] = {}
        self._descriptor = -1

    def _open(self) -> None:
        # Not before the first event: a process without traffic leaves no file.
        if self._descriptor >= 0:
            return
        self._descriptor = self._create()
        # Not `now`, which the deterministic mode has replaced.
        now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
        header: dict[str, Any] = {
            "version": VERSION,
            "profile": PROFILE,
            "packages": _versions(),
            "started_at": now.isoformat(timespec="microseconds"),
            **self._more_header,
        }
        if WORKER in os.environ:
            header["workers"] = True
        self.write("trace", header)
        self.write("scope", {"id": 0, "name": START_UP, "kind": START_UP})

    def _create(self) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        stem, extension = os.path.splitext(self.path)
        path = self.path
        attempt = 0
        while True:
            try:
                return os.open(path, flags | getattr(os, "O_CLOEXEC", 0), 0o644)
            except FileExistsError:
                # Another process's trace; several pids of one number are possible
                # where a folder outlives a container.
                ordinal = f"-{attempt}" if attempt else ""
                path = f"{stem}-{os.getpid()}{ordinal}{extension or '.jsonl'}"
                attempt += 1
            except OSError as error:
                raise RecorderError(f"{path}: {error.strerror}") from error

    def _append(self, data: bytes) -> None:
        try:
            written = os.write(self._descriptor, data)
            while written < len(data):
                written += os.write(self._descriptor, data[written:])
        except OSError as error:
            raise RecorderError(f"{self.path}: {error.strerror}") from error


def _versions() -> dict[str, str]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
