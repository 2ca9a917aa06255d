"""What a script sees, written down line by line so that runs can be compared.

Values are shown with their types, exceptions with everything an application can read
of them. Where an object lies, and that a class is a stand-in, is no difference.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus

F = TypeVar("F", bound=Callable[..., Any])

_HIDDEN = (
    (re.compile(r"0x[0-9a-f]{6,}"), "0x…"),
    (re.compile(r"\bMock(?=[A-Z])"), ""),
    (re.compile(r"pg_temp_\d+"), "pg_temp_N"),
)
_PLAIN = (bool, bytes, float, int, str, type(None))
_DIAGNOSTICS = (
    "severity",
    "severity_nonlocalized",
    "sqlstate",
    "message_primary",
    "message_detail",
    "message_hint",
    "statement_position",
    "internal_position",
    "internal_query",
    "context",
    "schema_name",
    "table_name",
    "column_name",
    "datatype_name",
    "constraint_name",
    "source_file",
    "source_line",
    "source_function",
)
_WRAPPED = ("code", "statement", "params", "connection_invalidated", "ismulti")
"""What SQLAlchemy adds to an exception of the driver."""

_OF_CONNECTIONS = (
    "closed",
    "broken",
    "autocommit",
    "isolation_level",
    "read_only",
    "deferrable",
)
_OF_CURSORS = (
    "closed",
    "rowcount",
    "rownumber",
    "statusmessage",
    "arraysize",
    "format",
)
_OF_COLUMNS = (
    "name",
    "type_code",
    "type_display",
    "display_size",
    "internal_size",
    "precision",
    "scale",
    "null_ok",
)


def only_async(script: F) -> F:
    """A script that has no synchronous half."""
    script.only_async = True  # type: ignore[attr-defined]
    return script


class Observer:
    """The lines of one script; calling it adds one."""

    connection_class: type[Any] = psycopg.Connection

    def __init__(self, url: str) -> None:
        self.url = url
        self.lines: list[str] = []
        self._hidden = list(_HIDDEN)
        self._left_out: list[str] = []
        self._watched: list[Any] = []

    def __call__(self, label: str, *values: Any) -> None:
        self.line(" ".join((f"{label}:", *map(shown, values))))

    def line(self, text: str) -> None:
        if any(part in text for part in self._left_out):
            return
        for pattern, instead in self._hidden:
            text = pattern.sub(instead, text)
        self.lines.append(text)

    def hide(self, pattern: str, instead: str = "…") -> None:
        """Let what differs from run to run be shown by another text."""
        self._hidden.append((re.compile(pattern), instead))

    def leave_out(self, part: str) -> None:
        """Let lines that hold a text not be written down."""
        self._left_out.append(part)

    def watch(self, connection: Any) -> Any:
        """Show the transaction status of a connection after each step."""
        self._watched.append(connection)
        return connection

    def connect(self, *args: Any, **kwargs: Any) -> Any:
        """A new connection that is watched."""
        made = self.connection_class.connect(*(args or (self.url,)), **kwargs)
        return self.watch(made)

    def does(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call, and show what comes of it; returns the result, None for an exception."""
        call = _call(function, args, kwargs)
        try:
            result = function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever it is, is shown
            self._failed(call, error)
            return None
        self._returned(call, result)
        return result

    def sets(self, holder: Any, name: str, value: Any) -> None:
        """Set an attribute, and show what comes of it."""
        call = f"{name} = {shown(value)}"
        try:
            setattr(holder, name, value)
        except Exception as error:  # noqa: BLE001
            self._failed(call, error)
        else:
            self._returned(call, None)

    def reads(self, holder: Any, *names: str) -> None:
        """Show attributes, or what reading them raises."""
        for name in names:
            try:
                value = functools.reduce(getattr, name.split("."), holder)
            except Exception as error:  # noqa: BLE001
                self.line(f"{name}: {_class(type(error))}: {error}")
            else:
                self(name, value)

    def connection(self, connection: Any) -> None:
        """The state of a connection."""
        self.line(f"{connection!r}")
        self.reads(connection, *_OF_CONNECTIONS)
        self.reads(connection.info, "transaction_status", "status")

    def cursor(self, cursor: Any) -> None:
        """The state of a cursor."""
        self.line(f"{cursor!r}")
        self.reads(cursor, *_OF_CURSORS)
        result = getattr(cursor, "pgresult", None)
        if result is not None:
            self("pgresult", ExecStatus(result.status), result.ntuples, result.nfields)
        self.description(cursor.description)

    def description(self, description: Any) -> None:
        """The columns of a cursor, attribute by attribute."""
        if description is None:
            self.line("description: None")
            return
        for column in description:
            values = (f"{each}={getattr(column, each)!r}" for each in _OF_COLUMNS)
            self.line(f"column {column!r} {' '.join(values)} {tuple(column)!r}")

    def error(self, error: BaseException, indent: str = "  ") -> None:
        """Everything that an application can read of an exception."""
        # A class may stand for another of its name, whose arguments are not known.
        classes = dict.fromkeys(map(_class, type(error).__mro__))
        self.line(f"{indent}classes: {' '.join(classes)}")
        self.line(f"{indent}text: {str(error)!r}")
        if isinstance(error, psycopg.Error):
            self.line(f"{indent}sqlstate: {error.sqlstate!r}")
            for field in _DIAGNOSTICS:
                value = getattr(error.diag, field)
                if value is not None:
                    self.line(f"{indent}diag.{field}: {value!r}")
        original = getattr(error, "orig", None)
        if original is not None:
            for name in _WRAPPED:
                if hasattr(error, name):
                    self.line(f"{indent}{name}: {shown(getattr(error, name))}")
            self.line(f"{indent}orig:")
            self.error(original, f"{indent}  ")
        for note in getattr(error, "__notes__", ()):
            self.line(f"{indent}note: {note}")
        cause = error.__cause__
        if cause is not None and cause is not original:
            self.line(f"{indent}cause: {_class(type(cause))}")

    def _returned(self, call: str, result: Any) -> None:
        self.line(f"{call} -> {shown(result)}{self._statuses()}")

    def _failed(self, call: str, error: BaseException) -> None:
        self.line(f"{call} raises {_class(type(error))}{self._statuses()}")
        self.error(error)

    def _statuses(self) -> str:
        statuses = []
        for connection in self._watched:
            try:
                status = TransactionStatus(connection.info.transaction_status).name
            except Exception as error:  # noqa: BLE001
                status = f"{type(error).__name__}: {error}"
            statuses.append(status)
        return f" [{', '.join(statuses)}]" if statuses else ""


