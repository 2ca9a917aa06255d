"""PEP 249's type objects and constructors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from .abc import Buffer
from .adapt import adapters_of
from .refusal import refusing
from .types.string import BytesBinaryDumper, BytesDumper

_SHOWN = 40


class DBAPITypeObject:
    """Equal to the OID of each type of its kind."""

    __module__ = "psycopg.dbapi20"

    def __init__(self, name: str, oids: Sequence[int]) -> None:
        self.name = name
        self.values = tuple(oids)

    def __repr__(self) -> str:
        return f"psycopg.{self.name}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and other in self.values

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]


BINARY = DBAPITypeObject("BINARY", (17,))
DATETIME = DBAPITypeObject("DATETIME", (1114, 1184, 1082, 1083, 1266, 1186))
NUMBER = DBAPITypeObject("NUMBER", (21, 23, 20, 700, 701, 1700))
ROWID = DBAPITypeObject("ROWID", (26,))
STRING = DBAPITypeObject("STRING", (25, 1043, 1042))


class Binary:
    """Bytes as PEP 249 wants them marked."""

    __module__ = "psycopg.dbapi20"

    def __init__(self, obj: Any) -> None:
        self.obj = obj

    def __repr__(self) -> str:
        shown = repr(self.obj)
        if len(shown) > _SHOWN:
            # Psycopg's text, the missing space and all.
            shown = f"{shown[: _SHOWN - 5]} ... ({len(shown)} byteschars)"
        return f"{type(self).__name__}({shown})"


def Date(year: int, month: int, day: int) -> date:
    return date(year, month, day)


def DateFromTicks(ticks: float) -> date:
    return TimestampFromTicks(ticks).date()


def Time(hour: int, minute: int, second: int) -> time:
    return time(hour, minute, second)


def TimeFromTicks(ticks: float) -> time:
    return TimestampFromTicks(ticks).time()


def Timestamp(
    year: int, month: int, day: int, hour: int, minute: int, second: int
) -> datetime:
    return datetime(year, month, day, hour, minute, second)


def TimestampFromTicks(ticks: float) -> datetime:
    return datetime.fromtimestamp(ticks, UTC)


class BinaryBinaryDumper(BytesBinaryDumper):
    """The bytes in PEP 249's wrapper, as they are."""

    __module__ = "psycopg.dbapi20"

    def dump(self, obj: Buffer | Binary) -> Buffer | None:
        return super().dump(_unwrapped(obj))


class BinaryTextDumper(BytesDumper):
    """The bytes in PEP 249's wrapper, as text."""

    __module__ = "psycopg.dbapi20"

    def dump(self, obj: Buffer | Binary) -> Buffer | None:
        return super().dump(_unwrapped(obj))


def _unwrapped(obj: Any) -> Any:
    return obj.obj if isinstance(obj, Binary) else obj


def register_dbapi20_adapters(context: Any) -> None:
    """Dump `Binary`, and whatever else is to be ``bytea``."""
    for dumper in (BinaryTextDumper, BinaryBinaryDumper):
        adapters_of(context).register_dumper(Binary, dumper)


__getattr__ = refusing("psycopg.dbapi20")
