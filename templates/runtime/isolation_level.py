"""Isolation levels, as connections take and show them."""

from __future__ import annotations

from enum import IntEnum


class IsolationLevel(IntEnum):
    """How much of other transactions one sees."""

    __module__ = "psycopg"

    READ_UNCOMMITTED = 1
    READ_COMMITTED = 2
    REPEATABLE_READ = 3
    SERIALIZABLE = 4
