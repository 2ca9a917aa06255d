"""Adapters of ranges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, NoReturn, Self, TypeVar

from .. import errors as e
from ..abc import Buffer
from ..adapt import (
    AdaptersMap,
    Dumper,
    PyFormat,
    RecursiveDumper,
    RecursiveLoader,
    adapters_of,
)
from ..dumpers.binary_range import encode_range
from ..dumpers.text_range import BoundDumper, encode_text
from ..loaders.binary_range import range_decoder as binary_range_decoder
from ..loaders.form import RecursiveBinaryForm, RecursiveTextForm
from ..loaders.text_range import range_decoder
from ..pq import Format
from ..refusal import refusing
from ..transformer import Transformer
from . import RegistryKey, TypeInfo
from .range_value import Range

T = TypeVar("T", bound="RangeInfo")
B = TypeVar("B")

_TEXT = 25


class Int4Range(Range[int]):
    """A range to be sent as ``int4range``."""

    __module__ = "psycopg.types.range"


class Int8Range(Range[int]):
    """A range to be sent as ``int8range``."""

    __module__ = "psycopg.types.range"


class NumericRange(Range[Decimal]):
    """A range to be sent as ``numrange``."""

    __module__ = "psycopg.types.range"


class DateRange(Range[date]):
    """A range to be sent as ``daterange``."""

    __module__ = "psycopg.types.range"


class TimestampRange(Range[datetime]):
    """A range to be sent as ``tsrange``."""

    __module__ = "psycopg.types.range"


class TimestamptzRange(Range[datetime]):
    """A range to be sent as ``tstzrange``."""

    __module__ = "psycopg.types.range"


class RangeInfo(TypeInfo):
    """A range type: what `TypeInfo` says, and the OID of the bounds' type."""

    __module__ = "psycopg.types.range"

    def __init__(
        self,
        name: str,
        oid: int,
        array_oid: int,
        *,
        regtype: str = "",
        subtype_oid: int,
    ) -> None:
        self.subtype_oid = subtype_oid
        super().__init__(name, oid, array_oid, regtype=regtype)

    @classmethod
    def _from_row(cls, row: Sequence[Any] | None) -> Self | None:
        if row is None:
            return None
        name, oid, array_oid, regtype, _, subtype_oid = row[:6]
        return cls(name, oid, array_oid, regtype=regtype, subtype_oid=subtype_oid)

    def _keys(self) -> Sequence[RegistryKey]:
        return ((RangeInfo, self.subtype_oid),)


class BaseRangeLoader(RecursiveLoader, Generic[B]):
    """A range; subclasses know the type of the bounds."""

    subtype_oid = 0


class RangeLoader(RecursiveTextForm, BaseRangeLoader[B]):
    """A range of a text."""

    def decoder(self) -> Callable[[str], Any]:
        return range_decoder(self._tx.text_decoder(self.subtype_oid))


class RangeBinaryLoader(RecursiveBinaryForm, BaseRangeLoader[B]):
    """A range of bytes."""

    def decoder(self) -> Callable[[bytes], Any]:
        return binary_range_decoder(self._tx.binary_decoder(self.subtype_oid))


class BaseRangeDumper(RecursiveDumper):
    """A range, of the type that its bounds suggest.

    `subtype_oid` is the type of the bounds where it is known from the start.
    """

    subtype_oid = 0

    def get_key(self, obj: Range[Any], format: PyFormat) -> Any:
        if type(self).oid:
            return self.cls
        return (
            self.cls,
            self._form(obj),
            subtype_of(bound_of(obj), self._tx, self.format),
        )

    def upgrade(self, obj: Range[Any], format: PyFormat) -> Dumper:
        if type(self).oid:
            return self
        types = self._tx.adapters.types
        info = types.get_by_subtype(
            RangeInfo, subtype_of(bound_of(obj), self._tx, self.format)
        )
        dumper = self._form(obj)(self.cls, self._tx)
        dumper.oid = info.oid if info is not None else 0
        return dumper

    def _form(self, obj: Range[Any]) -> type[BaseRangeDumper]:
        # Integers do not say in how many bytes they go.
        return RangeDumper if type(bound_of(obj)) is int else type(self)

    def _bound_dumper(self, obj: Range[Any]) -> BoundDumper:
        if self.subtype_oid:
            return self._tx.get_dumper_by_oid(self.subtype_oid, self.format).dump
        return bound_dumper(bound_of(obj), self._tx, self.format)


class RangeDumper(BaseRangeDumper):
    """A range as text."""

    def dump(self, obj: Range[Any]) -> Buffer | None:
        encoding = self._tx.dump_encoding
        return encode_text(obj, self._bound_dumper(obj), encoding).encode(encoding)


class RangeBinaryDumper(BaseRangeDumper):
    """A range as bytes; one of plain integers goes as text."""

    format = Format.BINARY

    def dump(self, obj: Range[Any]) -> Buffer | None:
        return encode_range(obj, self._bound_dumper(obj))


def subtype_of(bound: Any, tx: Transformer, format: Format) -> int:
    """The OID of the type of a bound; 0 if it does not say it."""
    if bound is None or type(bound) is int:
        return 0
    return tx.get_dumper(bound, PyFormat.from_pq(format)).oid or _TEXT


def bound_of(obj: Range[Any]) -> Any:
    """A bound that says what both of them are; None if there is none."""
    return obj.lower if obj.lower is not None else obj.upper


