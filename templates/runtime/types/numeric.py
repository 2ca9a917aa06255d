"""Adapters of numbers, and the wrappers that choose a number's type."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper, PyFormat, quoted
from ..dumpers import binary_numeric as binary
from ..loaders import binary_numeric
from ..loaders.form import BinaryForm, TextForm
from ..pq import Format
from ..refusal import refusing


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
        return str(obj).encode()

    def quote(self, obj: Any) -> Buffer:
        text = bytes(self.dump(obj) or b"")
        return b" " + text if text[:1] == b"-" else text


class IntegerDumper(_NumberDumper):
    """Of whatever can be made an integer."""

    def dump(self, obj: Any) -> Buffer | None:
        return int.__repr__(int(obj)).encode()


class Int2Dumper(IntegerDumper):
    oid = 21


class Int4Dumper(IntegerDumper):
    oid = 23


class Int8Dumper(IntegerDumper):
    oid = 20


class IntNumericDumper(IntegerDumper):
    oid = 1700


class OidDumper(IntegerDumper):
    oid = 26


class Int2BinaryDumper(Int2Dumper):
    format = Format.BINARY

    def dump(self, obj: int) -> Buffer | None:
        return binary.encode_low(obj, 2)


class Int4BinaryDumper(Int4Dumper):
    format = Format.BINARY

    def dump(self, obj: int) -> Buffer | None:
        return binary.encode_low(obj, 4)


class Int8BinaryDumper(Int8Dumper):
    format = Format.BINARY

    def dump(self, obj: int) -> Buffer | None:
        return binary.encode_low(obj, 8)


class IntNumericBinaryDumper(IntNumericDumper):
    format = Format.BINARY

    def dump(self, obj: int) -> Buffer | None:
        return binary.encode_integer(obj)


class OidBinaryDumper(OidDumper):
    format = Format.BINARY

    def dump(self, obj: int) -> Buffer | None:
        return binary.encode_oid(obj)


class IntDumper(Dumper):
    """Integers go as the smallest type that holds them, through its own dumper."""

    _dumpers: ClassVar[dict[type, type[Dumper]]] = {
        Int2: Int2Dumper,
        Int4: Int4Dumper,
        Int8: Int8Dumper,
        IntNumeric: IntNumericDumper,
    }

    def dump(self, obj: Any) -> Buffer | None:
        name = type(self).__name__
        raise TypeError(
            f"{name} is a dispatcher to other dumpers: dump() is not supposed to be"
            " called"
        )

    def get_key(self, obj: int, format: PyFormat) -> Any:
        for kind, bits in ((Int2, 15), (Int4, 31), (Int8, 63)):
            if -(2**bits) <= obj < 2**bits:
                return kind
        return IntNumeric

    def upgrade(self, obj: int, format: PyFormat) -> Dumper:
        kind = self.get_key(obj, format)
        return self._dumpers[kind](kind)


class IntBinaryDumper(IntDumper):
    format = Format.BINARY
    _dumpers: ClassVar[dict[type, type[Dumper]]] = {
        Int2: Int2BinaryDumper,
        Int4: Int4BinaryDumper,
        Int8: Int8BinaryDumper,
        IntNumeric: IntNumericBinaryDumper,
    }


class FloatDumper(_NumberDumper):
    oid = 701

    def dump(self, obj: Any) -> Buffer | None:
        return float.__repr__(float(obj)).encode()

    def quote(self, obj: Any) -> Buffer:
        special = _SPECIAL_FLOATS.get(str(obj))
        return special or super().quote(obj)


class Float4Dumper(FloatDumper):
    oid = 700


class FloatBinaryDumper(Dumper):
    format = Format.BINARY
    oid = 701

    def dump(self, obj: float) -> Buffer | None:
        return binary.encode_float8(obj)


class Float4BinaryDumper(FloatBinaryDumper):
    oid = 700

    def dump(self, obj: float) -> Buffer | None:
        return binary.encode_float4(obj)


class DecimalDumper(_NumberDumper):
    oid = 1700

    def dump(self, obj: Decimal) -> Buffer | None:
        # The server knows no signalling NaN.
        return b"NaN" if obj.is_nan() else str(obj).encode()

    def quote(self, obj: Decimal) -> Buffer:
        if obj.is_finite():
            return super().quote(obj)
        return quoted(bytes(self.dump(obj) or b"")) + b"::numeric"


class DecimalBinaryDumper(Dumper):
    format = Format.BINARY
    oid = 1700

    def dump(self, obj: Decimal) -> Buffer | None:
        return binary.encode_numeric(obj)


class NumericDumper(Dumper):
    """Integers and decimals alike, where the type asked for is ``numeric``."""

    oid = 1700
    int_classes: type | tuple[type, ...] = int

    def dump(self, obj: Decimal | int) -> Buffer | None:
        number = _decimal(self, obj)
        return b"NaN" if number.is_nan() else str(obj).encode()


class NumericBinaryDumper(Dumper):
    format = Format.BINARY
    oid = 1700
    int_classes: type | tuple[type, ...] = int

    def dump(self, obj: Decimal | int) -> Buffer | None:
        number = _decimal(self, obj)
        if isinstance(obj, Decimal):
            return binary.encode_numeric(number)
        return binary.encode_integer(int(number))


_SPECIAL_FLOATS = {
    "inf": b"'Infinity'::float8",
    "-inf": b"'-Infinity'::float8",
    "nan": b"'NaN'::float8",
}


def _decimal(dumper: NumericDumper | NumericBinaryDumper, obj: Any) -> Decimal:
    if isinstance(obj, Decimal):
        return obj
    if isinstance(obj, dumper.int_classes):
        number: Any = obj
        return Decimal(int(number))
    names = type(dumper).__name__, type(obj).__name__
    raise TypeError("class {} cannot dump {}".format(*names))


def register_default_adapters(context: AdaptersMap) -> None:
    adapters = context.adapters
    # Of two dumpers of a class the later is preferred, and so it is of a type.
    for cls, dumper in (
        (int, IntDumper),
        (int, IntBinaryDumper),
        (float, FloatDumper),
        (float, FloatBinaryDumper),
        (Int2, Int2Dumper),
        (Int4, Int4Dumper),
        (Int8, Int8Dumper),
        (IntNumeric, IntNumericDumper),
        (Oid, OidDumper),
        (Int2, Int2BinaryDumper),
        (Int4, Int4BinaryDumper),
        (Int8, Int8BinaryDumper),
        (Oid, OidBinaryDumper),
        (Float4, Float4Dumper),
        (Float4, Float4BinaryDumper),
        (Float8, FloatDumper),
        (Float8, FloatBinaryDumper),
        (Decimal, DecimalBinaryDumper),
        (Decimal, DecimalDumper),
        (None, NumericDumper),
        (None, NumericBinaryDumper),
    ):
        adapters.register_dumper(cls, dumper)


__getattr__ = refusing("psycopg.types.numeric")
