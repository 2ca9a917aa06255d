"""Recording of ``cursor.copy()``. ``copy.py`` is derived from this file.

The application gets the driver's own object, whose cursor and connection are proxies.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg.copy import AsyncCopy, AsyncLibpqWriter, AsyncQueuedLibpqWriter

from .copies import CopyStep, check_hooked, step_of
from .overrides import original_of
from .proxy import on_proxy


@asynccontextmanager
async def copy_block(
    cursor: Any, query: Any, params: Any, writer: Any
) -> AsyncIterator[Any]:
    """Run the driver's block on the cursor's proxy."""
    check_hooked()
    step = CopyStep(cursor._recording, cursor)
    query, params = step.statement(cursor._real, query, params)
    copy = on_proxy(cursor, original_of(cursor._driver.copy))
    block = copy(query, params, writer=writer)
    with step:
        made = await block.__aenter__()
        step.begun()
    object.__setattr__(cursor, "_copying", step)
    try:
        yield made
    except BaseException as error:
        step.leaving(error)
        try:
            handled = await block.__aexit__(type(error), error, error.__traceback__)
        finally:
            _end(cursor, step)
        if not handled:
            raise
    else:
        step.leaving(None)
        try:
            await block.__aexit__(None, None, None)
        finally:
            _end(cursor, step)


def hook_copies() -> None:
    """See what is read, and what any writer sends that makes use of libpq's."""
    copy: Any = AsyncCopy
    for name in ("read", "read_row"):
        setattr(copy, name, _reading(getattr(copy, name)))
    for writer in (AsyncLibpqWriter, AsyncQueuedLibpqWriter):
        cls: Any = writer
        cls.write = _writing(cls.write)
        cls.finish = _finishing(cls.finish)


def _end(cursor: Any, step: CopyStep) -> None:
    object.__setattr__(cursor, "_copying", None)
    step.left()


def _reading(original: Any) -> Any:
    @functools.wraps(original)
    async def read(self: Any) -> Any:
        step = step_of(self.cursor)
        try:
            return await original(self)
        except BaseException as error:
            # An exception of another kind is about a block that came through.
            if step is not None and not isinstance(error, Exception):
                step.interrupted(error)
            raise
        finally:
            if step is not None:
                step.delivered()

    return read


def _writing(original: Any) -> Any:
    @functools.wraps(original)
    async def write(self: Any, data: Any) -> None:
        await original(self, data)
        step = step_of(self.cursor)
        if step is not None:
            step.sent(data)

    return write


def _finishing(original: Any) -> Any:
    @functools.wraps(original)
    async def finish(self: Any, exc: Any = None) -> None:
        step = step_of(self.cursor)
        try:
            await original(self, exc)
        except BaseException as error:
            if step is not None:
                step.finished(bool(exc), error)
            raise
        if step is not None:
            step.finished(bool(exc), None)

    return finish
