"""Ranges and multiranges as they are sent in binary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..types.range_value import Range
from .binary_array import encoded
from .binary_numeric import encode_int4
from .text_range import BoundDumper

_EMPTY, _LOWER_INC, _UPPER_INC, _LOWER_INF, _UPPER_INF = 1, 2, 4, 8, 16


def encode_range(value: Range[Any], dump: BoundDumper) -> bytes:
    """Flags, then the bounds that are finite, each dumped by `dump`."""
    if value.isempty:
        return bytes((_EMPTY,))
    flags = (
        _LOWER_INC * value.lower_inc
        | _UPPER_INC * value.upper_inc
        | _LOWER_INF * value.lower_inf
        | _UPPER_INF * value.upper_inf
    )
    bounds = (bound for bound in (value.lower, value.upper) if bound is not None)
    return bytes((flags,)) + b"".join(encoded(bound, dump) for bound in bounds)


def encode_multirange(value: Iterable[Range[Any]], dump: BoundDumper) -> bytes:
    """The number of ranges, then each with its length in front."""
    ranges = [encoded(each, lambda item: encode_range(item, dump)) for each in value]
    return encode_int4(len(ranges)) + b"".join(ranges)
