"""Adapters of ranges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ..abc import Buffer
from ..adapt import (
    AdaptersMap,
    Dumper,
    Loader,
    PyFormat,
    RecursiveDumper,
    adapters_of,
)
from ..loaders.binary_range import range_decoder as binary_range_decoder
from ..loaders.form import RecursiveBinaryForm, RecursiveTextForm
from ..loaders.text_range import range_decoder
from ..transformer import Transformer
from . import RegistryKey, TypeInfo
from .range_value import Range

if TYPE_CHECKING:
    from .multirange import MultirangeInfo

__all__ = (
    "DateRange",
    "Int4Range",
    "Int8Range",
    "NumericRange",
    "Range",
    "RangeInfo",
    "TimestampRange",
    "TimestamptzRange",
    "register_range",
)

T = TypeVar("T", bound="RangeInfo")
B = TypeVar("B")


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


class RangeLoader(RecursiveTextForm, Generic[B]):
    """A range of a text; subclasses know the type of the bounds."""

    subtype_oid = 0

    def decoder(self) -> Callable[[str], Any]:
        return range_decoder(self._tx.text_decoder(self.subtype_oid))


class RangeBinaryLoader(RecursiveBinaryForm, Generic[B]):
    """A range of bytes."""

    subtype_oid = 0

    def decoder(self) -> Callable[[bytes], Any]:
        return binary_range_decoder(self._tx.binary_decoder(self.subtype_oid))


class RangeDumper(RecursiveDumper):
    """A range as text, of the type that its bounds suggest."""

    def dump(self, obj: Range[Any]) -> Buffer | None:
        return dump_range(obj, self._tx).encode(self._tx.dump_encoding)

    def get_key(self, obj: Range[Any], format: PyFormat) -> Any:
        return (self.cls, subtype_of(obj, self._tx)) if self._is_plain else self.cls

    def upgrade(self, obj: Range[Any], format: PyFormat) -> Dumper:
        if not self._is_plain:
            return self
        info = self._tx.adapters.types.get_by_subtype(
            RangeInfo, subtype_of(obj, self._tx)
        )
        dumper = RangeDumper(self.cls, self._tx)
        dumper.oid = info.oid if info is not None else 0
        return dumper

    @property
    def _is_plain(self) -> bool:
        return type(self).oid == 0


_needs_quotes = re.compile(r'^$|[\s()\[\],"\\]')
_escaped = re.compile(r'(["\\])')


def dump_range(obj: Range[Any], tx: Transformer) -> str:
    """The text of a range as the server reads it."""
    if obj.isempty:
        return "empty"
    bounds = (_bound(obj.lower, tx), _bound(obj.upper, tx))
    return f"{obj.bounds[0]}{bounds[0]},{bounds[1]}{obj.bounds[1]}"


def subtype_of(obj: Range[Any], tx: Transformer) -> int:
    """The OID of the bounds' type; integers do not say which they want."""
    value = obj.lower if obj.lower is not None else obj.upper
    if value is None or (isinstance(value, int) and type(value) is int):
        return 0
    return tx.get_dumper(value, PyFormat.TEXT).oid


def _bound(value: Any, tx: Transformer) -> str:
    if value is None:
        return ""
    dumped = tx.get_dumper(value, PyFormat.TEXT).dump(value)
    text = str(bytes(dumped or b""), tx.dump_encoding)
    if _needs_quotes.search(text):
        return '"' + _escaped.sub(r"\1\1", text) + '"'
    return text


def register_range(info: RangeInfo, context: Any = None) -> None:
    """Decode a range type of the database as `Range`."""
    if not info:
        raise TypeError("no info passed. Is the requested range available?")
    adapters = adapters_of(context)
    info.register(adapters)
    register_loaders(adapters, info)


def register_loaders(
    adapters: AdaptersMap,
    info: RangeInfo | MultirangeInfo,
    loaders: Sequence[type[Loader]] = (RangeLoader, RangeBinaryLoader),
) -> None:
    """Decode a type through subclasses of `loaders`, which know its subtype."""
    namespace = {"subtype_oid": info.subtype_oid}
    for base in loaders:
        name = f"{info.name.title()}{base.__name__}"
        loader: type[Loader] = type(name, (base,), namespace)
        adapters.register_loader(info.oid, loader)


def register_named(
    adapters: AdaptersMap, base: type[Dumper], named: Iterable[tuple[type, str]]
) -> None:
    """Dump classes that say which type they are through subclasses of `base`."""
    for cls, name in named:
        namespace = {"oid": adapters.types[name].oid}
        dumper: type[Dumper] = type(f"{cls.__name__}Dumper", (base,), namespace)
        adapters.register_dumper(cls, dumper)


_NAMED: tuple[tuple[type[Range[Any]], str], ...] = (
    (Int4Range, "int4range"),
    (Int8Range, "int8range"),
    (NumericRange, "numrange"),
    (DateRange, "daterange"),
    (TimestampRange, "tsrange"),
    (TimestamptzRange, "tstzrange"),
)


def register_default_adapters(context: AdaptersMap) -> None:
    adapters = context.adapters
    adapters.register_dumper(Range, RangeDumper)
    register_named(adapters, RangeDumper, _NAMED)
    for info in list(adapters.types):
        if isinstance(info, RangeInfo):
            register_loaders(adapters, info)
