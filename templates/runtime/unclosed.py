"""What is said of a connection or a cursor that nobody closed."""

from __future__ import annotations

import warnings


def warn_unclosed(deleted: object, what: str) -> None:
    """Warn, as the driver does, when an object goes that is still open."""
    warnings.warn(
        f"{object.__repr__(deleted)} was deleted while still open."
        f" Please use 'with' or '.close()' to close the {what} properly",
        ResourceWarning,
        # The place is the driver's own, as whoever dropped the object is not known.
        stacklevel=1,
    )
