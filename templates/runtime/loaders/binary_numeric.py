"""Numbers as the server sends them in binary."""

from __future__ import annotations

from decimal import Decimal
from struct import Struct

from .. import errors as e

_int2 = Struct(">h").unpack
_int4 = Struct(">i").unpack
_int8 = Struct(">q").unpack
_oid = Struct(">I").unpack
_float4 = Struct(">f").unpack
_float8 = Struct(">d").unpack
_head = Struct(">HhHH").unpack_from

_POSITIVE, _NEGATIVE = 0x0000, 0x4000
_SPECIAL = {
    0xC000: Decimal("NaN"),
    0xD000: Decimal("Infinity"),
    0xF000: Decimal("-Infinity"),
}


def decode_int2(data: bytes) -> int:
    number: int = _int2(data)[0]
    return number


def decode_int4(data: bytes) -> int:
    number: int = _int4(data)[0]
    return number


def decode_int8(data: bytes) -> int:
    number: int = _int8(data)[0]
    return number


def decode_oid(data: bytes) -> int:
    number: int = _oid(data)[0]
    return number


def decode_float4(data: bytes) -> float:
    number: float = _float4(data)[0]
    return number


def decode_float8(data: bytes) -> float:
    number: float = _float8(data)[0]
    return number


def decode_numeric(data: bytes) -> Decimal:
    """Digits of base 10000, the power of the first one, and the places to show."""
    count, weight, sign, scale = _head(data)
    if sign not in (_POSITIVE, _NEGATIVE):
        if sign in _SPECIAL:
            return _SPECIAL[sign]
        raise e.DataError(f"bad value for numeric sign: 0x{sign:X}")
    if len(data) != 8 + 2 * count:
        raise e.DataError("bad ndigits in numeric binary representation")
    groups = [int.from_bytes(data[at : at + 2], "big") for at in range(8, len(data), 2)]
    digits = "".join(f"{group:04d}" for group in groups)
    # The server drops groups of zeros at both ends; the scale says what is shown.
    shift = 4 * (weight + 1 - count) + scale
    if digits:
        digits = digits + "0" * shift if shift >= 0 else digits[:shift]
    minus = "-" if sign == _NEGATIVE else ""
    return Decimal(f"{minus}{digits or '0'}E-{scale}")
