"""The status and the place of a connection, as whatever is on it shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .connection_base import BaseConnection

_DEFAULT_PORT = "5432"


def summary(connection: BaseConnection[Any]) -> str:
    """E.g. ``[IDLE] (host=localhost user=me database=shop)``; what goes without
    saying is left out, as a host that is a folder.
    """
    if connection.closed:
        return "[BAD]"
    asked = {name: str(value) for name, value in connection.conninfo.items()}
    host, user = asked.get("host", ""), asked.get("user", "")
    database = asked.get("dbname") or user
    places = []
    if not host.startswith("/"):
        places.append(f"host={host}")
    if asked.get("port", _DEFAULT_PORT) != _DEFAULT_PORT:
        places.append(f"port={asked['port']}")
    if user != database:
        places.append(f"user={user}")
    places.append(f"database={database}")
    pipeline = connection._pipeline
    mode = "" if pipeline is None else f", pipeline={pipeline.status.name}"
    return f"[{connection.transaction_status.name}{mode}] ({' '.join(places)})"


def shown(on_it: object, connection: BaseConnection[Any], label: str = "") -> str:
    """The `repr` of what is on a connection, or is the connection itself."""
    cls = type(on_it)
    name = f"{cls.__module__}.{cls.__qualname__}{label}"
    return f"<{name} {summary(connection)} at 0x{id(on_it):x}>"
