"""Adapters of composite types and of anonymous records."""

from __future__ import annotations

import logging
import re
from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeAlias, TypeVar

from ..abc import Buffer
from ..adapt import AdaptersMap, PyFormat, RecursiveDumper, adapters_of
from ..dumpers.binary_array import encoded
from ..dumpers.binary_numeric import encode_int4, encode_oid
from ..loaders.binary_record import load_record
from ..loaders.form import RecursiveBinaryForm, RecursiveTextForm
from ..loaders.text_record import split_record
from ..pq import Format
from ..rows import python_identifier
from . import TypeInfo

logger = logging.getLogger("psycopg")

T = TypeVar("T")
C = TypeVar("C", bound="CompositeInfo")

ObjectMaker: TypeAlias = Callable[[Sequence[Any], "CompositeInfo"], T]
SequenceMaker: TypeAlias = Callable[[T, "CompositeInfo"], Sequence[Any]]

_needs_quotes = re.compile(r'^$|[\s",()\\]')
_doubled = re.compile(r'(["\\])')


class CompositeInfo(TypeInfo):
    """A composite type: its fields' names and the OIDs of their types."""

    __module__ = "psycopg.types.composite"

    # Set by `register_composite`.
    python_type: type | None = None

    def __init__(
        self,
        name: str,
        oid: int,
        array_oid: int,
        *,
        regtype: str = "",
        field_names: Sequence[str],
        field_types: Sequence[int],
    ) -> None:
        self.field_names = tuple(field_names)
        self.field_types = tuple(field_types)
        super().__init__(name, oid, array_oid, regtype=regtype)

    @classmethod
    def _from_row(cls, row: Sequence[Any] | None) -> Self | None:
        if row is None:
            return None
        name, oid, array_oid, regtype, _, names, types = row[:7]
        return cls(
            name,
            oid,
            array_oid,
            regtype=regtype,
            field_names=tuple(names or ()),
            field_types=tuple(types or ()),
        )


class RecordLoader(RecursiveTextForm):
    """A record of a text, which does not say its fields' types: they stay texts."""

    def decoder(self) -> Callable[[str], Any]:
        decode = self._tx.text_decoder(0)

        def decode_record(text: str) -> Any:
            fields = split_record(text)
            return tuple([None if f is None else decode(f) for f in fields])

        return decode_record


class RecordBinaryLoader(RecursiveBinaryForm):
    """A record of bytes, which do say their types."""

    def decoder(self) -> Callable[[bytes], Any]:
        decoder_of = self._tx.binary_decoder
        return lambda data: load_record(data, decoder_of)


class _CompositeLoader(RecursiveTextForm):
    info: CompositeInfo
    make: Callable[[Sequence[Any]], Any]

    def decoder(self) -> Callable[[str], Any]:
        types, make = self.info.field_types, self.make
        decoders = [self._tx.text_decoder(oid) for oid in types]

        def decode_composite(text: str) -> Any:
            fields = zip(decoders, split_record(text), strict=True)
            return make(
                tuple([None if f is None else decode(f) for decode, f in fields])
            )

        return decode_composite


class _CompositeBinaryLoader(RecursiveBinaryForm):
    make: Callable[[Sequence[Any]], Any]

    def decoder(self) -> Callable[[bytes], Any]:
        decoder_of, make = self._tx.binary_decoder, self.make
        return lambda data: make(load_record(data, decoder_of))


class TupleDumper(RecursiveDumper):
    """A tuple as the text of a record."""

    def dump(self, obj: Any) -> Buffer | None:
        return self._record(obj).encode(self._tx.dump_encoding)

    def _record(self, values: Sequence[Any]) -> str:
        return "(" + ",".join(self._field(value) for value in values) + ")"

    def _field(self, value: Any) -> str:
        if value is None:
            return ""
        dumped = self._tx.get_dumper(value, PyFormat.TEXT).dump(value)
        if dumped is None:
            return ""
        text = str(bytes(dumped), self._tx.dump_encoding)
        if _needs_quotes.search(text):
            return '"' + _doubled.sub(r"\1\1", text) + '"'
        return text


