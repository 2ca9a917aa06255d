"""Bound values in the data of COPY, where they may be disguised.

In text the values are texts, and most look alike wherever they stand; those that have
to be escaped do not, nor do bytes.  Binary data show no value as its text.  What is
found here is not replaced: whoever asks has to say so.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Mapping
from struct import Struct
from typing import Any

_ESCAPED = re.compile(r"[\x00-\x1f\"'\\]")
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_int8 = Struct(">q")


def may_hold(
    data: bytes, values: Mapping[tuple[type, Any], Any], binary: bool, encoding: str
) -> bool:
    """Whether a recorded value may be in data where it does not show.

    `values` has the live one for each recorded one with its type.
    """
    return any(
        form in data
        for (_, recorded), live in values.items()
        if recorded != live
        for form in (
            _binary_forms(recorded, encoding)
            if binary
            else _disguised_forms(recorded, live, encoding)
        )
    )


def _disguised_forms(recorded: Any, live: Any, encoding: str) -> Iterable[bytes]:
    if isinstance(recorded, bytes):
        yield recorded.hex().encode()
        yield _longest_part(recorded.decode("latin-1"), "latin-1")
    elif isinstance(recorded, str) and any(map(_ESCAPED.search, (recorded, live))):
        yield _longest_part(recorded, encoding)


def _binary_forms(recorded: Any, encoding: str) -> Iterable[bytes]:
    if isinstance(recorded, uuid.UUID):
        yield recorded.bytes
    elif isinstance(recorded, bytes):
        yield recorded
    elif isinstance(recorded, dt.datetime):
        is_aware = recorded.tzinfo is not None
        moment = recorded if is_aware else recorded.replace(tzinfo=dt.UTC)
        yield _int8.pack((moment - _EPOCH) // _MICROSECOND)
    elif isinstance(recorded, str):
        yield _longest_part(recorded, encoding)


def _longest_part(text: str, encoding: str) -> bytes:
    """What stays as it is however the rest is escaped."""
    return max(_ESCAPED.split(text), key=len).encode(encoding, "ignore")
