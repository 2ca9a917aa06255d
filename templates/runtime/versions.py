"""Which packages differ from those that a fixture was recorded with.

Another release of an ORM may compile other statements, which then miss.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata


def other_versions(recorded: Mapping[str, str]) -> list[str]:
    """A line for each package that is installed in another version than recorded.

    What is not installed is not needed: the driver's own packages, to begin with.
    """
    lines = []
    for name, then in recorded.items():
        try:
            now = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if now != then:
            lines.append(f"  note: recorded with {name} {then}, replayed with {now}")
    return lines
