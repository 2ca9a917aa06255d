"""`psycopg.pq.Escaping`: values and names as they can stand in a statement.

What libpq does is decided by the connection's encoding and by whether backslashes in
literals stand for themselves; without a connection, by what the last one said of these.
"""

from __future__ import annotations

import re
from typing import Any

from . import errors as e
from .abc import Buffer
from .pgconn import MockPGconn
from .session import Session

_unprintable = re.compile(rb"[^\x20-\x7e]")
_escaped = re.compile(rb"\\(?:([0-3][0-7]{2})|(.)|$)", re.DOTALL)
_pair = re.compile(rb"[0-9A-Fa-f].", re.DOTALL)
_HEXADECIMAL = frozenset(b"0123456789abcdefABCDEF")


class Escaping:
    """Escapes as libpq does for a connection, or for none."""

    __module__ = "psycopg.pq"

    def __init__(self, conn: MockPGconn | None = None) -> None:
        self.conn = conn

    @property
    def backslashes_are_plain(self) -> bool:
        """Whether backslashes in literals stand for themselves."""
        if self.conn is None:
            return Session.backslashes_were_plain
        return self.conn.backslashes_are_plain

    def escape_literal(self, data: Buffer) -> bytes:
        """A literal, quotes and all."""
        text = self._text("escape_literal", data).replace(b"'", b"''")
        if b"\\" in text:
            return b" E'" + text.replace(b"\\", b"\\\\") + b"'"
        return b"'" + text + b"'"

    def escape_identifier(self, data: Buffer) -> bytes:
        """A name in double quotes."""
        text = self._text("escape_identifier", data)
        return b'"' + text.replace(b'"', b'""') + b'"'

    def escape_string(self, data: Buffer) -> bytes:
        """What can stand between the quotes of a literal."""
        if self.conn is None:
            text = _upto_nul(data)
        else:
            text = self._text("escape_string", data)
        return self._doubled(text.replace(b"'", b"''"))

    def escape_bytea(self, data: Buffer) -> bytes:
        """Bytes between the quotes of a literal, in hexadecimal on a connection."""
        if self.conn is not None:
            self.conn.check_open()
            return self._doubled(b"\\x" + _bytes(data).hex().encode())
        doubled = _bytes(data).replace(b"\\", b"\\\\").replace(b"'", b"''")
        octal = _unprintable.sub(lambda found: b"\\%03o" % found.group()[0], doubled)
        return self._doubled(octal)

    def unescape_bytea(self, data: Buffer) -> bytes:
        """The bytes that the server shows as `data`."""
        if self.conn is not None:
            self.conn.check_open()
        text = _upto_nul(data)
        if text[:2] == b"\\x":
            pairs = _pair.findall(text[2:])
            return bytes(int(pair, 16) for pair in pairs if pair[1] in _HEXADECIMAL)
        return _escaped.sub(_unescaped, text)

    def _text(self, function: str, data: Buffer) -> bytes:
        """The data, if they are a text of the connection."""
        if self.conn is None:
            raise e.OperationalError(f"{function} failed: no connection provided")
        self.conn.check_open()
        text = _upto_nul(data)
        encoding = self.conn.encoding
        if encoding != "ascii":
            try:
                text.decode(encoding)
            except UnicodeDecodeError as error:
                ends = error.reason == "unexpected end of data"
                kind = "incomplete" if ends else "invalid"
                raise e.OperationalError(
                    f"{function} failed: {kind} multibyte character"
                ) from None
        return text

    def _doubled(self, text: bytes) -> bytes:
        if self.backslashes_are_plain:
            return text
        return text.replace(b"\\", b"\\\\")


def _upto_nul(data: Any) -> bytes:
    return _bytes(data).partition(b"\0")[0]


def _bytes(data: Any) -> bytes:
    if isinstance(data, str):
        raise TypeError(f"bytes or buffer expected, got {type(data)}")
    return bytes(data)


def _unescaped(found: re.Match[bytes]) -> bytes:
    number, other = found.groups()
    return bytes((int(number, 8),)) if number else other or b""
