"""The server's side of a COPY, whichever way it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors
from .exchange import Exchange, RecordedResult

if TYPE_CHECKING:
    from .connection_base import BaseConnection


class CopySide:
    """What both ways have in common.

    `exchange` says what the data look like: `width` is the number of their columns,
    None where nobody knows it. `shown` is what the cursor has for its result.
    """

    def __init__(self, connection: BaseConnection[Any], exchange: Exchange) -> None:
        self.exchange = exchange
        columns = exchange.results[0].columns
        self.shown = RecordedResult(columns=columns or None, rowcount=-1, tag=None)
        self.width = None if columns is None else len(columns)
        self.binary = any(column.format == "binary" for column in columns or ())
        self._connection = connection
        self._encoding = connection.session.encoding
        self._ended = False
        self._complaints: list[str] = []
        connection.occupy()

    def left(self) -> None:
        """The block is left: what is under way then leaves the connection of no use."""
        if not self._ended and not self._connection.closed:
            self._connection.strand()

    def _refused(self, what: str) -> errors.OperationalError:
        """What libpq says of what goes the other way, and of all that did before."""
        self._complaints.append("no COPY in progress")
        return errors.OperationalError(f"{what}: " + "\n".join(self._complaints))
