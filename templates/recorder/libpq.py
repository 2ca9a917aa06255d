"""Use of libpq beneath the driver, which is not recorded.

Said once, and not refused: most applications that reach for ``pgconn`` only look, and
the driver's C code takes no proxy of it.
"""

from __future__ import annotations

import sys
from types import FrameType

from .proxy import is_driver

_WARNING = (
    "mock-cursor: {place}: {what} is used; what is sent with it is not in "
    "the trace\n  hint: send statements through a cursor\n"
)


def warn_of_use(what: str, frame: FrameType) -> None:
    """Warn if it is the application that looks, and the first time."""
    global _warned
    if _warned or is_driver(str(frame.f_globals.get("__name__"))):
        return
    _warned = True
    place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    sys.stderr.write(_WARNING.format(place=place, what=what))


_warned = False
