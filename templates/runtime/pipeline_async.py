"""`connection.pipeline()`: statements that are sent before their results are read.

`pipeline.py` is derived from this file.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from .pipeline_base import BasePipeline
from .refusal import refuses
from .turns import next_turn


@refuses("psycopg.AsyncPipeline")
class AsyncPipeline(BasePipeline):
    """The pipeline mode of one connection; it may be entered again within itself."""

    __module__ = "psycopg"

    async def sync(self) -> None:
        """Wait for the results of all that was sent; raises the first error."""
        await next_turn()
        self.synchronise()

    async def __aenter__(self) -> Self:
        await next_turn()
        self._enter()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await next_turn()
        self._exit(exc_val)
