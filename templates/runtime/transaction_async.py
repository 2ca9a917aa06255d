"""`connection.transaction()`: blocks that commit or roll back, and nest.

`transaction.py` is derived from this file.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from .transaction_base import BaseTransaction


class AsyncTransaction(BaseTransaction[Any]):
    """One block of `connection.transaction()`."""

    __module__ = "psycopg"

    async def __aenter__(self) -> Self:
        self._begin()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        return self._end(exc_value)
