"""A keyed permutation of the numbers below a size: no two of them become one.

A Feistel network over the bits of the size, walked on until the result is below it
again, so that every size will do. It keeps equal numbers equal and different ones
different, which joins need; it is no encryption that resists who knows many pairs.
"""

from __future__ import annotations

import hashlib

_ROUNDS = 8


def permuted(key: bytes, domain: bytes, size: int, number: int) -> int:
    """The number below `size` that stands for `number`, in this domain."""
    if size <= 1:
        return number
    half = ((size - 1).bit_length() + 1) // 2
    mask = (1 << half) - 1
    while True:
        left, right = number >> half, number & mask
        for index in range(_ROUNDS):
            data = b"%d:%d:%d" % (size, index, right)
            left, right = right, left ^ (_number(key, domain, data, half) & mask)
        number = left << half | right
        if number < size:
            return number


def stream(key: bytes, domain: bytes, data: bytes, length: int) -> bytes:
    """`length` bytes that depend on all of the data."""
    # A sponge needs no more than the key in front; lengths keep the parts apart.
    prefix = b"%d:%d:" % (len(key), len(domain))
    return bytes(hashlib.shake_256(prefix + key + domain + data).digest(length))


def _number(key: bytes, domain: bytes, data: bytes, bits: int) -> int:
    return int.from_bytes(stream(key, domain, data, (bits + 7) // 8), "big")
