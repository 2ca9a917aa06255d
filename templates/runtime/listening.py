"""One run of `connection.notifies()`: what of the recording it yields, and when it ends.

Each run when recorded is an exchange, told apart by the channels that its connection
listened to.  Runs are answered in recorded order.  Where none is left there is silence,
and no miss: how often a loop polls is not the same twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import errors
from .exchange import Exchange

if TYPE_CHECKING:
    from .connection_base import BaseConnection
    from .xid import Notify


class Listening:
    """A run at replay.  One that timed out goes on where the next one begins."""

    def __init__(self, connection: BaseConnection[Any]) -> None:
        self._connection = connection
        self._look()

    @property
    def is_recorded(self) -> bool:
        """Whether a recorded run answers it."""
        return self._connection.run is not None

    def has_news(self) -> bool:
        """Whether something can be taken now, or the connection has been closed."""
        return self._connection.closed or self._is_due() or self.is_over()

    def arrived(self) -> Iterator[Notify]:
        """The notifications that are due, each taken as it is asked for."""
        connection = self._connection
        while self._is_due():
            assert connection.run is not None
            notification = connection.run.notifications[connection.given]
            connection.given += 1
            yield connection.notified(notification)

    def is_over(self) -> bool:
        """Whether it ended here by itself when recorded."""
        run = self._look()
        if run is None or self._connection.given < len(run.notifications):
            return False
        return run.error is not None or not any(each.partial for each in run.results)

    def end(self) -> bool:
        """Take what ended it; whether that was a cancellation."""
        run = self._connection.run
        assert run is not None
        self._connection.run = None
        for news in run.later:
            self._connection.hear(news.notices, news.server_parameters)
        if run.was_cancelled:
            return True
        if run.error is not None:
            if run.status == "UNKNOWN":
                self._connection.lose()
            raise errors.from_record(run.error)
        return False

    def _is_due(self) -> bool:
        run = self._look()
        if run is None or self._connection.given == len(run.notifications):
            return False
        next_one = run.notifications[self._connection.given]
        return self._connection.deliveries.arrives(next_one)

    def _look(self) -> Exchange | None:
        connection = self._connection
        if connection.run is None:
            connection.run = connection.recorded_run()
            connection.given = 0
        return connection.run
