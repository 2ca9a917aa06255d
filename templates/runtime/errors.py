"""The exceptions of the stand-in driver: PEP 249's tree and one class a SQLSTATE.

Applications catch by class, read ``sqlstate`` and ``diag``, and pickle what they
caught. So the classes carry psycopg's module names and are attributes of this module,
which stands in ``sys.modules`` under psycopg's name while a fixture is active.
It knows nothing of traces beyond the one error object that `from_record` takes.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from .catalog import SQLSTATES
from .diagnostic_fields import FIELDS

if TYPE_CHECKING:
    from .result import ErrorResult


ErrorInfo: TypeAlias = Mapping[str, str | None] | None


class Diagnostic:
    """What the server said of an error or a notice, field by field."""

    __module__ = "psycopg.errors"

    severity: str | None
    severity_nonlocalized: str | None
    sqlstate: str | None
    message_primary: str | None
    message_detail: str | None
    message_hint: str | None
    statement_position: str | None
    internal_position: str | None
    internal_query: str | None
    context: str | None
    schema_name: str | None
    table_name: str | None
    column_name: str | None
    datatype_name: str | None
    constraint_name: str | None
    source_file: str | None
    source_line: str | None
    source_function: str | None

    def __init__(self, info: ErrorInfo, encoding: str = "utf-8") -> None:
        fields = info or {}
        for field in FIELDS:
            setattr(self, field, fields.get(field))


class Warning(builtins.Exception):
    """PEP 249: raised for important warnings. Psycopg never raises it."""

    __module__ = "psycopg"


class Error(builtins.Exception):
    """PEP 249: the base of all database errors."""

    __module__ = "psycopg"

    sqlstate: str | None = None

    def __init__(
        self,
        *args: Any,
        info: ErrorInfo = None,
        encoding: str = "utf-8",
        pgconn: Any = None,
    ) -> None:
        super().__init__(*args)
        self._info = dict(info) if info is not None else None
        self._encoding = encoding
        self._is_copied = False
        if self._info is not None and self._info.get("sqlstate"):
            self.sqlstate = self._info["sqlstate"]

    @property
    def pgconn(self) -> None:
        """Always ``None``: of one that failed to come about nothing is kept."""
        return None

    @property
    def pgresult(self) -> ErrorResult | None:
        """What the server sent; ``None`` if it did not, and of a copy."""
        if not self._info or self._is_copied:
            return None
        from .result import ErrorResult

        return ErrorResult(self._info, str(self), self._encoding)

    @property
    def diag(self) -> Diagnostic:
        return Diagnostic(self._info, self._encoding)

    def __reduce__(self) -> tuple[Any, ...]:
        state = {**vars(self), "_is_copied": True}
        return type(self), self.args, state


class InterfaceError(Error):
    """PEP 249: an error of the driver rather than of the database."""

    __module__ = "psycopg"


class DatabaseError(Error):
    """PEP 249: an error of the database."""

    __module__ = "psycopg"


class DataError(DatabaseError):
    """PEP 249: a problem with the data that were processed."""

    __module__ = "psycopg"


class OperationalError(DatabaseError):
    """PEP 249: an error of the database's operation."""

    __module__ = "psycopg"


class IntegrityError(DatabaseError):
    """PEP 249: the database's integrity is affected."""

    __module__ = "psycopg"


class InternalError(DatabaseError):
    """PEP 249: the database met an internal error."""

    __module__ = "psycopg"


class ProgrammingError(DatabaseError):
    """PEP 249: a statement or a call is wrong."""

    __module__ = "psycopg"


class NotSupportedError(DatabaseError):
    """PEP 249: a method that the database does not support."""

    __module__ = "psycopg"


class NotSupportedAttribute(NotSupportedError, AttributeError):
    """Of what is refused where it is read: for `hasattr` it is not there."""

    __module__ = "psycopg"


class NotSupportedModule(NotSupportedError, ModuleNotFoundError):
    """Of what is refused where it is imported."""

    __module__ = "psycopg"


class ConnectionTimeout(OperationalError):
    """``connect_timeout`` passed before a connection was obtained."""

    __module__ = "psycopg.errors"


class CancellationTimeout(OperationalError):
    """``cancel_safe`` did not end in time."""

    __module__ = "psycopg.errors"


class PipelineAborted(OperationalError):
    """An operation failed because its pipeline is aborted."""

    __module__ = "psycopg.errors"


_BY_SQLSTATE: dict[str, type[Error]] = {}


def lookup(sqlstate: str) -> type[Error]:
    """The class of a SQLSTATE or of a constant's name; `KeyError` if there is none."""
    return _BY_SQLSTATE[sqlstate.upper()]


def from_record(record: Mapping[str, Any]) -> BaseException:
    """The exception that a recorded error object describes."""
    message = str(record.get("message", ""))
    cls = _class_of(str(record.get("class", "")), record.get("sqlstate"))
    if not issubclass(cls, Error):
        return _foreign(cls, message)
    info = dict(record.get("diagnostics") or {})
    sqlstate = record.get("sqlstate")
    if sqlstate and not info.get("sqlstate"):
        info["sqlstate"] = sqlstate
    return cls(message, info=info or None)


def _class_of(path: str, sqlstate: str | None) -> type[BaseException]:
    module, _, name = path.rpartition(".")
    if module.startswith("psycopg"):
        found: Any = globals().get(name)
    elif module == "builtins":
        found = getattr(builtins, name, None)
    else:
        found = getattr(sys.modules.get(module), name, None)
    if isinstance(found, type) and issubclass(found, BaseException):
        return found
    return _BY_SQLSTATE.get(sqlstate or "", DatabaseError)


def _foreign(cls: type[BaseException], message: str) -> BaseException:
    """An exception that is not the driver's, with the recorded text.

    Some build their text from several arguments (`UnicodeDecodeError`) or change it
    (`KeyError`); those get the text by an override in a class of the same name.
    """
    try:
        error = cls(message)
        if str(error) == message:
            return error
    except TypeError:
        pass
    namespace = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__str__": lambda self: message,
    }
    shown: type[BaseException] = type(cls.__name__, (cls,), namespace)
    error = shown.__new__(shown, message)
    error.args = (message,)
    return error


def _define_sqlstates() -> None:
    for sqlstate, name, base in SQLSTATES:
        namespace = {"__module__": "psycopg.errors", "sqlstate": sqlstate}
        cls: type[Error] = type(name, (globals()[base],), namespace)
        globals()[name] = cls
        _BY_SQLSTATE[sqlstate] = cls
        # Psycopg finds a class by its constant's name as well: UNIQUE_VIOLATION. Some
        # conditions of SQL routines and of external ones share it; the last one wins.
        _BY_SQLSTATE[_constant(name)] = cls


def _constant(name: str) -> str:
    # Two classes would have the name of another but for a suffix.
    name = name.removesuffix("Ext").rstrip("_")
    words = "".join("_" + c if c.isupper() else c for c in name)
    return words.lstrip("_").upper()


_define_sqlstates()


def __getattr__(name: str) -> Any:
    # It also tells type checkers that the classes made from the catalog are attributes.
    from .refusal import refusing

    return refusing("psycopg.errors")(name)
