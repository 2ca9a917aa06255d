"""Recorded notifications, and who may have them when.

A notification comes with the exchange that it came with when recorded.  If a recorded
statement sent it, it comes no sooner than that statement has been replayed and its
transaction committed; of one that nobody here sent, no more is known than its place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import NamedTuple

from .binding import Bindings
from .xid import Notify

Sender = tuple[str, int]
"""A statement that sends notifications: its scope, and which of that scope's it is."""


class Notification(NamedTuple):
    """A notification; `pid` is None for one of the connection's own."""

    channel: str
    payload: str
    pid: int | None
    after: Sender | None

    def notify(self, own_pid: int, payload: str) -> Notify:
        """As the application gets it, with the live payload."""
        pid = own_pid if self.pid is None else self.pid
        return Notify(self.channel, payload, pid)


class Deliveries:
    """The senders whose transactions have been committed, and who waits for them."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self._sent: dict[Sender, Bindings] = {}
        self._wakers: list[Callable[[], None]] = []

    def send(self, senders: Iterable[Sender], bindings: Bindings) -> None:
        """Let what they send arrive, with the values bound in their scope."""
        with self.changed:
            self._sent |= dict.fromkeys(senders, bindings)
        self.wake()

    def forget(self, scope: str) -> None:
        """A scope begins anew, and so do its senders."""
        with self.changed:
            kept = {each: its for each, its in self._sent.items() if each[0] != scope}
            self._sent = kept

    def arrives(self, notification: Notification) -> bool:
        """Whether it may arrive now."""
        return notification.after is None or notification.after in self._sent

    def bindings(self, notification: Notification, own: Bindings) -> Bindings:
        """The bound values that its payload may have; the listener's `own` ones else."""
        sender = notification.after
        return own if sender is None else self._sent.get(sender, own)

    def wake(self) -> None:
        """Let all who wait look again."""
        with self.changed:
            self.changed.notify_all()
            wakers = self._wakers.copy()
        for waker in wakers:
            waker()

    def call(self, waker: Callable[[], None]) -> None:
        """Call `waker` from now on, in whichever thread."""
        with self.changed:
            self._wakers.append(waker)

    def leave(self, waker: Callable[[], None]) -> None:
        """Call it no more."""
        with self.changed:
            self._wakers.remove(waker)
