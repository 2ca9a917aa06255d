"""Multiranges: lists of ranges, and their adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableSequence, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Self, TypeVar, overload

from ..abc import Buffer
from ..adapt import (
    AdaptersMap,
    Dumper,
    PyFormat,
    RecursiveDumper,
    RecursiveLoader,
    adapters_of,
)
from ..dumpers.binary_range import encode_multirange
from ..dumpers.text_range import BoundDumper, encode_texts
from ..loaders import binary_range, text_range
from ..loaders.form import RecursiveBinaryForm, RecursiveTextForm
from ..pq import Format
from . import RegistryKey, TypeInfo
from .range import bound_dumper, bound_of, named, subtype_of
from .range_value import Range

T = TypeVar("T")
M = TypeVar("M", bound="MultirangeInfo")


class Multirange(MutableSequence[Range[T]]):
    """A list that holds ranges and nothing else."""

    __module__ = "psycopg.types.multirange"

    def __init__(self, items: Iterable[Range[T]] = ()) -> None:
        self._ranges: list[Range[T]] = [self._checked(item) for item in items]

    @staticmethod
    def _checked(item: Any) -> Any:
        if isinstance(item, Range):
            return item
        name = type(item).__name__
        raise TypeError(f"Multirange is a sequence of Range, got {name}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._ranges!r})"

    def __str__(self) -> str:
        return "{" + ", ".join(map(str, self._ranges)) + "}"

    @overload
    def __getitem__(self, index: int) -> Range[T]: ...
    @overload
    def __getitem__(self, index: slice) -> Multirange[T]: ...
    def __getitem__(self, index: int | slice) -> Range[T] | Multirange[T]:
        if isinstance(index, slice):
            return Multirange(self._ranges[index])
        return self._ranges[index]

    def __len__(self) -> int:
        return len(self._ranges)

    @overload
    def __setitem__(self, index: int, value: Range[T]) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Range[T]]) -> None: ...
    def __setitem__(self, index: int | slice, value: Any) -> None:
        if isinstance(index, int):
            self._ranges[index] = self._checked(value)
        elif not isinstance(value, Iterable):
            raise TypeError("can only assign an iterable")
        else:
            self._ranges[index] = [self._checked(item) for item in value]

    def __delitem__(self, index: int | slice) -> None:
        del self._ranges[index]

    def insert(self, index: int, value: Range[T]) -> None:
        self._ranges.insert(index, self._checked(value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Multirange) and self._ranges == other._ranges

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Any) -> bool:
        comparable = isinstance(other, Multirange)
        return self._ranges < other._ranges if comparable else NotImplemented

    def __le__(self, other: Any) -> bool:
        return bool(self == other) or self < other

    def __gt__(self, other: Any) -> bool:
        return other < self if isinstance(other, Multirange) else NotImplemented

    def __ge__(self, other: Any) -> bool:
        return bool(self == other) or self > other


class Int4Multirange(Multirange[int]):
    """A multirange to be sent as ``int4multirange``."""

    __module__ = "psycopg.types.multirange"


class Int8Multirange(Multirange[int]):
    """A multirange to be sent as ``int8multirange``."""

    __module__ = "psycopg.types.multirange"


class NumericMultirange(Multirange[Decimal]):
    """A multirange to be sent as ``nummultirange``."""

    __module__ = "psycopg.types.multirange"


class DateMultirange(Multirange[date]):
    """A multirange to be sent as ``datemultirange``."""

    __module__ = "psycopg.types.multirange"


class TimestampMultirange(Multirange[datetime]):
    """A multirange to be sent as ``tsmultirange``."""

    __module__ = "psycopg.types.multirange"


class TimestamptzMultirange(Multirange[datetime]):
    """A multirange to be sent as ``tstzmultirange``."""

    __module__ = "psycopg.types.multirange"


class MultirangeInfo(TypeInfo):
    """A multirange type, with the OIDs of its range and of the bounds' type."""

    __module__ = "psycopg.types.multirange"

    def __init__(
        self,
        name: str,
        oid: int,
        array_oid: int,
        *,
        regtype: str = "",
        range_oid: int,
        subtype_oid: int,
    ) -> None:
        self.range_oid, self.subtype_oid = range_oid, subtype_oid
        super().__init__(name, oid, array_oid, regtype=regtype)

    @classmethod
    def _from_row(cls, row: Sequence[Any] | None) -> Self | None:
        if row is None:
            return None
        name, oid, array_oid, regtype, _, range_oid, subtype_oid = row[:7]
        return cls(
            name,
            oid,
            array_oid,
            regtype=regtype,
            range_oid=range_oid,
            subtype_oid=subtype_oid,
        )

    def _keys(self) -> Sequence[RegistryKey]:
        return ((MultirangeInfo, self.range_oid), (MultirangeInfo, self.subtype_oid))


