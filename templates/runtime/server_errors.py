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
    return _error(
        "InFailedSqlTransaction",
        "25P02",
        "current transaction is aborted, "
        "commands ignored until end of transaction block",
    )


def no_savepoint(operation: str) -> BaseException:
    """The end of a nested block whose transaction is over."""
    what = "RELEASE SAVEPOINT" if operation == "commit" else "ROLLBACK TO SAVEPOINT"
    message = f"{what} can only be used in transaction blocks"
    return _error("NoActiveSqlTransaction", "25P01", message)


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
    diagnostics = {
        "severity": "ERROR",
        "severity_nonlocalized": "ERROR",
        "sqlstate": sqlstate,
        "message_primary": message,
    }
    if hint:
        diagnostics["message_hint"] = hint
    record: Mapping[str, Any] = {
        "class": f"psycopg.errors.{name}",
        "sqlstate": sqlstate,
        "message": f"{message}\nHINT:  {hint}" if hint else message,
        "diagnostics": diagnostics,
    }
    return errors.from_record(record)
