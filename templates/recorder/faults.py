"""The recorder's own exceptions, outside the hierarchy of any driver.

An application that handles its database's errors must not handle these: a trace with
a gap replays as something that never happened.
"""

from __future__ import annotations


class RecorderError(Exception):
    """The recorder failed; what the application just did is not in the trace."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(f"{what}\n  hint: {hint}" if hint else what)


class RecorderUnsupported(RecorderError):
    """The application uses a part of the driver that cannot be recorded yet."""

    def __init__(self, method: str, hint: str = "") -> None:
        super().__init__(f"{method} cannot be recorded yet", hint)
