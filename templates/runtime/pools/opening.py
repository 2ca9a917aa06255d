"""What is said of pools that their constructors open."""

from __future__ import annotations

import asyncio
import warnings


class AsyncOpening:
    """Nothing that a constructor can wait for, and only within a loop."""

    @staticmethod
    def asked_for(pool: object) -> None:
        """The constructor was told to open the pool."""
        name = type(pool).__name__
        warnings.warn(
            f"opening the async pool {name} in the constructor is deprecated and will "
            "not be supported anymore in a future release. Please use "
            "`await pool.open()`, or use the pool as context manager using: "
            f"`async with {name}(...) as pool: `...",
            RuntimeWarning,
            stacklevel=1,
        )

    # The constructor was told nothing, and the pool is used without a context.
    by_default = asked_for

    @staticmethod
    def require_loop(pool: object) -> None:
        """Raise where no task can be made."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            name = type(pool).__name__
            raise RuntimeError(f"{name} open with no running loop") from None


class Opening:
    """A thread needs no loop, and may be started by a constructor that was told so."""

    @staticmethod
    def asked_for(pool: object) -> None:
        """The constructor was told to open the pool."""

    @staticmethod
    def by_default(pool: object) -> None:
        """The constructor was told nothing, and the pool is used without a context."""
        name = type(pool).__name__
        warnings.warn(
            f"the default for the {name} 'open' parameter will become 'False' in a "
            "future release. Please use open={True|False} explicitly, or use the pool "
            f"as context manager using: `with {name}(...) as pool: ...`",
            DeprecationWarning,
            stacklevel=1,
        )

    @staticmethod
    def require_loop(pool: object) -> None:
        """There is always a thread to be made."""
