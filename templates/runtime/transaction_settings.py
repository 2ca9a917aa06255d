"""How the transactions of a connection begin: autocommit, isolation, access mode.

Psycopg lets them be changed between transactions only, and on asynchronous
connections only by `set_…()`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from . import errors
from .isolation_level import IsolationLevel
from .pq import TransactionStatus


class TransactionSettings:
    """The settings, and when they may be changed."""

    _is_async: ClassVar[bool] = False

    _transactions: int

    _autocommit = False
    _isolation_level: Any = None
    _read_only: bool | None = None
    _deferrable: bool | None = None

    def check_open(self) -> None:
        """Raise if the connection is closed, which the connection itself knows."""
        raise NotImplementedError

    @property
    def transaction_status(self) -> TransactionStatus:
        """The status as the client knows it."""
        raise NotImplementedError

    @property
    def autocommit(self) -> bool:
        return self._autocommit

    @autocommit.setter
    def autocommit(self, value: bool) -> None:
        self._check_assignable("autocommit")
        self._set("autocommit", value)

    @property
    def isolation_level(self) -> Any:
        return self._isolation_level

    @isolation_level.setter
    def isolation_level(self, value: Any) -> None:
        self._check_assignable("isolation_level")
        self._set("isolation_level", value)

    @property
    def read_only(self) -> bool | None:
        return self._read_only

    @read_only.setter
    def read_only(self, value: bool | None) -> None:
        self._check_assignable("read_only")
        self._set("read_only", value)

    @property
    def deferrable(self) -> bool | None:
        return self._deferrable

    @deferrable.setter
    def deferrable(self, value: bool | None) -> None:
        self._check_assignable("deferrable")
        self._set("deferrable", value)

    def _set(self, name: str, value: Any) -> None:
        self.check_open()
        if self._transactions:
            raise errors.ProgrammingError(
                f"can't change {name!r} now: connection.transaction() context "
                "in progress"
            )
        if self.transaction_status != TransactionStatus.IDLE:
            raise errors.ProgrammingError(
                f"can't change {name!r} now: connection in transaction status "
                f"{self.transaction_status.name}"
            )
        if value is not None or name == "autocommit":
            value = IsolationLevel(value) if name == "isolation_level" else bool(value)
        setattr(self, f"_{name}", value)

    def _check_assignable(self, name: str) -> None:
        if self._is_async:
            raise AttributeError(
                f"'the {name!r} property is read-only on async connections: "
                f"please use 'await .set_{name}()' instead."
            )
