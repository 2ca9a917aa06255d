"""What keeps a connection at work beyond one call: a `stream()`, or a COPY.

Nothing else can be asked while a COPY goes on.  The driver leaves a connection as it
is when a block is left before its end, so that libpq refuses whatever comes then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from . import errors
from .pq import TransactionStatus


class Occupation:
    """What is under way, and whether a COPY was left in its midst."""

    _status: TransactionStatus
    error_message: str

    _status_before = TransactionStatus.IDLE
    _is_streaming = False
    _is_copying = False
    _complaints: Sequence[str] = ()

    def refused(self, what: str) -> errors.NotSupportedError:
        """Enter what can't be replayed, which the connection itself does."""
        raise NotImplementedError

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """Be at work while the rows of a `stream()` are on their way."""
        self._is_streaming = True
        try:
            yield
        finally:
            self._is_streaming = False

    def occupy(self) -> None:
        """A COPY is under way from here on."""
        self._status_before, self._status = self._status, TransactionStatus.ACTIVE
        self._is_copying = True

    def release(self) -> None:
        """It is over."""
        self._status, self._is_copying = self._status_before, False

    def strand(self) -> None:
        """It was left in the middle."""
        self._is_copying = False

    def check_free(self) -> None:
        """Raise what libpq says of this statement, and of all that were refused before.

        Who asks while a COPY is under way waits for its end, for ever if it is its own.
        """
        if self._status is not TransactionStatus.ACTIVE:
            return
        said = self._complain("another command is already in progress")
        raise errors.OperationalError(f"sending query failed: {said}")

    def check_idle(self) -> None:
        """The same of who begins to send without waiting for results."""
        if self._status is not TransactionStatus.ACTIVE:
            return
        self._complain("cannot enter pipeline mode, connection not idle")
        raise errors.OperationalError("failed to enter pipeline mode")

    def _complain(self, what: str) -> str:
        if self._is_copying:
            raise self.refused("a statement within copy() of its connection")
        self._complaints = [*self._complaints, what]
        said = "\n".join(self._complaints)
        self.error_message = f"{said}\n"
        return said
