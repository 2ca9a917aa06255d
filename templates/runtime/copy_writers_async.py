"""Where the data of an asynchronous COPY go; `copy_writers.py` is derived from this."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from .abc import Buffer
from .refusal import refuses
from .turns import next_turn, until_cancelled

if TYPE_CHECKING:
    from .cursor_base import BaseCursor


class AsyncWriter(ABC):
    """What a copy writes its data to; applications derive their own."""

    __module__ = "psycopg.copy"

    @abstractmethod
    async def write(self, data: Buffer) -> None:
        """Take some data."""

    async def finish(self, exc: BaseException | None = None) -> None:
        """There are no more data, perhaps because of an error."""


class AsyncLibpqWriter(AsyncWriter):
    """Writes to the server."""

    __module__ = "psycopg.copy"

    def __init__(
        self, cursor: BaseCursor[Any], *, flush_threshold: int = 1024 * 1024
    ) -> None:
        self.cursor = cursor
        self.connection = cursor.connection
        self.flush_threshold = flush_threshold

    async def write(self, data: Buffer) -> None:
        self.cursor.copying.put(data)

    async def finish(self, exc: BaseException | None = None) -> None:
        await next_turn()
        exchange = self.cursor.copying.finish(exc)
        if exchange is not None and exchange.was_cancelled and exc is None:
            await until_cancelled()


@refuses("psycopg.copy.AsyncQueuedLibpqWriter")
class AsyncQueuedLibpqWriter(AsyncLibpqWriter):
    """The same: there is no server that could be slower than the application."""

    __module__ = "psycopg.copy"
