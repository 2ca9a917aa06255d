"""Identifiers of two-phase transactions, and notifications."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

_text = re.compile(r"(\d+)_([^_]*)_([^_]*)")
_MAX_FORMAT = 0x7FFFFFFF
_MAX_LENGTH = 64


class Notify(NamedTuple):
    """A notification that the server sent."""

    channel: str
    payload: str
    pid: int


@dataclass(frozen=True)
class Xid:
    """A transaction's identifier: what the XA standard says, or any text.

    The server has one text only; the three parts are kept in it in base64.
    """

    format_id: int | None
    gtrid: str
    bqual: str | None
    prepared: datetime | None = None
    owner: str | None = None
    database: str | None = None

    @classmethod
    def from_parts(cls, format_id: int | None, gtrid: str, bqual: str | None) -> Xid:
        """The identifier of three parts, within the limits of the standard."""
        if format_id is not None:
            if not 0 <= format_id <= _MAX_FORMAT:
                raise ValueError("format_id must be a non-negative 32-bit integer")
            if len(gtrid) > _MAX_LENGTH:
                raise ValueError("gtrid must be not longer than 64 chars")
            if bqual is None:
                raise TypeError("if format_id is specified, bqual must be too")
            if len(bqual) > _MAX_LENGTH:
                raise ValueError("bqual must be not longer than 64 chars")
        return cls(format_id, gtrid, bqual)

    @classmethod
    def from_string(cls, s: str) -> Xid:
        """The identifier that the server shows; one of parts if it can be taken apart."""
        # What is no text is refused when it is sent, as in psycopg.
        found = _text.fullmatch(s) if isinstance(s, str) else None
        if found is not None:
            try:
                gtrid, bqual = (b64decode(part).decode() for part in found.group(2, 3))
                return cls.from_parts(int(found.group(1)), gtrid, bqual)
            except ValueError:
                pass
        return cls(None, s, None)

    def __str__(self) -> str:
        if self.format_id is None or self.bqual is None:
            return self.gtrid
        encoded = (
            b64encode(part.encode()).decode() for part in (self.gtrid, self.bqual)
        )
        return "_".join((str(self.format_id), *encoded))

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> int | str | None:
        return (self.format_id, self.gtrid, self.bqual)[index]

    def __iter__(self) -> Iterator[int | str | None]:
        return iter((self.format_id, self.gtrid, self.bqual))


# Not in its body: a dataclass looks its module up, which is not there yet.
Xid.__module__ = "psycopg"
