"""Adapters of hstore, which are dictionaries of texts here."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from struct import Struct
from typing import Any

from .. import errors as e
from ..abc import Buffer
from ..adapt import RecursiveDumper, adapters_of
from ..dumpers.binary_array import encoded
from ..dumpers.binary_numeric import encode_int4
from ..loaders.form import BinaryForm, TextForm
from ..loaders.text_hstore import decode_hstore
from ..pq import Format
from . import TypeInfo

Hstore = dict[str, str | None]

_int4 = Struct(">i").unpack_from
_escaped = re.compile(r'(["\\])')


class HstoreLoader(TextForm):
    __module__ = "psycopg.types.hstore"

    def decoder(self) -> Callable[[str], Hstore]:
        return decode_hstore


class HstoreBinaryLoader(BinaryForm):
    __module__ = "psycopg.types.hstore"

    def decoder(self) -> Callable[[bytes], Hstore]:
        encoding = self._session.encoding

        def decode(data: bytes) -> Hstore:
            pairs: Hstore = {}
            position = 4
            for _ in range(_int4(data)[0]):
                key, position = _take(data, position)
                value, position = _take(data, position)
                pairs[str(key or b"", encoding)] = (
                    None if value is None else str(value, encoding)
                )
            return pairs

        return decode


class BaseHstoreDumper(RecursiveDumper):
    """A dictionary as the text of a hstore."""

    def dump(self, obj: Hstore) -> Buffer | None:
        pairs = (f"{_quoted(k)}=>{_quoted_value(v)}" for k, v in _checked(obj).items())
        return ",".join(pairs).encode(self._tx.dump_encoding)


class BaseHstoreBinaryDumper(RecursiveDumper):
    """A dictionary as the bytes of a hstore."""

    format = Format.BINARY

    def dump(self, obj: Hstore) -> Buffer | None:
        def encode(text: str) -> bytes:
            return text.encode(self._tx.dump_encoding)

        items = chain.from_iterable(obj.items())
        parts = (encoded(item, encode) for item in items)
        return encode_int4(len(obj)) + b"".join(parts)


def _take(data: bytes, position: int) -> tuple[bytes | None, int]:
    (length,) = _int4(data, position)
    position += 4
    if length < 0:
        return None, position
    return data[position : position + length], position + length


def _checked(obj: Hstore) -> Hstore:
    for key, value in obj.items():
        if not isinstance(key, str):
            raise e.DataError("hstore keys can only be strings")
        if value is not None and not isinstance(value, str):
            raise e.DataError("hstore keys can only be strings")
    return obj


def _quoted(text: str) -> str:
    return '"' + _escaped.sub(r"\\\1", text) + '"'


def _quoted_value(text: str | None) -> str:
    return "NULL" if text is None else _quoted(text)


def register_hstore(info: TypeInfo, context: Any = None) -> None:
    """Decode hstore as dictionaries, and dump dictionaries as hstore."""
    if not info:
        raise TypeError("no info passed. Is the 'hstore' extension loaded?")
    adapters = adapters_of(context)
    info.register(adapters)
    # Of two dumpers of a class the later is preferred.
    for name, base in (
        ("HstoreDumper", BaseHstoreDumper),
        ("HstoreBinaryDumper", BaseHstoreBinaryDumper),
    ):
        adapters.register_dumper(dict, type(name, (base,), {"oid": info.oid}))
    adapters.register_loader(info.oid, HstoreLoader)
    adapters.register_loader(info.oid, HstoreBinaryLoader)
