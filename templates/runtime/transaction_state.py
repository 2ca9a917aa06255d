"""What a transaction block may be in, and the exception that rolls one back."""

from __future__ import annotations

from enum import Enum
from typing import Any


class State(str, Enum):
    """The states of a block, as psycopg names them."""

    NON_STARTED = "non-started"
    ACTIVE = "active"
    COMMITTED = "committed"
    ROLLED_BACK_EXPLICITLY = "rolled_back_explicitly"
    ROLLED_BACK_WITH_ERROR = "rolled_back_with_error"


class Rollback(Exception):
    """Leave the enclosing block, or the block given, with a rollback."""

    __module__ = "psycopg"

    def __init__(self, transaction: Any = None) -> None:
        self.transaction = transaction

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({self.transaction!r})"
