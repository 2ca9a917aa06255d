"""What a connection is made of, in the place of libpq's own connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Opening(NamedTuple):
    """A connection that has come about: what was asked for, and what the server said."""

    conninfo: Mapping[str, Any]
    server_parameters: Mapping[str, str]
    backend_pid: int
