"""Adapters of numpy's numbers, known by the names of their classes.

Numpy is not imported, and need not be there.
"""

from __future__ import annotations

from typing import Any

from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper
from ..dumpers import binary_numeric as binary
from ..pq import Format
from .bool import BoolBinaryDumper, BoolDumper
from .numeric import (
    Float4BinaryDumper,
    Float4Dumper,
    FloatBinaryDumper,
    FloatDumper,
    IntegerDumper,
)


class NPInt16Dumper(IntegerDumper):
    oid = 21


class NPInt32Dumper(IntegerDumper):
    oid = 23


class NPInt64Dumper(IntegerDumper):
    oid = 20


class NPNumericDumper(IntegerDumper):
    oid = 1700


class NPInt16BinaryDumper(NPInt16Dumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> Buffer | None:
        return binary.encode_int2(int(obj))


class NPInt32BinaryDumper(NPInt32Dumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> Buffer | None:
        return binary.encode_int4(int(obj))


class NPInt64BinaryDumper(NPInt64Dumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> Buffer | None:
        return binary.encode_int8(int(obj))


class NPNumericBinaryDumper(NPNumericDumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> Buffer | None:
        return binary.encode_integer(int(obj))


_DUMPERS: tuple[tuple[str, type[Dumper], type[Dumper]], ...] = (
    ("int8", NPInt16Dumper, NPInt16BinaryDumper),
    ("int16", NPInt16Dumper, NPInt16BinaryDumper),
    ("int32", NPInt32Dumper, NPInt32BinaryDumper),
    ("int64", NPInt64Dumper, NPInt64BinaryDumper),
    ("longlong", NPInt64Dumper, NPInt64BinaryDumper),
    ("uint8", NPInt16Dumper, NPInt16BinaryDumper),
    ("uint16", NPInt32Dumper, NPInt32BinaryDumper),
    ("uint32", NPInt64Dumper, NPInt64BinaryDumper),
    ("uint64", NPNumericDumper, NPNumericBinaryDumper),
    ("ulonglong", NPNumericDumper, NPNumericBinaryDumper),
    ("bool", BoolDumper, BoolBinaryDumper),
    ("bool_", BoolDumper, BoolBinaryDumper),
    ("float16", Float4Dumper, Float4BinaryDumper),
    ("float32", Float4Dumper, Float4BinaryDumper),
    ("float64", FloatDumper, FloatBinaryDumper),
)


def register_default_adapters(context: AdaptersMap) -> None:
    # Of two dumpers of a class the later is preferred.
    for name, *dumpers in _DUMPERS:
        for dumper in dumpers:
            context.adapters.register_dumper(f"numpy.{name}", dumper)
