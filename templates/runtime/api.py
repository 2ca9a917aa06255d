"""What a fixture package offers: the mocks, the miss, and `activate`."""

from __future__ import annotations

from .activate import ActivationError, activate
from .connection import MockConnection
from .connection_async import MockAsyncConnection
from .cursor import MockCursor
from .cursor_async import MockAsyncCursor
from .fixture import FixtureError
from .guard import NetworkDenied
from .miss import ReplayMiss
from .result import MockResult
from .server_cursor import MockServerCursor
from .server_cursor_async import MockAsyncServerCursor

__all__ = [
    "ActivationError",
    "FixtureError",
    "MockAsyncConnection",
    "MockAsyncCursor",
    "MockAsyncServerCursor",
    "MockConnection",
    "MockCursor",
    "MockResult",
    "MockServerCursor",
    "NetworkDenied",
    "ReplayMiss",
    "activate",
]
