"""The driver's entry points, replaced before the application has imported it.

Class methods are replaced on the driver's own classes, so that subclasses and pools,
which connect through their class, are recorded like everybody else.
"""

from __future__ import annotations

import psycopg

from . import (
    connection,
    connection_async,
    copy,
    copy_async,
    server_cursor,
    server_cursor_async,
)
from .copies import hook_reading
from .heard import hook_adapters
from .recording import Recording
from .sent import hook_pipeline
from .type_info import hook_type_info


def replace(recording: Recording) -> None:
    """Record every connection that is made from now on."""
    connection.hook_connect(recording)
    connection_async.hook_connect(recording)
    server_cursor.hook_cursor()
    server_cursor_async.hook_cursor()
    hook_pipeline()
    hook_reading()
    copy.hook_copies()
    copy_async.hook_copies()
    hook_type_info()
    hook_adapters()
    # The module's function is the class's method, bound before it was replaced.
    psycopg.connect = psycopg.Connection.connect