def bound_dumper(bound: Any, tx: Transformer, format: Format) -> BoundDumper:
    """What dumps the bounds of ranges that have one like this."""
    if bound is None:
        return _no_bound
    if type(bound) is int:
        return _dump_integer
    return tx.get_dumper(bound, PyFormat.from_pq(format)).dump


def _no_bound(value: Any) -> NoReturn:
    raise e.InternalError(f"a range without bounds has {value!r} for one")


def _dump_integer(value: Any) -> Buffer | None:
    if not isinstance(value, int):
        raise e.DataError(f"integer expected, got {type(value).__name__!r}")
    return int.__repr__(value).encode()


def register_range(info: RangeInfo, context: Any = None) -> None:
    """Decode a range type of the database as `Range`."""
    if not info:
        raise TypeError("no info passed. Is the requested range available?")
    adapters = adapters_of(context)
    info.register(adapters)
    for base in (RangeLoader, RangeBinaryLoader):
        loader = named(base, info.name.title(), subtype_oid=info.subtype_oid)
        adapters.register_loader(info.oid, loader)


def named(base: type, stem: str, **oids: int) -> Any:
    """A subclass of an adapter for one type, named after it."""
    namespace = {"__module__": base.__module__, **oids}
    return type(f"{stem}{base.__name__}", (base,), namespace)


# The classes that say which type they are: its OID and that of the bounds.
Int4RangeDumper = named(RangeDumper, "Int4", oid=3904, subtype_oid=23)
Int8RangeDumper = named(RangeDumper, "Int8", oid=3926, subtype_oid=20)
NumericRangeDumper = named(RangeDumper, "Numeric", oid=3906, subtype_oid=1700)
DateRangeDumper = named(RangeDumper, "Date", oid=3912, subtype_oid=1082)
TimestampRangeDumper = named(RangeDumper, "Timestamp", oid=3908, subtype_oid=1114)
TimestamptzRangeDumper = named(RangeDumper, "Timestamptz", oid=3910, subtype_oid=1184)
Int4RangeBinaryDumper = named(RangeBinaryDumper, "Int4", oid=3904, subtype_oid=23)
Int8RangeBinaryDumper = named(RangeBinaryDumper, "Int8", oid=3926, subtype_oid=20)
NumericRangeBinaryDumper = named(
    RangeBinaryDumper, "Numeric", oid=3906, subtype_oid=1700
)
DateRangeBinaryDumper = named(RangeBinaryDumper, "Date", oid=3912, subtype_oid=1082)
TimestampRangeBinaryDumper = named(
    RangeBinaryDumper, "Timestamp", oid=3908, subtype_oid=1114
)
TimestamptzRangeBinaryDumper = named(
    RangeBinaryDumper, "Timestamptz", oid=3910, subtype_oid=1184
)
Int4RangeLoader = named(RangeLoader, "Int4", subtype_oid=23)
Int8RangeLoader = named(RangeLoader, "Int8", subtype_oid=20)
NumericRangeLoader = named(RangeLoader, "Numeric", subtype_oid=1700)
DateRangeLoader = named(RangeLoader, "Date", subtype_oid=1082)
TimestampRangeLoader = named(RangeLoader, "Timestamp", subtype_oid=1114)
TimestampTZRangeLoader = named(RangeLoader, "TimestampTZ", subtype_oid=1184)
Int4RangeBinaryLoader = named(RangeBinaryLoader, "Int4", subtype_oid=23)
Int8RangeBinaryLoader = named(RangeBinaryLoader, "Int8", subtype_oid=20)
NumericRangeBinaryLoader = named(RangeBinaryLoader, "Numeric", subtype_oid=1700)
DateRangeBinaryLoader = named(RangeBinaryLoader, "Date", subtype_oid=1082)
TimestampRangeBinaryLoader = named(RangeBinaryLoader, "Timestamp", subtype_oid=1114)
TimestampTZRangeBinaryLoader = named(RangeBinaryLoader, "TimestampTZ", subtype_oid=1184)


def register_default_adapters(context: AdaptersMap) -> None:
    adapters = context.adapters
    # Of two dumpers of a class the later is preferred.
    for cls, dumper in (
        (Range, RangeBinaryDumper),
        (Range, RangeDumper),
        (Int4Range, Int4RangeDumper),
        (Int8Range, Int8RangeDumper),
        (NumericRange, NumericRangeDumper),
        (DateRange, DateRangeDumper),
        (TimestampRange, TimestampRangeDumper),
        (TimestamptzRange, TimestamptzRangeDumper),
        (Int4Range, Int4RangeBinaryDumper),
        (Int8Range, Int8RangeBinaryDumper),
        (NumericRange, NumericRangeBinaryDumper),
        (DateRange, DateRangeBinaryDumper),
        (TimestampRange, TimestampRangeBinaryDumper),
        (TimestamptzRange, TimestamptzRangeBinaryDumper),
    ):
        adapters.register_dumper(cls, dumper)
    for name, loader in (
        ("int4range", Int4RangeLoader),
        ("int8range", Int8RangeLoader),
        ("numrange", NumericRangeLoader),
        ("daterange", DateRangeLoader),
        ("tsrange", TimestampRangeLoader),
        ("tstzrange", TimestampTZRangeLoader),
        ("int4range", Int4RangeBinaryLoader),
        ("int8range", Int8RangeBinaryLoader),
        ("numrange", NumericRangeBinaryLoader),
        ("daterange", DateRangeBinaryLoader),
        ("tsrange", TimestampRangeBinaryLoader),
        ("tstzrange", TimestampTZRangeBinaryLoader),
    ):
        adapters.register_loader(name, loader)


__getattr__ = refusing("psycopg.types.range")
