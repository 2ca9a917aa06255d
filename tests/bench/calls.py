"""Contests on a PEP 249 connection, whoever made it."""

from __future__ import annotations

import itertools
from typing import Any

from statements import HUNDRED_ROWS, ONE_ROW, ONE_ROW_PARAMETERS
from timing import Contest, timed


def cursor(connection: Any, **options: Any) -> Contest:
    """A cursor, one row of eight columns by three parameters, and its close."""

    def call() -> Any:
        cursor = connection.cursor()
        cursor.execute(ONE_ROW, ONE_ROW_PARAMETERS, **options)
        rows = cursor.fetchall()
        cursor.close()
        return rows

    return lambda count: timed(count, call)


def cold_fetch(connection: Any, **options: Any) -> Contest:
    """A hundred rows that nobody has fetched before, by a parameter of their own."""
    starts = itertools.count()

    def call() -> Any:
        cursor = connection.cursor()
        cursor.execute(HUNDRED_ROWS, (next(starts),), **options)
        return cursor.fetchall()

    return lambda count: timed(count, call)
