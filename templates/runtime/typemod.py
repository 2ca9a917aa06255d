"""What a column's type modifier says: length, precision, scale.

The rules are the server's: most types that take a length add four to it.
"""

from __future__ import annotations


class TypeModifier:
    """The modifier of a type that takes none."""

    def __init__(self, oid: int) -> None:
        self.oid = oid

    def modifiers(self, typemod: int) -> tuple[int, ...] | None:
        return None

    def display_size(self, typemod: int) -> int | None:
        return None

    def precision(self, typemod: int) -> int | None:
        return None

    def scale(self, typemod: int) -> int | None:
        return None


class NumericModifier(TypeModifier):
    """``numeric(p, s)``: precision in the high half, a signed 11-bit scale below."""

    def modifiers(self, typemod: int) -> tuple[int, ...] | None:
        precision = self.precision(typemod)
        scale = self.scale(typemod)
        if precision is None or scale is None:
            return None
        return precision, scale

    def precision(self, typemod: int) -> int | None:
        return ((typemod - 4) >> 16) & 0xFFFF if typemod >= 4 else None

    def scale(self, typemod: int) -> int | None:
        if typemod < 4:
            return None
        scale = (typemod - 4) & 0x7FF
        return scale - 0x800 if scale & 0x400 else scale


class CharModifier(TypeModifier):
    """``varchar(n)``, ``char(n)``."""

    def modifiers(self, typemod: int) -> tuple[int, ...] | None:
        size = self.display_size(typemod)
        return None if size is None else (size,)

    def display_size(self, typemod: int) -> int | None:
        return typemod - 4 if typemod >= 4 else None


class BitModifier(TypeModifier):
    """``bit(n)``, ``varbit(n)``: the length as it is."""

    def modifiers(self, typemod: int) -> tuple[int, ...] | None:
        size = self.display_size(typemod)
        return None if size is None else (size,)

    def display_size(self, typemod: int) -> int | None:
        return typemod if typemod >= 0 else None


class TimeModifier(TypeModifier):
    """``time(p)`` and its relatives."""

    def modifiers(self, typemod: int) -> tuple[int, ...] | None:
        precision = self.precision(typemod)
        return None if precision is None else (precision,)

    def precision(self, typemod: int) -> int | None:
        return typemod & 0xFFFF if typemod >= 0 else None


class IntervalModifier(TimeModifier):
    """``interval(p)``: all bits set say that no precision was given."""

    def precision(self, typemod: int) -> int | None:
        if typemod < 0:
            return None
        precision = typemod & 0xFFFF
        return None if precision == 0xFFFF else precision


MODIFIERS: dict[str, type[TypeModifier]] = {
    '"char"': CharModifier,
    "bit": BitModifier,
    "bpchar": CharModifier,
    "interval": IntervalModifier,
    "numeric": NumericModifier,
    "time": TimeModifier,
    "timestamp": TimeModifier,
    "timestamptz": TimeModifier,
    "timetz": TimeModifier,
    "varbit": BitModifier,
    "varchar": CharModifier,
}
