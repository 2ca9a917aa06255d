"""The driver and its stand-in side by side: what each says to the same call."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

# Where an object lies, which database it is on, and that it is ours, is no difference.
_OWN = re.compile(r" at 0x[0-9a-f]+| \((?:host|user|database)=[^)]*\)|Mock")


def outcome(action: Callable[[], Any]) -> str:
    """What a call returns, or raises, as a text that both sides can agree on."""
    try:
        said = repr(action())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
        cls = type(error)
        said = f"{cls.__module__}.{cls.__qualname__}: {error}"
    return _OWN.sub("", said)
