"""Arrays as the server sends them in binary: sizes, then elements, row by row."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from struct import Struct
from typing import Any

from .. import errors as e

_head = Struct(">iiI").unpack_from
_int4 = Struct(">i").unpack_from

_MAX_DIMENSIONS = 6


def array_decoder(
    decoder_of: Callable[[int], Callable[[bytes], Any]],
) -> Callable[[bytes], list[Any]]:
    """What makes a list of bytes; the type of the elements is in the bytes."""

    def decode_array(data: bytes) -> list[Any]:
        dimensions, _, oid = _head(data)
        if not dimensions:
            return []
        if dimensions > _MAX_DIMENSIONS:
            raise e.DataError(
                f"unexpected number of dimensions {dimensions}"
                f" exceeding the maximum allowed {_MAX_DIMENSIONS}"
            )
        # Each dimension has a size and a lower bound, which lists have no place for.
        sizes = [_int4(data, 12 + 8 * index)[0] for index in range(dimensions)]
        # Sizes that the data cannot hold would be counted through one by one.
        if min(sizes) < 0 or prod(sizes) * 4 > len(data):
            raise e.DataError(f"malformed array: sizes {sizes} in {len(data)} bytes")
        if not prod(sizes):
            return []
        elements, _ = _elements(data, 12 + 8 * dimensions, sizes, decoder_of(oid))
        return elements

    return decode_array


def _elements(
    data: bytes, position: int, sizes: list[int], decode: Callable[[bytes], Any]
) -> tuple[list[Any], int]:
    elements: list[Any] = []
    if len(sizes) > 1:
        for _ in range(sizes[0]):
            inner, position = _elements(data, position, sizes[1:], decode)
            elements.append(inner)
        return elements, position
    for _ in range(sizes[0]):
        (length,) = _int4(data, position)
        position += 4
        if length < 0:
            elements.append(None)
            continue
        elements.append(decode(data[position : position + length]))
        position += length
    return elements, position