class BaseMultirangeLoader(RecursiveLoader, Generic[T]):
    """A multirange; subclasses know the type of the bounds."""

    subtype_oid = 0


class MultirangeLoader(RecursiveTextForm, BaseMultirangeLoader[T]):
    """A multirange of a text."""

    def decoder(self) -> Callable[[str], Any]:
        decode = text_range.multirange_decoder(self._tx.text_decoder(self.subtype_oid))
        return lambda text: Multirange(decode(text))


class MultirangeBinaryLoader(RecursiveBinaryForm, BaseMultirangeLoader[T]):
    """A multirange of bytes."""

    def decoder(self) -> Callable[[bytes], Any]:
        load = self._tx.binary_decoder(self.subtype_oid)
        decode = binary_range.multirange_decoder(load)
        return lambda data: Multirange(decode(data))


class BaseMultirangeDumper(RecursiveDumper):
    """A multirange, of the type that the bounds suggest.

    `subtype_oid` is the type of the bounds where it is known from the start.
    """

    subtype_oid = 0

    def get_key(self, obj: Multirange[Any], format: PyFormat) -> Any:
        if type(self).oid:
            return self.cls
        return (self.cls, self._form(obj), self._subtype(obj))

    def upgrade(self, obj: Multirange[Any], format: PyFormat) -> Dumper:
        if type(self).oid:
            return self
        types = self._tx.adapters.types
        info = types.get_by_subtype(MultirangeInfo, self._subtype(obj))
        dumper = self._form(obj)(self.cls, self._tx)
        dumper.oid = info.oid if info is not None else 0
        return dumper

    def _form(self, obj: Multirange[Any]) -> type[BaseMultirangeDumper]:
        # Integers do not say in how many bytes they go.
        return MultirangeDumper if type(self._bound(obj)) is int else type(self)

    def _subtype(self, obj: Multirange[Any]) -> int:
        return subtype_of(self._bound(obj), self._tx, self.format)

    def _bound(self, obj: Multirange[Any]) -> Any:
        bounds = (bound_of(each) for each in obj)
        return next((bound for bound in bounds if bound is not None), None)

    def _bound_dumper(self, obj: Multirange[Any]) -> BoundDumper:
        if self.subtype_oid:
            return self._tx.get_dumper_by_oid(self.subtype_oid, self.format).dump
        return bound_dumper(self._bound(obj), self._tx, self.format)


class MultirangeDumper(BaseMultirangeDumper):
    """A multirange as text."""

    def dump(self, obj: Multirange[Any]) -> Buffer | None:
        encoding = self._tx.dump_encoding
        return encode_texts(obj, self._bound_dumper(obj), encoding).encode(encoding)


class MultirangeBinaryDumper(BaseMultirangeDumper):
    """A multirange as bytes; one of plain integers goes as text."""

    format = Format.BINARY

    def dump(self, obj: Multirange[Any]) -> Buffer | None:
        return encode_multirange(obj, self._bound_dumper(obj))


def register_multirange(info: MultirangeInfo, context: Any = None) -> None:
    """Decode a multirange type of the database as `Multirange`."""
    if not info:
        raise TypeError("no info passed. Is the requested multirange available?")
    adapters = adapters_of(context)
    info.register(adapters)
    for base in (MultirangeLoader, MultirangeBinaryLoader):
        loader = named(base, info.name.title(), subtype_oid=info.subtype_oid)
        adapters.register_loader(info.oid, loader)