class _CompositeDumper(TupleDumper):
    info: CompositeInfo
    make_sequence: Callable[[Any, CompositeInfo], Sequence[Any]] | None = None

    def dump(self, obj: Any) -> Buffer | None:
        return self._record(self._fields(obj)).encode(self._tx.dump_encoding)

    def _fields(self, obj: Any) -> Sequence[Any]:
        make = self.make_sequence
        fields: Sequence[Any] = obj if make is None else make(obj, self.info)
        return fields


class _CompositeBinaryDumper(_CompositeDumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> Buffer | None:
        fields, oids = self._fields(obj), self.info.field_types
        dumpers = [self._tx.get_dumper_by_oid(oid, Format.BINARY) for oid in oids]
        parts = [
            encode_oid(oid) + encoded(field, dumper.dump)
            for oid, field, dumper in zip(oids, fields, dumpers, strict=True)
        ]
        return encode_int4(len(parts)) + b"".join(parts)


def register_composite(
    info: CompositeInfo,
    context: Any = None,
    factory: Callable[..., T] | None = None,
    *,
    make_object: ObjectMaker[T] | None = None,
    make_sequence: SequenceMaker[T] | None = None,
) -> None:
    """Decode a composite type as what a factory makes, a named tuple by default."""
    if not info:
        raise TypeError("no info passed. Is the requested composite available?")
    made: Any = factory if factory is not None else _named_tuple(info)
    if make_sequence is not None and not isinstance(made, type):
        # Psycopg's text, braces and all.
        raise TypeError(
            "the factory {factory.__name__!r} is not a type: you cannot create"
            " a dumper by specifying `make_sequence`."
        )
    adapters = adapters_of(context)
    info.register(adapters)
    make: Callable[[Sequence[Any]], Any]
    if make_object is None:

        def make(values: Sequence[Any]) -> Any:
            return made(*values)
    else:
        object_maker = make_object

        def make(values: Sequence[Any]) -> Any:
            return object_maker(values, info)

    namespace = {"info": info, "make": staticmethod(make)}
    stem = info.name.title()
    adapters.register_loader(
        info.oid, type(f"{stem}Loader", (_CompositeLoader,), namespace)
    )
    adapters.register_loader(
        info.oid, type(f"{stem}BinaryLoader", (_CompositeBinaryLoader,), namespace)
    )
    if isinstance(made, type):
        info.python_type = made
        _register_dumper(adapters, info, made, make_sequence)


def _register_dumper(
    adapters: AdaptersMap, info: CompositeInfo, cls: type, make_sequence: Any
) -> None:
    if make_sequence is None and not issubclass(cls, Sequence):
        logger.warning(
            "the type %r is not a sequence: dumping these objects to the database"
            " will fail. Please specify a `make_sequence` argument in the"
            " `register_composite()` call",
            cls.__name__,
        )
        return
    namespace = {
        "oid": info.oid,
        "info": info,
        "make_sequence": staticmethod(make_sequence) if make_sequence else None,
    }
    # Of two dumpers of a class the later is preferred.
    for name, base in (
        ("BinaryDumper", _CompositeBinaryDumper),
        ("Dumper", _CompositeDumper),
    ):
        dumper = type(f"{info.name.title()}{name}", (base,), dict(namespace))
        adapters.register_dumper(cls, dumper)


def _named_tuple(info: CompositeInfo) -> Any:
    names = [python_identifier(name) for name in info.field_names]
    return namedtuple(
        python_identifier(info.name), names, module="psycopg.types.composite"
    )


def register_default_adapters(context: AdaptersMap) -> None:
    adapters = context.adapters
    adapters.register_dumper(tuple, TupleDumper)
