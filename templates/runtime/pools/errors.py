"""What a pool raises if it has no connection to give."""

from __future__ import annotations

from ..errors import OperationalError


class PoolClosed(OperationalError):
    """A connection was asked of a pool that is not open."""

    __module__ = "psycopg_pool"


class PoolTimeout(OperationalError):
    """No connection became free in time."""

    __module__ = "psycopg_pool"


class TooManyRequests(OperationalError):
    """As many clients as may wait for a connection are waiting already."""

    __module__ = "psycopg_pool"
