"""Multiranges: lists of ranges, and their adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableSequence, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Self, TypeVar, overload

from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper, PyFormat, RecursiveDumper, adapters_of
from ..loaders import binary_range, text_range
from ..loaders.form import RecursiveBinaryForm, RecursiveTextForm
from . import RegistryKey, TypeInfo
from .range import Range, dump_range, register_loaders, register_named, subtype_of

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


class MultirangeLoader(RecursiveTextForm, Generic[T]):
    """A multirange of a text; subclasses know the type of the bounds."""

    subtype_oid = 0

    def decoder(self) -> Callable[[str], Any]:
        decode = text_range.multirange_decoder(self._tx.text_decoder(self.subtype_oid))
        return lambda text: Multirange(decode(text))


class MultirangeBinaryLoader(RecursiveBinaryForm, Generic[T]):
    """A multirange of bytes."""

    subtype_oid = 0

    def decoder(self) -> Callable[[bytes], Any]:
        load = self._tx.binary_decoder(self.subtype_oid)
        decode = binary_range.multirange_decoder(load)
        return lambda data: Multirange(decode(data))


class MultirangeDumper(RecursiveDumper):
    """A multirange as text, of the type that the bounds suggest."""

    def dump(self, obj: Multirange[Any]) -> Buffer | None:
        ranges = ",".join(dump_range(item, self._tx) for item in obj)
        return ("{" + ranges + "}").encode(self._tx.dump_encoding)

    def get_key(self, obj: Multirange[Any], format: PyFormat) -> Any:
        return (self.cls, self._subtype(obj)) if type(self).oid == 0 else self.cls

    def upgrade(self, obj: Multirange[Any], format: PyFormat) -> Dumper:
        if type(self).oid:
            return self
        types = self._tx.adapters.types
        info = types.get_by_subtype(MultirangeInfo, self._subtype(obj))
        dumper = MultirangeDumper(self.cls, self._tx)
        dumper.oid = info.oid if info is not None else 0
        return dumper

    def _subtype(self, obj: Multirange[Any]) -> int:
        for item in obj:
            oid = subtype_of(item, self._tx)
            if oid:
                return oid
        return 0


def register_multirange(info: MultirangeInfo, context: Any = None) -> None:
    """Decode a multirange type of the database as `Multirange`."""
    if not info:
        raise TypeError("no info passed. Is the requested multirange available?")
    adapters = adapters_of(context)
    info.register(adapters)
    register_loaders(adapters, info, _LOADERS)


_LOADERS = (MultirangeLoader, MultirangeBinaryLoader)

_NAMED: tuple[tuple[type[Multirange[Any]], str], ...] = (
    (Int4Multirange, "int4multirange"),
    (Int8Multirange, "int8multirange"),
    (NumericMultirange, "nummultirange"),
    (DateMultirange, "datemultirange"),
    (TimestampMultirange, "tsmultirange"),
    (TimestamptzMultirange, "tstzmultirange"),
)


def register_default_adapters(context: AdaptersMap) -> None:
    adapters = context.adapters
    adapters.register_dumper(Multirange, MultirangeDumper)
    register_named(adapters, MultirangeDumper, _NAMED)
    for info in list(adapters.types):
        if isinstance(info, MultirangeInfo):
            register_loaders(adapters, info, _LOADERS)
