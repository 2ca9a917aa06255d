"""One result's view of the adapters: each loader and dumper is made once, then kept.

Decoders of text take `str`, for cells are kept as text and most values are made of
text at once. A loader that an application registered takes bytes as ever, and gets
the text in the connection's encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any

from . import errors as e
from .abc import Buffer
from .adapt import Dumper, Loader, PyFormat, adapters_of
from .loaders.form import BinaryForm, TextForm
from .pq import Format
from .refusal import refuses
from .session import Session, session_of

Decode = Callable[[str], Any]
Load = Callable[[bytes], Any]

_TEXT_OID = 25


@refuses("psycopg.adapt.Transformer")
class Transformer:
    """Loaders by OID, dumpers by key, for one session; itself a context."""

    __module__ = "psycopg.adapt"

    __slots__ = (
        "_binary",
        "_dumpers",
        "_loaders",
        "_text",
        "adapters",
        "connection",
        "formats",
        "session",
        "types",
    )

    def __init__(self, context: Any = None, session: Session | None = None) -> None:
        self.adapters = adapters_of(context)
        self.connection = getattr(context, "connection", None)
        self.session = session if session is not None else session_of(context)
        self._loaders: dict[tuple[int, int], Loader] = {}
        self._dumpers: dict[Any, Dumper] = {}
        self._text: dict[int, Decode] = {}
        self._binary: dict[int, Load] = {}
        # Of what was dumped last.
        self.types: Sequence[int] = ()
        self.formats: Sequence[Format] | None = None

    @classmethod
    def from_context(cls, context: Any) -> Transformer:
        """The transformer that a context is, or a new one on it."""
        return context if isinstance(context, Transformer) else cls(context)

    @property
    def encoding(self) -> str:
        return self.session.encoding

    @property
    def dump_encoding(self) -> str:
        """The encoding of what is sent; psycopg sends UTF-8 if none was declared."""
        encoding = self.session.encoding
        return "utf-8" if encoding == "ascii" else encoding

    def get_loader(self, oid: int, format: Format) -> Loader:
        """The loader of a type; that of OID 0 where nobody knows the type."""
        key = (oid, int(format))
        loader = self._loaders.get(key)
        if loader is None:
            cls = self.adapters.get_loader(oid, format)
            if cls is None:
                cls = self.adapters.get_loader(0, format)
            if cls is None:
                raise e.InterfaceError("unknown oid loader not found")
            loader = self._loaders[key] = cls(oid, self)
        return loader

    def text_decoder(self, oid: int) -> Decode:
        """What makes a value of the server's text."""
        decode = self._text.get(oid)
        if decode is None:
            decode = self._text[oid] = self._text_decoder(oid, bytes)
        return decode

    def column_decoder(self, oid: int) -> Decode:
        """`text_decoder` for a column itself: its loader gets a memoryview.

        Psycopg copies what it takes out of arrays and ranges and nothing else; a
        loader that works on replay must have worked on the server.
        """
        return self._text_decoder(oid, memoryview)

    def binary_decoder(self, oid: int) -> Load:
        """What makes a value of the server's bytes."""
        load = self._binary.get(oid)
        if load is None:
            load = self._binary[oid] = self._binary_decoder(oid, memoryview)
        return load

    def binary_element_decoder(self, oid: int) -> Load:
        """`binary_decoder` for an element of an array: its loader gets bytes."""
        return self._binary_decoder(oid, bytes)

    def _binary_decoder(self, oid: int, wrap: Callable[[bytes], Any]) -> Load:
        loader = self.get_loader(oid, Format.BINARY)
        if isinstance(loader, BinaryForm) and type(loader).load is BinaryForm.load:
            return loader.decode
        return _wrapping(loader.load, wrap)

    def _text_decoder(self, oid: int, wrap: Callable[[bytes], Any]) -> Decode:
        loader = self.get_loader(oid, Format.TEXT)
        if isinstance(loader, TextForm) and type(loader).load is TextForm.load:
            return loader.decode
        session = self.session
        return _encoding(loader.load, session.encoding, session.encoding_errors, wrap)

    def get_dumper(self, obj: Any, format: PyFormat) -> Dumper:
        """The dumper for just this value."""
        kind = type(obj)
        dumper = self._dumpers.get((kind, format))
        if dumper is None:
            cls = self.adapters.get_dumper(kind, format)
            dumper = self._dumpers[kind, format] = cls(kind, self)
        key = dumper.get_key(obj, format)
        if key is kind:
            return dumper
        upgraded = self._dumpers.get((key, format))
        if upgraded is None:
            upgraded = self._dumpers[key, format] = dumper.upgrade(obj, format)
        return upgraded

    def get_dumper_by_oid(self, oid: int, format: Format) -> Dumper:
        """The dumper of a type, of whatever class the values are."""
        key = (oid, format)
        dumper = self._dumpers.get(key)
        if dumper is None:
            cls = self.adapters.get_dumper_by_oid(oid, format)
            dumper = self._dumpers[key] = cls(NoneType, self)
        return dumper

    def dump_sequence(
        self, params: Sequence[Any], formats: Sequence[PyFormat]
    ) -> Sequence[Buffer | None]:
        """Values as they are sent; `types` and `formats` say what they became."""
        dumpers = [
            None if value is None else self.get_dumper(value, format)
            for value, format in zip(params, formats, strict=True)
        ]
        self.types = tuple(0 if each is None else each.oid for each in dumpers)
        self.formats = [
            Format.TEXT if each is None else each.format for each in dumpers
        ]
        return [
            None if each is None else each.dump(value)
            for each, value in zip(dumpers, params, strict=True)
        ]

    def as_literal(self, obj: Any) -> bytes:
        """A value as it can stand in a statement, with a cast where one is needed."""
        dumper = self.get_dumper(obj, PyFormat.TEXT)
        literal = bytes(dumper.quote(obj))
        # Numbers need no cast, and a text takes the type that its place asks for.
        if not dumper.oid or dumper.oid == _TEXT_OID or literal[-1:] != b"'":
            return literal
        info = self.adapters.types.get(dumper.oid)
        if info is None:
            return literal
        name = info.name if info.oid < 8192 else info.regtype
        brackets = "[]" if dumper.oid == info.array_oid else ""
        return literal + f"::{name}{brackets}".encode(self.encoding)


def _encoding(
    load: Callable[[Any], Any],
    encoding: str,
    errors: str,
    wrap: Callable[[bytes], Any],
) -> Decode:
    def decode(text: str) -> Any:
        return load(wrap(text.encode(encoding, errors)))

    return decode


def _wrapping(load: Callable[[Any], Any], wrap: Callable[[bytes], Any]) -> Load:
    def decode(data: bytes) -> Any:
        return load(wrap(data))

    return decode
