"""What the server says beside its answers: notices, notifications, its parameters.

Nothing here asks the server: whoever is answered passes on what came with it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import channels, errors
from .binding import Bindings
from .exchange import Exchange
from .notification import Deliveries, Notification
from .pq import TransactionStatus
from .replay import Replay
from .server_errors import server_message
from .session import Session
from .xid import Notify

if TYPE_CHECKING:
    from .pipeline_base import BasePipeline

logger = logging.getLogger("psycopg")

NoticeHandler = Callable[[errors.Diagnostic], None]
NotifyHandler = Callable[[Notify], None]


class ServerMessages:
    """The handlers of a connection, and what it knows from what they are told."""

    session: Session
    backend_pid: int
    _closed: bool
    _broken: bool
    _status: TransactionStatus
    _replay: Replay
    _pipeline: BasePipeline | None

    def __init__(self) -> None:
        super().__init__()
        self._channels = channels.NONE
        self._notice_handlers: list[NoticeHandler] = []
        self._notify_handlers: list[NotifyHandler] = []
        # Notifications that no handler got wait for `notifies()`.
        self._backlog: deque[Notify] = deque()
        # These came when recorded, and have not been sent yet.
        self._early: list[Notification] = []
        # The recorded run of `notifies()` that is gone through, and how far.
        self._run: Exchange | None = None
        self._given = 0
        self._parameters_before: dict[str, str] = {}
        # What the server last refused, as libpq keeps it until the next statement.
        self.error_message = ""

    @property
    def _deliveries(self) -> Deliveries:
        """The notifications on their way between all connections."""
        return self._replay.deliveries

    def add_notice_handler(self, callback: NoticeHandler) -> None:
        """Call `callback` with a `Diagnostic` for every notice of the server."""
        self._notice_handlers.append(callback)

    def remove_notice_handler(self, callback: NoticeHandler) -> None:
        self._notice_handlers.remove(callback)

    def add_notify_handler(self, callback: NotifyHandler) -> None:
        """Call `callback` with a `Notify` for every notification."""
        self._notify_handlers.append(callback)

    def remove_notify_handler(self, callback: NotifyHandler) -> None:
        self._notify_handlers.remove(callback)

    def bindings(self) -> Bindings:
        """The values bound in the scope that is current now."""
        return self._replay.bindings()

    def _tell(self, outcome: Exchange) -> None:
        """Take over what came with an answer."""
        if outcome.status == "UNKNOWN" and not self._fails_later(outcome):
            self._lose()
        tags = [result.tag for result in outcome.results]
        if channels.changes_channels(tags):
            self._channels = channels.channels_after(self._channels, outcome.sql or "")
        self._hear(outcome.notices, outcome.server_parameters)
        if outcome.notifications or self._early:
            self._hear_notifications(outcome.notifications)

    def _hear(
        self, notices: Sequence[Mapping[str, Any]], parameters: Mapping[str, str]
    ) -> None:
        """Take over changed parameters, which come first, and notices."""
        if self._pipeline is None:
            self._take_parameters(parameters)
        else:
            self._pipeline.keep(parameters)
        for notice in notices:
            if self._replay.binds:
                notice = self.bindings().record_to_live(notice)
            diagnostic = errors.Diagnostic(notice)
            for handler in self._notice_handlers:
                try:
                    handler(diagnostic)
                except Exception as error:
                    logger.exception(
                        "error processing notice callback '%s': %s",
                        handler,
                        error,  # noqa: TRY401 - the driver's words
                    )

    def _take_parameters(self, changed: Mapping[str, str]) -> None:
        """Change server parameters; what is SET in a transaction its rollback undoes."""
        if not changed:
            return
        if self._status != TransactionStatus.IDLE and not self._parameters_before:
            self._parameters_before = dict(self.session.parameters)
        self.session.update(changed)

    def _notified(self, notification: Notification) -> Notify:
        """Call the handlers of a notification, in the form in which it is returned."""
        bindings = self._deliveries.bindings(notification, self.bindings())
        payload = self._replay.lifted_text(bindings.to_live(notification.payload))
        notify = notification.notify(self.backend_pid, payload)
        for handler in self._notify_handlers:
            handler(notify)
        return notify

    def _recorded_run(self) -> Exchange | None:
        """The recorded run of `notifies()` that is next, if it may begin."""
        first: list[Exchange] = []

        def is_next(run: Exchange) -> bool:
            first.append(run)
            begins = all(map(self._deliveries.arrives, run.notifications[:1]))
            return begins and run is first[0]

        asked = ("notifies", None, sorted(self._channels))
        return self._replay.find(asked, lambda: None, is_next)

    def _fails_later(self, outcome: Exchange) -> bool:
        """Whether results can be read before its error is met."""
        return outcome.fails_late and self._pipeline is None

    def _lose(self) -> None:
        """The server is gone."""
        self._closed = self._broken = True

    def recorded_error(self, record: Mapping[str, Any]) -> BaseException:
        """The exception of a recorded error, with the values of this replay in it."""
        if self._replay.binds:
            record = self.bindings().record_to_live(record)
        return self.raised(errors.from_record(record))

    def raised(self, error: BaseException) -> BaseException:
        """The same error, which the server raises now; the caller does."""
        self.error_message = server_message(error)
        return error

    def _hear_notifications(self, new: Sequence[Notification]) -> None:
        waiting, self._early = (*self._early, *new), []
        for notification in waiting:
            if not self._deliveries.arrives(notification):
                self._early.append(notification)
                continue
            notify = self._notified(notification)
            if not self._notify_handlers:
                self._backlog.append(notify)
