"""The maintenance of ``psycopg_pool``: tasks and threads that serve no one request.

A pool that is opened, or grows, within a request starts its workers there; they go on
when the request is over. Knows nothing of what they do.
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from .imports import when_imported
from .scopes import entered


def install() -> None:
    """Let every pool's workers belong to start-up."""
    # The pools' modules take the functions from here when they are imported, later.
    when_imported("psycopg_pool._acompat", _hook)


def _hook(module: ModuleType) -> None:
    for name in ("spawn", "aspawn"):
        original = getattr(module, name, None)
        if original is not None:
            setattr(module, name, _in_start_up(original))


def _in_start_up(original: Any) -> Any:
    @functools.wraps(original)
    def spawn(*args: Any, **kwargs: Any) -> Any:
        with entered(None):
            return original(*args, **kwargs)

    return spawn
