"""Waiting, where a driver waits for its server.

A task that never waits lets no other run.  In the synchronous half these calls
do nothing: what they return is awaited in the asynchronous one alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator


class NextTurn:
    """Awaited, it lets every other task that is ready run first."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class UntilCancelled:
    """Awaited, it ends with the cancellation of the task and not before."""

    def __await__(self) -> Generator[object, None, object]:
        return asyncio.Event().wait().__await__()


_NEXT_TURN = NextTurn()


def next_turn() -> NextTurn:
    """As a statement takes its time on the way to the server and back."""
    return _NEXT_TURN


def until_cancelled() -> UntilCancelled:
    """As for a statement that was cancelled before its answer came."""
    return UntilCancelled()
