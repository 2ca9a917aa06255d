"""Adapters of enumerated types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Self, TypeAlias, TypeVar

from .. import errors as e
from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper, adapters_of
from ..loaders.form import BinaryForm, TextForm
from ..pq import Format
from ..rows import python_identifier
from . import TypeInfo

E = TypeVar("E", bound=Enum)
T = TypeVar("T", bound="EnumInfo")

EnumDumpMap: TypeAlias = dict[E, bytes]
EnumLoadMap: TypeAlias = dict[bytes, E]
EnumMapping: TypeAlias = Mapping[E, str] | Sequence[tuple[E, str]] | None


class EnumInfo(TypeInfo):
    """An enumerated type and its labels."""

    __module__ = "psycopg.types.enum"

    # Set by `register_enum`.
    enum: type[Enum] | None = None

    def __init__(
        self,
        name: str,
        oid: int,
        array_oid: int,
        labels: Sequence[str],
        *,
        regtype: str = "",
    ) -> None:
        self.labels = labels
        super().__init__(name, oid, array_oid, regtype=regtype)

    @classmethod
    def _from_row(cls, row: Sequence[Any] | None) -> Self | None:
        if row is None:
            return None
        name, oid, array_oid, regtype, _, labels = row[:6]
        # A type that is no enum is found all the same, with no labels.
        return cls(name, oid, array_oid, list(labels or ()), regtype=regtype)


class _EnumLoader(TextForm):
    enum: type[Enum]
    by_label: Mapping[str, Enum] = {}

    def decoder(self) -> Callable[[str], Any]:
        by_label, enum = self.by_label, self.enum

        def decode(label: str) -> Any:
            try:
                return by_label[label]
            except KeyError:
                raise _bad_member(enum, label) from None

        return decode


class _EnumBinaryLoader(BinaryForm):
    enum: type[Enum]
    by_label: Mapping[str, Enum] = {}

    def decoder(self) -> Callable[[bytes], Any]:
        by_label, enum, encoding = self.by_label, self.enum, self._session.encoding

        def decode(data: bytes) -> Any:
            label = str(data, encoding)
            try:
                return by_label[label]
            except KeyError:
                raise _bad_member(enum, label) from None

        return decode


class _EnumDumper(Dumper):
    labels: Mapping[Enum, str] = {}

    def dump(self, obj: Enum) -> Buffer | None:
        try:
            return self.labels[obj].encode(self._encoding)
        except KeyError:
            name = self.cls.__qualname__
            raise e.DataError(f"bad value for enum {name}: {obj!r}") from None


class EnumDumper(Dumper):
    """Enumerations that nobody registered: by name."""

    def dump(self, value: Enum) -> Buffer | None:
        return value.name.encode(self._encoding)


class EnumBinaryDumper(EnumDumper):
    format = Format.BINARY


def _bad_member(enum: type[Enum], label: str) -> e.DataError:
    return e.DataError(f"bad member for enum {enum.__qualname__}: {label!r}")


def register_enum(
    info: EnumInfo,
    context: Any = None,
    enum: type[E] | None = None,
    *,
    mapping: EnumMapping[E] = None,
) -> None:
    """Decode an enumerated type as members of an `Enum`, made if none is given."""
    if not info:
        raise TypeError("no info passed. Is the requested enum available?")
    chosen: Any = enum if enum is not None else _made(info)
    labels = _labels(info, chosen, mapping)
    by_label = {label: member for member, label in labels.items()}
    info.enum = chosen
    adapters = adapters_of(context)
    info.register(adapters)
    namespace = {"enum": chosen, "by_label": by_label}
    stem = chosen.__name__
    adapters.register_loader(info.oid, type(f"{stem}Loader", (_EnumLoader,), namespace))
    adapters.register_loader(
        info.oid, type(f"{stem}BinaryLoader", (_EnumBinaryLoader,), namespace)
    )
    shared: dict[str, Any] = {"oid": info.oid, "labels": labels}
    for form in ("", "Binary"):
        shared["format"] = Format.BINARY if form else Format.TEXT
        dumper = type(f"{stem}{form}Dumper", (_EnumDumper,), dict(shared))
        adapters.register_dumper(chosen, dumper)


def _made(info: EnumInfo) -> Any:
    name = python_identifier(info.name.title())
    return Enum(name, info.labels, module="psycopg.types.enum")


def _labels(info: EnumInfo, enum: Any, mapping: Any) -> dict[Any, str]:
    if mapping is None:
        # Members and labels that have no counterpart are left out, and fail when met.
        return {member: member.name for member in enum}
    pairs = mapping.items() if isinstance(mapping, Mapping) else mapping
    return {member: label for member, label in pairs}


def register_default_adapters(context: AdaptersMap) -> None:
    context.adapters.register_dumper(Enum, EnumBinaryDumper)
    context.adapters.register_dumper(Enum, EnumDumper)
