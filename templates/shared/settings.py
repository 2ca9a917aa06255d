"""The connection parameters that shape a session, and so tell connections apart.

Host, user, password and database are not among them: a replay has other ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SETTINGS = ("application_name", "client_encoding", "options")


def settings(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Those of libpq's connection parameters that were given and matter here."""
    return {name: str(parameters[name]) for name in SETTINGS if parameters.get(name)}
