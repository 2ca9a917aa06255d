"""The command that records this very run of pytest."""

from __future__ import annotations

import shutil
import sys
import sysconfig

import pytest


def record(mode: str) -> list[str]:
    """`mock-cursor record -- …`, with the command that started this process."""
    # The one that was installed with us, whatever else is on the path.
    scripts = sysconfig.get_path("scripts")
    program = shutil.which("mock-cursor", path=scripts) or shutil.which("mock-cursor")
    if program is None:
        raise pytest.UsageError(
            "the program mock-cursor is not installed\n  hint: pip install mock-cursor"
        )
    return [program, "record", "--mode", mode, "--", *sys.orig_argv]
