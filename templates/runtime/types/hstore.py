"""Adapters of hstore, which are dictionaries of texts here."""

from __future__ import annotations

import re
from collections.abc import Callable
from struct import Struct
from typing import Any

from .. import errors as e
from ..abc import Buffer
from ..adapt import RecursiveDumper, adapters_of
from ..loaders.form import BinaryForm, TextForm
from ..loaders.text_hstore import decode_hstore
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


class HstoreDumper(RecursiveDumper):
    def dump(self, obj: Hstore) -> Buffer | None:
        pairs = (f"{_key(key)}=>{_value(value)}" for key, value in obj.items())
        return ",".join(pairs).encode(self._tx.dump_encoding)


def _take(data: bytes, position: int) -> tuple[bytes | None, int]:
    (length,) = _int4(data, position)
    position += 4
    if length < 0:
        return None, position
    return data[position : position + length], position + length


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise e.DataError("hstore keys can only be strings")
    return _quoted(key)


def _value(value: Any) -> str:
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        raise e.DataError("hstore keys can only be strings")
    return _quoted(value)


def _quoted(text: str) -> str:
    return '"' + _escaped.sub(r"\\\1", text) + '"'


def register_hstore(info: TypeInfo, context: Any = None) -> None:
    """Decode hstore as dictionaries, and dump dictionaries as hstore."""
    if not info:
        raise TypeError("no info passed. Is the 'hstore' extension loaded?")
    adapters = adapters_of(context)
    info.register(adapters)
    adapters.register_dumper(
        dict, type("HstoreDumper", (HstoreDumper,), {"oid": info.oid})
    )
    adapters.register_loader(info.oid, HstoreLoader)
    adapters.register_loader(info.oid, HstoreBinaryLoader)