# The classes that say which type they are: its OID and that of the bounds.
Int4MultirangeDumper = named(MultirangeDumper, "Int4", oid=4451, subtype_oid=23)
Int8MultirangeDumper = named(MultirangeDumper, "Int8", oid=4536, subtype_oid=20)
NumericMultirangeDumper = named(MultirangeDumper, "Numeric", oid=4532, subtype_oid=1700)
DateMultirangeDumper = named(MultirangeDumper, "Date", oid=4535, subtype_oid=1082)
TimestampMultirangeDumper = named(
    MultirangeDumper, "Timestamp", oid=4533, subtype_oid=1114
)
TimestamptzMultirangeDumper = named(
    MultirangeDumper, "Timestamptz", oid=4534, subtype_oid=1184
)
Int4MultirangeBinaryDumper = named(
    MultirangeBinaryDumper, "Int4", oid=4451, subtype_oid=23
)
Int8MultirangeBinaryDumper = named(
    MultirangeBinaryDumper, "Int8", oid=4536, subtype_oid=20
)
NumericMultirangeBinaryDumper = named(
    MultirangeBinaryDumper, "Numeric", oid=4532, subtype_oid=1700
)
DateMultirangeBinaryDumper = named(
    MultirangeBinaryDumper, "Date", oid=4535, subtype_oid=1082
)
TimestampMultirangeBinaryDumper = named(
    MultirangeBinaryDumper, "Timestamp", oid=4533, subtype_oid=1114
)
TimestamptzMultirangeBinaryDumper = named(
    MultirangeBinaryDumper, "Timestamptz", oid=4534, subtype_oid=1184
)
Int4MultirangeLoader = named(MultirangeLoader, "Int4", subtype_oid=23)
Int8MultirangeLoader = named(MultirangeLoader, "Int8", subtype_oid=20)
NumericMultirangeLoader = named(MultirangeLoader, "Numeric", subtype_oid=1700)
DateMultirangeLoader = named(MultirangeLoader, "Date", subtype_oid=1082)
TimestampMultirangeLoader = named(MultirangeLoader, "Timestamp", subtype_oid=1114)
TimestampTZMultirangeLoader = named(MultirangeLoader, "TimestampTZ", subtype_oid=1184)
Int4MultirangeBinaryLoader = named(MultirangeBinaryLoader, "Int4", subtype_oid=23)
Int8MultirangeBinaryLoader = named(MultirangeBinaryLoader, "Int8", subtype_oid=20)
NumericMultirangeBinaryLoader = named(
    MultirangeBinaryLoader, "Numeric", subtype_oid=1700
)
DateMultirangeBinaryLoader = named(MultirangeBinaryLoader, "Date", subtype_oid=1082)
TimestampMultirangeBinaryLoader = named(
    MultirangeBinaryLoader, "Timestamp", subtype_oid=1114
)
TimestampTZMultirangeBinaryLoader = named(
    MultirangeBinaryLoader, "TimestampTZ", subtype_oid=1184
)


def register_default_adapters(context: AdaptersMap) -> None:
    adapters = context.adapters
    # Of two dumpers of a class the later is preferred.
    for cls, dumper in (
        (Multirange, MultirangeBinaryDumper),
        (Multirange, MultirangeDumper),
        (Int4Multirange, Int4MultirangeDumper),
        (Int8Multirange, Int8MultirangeDumper),
        (NumericMultirange, NumericMultirangeDumper),
        (DateMultirange, DateMultirangeDumper),
        (TimestampMultirange, TimestampMultirangeDumper),
        (TimestamptzMultirange, TimestamptzMultirangeDumper),
        (Int4Multirange, Int4MultirangeBinaryDumper),
        (Int8Multirange, Int8MultirangeBinaryDumper),
        (NumericMultirange, NumericMultirangeBinaryDumper),
        (DateMultirange, DateMultirangeBinaryDumper),
        (TimestampMultirange, TimestampMultirangeBinaryDumper),
        (TimestamptzMultirange, TimestamptzMultirangeBinaryDumper),
    ):
        adapters.register_dumper(cls, dumper)
    for name, loader in (
        ("int4multirange", Int4MultirangeLoader),
        ("int8multirange", Int8MultirangeLoader),
        ("nummultirange", NumericMultirangeLoader),
        ("datemultirange", DateMultirangeLoader),
        ("tsmultirange", TimestampMultirangeLoader),
        ("tstzmultirange", TimestampTZMultirangeLoader),
        ("int4multirange", Int4MultirangeBinaryLoader),
        ("int8multirange", Int8MultirangeBinaryLoader),
        ("nummultirange", NumericMultirangeBinaryLoader),
        ("datemultirange", DateMultirangeBinaryLoader),
        ("tsmultirange", TimestampMultirangeBinaryLoader),
        ("tstzmultirange", TimestampTZMultirangeBinaryLoader),
    ):
        adapters.register_loader(name, loader)
