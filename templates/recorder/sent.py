"""Statements in pipeline mode: sent first, their outcomes written when they arrive.

The driver is watched where it takes results off its queue, so that none is asked for
sooner than the application does.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from psycopg import AsyncPipeline
from psycopg.errors import PipelineAborted
from psycopg.pq import ExecStatus, PipelineStatus

from .diagnostics import is_outcome
from .faults import RecorderError
from .proxy import Proxy, proxy_of
from .recording import ConnectionRecording
from .results import Result
from .step import Step

_FAILURES = (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)


class SentStep(Step):
    """A statement that was sent, and of whose results some are on their way.

    The server tells no transaction status before a sync, nor parameters.
    """

    def __init__(
        self, connection: ConnectionRecording, operation: str, cursor: Any
    ) -> None:
        super().__init__(connection, operation)
        self._cursor = cursor
        self._error: BaseException | None = None
        self._arrived = 0
        self._expected: int | None = None
        self.status = "ACTIVE"
        connection.sent.append(self)

    @property
    def outstanding(self) -> int:
        """How many of its results have not arrived."""
        return (self._expected or self._arrived) - self._arrived

    def awaits(self, cursor: Any) -> bool:
        """Whether the next result for a cursor is for this statement."""
        return cursor is self._cursor and (
            self._expected is None or self.outstanding > 0
        )

    def take_results(self, cursor: Any) -> None:
        """Nothing: they are taken as they arrive."""

    def take_counts(self, cursor: Any) -> None:
        """Nothing, likewise."""

    def take_answer(self, cursor: Any) -> None:
        """Nothing, likewise."""

    def arrived(self, results: list[Any], error: BaseException | None) -> None:
        """Take one command's results, or the server's error."""
        self._arrived += 1
        if error is None:
            self.results += map(self.read, results)
        else:
            self._error = self._error or error
        self._write_if_known()

    def lost(self, error: BaseException) -> None:
        """Nothing more will arrive."""
        self._error = self._error or error
        self.status = "UNKNOWN"
        self._expected = self._arrived
        self._write_if_known()

    def end(self, error: BaseException | None) -> None:
        """The call is over; what it has sent may still be on its way."""
        connection = self.connection
        self._expected = self._arrived + self._queued()
        if error is None or connection.has_arrived(error):
            self.is_interrupted = error is not None
            # The driver has dumped the parameters, which may change until all is there.
            with self._naming_faults():
                self._encode_now()
        elif connection.is_lost():
            connection.lose(error)
            return
        elif (
            self._is_refused
            or isinstance(error, RecorderError)
            or not is_outcome(error)
        ):
            connection.sent.remove(self)
            return
        else:
            self._error = error
        self._write_if_known()

    def _queued(self) -> int:
        """How many of the driver's pending results are for this statement."""
        before = sum(
            each.outstanding
            for each in self.connection.sent
            if each is not self and each.awaits(self._cursor)
        )
        queue = self.connection.result_queue()
        cursors = [each[0] for each in queue if each is not None]
        return cursors.count(self._cursor) - int(before)

    def _write_if_known(self) -> None:
        if self._expected is None or self.outstanding:
            return
        self.connection.sent.remove(self)
        if self.counts_only and (self.results or self._error is None):
            count = sum(max(each.rowcount, 0) for each in self.results)
            tag = self.results[-1].command_tag if self.results else None
            self.results = [Result(None, count, tag, [])]
        self.conclude(self._error)

    def said(self) -> dict[str, Any]:
        """What came with it but the server's parameters and notifications."""
        return {"notices": self.connection.take_notices()}


class SyncStep(Step):
    """A point of synchronisation, worth an exchange if something is seen of it."""

    def __init__(self, connection: ConnectionRecording) -> None:
        super().__init__(connection, "sync")
        self._was_lost = connection.is_lost()

    def conclude(self, error: BaseException | None) -> None:
        # An error that the driver ignores may have ended the connection.
        lost = self.connection.is_lost() and not self._was_lost
        if lost or error is not None or self.connection.has_news():
            super().conclude(error)


def statement_step(
    connection: ConnectionRecording, operation: str, cursor: Any
) -> Step:
    """The step of a statement of a cursor."""
    if connection.real.pgconn.pipeline_status == PipelineStatus.OFF:
        return Step(connection, operation)
    return SentStep(connection, operation, cursor)


def reading(connection: ConnectionRecording) -> AbstractContextManager[None]:
    """Surround a fetch, which may find out that the connection is lost."""
    return _reading(connection) if connection.sent else nullcontext()


@contextmanager
def _reading(connection: ConnectionRecording) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if connection.is_lost() and not connection.has_arrived(error):
            connection.lose(error)
        raise
    finally:
        connection.forget_arrivals()


def hook_pipeline() -> None:
    """Watch what pipelines of both kinds take off their queues."""
    base: Any = AsyncPipeline.__mro__[1]
    original = base._process_results

    @functools.wraps(original)
    def process(pipeline: Any, queued: Any, results: list[Any]) -> None:
        try:
            original(pipeline, queued, results)
        except BaseException as error:
            _take(pipeline, queued, results, error)
            raise
        _take(pipeline, queued, results, None)

    base._process_results = process


def _take(
    pipeline: Any, queued: Any, results: list[Any], error: BaseException | None
) -> None:
    proxy = proxy_of(pipeline._conn)
    if not issubclass(type(proxy), Proxy):
        return
    connection: ConnectionRecording = proxy._recording
    cursor = None if queued is None else queued[0]
    awaiting = [each for each in connection.sent if each.awaits(cursor)]
    if error is not None and (awaiting or isinstance(error, PipelineAborted)):
        connection.note_arrival(error)
    if awaiting:
        # A row factory may fail as well, and does so at replay.
        failed = any(result.status in _FAILURES for result in results)
        awaiting[0].arrived(results, error if failed else None)
