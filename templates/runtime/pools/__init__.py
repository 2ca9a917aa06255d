"""The stand-in for ``psycopg_pool``: pools of connections that answer from the recording.

While a fixture is active this package is ``psycopg_pool`` in ``sys.modules``. It makes
connections as often as it needs them, and asks them nothing: what is asked of a
connection that is made, checked or returned, the application's callbacks ask.
"""

from __future__ import annotations

from ..refusal import refuses, refusing
from . import base, pool, pool_async
from .errors import PoolClosed, PoolTimeout, TooManyRequests
from .null_pool import NullConnectionPool
from .null_pool_async import AsyncNullConnectionPool
from .pool import ConnectionPool
from .pool_async import AsyncConnectionPool
from .version import __version__ as __version__

# By the package's names, which their representations show.
ConnectionPool.__module__ = "psycopg_pool.pool"
AsyncConnectionPool.__module__ = "psycopg_pool.pool_async"
NullConnectionPool.__module__ = "psycopg_pool.null_pool"
AsyncNullConnectionPool.__module__ = "psycopg_pool.null_pool_async"

refuses("psycopg_pool.pool.ConnectionPool")(ConnectionPool)
refuses("psycopg_pool.pool_async.AsyncConnectionPool")(AsyncConnectionPool)
for module in (base, pool, pool_async):
    name = module.__name__.rpartition(".")[2]
    vars(module)["__getattr__"] = refusing(f"psycopg_pool.{name}")

__all__ = [
    "AsyncConnectionPool",
    "AsyncNullConnectionPool",
    "ConnectionPool",
    "NullConnectionPool",
    "PoolClosed",
    "PoolTimeout",
    "TooManyRequests",
]
