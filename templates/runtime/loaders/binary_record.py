"""Records as the server sends them in binary: each field with its type's OID."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

_count = Struct(">i").unpack_from
_field = Struct(">Ii").unpack_from


def load_record(
    data: bytes, decoder_of: Callable[[int], Callable[[bytes], Any]]
) -> tuple[Any, ...]:
    """The values of a record's fields."""
    values: list[Any] = []
    position = 4
    for _ in range(_count(data)[0]):
        oid, length = _field(data, position)
        position += 8
        if length < 0:
            values.append(None)
            continue
        values.append(decoder_of(oid)(data[position : position + length]))
        position += length
    return tuple(values)
