"""One run of `connection.notifies()`: what of the recording it yields, and when it ends.

Each run when recorded is an exchange, told apart by the channels that its connection
listened to.  Runs are answered in recorded order.  Where none is left there is silence,
and no miss: how often a loop polls is not the same twice.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .exchange import Exchange
from .notification import Notification

if TYPE_CHECKING:
    from .connection_base import BaseConnection
    from .xid import Notify


class Listening:
    """A run at replay.  One that timed out goes on where the next one begins."""

    def __init__(self, connection: BaseConnection[Any]) -> None:
        self._connection = connection
        self._taken = 0
        self._look()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is GeneratorExit:
            # Who breaks off loses what came together with the last one.
            self._connection._run = None

    def is_due(self) -> bool:
        """Whether a notification can be taken."""
        return bool(self._connection._backlog) or self._next() is not None

    def take(self) -> Notify:
        """The next one; those that came with statements before come first."""
        self._taken += 1
        connection = self._connection
        if connection._backlog:
            return connection._backlog.popleft()
        notification = self._next()
        assert notification is not None
        connection._given += 1
        return connection._notified(notification)

    def is_over(self) -> bool:
        """Whether it ended here by itself when recorded."""
        run = self._look()
        if run is None or self._connection._given < len(run.notifications):
            return False
        return run.error is not None or not any(each.partial for each in run.results)

    def end(self) -> bool:
        """Take what ended it; whether that was a cancellation."""
        connection, run = self._connection, self._connection._run
        assert run is not None
        connection._run = None
        for news in run.later:
            connection._hear(news.notices, news.server_parameters)
        if run.error is None or run.was_cancelled:
            return run.was_cancelled
        if run.status == "UNKNOWN":
            connection._lose()
        raise connection.recorded_error(run.error)

    def has_enough(self, stop_after: int | None) -> bool:
        """Whether there is reason to stop that the recording does not know of."""
        if stop_after is None or self._connection._run is not None:
            return False
        return self._taken >= stop_after

    def has_news(self) -> bool:
        """Whether there is something to do, were it that the connection was closed."""
        return self._connection.closed or self.is_due() or self.is_over()

    def _next(self) -> Notification | None:
        run = self._look()
        if run is None or self._connection._given == len(run.notifications):
            return None
        notification = run.notifications[self._connection._given]
        arrives = self._connection._deliveries.arrives(notification)
        return notification if arrives else None

    def _look(self) -> Exchange | None:
        connection = self._connection
        if connection._run is None:
            connection._run = connection._recorded_run()
            connection._given = 0
        return connection._run
