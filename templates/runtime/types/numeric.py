"""Adapters of numbers, and the wrappers that choose a number's type."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Any

from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper, PyFormat, quoted
from ..loaders import binary_numeric
from ..loaders.form import BinaryForm, TextForm


def _int_repr(number: int) -> str:
    return f"{type(number).__name__}({int.__repr__(number)})"


def _float_repr(number: float) -> str:
    return f"{type(number).__name__}({float.__repr__(number)})"


class Int2(int):
    """An ``int2``."""

    __module__ = "psycopg.types.numeric"
    __slots__ = ()

    __str__ = int.__repr__
    __repr__ = _int_repr


class Int4(int):
    """An ``int4``."""

    __module__ = "psycopg.types.numeric"
    __slots__ = ()

    __str__ = int.__repr__
    __repr__ = _int_repr


class Int8(int):
    """An ``int8``."""

    __module__ = "psycopg.types.numeric"
    __slots__ = ()

    __str__ = int.__repr__
    __repr__ = _int_repr


class IntNumeric(int):
    """A ``numeric`` without fraction."""

    __module__ = "psycopg.types.numeric"
    __slots__ = ()

    __str__ = int.__repr__
    __repr__ = _int_repr


class Oid(int):
    """An ``oid``."""

    __module__ = "psycopg.types.numeric"
    __slots__ = ()

    __str__ = int.__repr__
    __repr__ = _int_repr


class Float4(float):
    """A ``float4``."""

    __module__ = "psycopg.types.numeric"
    __slots__ = ()

    __str__ = float.__repr__
    __repr__ = _float_repr


class Float8(float):
    """A ``float8``."""

    __module__ = "psycopg.types.numeric"
    __slots__ = ()

    __str__ = float.__repr__
    __repr__ = _float_repr


class IntLoader(TextForm):
    is_pure = True

    def decoder(self) -> Callable[[str], int]:
        return int


class Int2BinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], int]:
        return binary_numeric.decode_int2


class Int4BinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], int]:
        return binary_numeric.decode_int4


class Int8BinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], int]:
        return binary_numeric.decode_int8


class OidBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], int]:
        return binary_numeric.decode_oid


class FloatLoader(TextForm):
    is_pure = True

    def decoder(self) -> Callable[[str], float]:
        return float


class Float4BinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], float]:
        return binary_numeric.decode_float4


class Float8BinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], float]:
        return binary_numeric.decode_float8


class NumericLoader(TextForm):
    is_pure = True

    def decoder(self) -> Callable[[str], Decimal]:
        return Decimal


class NumericBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], Decimal]:
        return binary_numeric.decode_numeric


class _NumberDumper(Dumper):
    """Numbers as literals: bare, with a space before a sign so that ``- -1`` holds."""

    def dump(self, obj: Any) -> Buffer | None:
        return self._text(obj).encode()

    def quote(self, obj: Any) -> Buffer:
        text = self._text(obj)
        if text[-1:].isalpha():
            return quoted(text.encode())
        return (" " + text if text[:1] == "-" else text).encode()

    def _text(self, obj: Any) -> str:
        return int.__repr__(obj)


class Int2Dumper(_NumberDumper):
    oid = 21


class Int4Dumper(_NumberDumper):
    oid = 23


class Int8Dumper(_NumberDumper):
    oid = 20


class IntNumericDumper(_NumberDumper):
    oid = 1700


class OidDumper(_NumberDumper):
    oid = 26


class IntDumper(_NumberDumper):
    """Integers go as the smallest type that holds them."""

    def get_key(self, obj: int, format: PyFormat) -> Any:
        return self._smallest(obj)

    def upgrade(self, obj: int, format: PyFormat) -> Dumper:
        return self._smallest(obj)(self.cls)

    def _smallest(self, obj: int) -> type[Dumper]:
        if -(2**15) <= obj < 2**15:
            return Int2Dumper
        if -(2**31) <= obj < 2**31:
            return Int4Dumper
        if -(2**63) <= obj < 2**63:
            return Int8Dumper
        return IntNumericDumper


class FloatDumper(_NumberDumper):
    oid = 701

    def _text(self, obj: Any) -> str:
        if isfinite(obj):
            return float.__repr__(obj)
        return {"nan": "NaN", "inf": "Infinity"}.get(str(float(obj)), "-Infinity")


class Float4Dumper(FloatDumper):
    oid = 700


class DecimalDumper(_NumberDumper):
    oid = 1700

    def _text(self, obj: Any) -> str:
        # The server knows no signalling NaN.
        return "NaN" if obj.is_nan() else str(obj)


def register_default_adapters(context: AdaptersMap) -> None:
    adapters = context.adapters
    for cls, dumper in (
        (int, IntDumper),
        (float, FloatDumper),
        (Int2, Int2Dumper),
        (Int4, Int4Dumper),
        (Int8, Int8Dumper),
        (IntNumeric, IntNumericDumper),
        (Oid, OidDumper),
        (Float4, Float4Dumper),
        (Float8, FloatDumper),
        (Decimal, DecimalDumper),
    ):
        adapters.register_dumper(cls, dumper)
