"""The connection parameters that tell connections apart.

Some shape a session. Host, user and database say where it is, and a replay has other
ones; all the same one place is not another, where the server refuses one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SETTINGS = ("application_name", "client_encoding", "options")
PLACE = ("host", "port", "user", "dbname")


def settings(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Those of libpq's connection parameters that were given and matter here."""
    return _given(SETTINGS, parameters)


def place(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Those that say where the server is, and what of it is asked for."""
    return _given(PLACE, parameters)


def _given(names: tuple[str, ...], parameters: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(parameters[name]) for name in names if parameters.get(name)}
