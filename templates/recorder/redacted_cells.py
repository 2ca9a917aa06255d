"""Cells of a column under the rules of redaction, by the column's type.

A cell stays one of its type: what is written to the trace is decoded like any other.
What a rule names and no pseudonym exists for is refused, never written as it is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from .moments import MOMENT, pseudonym_of_time
from .pseudonyms import Pseudonyms, Unredactable
from .redaction import Redactor, Statement
from .results import Cell, Column

Redact: TypeAlias = Callable[[Cell], Cell]

_TEXTS = frozenset({"text", "varchar", "bpchar", "name", "citext", "unknown", "xml"})
_DOCUMENTS = frozenset({"json", "jsonb"})
_ELEMENT = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|[^{},"]+', re.DOTALL)
_QUOTED = re.compile(r'[{},"\\\s]|^$|^null$', re.IGNORECASE)
_ENDLESS = ("infinity", "-infinity")


def redact_cells(
    column: Column, statement: Statement, redactor: Redactor
) -> Redact | None:
    """What is done to the cells of a column; None where nothing is."""
    if column.format == "python":
        return None
    named = statement.names_column(column.name)
    if named or statement.suspects(column.name):
        whole = _whole(column.type or "", redactor)
        if whole is not None:
            return _in_format(column, whole)
        if named:
            what = f"column {column.name} of type {column.type}"
            raise Unredactable(f"{what} has no pseudonyms")
    if not (statement.patterns or statement.detectors):
        return None
    within = _within(column.type or "", redactor)
    if within is None or (column.format == "binary" and not _is_text(column)):
        return None
    return _in_format(column, within)


def _is_text(column: Column) -> bool:
    return column.type in _TEXTS or column.type in _DOCUMENTS


def _in_format(column: Column, redact: Callable[[str], str]) -> Redact:
    if column.format == "text":

        def of_text(cell: Cell) -> Cell:
            if isinstance(cell, dict):
                # Of no encoding: nobody can tell what stands in it.
                raise Unredactable(f"column {column.name} holds what cannot be decoded")
            return None if cell is None else redact(cell)

        return of_text
    if column.type not in _BINARY:
        what = f"column {column.name} of type {column.type}, in binary format,"
        raise Unredactable(f"{what} has no pseudonyms")
    decode, encode = _BINARY[column.type]

    def of_binary(cell: Cell) -> Cell:
        if cell is None:
            return None
        data = base64.b64decode(cell)
        return base64.b64encode(encode(redact(decode(data)), len(data))).decode("ascii")

    return of_binary


def _whole(type_name: str, redactor: Redactor) -> Callable[[str], str] | None:
    if type_name.startswith("_"):
        element = _whole(type_name[1:], redactor)
        return None if element is None else lambda text: _array(text, element)
    if type_name in _DOCUMENTS:
        return lambda text: redactor.document(text, whole=True)
    if type_name in _TEXTS or type_name == "uuid":
        return redactor.text
    replace = _REPLACE.get(type_name)
    return None if replace is None else lambda text: redactor.replace(text, replace)


def _within(type_name: str, redactor: Redactor) -> Callable[[str], str] | None:
    if type_name in _DOCUMENTS:
        return lambda text: redactor.document(text, whole=False)
    # A card's number may be kept as a number. Arrays and records are text, too.
    if type_name in _UNSEARCHED or type_name.removeprefix("_") in _UNSEARCHED:
        return None
    return redactor.found_in


def _array(text: str, redact: Callable[[str], str]) -> str:
    bounds, equals, elements = (
        text.rpartition("=") if text[:1] == "[" else ("", "", text)
    )

    def element(found: re.Match[str]) -> str:
        quoted = found["quoted"]
        if quoted is None and found[0].upper() == "NULL":
            return found[0]
        value = (
            found[0]
            if quoted is None
            else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        )
        new = redact(value)
        if quoted is None and not _QUOTED.search(new):
            return new
        return '"' + re.sub(r'(["\\])', r"\\\1", new) + '"'

    return bounds + equals + _ELEMENT.sub(element, elements)


def _moment(make: Pseudonyms, text: str) -> str:
    if text in _ENDLESS:
        return text
    if not MOMENT.fullmatch(text):
        raise Unredactable(f"{text!r} is not in the DateStyle ISO, or not of our era")
    return make.text(text)


def _bytea(make: Pseudonyms, text: str) -> str:
    if not text.startswith("\\x"):
        raise Unredactable("bytea is not in the hex format")
    return "\\x" + make.data(bytes.fromhex(text[2:])).hex()


_REPLACE: dict[str, Callable[[Pseudonyms, str], str]] = {
    **dict.fromkeys(
        ("int2", "int4", "int8", "oid", "numeric", "float4", "float8"),
        lambda make, text: make.number(text),
    ),
    **dict.fromkeys(("date", "timestamp", "timestamptz"), _moment),
    **dict.fromkeys(
        ("time", "timetz"), lambda make, text: pseudonym_of_time(text, make.below)
    ),
    **dict.fromkeys(("inet", "cidr"), lambda make, text: make.address(text)),
    "bytea": _bytea,
}

# Of which no text is a secret by its look.
_UNSEARCHED = frozenset(
    {"bool", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "bytea"}
    | {"uuid", "inet", "cidr", "macaddr", "macaddr8", "money", "bit", "varbit"}
)


def _of_integer(data: bytes) -> str:
    return str(int.from_bytes(data, "big", signed=True))


def _to_integer(text: str, length: int) -> bytes:
    return int(text).to_bytes(length, "big", signed=True)


def _of_utf8(data: bytes) -> str:
    return data.decode("utf-8")


def _to_utf8(text: str, length: int) -> bytes:
    return text.encode("utf-8")


_BINARY: dict[Any, tuple[Callable[[bytes], str], Callable[[str, int], bytes]]] = {
    **dict.fromkeys((*_TEXTS, "json"), (_of_utf8, _to_utf8)),
    **dict.fromkeys(("int2", "int4", "int8"), (_of_integer, _to_integer)),
    # Version 1 stands in front of the text.
    "jsonb": (lambda data: _of_utf8(data[1:]), lambda text, _: b"\1" + text.encode()),
    "uuid": (bytes.hex, lambda text, _: bytes.fromhex(text)),
    "bytea": (lambda data: "\\x" + data.hex(), lambda text, _: bytes.fromhex(text[2:])),
}
