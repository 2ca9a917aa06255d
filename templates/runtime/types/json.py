"""Adapters of JSON, and the wrappers that send a value as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any, TypeAlias

from .. import errors as e
from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper, adapters_of
from ..loaders.form import BinaryForm, TextForm
from ..pq import Format

logger = logging.getLogger("psycopg")

JsonDumpsFunction: TypeAlias = Callable[[Any], str | bytes]
JsonLoadsFunction: TypeAlias = Callable[[str | bytes], Any]

_JSON, _JSONB = 114, 3802
_SHOWN = 40

# As `json.loads`, less its looking at what it got.
_decode = json.JSONDecoder().decode


class _JsonWrapper:
    __slots__ = ("dumps", "obj")

    def __init__(self, obj: Any, dumps: JsonDumpsFunction | None = None) -> None:
        self.obj, self.dumps = obj, dumps

    def __repr__(self) -> str:
        shown = repr(self.obj)
        if len(shown) > _SHOWN:
            shown = f"{shown[: _SHOWN - 5]} ... ({len(shown)} chars)"
        return f"{type(self).__name__}({shown})"


class Json(_JsonWrapper):
    """A value to be sent as ``json``."""

    __module__ = "psycopg.types.json"
    __slots__ = ()


class Jsonb(_JsonWrapper):
    """A value to be sent as ``jsonb``."""

    __module__ = "psycopg.types.json"
    __slots__ = ()


def set_json_dumps(dumps: JsonDumpsFunction, context: Any = None) -> None:
    """Dump JSON with a function, everywhere or beneath a context."""
    adapters = adapters_of(context)
    for cls, base in _DUMPERS:
        _warn_of_closure(dumps, context)
        namespace = {"_dumps": staticmethod(dumps)}
        made: type[Dumper] = type(f"Custom{base.__name__}", (base,), namespace)
        adapters.register_dumper(cls, made)


def set_json_loads(loads: JsonLoadsFunction, context: Any = None) -> None:
    """Decode JSON with a function, everywhere or beneath a context."""
    adapters = adapters_of(context)
    bases: tuple[tuple[str, Any], ...] = (
        ("json", JsonLoader),
        ("json", JsonBinaryLoader),
        ("jsonb", JsonbLoader),
        ("jsonb", JsonbBinaryLoader),
    )
    for name, base in bases:
        _warn_of_closure(loads, context)
        namespace = {"_loads": staticmethod(loads)}
        adapters.register_loader(
            name, type(f"Custom{base.__name__}", (base,), namespace)
        )


def _warn_of_closure(function: Callable[..., Any], context: Any) -> None:
    # Psycopg keeps the classes that it makes of functions, these excepted.
    if context is not None and getattr(function, "__closure__", None):
        logger.warning(
            "using a closure in a dumps/loads function may cause a resource leak"
        )


class JsonDumper(Dumper):
    oid = _JSON
    _dumps: JsonDumpsFunction = staticmethod(json.dumps)

    def dump(self, obj: Any) -> Buffer | None:
        wrapper = obj if isinstance(obj, _JsonWrapper) else Json(obj)
        dumped = (wrapper.dumps or self._dumps)(wrapper.obj)
        # JSON goes as UTF-8, whatever the connection's encoding.
        return dumped.encode() if isinstance(dumped, str) else dumped


class JsonBinaryDumper(JsonDumper):
    format = Format.BINARY


class JsonbDumper(JsonDumper):
    oid = _JSONB


class JsonbBinaryDumper(JsonDumper):
    format = Format.BINARY
    oid = _JSONB

    def dump(self, obj: Any) -> Buffer | None:
        return b"\1" + bytes(super().dump(obj) or b"")


class JsonLoader(TextForm):
    """JSON; a function that was set gets the server's bytes, as psycopg gives them."""

    _loads: JsonLoadsFunction | None = None

    def decoder(self) -> Callable[[str], Any]:
        loads, encoding = self._loads, self._session.encoding
        errors = self._session.encoding_errors
        if loads is None:
            if encoding == "utf-8":
                return _decode
            loads = json.loads

        def decode(text: str) -> Any:
            return loads(text.encode(encoding, errors))

        return decode

    def load(self, data: Buffer) -> Any:
        return (self._loads or json.loads)(bytes(data))


class JsonbLoader(JsonLoader):
    pass


class JsonBinaryLoader(BinaryForm):
    _loads: JsonLoadsFunction | None = None

    def decoder(self) -> Callable[[bytes], Any]:
        return self._loads or json.loads


class JsonbBinaryLoader(JsonBinaryLoader):
    def decoder(self) -> Callable[[bytes], Any]:
        loads = super().decoder()

        def decode(data: bytes) -> Any:
            # One byte says the format's version; there has been one only.
            if data[:1] != b"\1" and data:
                raise e.DataError(f"unknown jsonb binary format: {data[0]}")
            return loads(data[1:])

        return decode


# The one registered last is what a value is dumped with.
_DUMPERS: tuple[tuple[type[_JsonWrapper], type[JsonDumper]], ...] = (
    (Json, JsonBinaryDumper),
    (Json, JsonDumper),
    (Jsonb, JsonbBinaryDumper),
    (Jsonb, JsonbDumper),
)


def register_default_adapters(context: AdaptersMap) -> None:
    for cls, dumper in _DUMPERS:
        context.adapters.register_dumper(cls, dumper)
