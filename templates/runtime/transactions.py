"""The stand-in for ``psycopg.transaction``: blocks of both kinds, and how they fail."""

from __future__ import annotations

from .transaction import Transaction
from .transaction_async import AsyncTransaction
from .transaction_base import BaseTransaction, OutOfOrderTransactionNesting, Rollback

__all__ = [
    "AsyncTransaction",
    "BaseTransaction",
    "OutOfOrderTransactionNesting",
    "Rollback",
    "Transaction",
]
