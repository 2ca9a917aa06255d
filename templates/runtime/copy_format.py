"""Rows as COPY has them: in lines of text, or as tuples of bytes.

Values go through the dumpers and loaders of the cursor. Knows nothing of what is sent
or recorded.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from struct import Struct
from types import NoneType
from typing import Any

from . import errors as e
from .adapt import Dumper, PyFormat
from .pq import Format
from .transformer import Transformer

Decode = Callable[[Any], Any]

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
TRAILER = b"\xff\xff"

_SPECIAL = re.compile(rb"[\b\t\n\v\f\r\\]")
_ESCAPES = {
    b"\b": b"b",
    b"\t": b"t",
    b"\n": b"n",
    b"\v": b"v",
    b"\f": b"f",
    b"\r": b"r",
}
_UNESCAPES = {letter: special for special, letter in _ESCAPES.items()}
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_FIELD = re.compile(rb"((?:[^\\\t\n]|\\.)*)([\t\n])", re.DOTALL)
_NULL = rb"\N"

_int2 = Struct(">h")
_int4 = Struct(">i")
_LENGTHS = 8
"""Bytes of two numbers that follow the signature: flags, and how much more follows."""


class RowForm(ABC):
    """Makes rows of data, and data of rows; `width` is None where nobody knows it."""

    format: Format

    def __init__(self, transformer: Transformer, width: int | None) -> None:
        self._transformer = transformer
        self._width = width
        self._dumpers: list[Dumper | None] | None = None
        self._decoders: list[Decode] | None = None

    def load_as(self, oids: Sequence[int]) -> None:
        """Load the columns of rows as values of these types."""
        self._decoders = [self._decoder(oid) for oid in oids]

    def dump_as(self, oids: Sequence[int]) -> None:
        """Dump the values of rows as these types, whatever they are."""
        tx = self._transformer
        classes = [tx.adapters.get_dumper_by_oid(oid, self.format) for oid in oids]
        self._dumpers = [cls(NoneType, tx) for cls in classes]

    def data_of(self, row: Any) -> bytes:
        """The data of one row."""
        try:
            values = list(row)
        except TypeError:
            raise TypeError("'row' is not a valid sequence") from None
        dumpers = self._dumpers_of(values)
        if len(dumpers) != len(values):
            raise e.DataError(
                f"expected {len(dumpers)} values in row, got {len(values)}"
            )
        pairs = zip(dumpers, values, strict=True)
        return self._joined(
            [
                None if value is None or dumper is None else dumper.dump(value)
                for dumper, value in pairs
            ]
        )

    @property
    @abstractmethod
    def head(self) -> bytes:
        """What stands before the first row."""

    @property
    @abstractmethod
    def tail(self) -> bytes:
        """What stands behind the last one."""

    @abstractmethod
    def row_of(self, block: bytes) -> tuple[Any, ...] | None:
        """The row that a block of data is; None for the tail."""

    @abstractmethod
    def _dumpers_of(self, values: Sequence[Any]) -> Sequence[Dumper | None]:
        """What dumps each value of a row; None for one that is NULL."""

    @abstractmethod
    def _joined(self, fields: Sequence[Any]) -> bytes:
        """The data of a row whose values are dumped."""

    @abstractmethod
    def _decoder(self, oid: int) -> Decode:
        """What makes a value of a field."""

    def _loaded(self, fields: Sequence[bytes | None]) -> tuple[Any, ...]:
        decoders = self._decoders
        if decoders is None:
            # Of types that nobody told, as the columns of COPY have none.
            self.load_as([0] * len(fields))
            decoders = self._decoders or []
        if len(decoders) != len(fields):
            raise e.ProgrammingError(
                f"cannot load sequence of {len(fields)} items:"
                f" {len(decoders)} loaders registered"
            )
        pairs = zip(decoders, fields, strict=True)
        return tuple([None if field is None else load(field) for load, field in pairs])


class TextRows(RowForm):
    """A line a row: fields between tabs, with some characters escaped."""

    format = Format.TEXT
    head = tail = b""

    def row_of(self, block: bytes) -> tuple[Any, ...] | None:
        return self._loaded([*map(_unescaped, self._fields(block))])

    def _fields(self, block: bytes) -> list[bytes]:
        width = self._width
        line = block.removesuffix(b"\n")
        if b"\\" not in line and b"\n" not in line:
            fields = line.split(b"\t")
            if width is None or len(fields) == width:
                return fields
        elif width is None:
            return line.split(b"\t")
        fields = []
        position = 0
        for number in range(1, width + 1):
            found = _FIELD.match(block, position)
            if found is None:
                raise e.DataError("bad copy data: field delimiter not found")
            if found[2] == b"\n" and number < width:
                raise e.DataError(
                    "bad copy format: got a newline before the end of the row"
                )
            if found[2] == b"\t" and number == width:
                raise e.DataError("bad copy data: got a tab at the end of the row")
            fields.append(found[1])
            position = found.end()
        return fields

    def _decoder(self, oid: int) -> Decode:
        session = self._transformer.session
        encoding, errors = session.encoding, session.encoding_errors
        decode = self._transformer.column_decoder(oid)
        return lambda field: decode(str(field, encoding, errors))

    def _dumpers_of(self, values: Sequence[Any]) -> Sequence[Dumper | None]:
        if self._dumpers is not None:
            return self._dumpers
        find = self._transformer.get_dumper
        return [None if v is None else find(v, PyFormat.TEXT) for v in values]

    def _joined(self, fields: Sequence[Any]) -> bytes:
        texts = [
            _NULL if field is None else _SPECIAL.sub(_escaped, bytes(field))
            for field in fields
        ]
        return b"\t".join(texts) + b"\n"


class BinaryRows(RowForm):
    """A number of fields and the fields, each behind its length."""

    format = Format.BINARY
    head = SIGNATURE + bytes(_LENGTHS)
    tail = TRAILER

    def __init__(self, transformer: Transformer, width: int | None) -> None:
        super().__init__(transformer, width)
        self._is_first = True

    def row_of(self, block: bytes) -> tuple[Any, ...] | None:
        position = 0
        if self._is_first:
            self._is_first = False
            if not block.startswith(SIGNATURE):
                raise e.DataError(
                    "binary copy doesn't start with the expected signature"
                )
            (more,) = _int4.unpack_from(block, len(SIGNATURE) + _int4.size)
            position = len(SIGNATURE) + _LENGTHS + more
        (count,) = _int2.unpack_from(block, position)
        position += _int2.size
        if count < 0:
            return None
        fields: list[bytes | None] = []
        for _ in range(count):
            (length,) = _int4.unpack_from(block, position)
            start = position + _int4.size
            position = start + max(length, 0)
            fields.append(None if length < 0 else block[start:position])
        return self._loaded(fields)

    def _decoder(self, oid: int) -> Decode:
        return self._transformer.binary_decoder(oid)

    def _dumpers_of(self, values: Sequence[Any]) -> Sequence[Dumper | None]:
        # The server takes the bytes of one type only, that of a column's first value.
        if self._dumpers is None:
            self._dumpers = [None] * len(values)
        find = self._transformer.get_dumper
        for place, value in enumerate(values[: len(self._dumpers)]):
            if value is not None and self._dumpers[place] is None:
                self._dumpers[place] = find(value, PyFormat.BINARY)
        return self._dumpers

    def _joined(self, fields: Sequence[Any]) -> bytes:
        data = bytearray(_int2.pack(len(fields)))
        for field in fields:
            data += _int4.pack(-1 if field is None else len(field))
            data += field or b""
        return bytes(data)


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"\\" + _ESCAPES.get(found[0], found[0])


def _unescaped(field: bytes) -> bytes | None:
    if field == _NULL:
        return None
    if b"\\" not in field:
        return field
    return _ESCAPED.sub(lambda found: _UNESCAPES.get(found[1], found[1]), field)
