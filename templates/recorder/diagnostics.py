"""Exceptions and notices of the driver as the trace writes them.

Reads attributes only; whether an error is expected is not its business.
"""

from __future__ import annotations

from typing import Any

from .diagnostic_fields import FIELDS


def diagnostics(diagnostic: Any) -> dict[str, str]:
    """The fields that the server filled in."""
    fields = {field: getattr(diagnostic, field, None) for field in FIELDS}
    return {field: value for field, value in fields.items() if value is not None}


def is_outcome(error: BaseException) -> bool:
    """Whether an exception is the outcome of a statement, which a replay repeats.

    What the driver refuses by its own state, so does the replay; an exchange of it would
    be left for whoever asks the same on the next connection. What stops a program
    or a generator comes from outside. So does the cancellation of a task, but there the
    statement has to last until the application cancels it again.
    """
    if not isinstance(error, Exception):
        return is_cancellation(error)
    message = str(error)
    if type(error).__module__ != "psycopg":
        return True
    return message not in _REFUSALS and not message.endswith(_ON_BUSY)


_REFUSALS = (
    "the connection is closed",
    "the connection is lost",
    "the cursor is closed",
    "connection not in pipeline mode",
    "COPY cannot be used in pipeline mode",
    "server-side cursors not supported in pipeline mode",
    "stream() cannot be used in pipeline mode",
)
_ON_BUSY = ("another command is already in progress", "failed to enter pipeline mode")
"""What is asked on a connection that was left in the middle of a COPY."""


def error_record(error: BaseException) -> dict[str, Any]:
    """What an application can observe of an exception."""
    record: dict[str, Any] = {
        "class": _importable(type(error)),
        "sqlstate": getattr(error, "sqlstate", None),
        "message": str(error),
    }
    diagnostic = getattr(error, "diag", None)
    fields = diagnostics(diagnostic) if diagnostic is not None else {}
    if fields:
        record["diagnostics"] = fields
    return record


def is_cancellation(error: BaseException) -> bool:
    """Whether it is the cancellation of a task."""
    # By name: nothing imports asyncio on behalf of an application without it.
    names = {(base.__module__, base.__name__) for base in type(error).__mro__}
    return ("asyncio.exceptions", "CancelledError") in names


def _importable(cls: type[BaseException]) -> str:
    # A class that was made inside a function cannot be named at replay; what is
    # caught by its name then is its base.
    for base in cls.__mro__:
        path = f"{base.__module__}.{base.__qualname__}"
        if all(part.isidentifier() for part in path.split(".")):
            return path
    return "builtins.Exception"
