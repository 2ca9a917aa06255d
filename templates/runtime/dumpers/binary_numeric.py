"""Numbers as they are sent in binary."""

from __future__ import annotations

from decimal import Decimal
from operator import index
from struct import Struct

encode_int2 = Struct(">h").pack
encode_int4 = Struct(">i").pack
encode_int8 = Struct(">q").pack
encode_oid = Struct(">I").pack
encode_float4 = Struct(">f").pack
encode_float8 = Struct(">d").pack

_head = Struct(">HhHH").pack
_POSITIVE, _NEGATIVE, _NAN = 0x0000, 0x4000, 0xC000
_INFINITE = {False: 0xD000, True: 0xF000}


def encode_low(number: int, size: int) -> bytes:
    """An integer in so many bytes, the lowest of the eight that the driver's C takes.

    It asks nobody whether the rest are lost, as when a column's first value, which chose
    the type, was a small one.
    """
    number = index(number)
    if not -(2**63) <= number < 2**63:
        raise OverflowError("int too big to convert")
    lowest: int = number % (1 << 8 * size)
    return lowest.to_bytes(size, "big")


def encode_integer(number: int) -> bytes:
    """An integer as ``numeric``, with the groups of zeros that it ends in."""
    groups = _groups(str(abs(number)))
    sign = _NEGATIVE if number < 0 else _POSITIVE
    if not number:
        return _head(0, 0, sign, 0)
    return _head(len(groups), len(groups) - 1, sign, 0) + _packed(groups)


def encode_numeric(number: Decimal) -> bytes:
    """Digits of base 10000, the power of the first one, and the places to show."""
    if number.is_nan():
        return _head(0, 0, _NAN, 0)
    if number.is_infinite():
        return _head(0, 0, _INFINITE[number.is_signed()], 0)
    sign, figures, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    if not any(figures):
        return _head(0, 0, _POSITIVE, scale)
    # Zeros behind, so that groups of four begin and end at the decimal point.
    groups = _groups("".join(map(str, figures)) + "0" * (exponent % 4))
    last = exponent // 4
    while groups[-1] == 0:
        last += 1
        groups.pop()
    while groups[0] == 0:
        groups.pop(0)
    weight = last + len(groups) - 1
    head = _head(len(groups), weight, _NEGATIVE if sign else _POSITIVE, scale)
    return head + _packed(groups)


def _groups(digits: str) -> list[int]:
    """Digits of base 10000."""
    digits = digits.zfill(-(-len(digits) // 4) * 4)
    return [int(digits[at : at + 4]) for at in range(0, len(digits), 4)]


def _packed(groups: list[int]) -> bytes:
    return b"".join(group.to_bytes(2, "big") for group in groups)
