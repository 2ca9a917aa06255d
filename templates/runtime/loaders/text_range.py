"""Ranges and multiranges as the server writes them: ``[1,5)``, ``{[1,2),[3,4)}``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .. import errors as e
from ..types.range_value import Range

Decode = Callable[[str], Any]

# A bound stands bare or in quotes, in which quotes and backslashes are doubled or
# escaped; nothing at all is infinity.
_bound = r'(?:"((?:[^"\\]|""|\\.)*)"|([^",\])(]*))'
_range = re.compile(rf"([\[(]){_bound},{_bound}([\])])|(empty)", re.DOTALL)
_escape = re.compile(r'""|\\(.)', re.DOTALL)


def range_decoder(decode: Decode) -> Callable[[str], Range[Any]]:
    """What makes a range of a text, its bounds made by ``decode``."""

    def decode_range(text: str) -> Range[Any]:
        return _take(text, 0, decode)[0]

    return decode_range


def multirange_decoder(decode: Decode) -> Callable[[str], list[Range[Any]]]:
    """What makes the ranges of a multirange of a text."""

    def decode_ranges(text: str) -> list[Range[Any]]:
        if text[:1] != "{":
            raise e.DataError(f"malformed multirange starting with {text[:1]}")
        if text == "{}":
            return []
        ranges = []
        position = 1
        while True:
            found, position = _take(text, position, decode)
            ranges.append(found)
            after = text[position : position + 1]
            position += 1
            if after == ",":
                continue
            if not after:
                raise e.DataError("malformed multirange: separator missing")
            if after != "}":
                raise e.DataError(f"malformed multirange: found unexpected {after}")
            if position != len(text):
                raise e.DataError("malformed multirange: data after closing brace")
            return ranges

    return decode_ranges


def _take(text: str, position: int, decode: Decode) -> tuple[Range[Any], int]:
    found = _range.match(text, position)
    if found is None:
        raise e.DataError(f"failed to parse range: {text[position:]!r}")
    opening, low_quoted, low, high_quoted, high, closing, empty = found.groups()
    if empty:
        return Range(empty=True), found.end()
    lower = _value(low_quoted, low, decode)
    upper = _value(high_quoted, high, decode)
    return Range(lower, upper, opening + closing), found.end()


def _value(in_quotes: str | None, bare: str | None, decode: Decode) -> Any:
    if in_quotes is not None:
        return decode(_escape.sub(_unescaped, in_quotes))
    return decode(bare) if bare else None


def _unescaped(found: re.Match[str]) -> str:
    return found.group(1) or '"'
