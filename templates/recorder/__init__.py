"""Records the database traffic of an application that is not changed for it.

``install(path)`` before the application imports its driver; everything that the
driver is asked and everything that it answers is appended to the trace at ``path``.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any

from . import determinism, greenlets, pools, processes, scopes, servers, threads
from .faults import RecorderError, RecorderUnsupported
from .imports import when_imported
from .recording import Recording
from .trace import Trace, claim

__all__ = ["RecorderError", "RecorderUnsupported", "install"]

RULES_FILE = "MOCK_CURSOR_REDACTION"
"""The variable that names the file with `[[redact]]` tables, as `stack.toml` has."""


def install(path: str | os.PathLike[str]) -> None:
    """Record this process, and those forked from it, into the trace at ``path``."""
    global _recording
    if _recording is not None:
        raise RecorderError(f"this process is recorded already, to {_recording.path}")
    deterministic = os.environ.get(determinism.VARIABLE) == "1"
    redacting = None
    if os.environ.get(RULES_FILE):
        # Most recordings have none, and do not wait for its expressions.
        from .redacting import from_file

        redacting = from_file(os.environ[RULES_FILE])
    more: dict[str, Any] = {"deterministic": True} if deterministic else {}
    if redacting is not None:
        more["redaction"] = redacting.header
        scopes.redact_names(redacting.name)
    trace = Trace(claim(os.fspath(path)), more)
    _recording = recording = Recording(trace, redacting)
    scopes.listen(recording)
    scopes.publish()
    servers.install()
    threads.install()
    processes.install()
    greenlets.install()
    pools.install()
    if deterministic:
        determinism.install(recording.start_clock)

    def hook(module: ModuleType) -> None:
        # Only now: the proxies need the driver, and nothing imports it before the
        # application does.
        from .entry_points import replace

        replace(recording)

    when_imported("psycopg", hook)


_recording: Recording | None = None
