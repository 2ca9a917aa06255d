"""The channels that a connection listens to, as far as its statements say so.

Listeners are told apart by them, in both phases alike.  What a function of the server
listens to is not seen in either.
"""

from __future__ import annotations

import re
from collections.abc import Collection

Channels = frozenset[str]

NONE: Channels = frozenset()

_COMMANDS = frozenset({"LISTEN", "UNLISTEN", "DISCARD ALL"})
_STATEMENT = re.compile(
    r'\b(un)?listen\s+(\*|"(?:[^"]|"")+"|[^\W\d][\w$]*)|\bdiscard\s+all\b',
    re.IGNORECASE,
)


def changes_channels(tags: Collection[str | None]) -> bool:
    """Whether statements with these command tags may have changed the channels."""
    return not _COMMANDS.isdisjoint(tags)


def channels_after(channels: Channels, sql: str) -> Channels:
    """The channels after a statement that succeeded."""
    heard = set(channels)
    for found in _STATEMENT.finditer(sql):
        stops, name = found.groups()
        if name is None or name == "*":
            heard.clear()
        elif stops:
            heard.discard(_folded(name))
        else:
            heard.add(_folded(name))
    return frozenset(heard)


def _folded(name: str) -> str:
    if name.startswith('"'):
        return name[1:-1].replace('""', '"')
    return name.lower()
