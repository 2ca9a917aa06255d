"""A run of `notifies()`: the notifications that come while it waits, as they come.

Those that came with statements before are theirs, although the driver yields them here.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from psycopg import Error

from .diagnostics import error_record, is_outcome
from .recording import ConnectionRecording
from .results import Result
from .step import Step


class NotifiesRun:
    """Surrounds a loop over notifications and writes the exchange of them."""

    def __init__(self, connection: ConnectionRecording) -> None:
        self.complete = False
        self._connection = connection
        self._step = Step(connection, "notifies")
        self._step.encoded = sorted(connection.channels)
        self._step.results = [Result(None, -1, None, [], partial=True)]

    def notify(self, notification: dict[str, Any]) -> None:
        """Write one that has just come."""
        step = self._step
        if not step.written:
            step.write()
        self._connection.recording.notify(step.number, notification)

    def __enter__(self) -> Self:
        self._connection.run = self
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.run = None
        step = self._step
        # Who breaks off listening closes the generator, and what handlers raise they
        # raise again.
        outcome = error if error is not None and _is_servers(error) else None
        if step.written:
            if outcome is not None:
                step.more([], error=error_record(outcome))
            elif self.complete:
                step.more([], complete=True)
        elif self.complete or outcome is not None:
            step.results = [Result(None, -1, None, [])]
            step.end(outcome)
        elif isinstance(error, GeneratorExit):
            step.end(None)


def _is_servers(error: BaseException) -> bool:
    return is_outcome(error) and (
        isinstance(error, Error) or not isinstance(error, Exception)
    )