class AsyncObserver(Observer):
    """The same for a script that awaits what it calls."""

    connection_class = psycopg.AsyncConnection

    async def connect(self, *args: Any, **kwargs: Any) -> Any:
        made = await self.connection_class.connect(*(args or (self.url,)), **kwargs)
        return self.watch(made)

    async def does(
        self, function: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        call = _call(function, args, kwargs)
        try:
            result = function(*args, **kwargs)
            if inspect.isawaitable(result):
                result = await result
        except Exception as error:  # noqa: BLE001
            self._failed(call, error)
            return None
        self._returned(call, result)
        return result


def shown(value: Any) -> str:
    """A value with its type, and those of what it holds."""
    # What the recorder puts around an object of the driver says that it is one.
    cls = value.__class__
    if cls in _PLAIN:
        return repr(value)
    if cls in (list, tuple, dict):
        return _container(value)
    text = repr(value)
    if isinstance(value, tuple):
        # A row of a row factory: its values have types, too.
        text += _container(tuple(value))
    return f"{_class(cls)} {text}"


def _container(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{shown(key)}: {shown(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    items = ", ".join(map(shown, value))
    if isinstance(value, tuple):
        return f"({items},)" if len(value) == 1 else f"({items})"
    return f"[{items}]"


def _call(function: Any, args: Any, kwargs: Any) -> str:
    words = [_argument(each) for each in args]
    words += [f"{name}={_argument(each)}" for name, each in kwargs.items()]
    return f"{getattr(function, '__name__', '?')}({', '.join(words)})"


def _argument(value: Any) -> str:
    named = inspect.isroutine(value) or inspect.isclass(value)
    return str(value.__name__) if named else shown(value)


def _class(cls: type) -> str:
    if cls.__module__ == "builtins":
        return cls.__qualname__
    return f"{cls.__module__}.{cls.__qualname__}"
