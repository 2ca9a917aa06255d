"""The types of what pools are given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from .pool import ConnectionPool
    from .pool_async import AsyncConnectionPool

# Connections of any class, which the application may have written.
CT = TypeVar("CT", bound=Any)
ACT = TypeVar("ACT", bound=Any)

ConnectionCB: TypeAlias = Callable[[CT], None]
AsyncConnectionCB: TypeAlias = Callable[[ACT], Awaitable[None]]

ConnectFailedCB: TypeAlias = Callable[["ConnectionPool[Any]"], None]
AsyncConnectFailedCB: TypeAlias = (
    Callable[["AsyncConnectionPool[Any]"], None]
    | Callable[["AsyncConnectionPool[Any]"], Awaitable[None]]
)

ConninfoParam: TypeAlias = str | Callable[[], str]
AsyncConninfoParam: TypeAlias = str | Callable[[], str] | Callable[[], Awaitable[str]]

KwargsParam: TypeAlias = dict[str, Any] | Callable[[], dict[str, Any]]
AsyncKwargsParam: TypeAlias = (
    dict[str, Any]
    | Callable[[], dict[str, Any]]
    | Callable[[], Awaitable[dict[str, Any]]]
)
