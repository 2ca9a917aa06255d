"""Ranges and multiranges as the server sends them in binary."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from struct import error as struct_error
from typing import Any

from .. import errors as e
from ..types.range_value import Range

Decode = Callable[[bytes], Any]

_int4 = Struct(">i").unpack_from
_size = Struct(">I").unpack_from

_EMPTY, _LOWER_INC, _UPPER_INC, _LOWER_INF, _UPPER_INF = 1, 2, 4, 8, 16


def range_decoder(decode: Decode) -> Callable[[bytes], Range[Any]]:
    """What makes a range of bytes: flags, then the bounds that are finite."""

    def decode_range(data: bytes) -> Range[Any]:
        flags = data[0]
        if flags & _EMPTY:
            return Range(empty=True)
        lower = upper = None
        position = 1
        if not flags & _LOWER_INF:
            lower, position = _bound(data, position, decode)
        if not flags & _UPPER_INF:
            upper, position = _bound(data, position, decode)
        opening = "[" if flags & _LOWER_INC else "("
        closing = "]" if flags & _UPPER_INC else ")"
        return Range(lower, upper, opening + closing)

    return decode_range


def multirange_decoder(decode: Decode) -> Callable[[bytes], list[Range[Any]]]:
    """What makes the ranges of a multirange: their number, then each with a size."""
    decode_range = range_decoder(decode)

    def decode_ranges(data: bytes) -> list[Range[Any]]:
        if len(data) < 4:
            raise e.DataError(f"invalid multirange data: len = {len(data)}")
        ranges = []
        position = 4
        try:
            for _ in range(_size(data)[0]):
                (length,) = _size(data, position)
                position += 4
                ranges.append(decode_range(data[position : position + length]))
                position += length
        except struct_error as error:
            raise e.DataError(f"invalid multirange data: error - {error}") from None
        return ranges

    return decode_ranges


def _bound(data: bytes, position: int, decode: Decode) -> tuple[Any, int]:
    (length,) = _int4(data, position)
    position += 4
    if length < 0:
        return None, position
    return decode(data[position : position + length]), position + length
