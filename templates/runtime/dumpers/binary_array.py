"""Arrays as they are sent in binary: sizes, then elements, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any

from .. import errors as e
from ..abc import Buffer
from .binary_numeric import encode_int4

_head = Struct(">iiI").pack
_size = Struct(">ii").pack

NULL = encode_int4(-1)


def encode_array(
    value: list[Any], oid: int, encode: Callable[[Any], Buffer | None]
) -> bytes:
    """The array of elements of a type, `oid`, each made into bytes by `encode`."""
    sizes = list(_sizes(value))
    elements = [encoded(each, encode) for each in _elements(value, sizes)]
    head = _head(len(sizes), NULL in elements, oid)
    # Lists have no lower bound to tell; the server counts from 1.
    return b"".join([head, *(_size(size, 1) for size in sizes), *elements])


def encoded(value: Any, encode: Callable[[Any], Buffer | None]) -> bytes:
    """One value with its length in front; what is NULL has none."""
    data = None if value is None else encode(value)
    return NULL if data is None else encode_int4(len(data)) + bytes(data)


def _sizes(value: list[Any]) -> Iterator[int]:
    level: Any = value
    while isinstance(level, list) and level:
        yield len(level)
        level = level[0]


def _elements(value: list[Any], sizes: list[int]) -> Iterator[Any]:
    if not sizes:
        return
    if len(value) != sizes[0]:
        raise e.DataError("nested lists have inconsistent lengths")
    for item in value:
        if isinstance(item, list) != (len(sizes) > 1):
            raise e.DataError("nested lists have inconsistent depths")
        if isinstance(item, list):
            yield from _elements(item, sizes[1:])
        else:
            yield item
