"""Adapters of texts and bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .. import errors as e
from ..abc import Buffer
from ..adapt import AdaptersMap, Dumper
from ..escaping import Escaping
from ..loaders.form import BinaryForm, TextForm
from ..pq import Format


class TextLoader(TextForm):
    """Texts; bytes where the connection declares to have no encoding."""

    is_pure = True

    def decoder(self) -> Callable[[str], Any]:
        return _to_ascii if self._session.encoding == "ascii" else str

    def load(self, data: Buffer) -> Any:
        encoding = self._session.encoding
        return bytes(data) if encoding == "ascii" else str(data, encoding)


class TextBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], Any]:
        encoding = self._session.encoding
        if encoding == "ascii":
            return bytes

        def decode(data: bytes) -> str:
            return str(data, encoding)

        return decode


class ByteaLoader(TextForm):
    is_pure = True

    def decoder(self) -> Callable[[str], bytes]:
        return _bytea


class ByteaBinaryLoader(BinaryForm):
    def decoder(self) -> Callable[[bytes], bytes]:
        return bytes


class _TextDumper(Dumper):
    def dump(self, obj: str) -> Buffer | None:
        if "\0" not in obj:
            return obj.encode(_codec(self._encoding))
        raise e.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")


class StrDumper(_TextDumper):
    oid = 25


class StrDumperVarchar(_TextDumper):
    oid = 1043


class StrDumperName(_TextDumper):
    oid = 19


class StrDumperUnknown(_TextDumper):
    pass


class StrBinaryDumper(Dumper):
    format = Format.BINARY
    oid = 25

    def dump(self, obj: str) -> Buffer | None:
        return obj.encode(_codec(self._encoding))


class StrBinaryDumperVarchar(StrBinaryDumper):
    oid = 1043


class StrBinaryDumperName(StrBinaryDumper):
    oid = 19


class BytesDumper(Dumper):
    """Bytes as libpq escapes them: in hexadecimal on a connection."""

    oid = 17

    def __init__(self, cls: type, context: Any = None) -> None:
        super().__init__(cls, context)
        connection = self.connection
        self._escaping = Escaping(connection.pgconn if connection else None)

    def dump(self, obj: Buffer) -> Buffer | None:
        return self._escaping.escape_bytea(obj)

    def quote(self, obj: Buffer) -> Buffer:
        escaped = bytes(self.dump(obj) or b"")
        if not self._escaping.backslashes_are_plain:
            return b" E'" + escaped + b"'"
        if self._escaping.conn is None:
            # It may be for another connection, and ``E''`` holds for all.
            return b" E'" + escaped.replace(b"\\", b"\\\\") + b"'"
        return b"'" + escaped + b"'"


class BytesBinaryDumper(Dumper):
    format = Format.BINARY
    oid = 17

    def dump(self, obj: Buffer) -> Buffer | None:
        return obj


def _codec(encoding: str) -> str:
    # No encoding declared: psycopg then sends UTF-8.
    return "utf-8" if encoding == "ascii" else encoding


def _to_ascii(text: str) -> bytes:
    return text.encode("ascii", "surrogateescape")


_escaped = re.compile(rb"\\(\\|[0-7]{3})")


def _bytea(text: str) -> bytes:
    if text[:2] == "\\x":
        return bytes.fromhex(text[2:])
    # ``bytea_output = escape``: octal numbers and doubled backslashes.
    return _escaped.sub(_unescaped, text.encode("latin-1"))


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found.group(1)
    return code if code == b"\\" else bytes((int(code, 8) & 0xFF,))


def register_default_adapters(context: AdaptersMap) -> None:
    adapters = context.adapters
    # The one registered last is what a value is dumped with.
    for dumper in (
        StrBinaryDumperName,
        StrBinaryDumperVarchar,
        StrBinaryDumper,
        StrDumperName,
        StrDumperVarchar,
        StrDumper,
        StrDumperUnknown,
    ):
        adapters.register_dumper(str, dumper)
    for cls in (bytes, bytearray, memoryview):
        adapters.register_dumper(cls, BytesDumper)
        adapters.register_dumper(cls, BytesBinaryDumper)
