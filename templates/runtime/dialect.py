"""The SQLAlchemy dialect: the recorded one, with this runtime for a driver.

A subclass of `PGDialect_psycopg`, so that the compiled SQL is the recorded
one to the byte.  The stand-in modules carry all behaviour; this only says
that they are the driver.  The only module of a fixture that imports
SQLAlchemy (2.0 or 2.1).
"""

from __future__ import annotations

import inspect
from typing import Any

from sqlalchemy.dialects.postgresql.psycopg import (
    AsyncAdapt_psycopg_cursor,
    PGDialect_psycopg,
    PGDialectAsync_psycopg,
    PsycopgAdaptDBAPI,
)

from . import psycopg as driver
from .pq import ExecStatus


class MockDialect(PGDialect_psycopg):
    """`postgresql+psycopg` on a fixture."""

    # SQLAlchemy reads this from the class itself and not from its bases.
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        return driver

    @classmethod
    def get_async_dialect_cls(cls, url: Any) -> type[PGDialectAsync_psycopg]:
        return MockAsyncDialect

    @classmethod
    def load_provisioning(cls) -> None:
        # SQLAlchemy's test suite looks for it beside the dialect's own module.
        recorded: Any = PGDialect_psycopg
        recorded.load_provisioning()


class MockAsyncDialect(PGDialectAsync_psycopg):
    """`postgresql+psycopg_async` on a fixture."""

    supports_statement_cache = True

    @classmethod
    def load_provisioning(cls) -> None:
        recorded: Any = PGDialectAsync_psycopg
        recorded.load_provisioning()

    @classmethod
    def import_dbapi(cls) -> Any:
        adapted: Any = PsycopgAdaptDBAPI
        if len(inspect.signature(adapted).parameters) > 1:
            return adapted(driver, ExecStatus)
        # SQLAlchemy 2.0 keeps the enum on the cursor class instead.
        cursor: Any = AsyncAdapt_psycopg_cursor
        cursor._psycopg_ExecStatus = ExecStatus
        return adapted(driver)
