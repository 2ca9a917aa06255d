"""Errors that the server would raise and that its state alone decides.

They are in no trace, since the application ran into none of them when it was
recorded; messages and codes are PostgreSQL's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import errors


def failed_transaction() -> BaseException:
    """A statement in a failed transaction, before its rollback."""
    return errors.from_record(FAILED_TRANSACTION)


def no_transaction(command: str) -> Mapping[str, Any]:
    """What ends a savepoint, or sets one, outside of any transaction."""
    message = f"{command} can only be used in transaction blocks"
    return _record("NoActiveSqlTransaction", "25P01", message)


def no_savepoint(name: str) -> Mapping[str, Any]:
    """The end of a savepoint that was not set, or is no more."""
    message = f'savepoint "{name}" does not exist'
    return _record("InvalidSavepointSpecification", "3B001", message)


def not_in_a_transaction_block(command: str) -> BaseException:
    """What ends a prepared transaction, asked for within another transaction."""
    message = f"{command} cannot run inside a transaction block"
    return _error("ActiveSqlTransaction", "25001", message)


def unknown_prepared_transaction(identifier: str) -> BaseException:
    """The end of a transaction of which nothing was prepared."""
    message = f'prepared transaction with identifier "{identifier}" does not exist'
    return _error("UndefinedObject", "42704", message)


def forward_only() -> BaseException:
    """A backward move of a cursor that was not declared with SCROLL."""
    return _error(
        "ObjectNotInPrerequisiteState",
        "55000",
        "cursor can only scan forward",
        hint="Declare it with SCROLL option to enable backward scan.",
    )


def undescribed_cursor(name: str) -> BaseException:
    """A fetch from a named cursor that was never executed."""
    message = f'portal "{name}" does not exist'
    return _error("InvalidCursorName", "34000", message)


def vanished_cursor(name: str) -> BaseException:
    """A move or a fetch in a named cursor that is not there, or no longer."""
    return _error("InvalidCursorName", "34000", f'cursor "{name}" does not exist')


def server_message(error: BaseException) -> str:
    """The message of an error as libpq keeps it; none of one that the client made."""
    severity = error.diag.severity if isinstance(error, errors.Error) else None
    if severity is None:
        return ""
    lost = _LOST if severity == "FATAL" else ""
    return f"{severity}:  {error}\n{lost}"


_LOST = (
    "server closed the connection unexpectedly\n"
    "\tThis probably means the server terminated abnormally\n"
    "\tbefore or while processing the request.\n"
)


def _error(name: str, sqlstate: str, message: str, hint: str = "") -> BaseException:
    return errors.from_record(_record(name, sqlstate, message, hint))


def _record(
    name: str, sqlstate: str, message: str, hint: str = ""
) -> Mapping[str, Any]:
    diagnostics = {
        "severity": "ERROR",
        "severity_nonlocalized": "ERROR",
        "sqlstate": sqlstate,
        "message_primary": message,
    }
    if hint:
        diagnostics["message_hint"] = hint
    return {
        "class": f"psycopg.errors.{name}",
        "sqlstate": sqlstate,
        "message": f"{message}\nHINT:  {hint}" if hint else message,
        "diagnostics": diagnostics,
    }


FAILED_TRANSACTION = _record(
    "InFailedSqlTransaction",
    "25P02",
    "current transaction is aborted, commands ignored until end of transaction block",
)

PIPELINE_ABORTED: Mapping[str, Any] = {
    "class": "psycopg.errors.PipelineAborted",
    "sqlstate": None,
    "message": "pipeline aborted",
}
