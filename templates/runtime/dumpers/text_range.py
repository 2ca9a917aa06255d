"""Ranges and multiranges as the server reads them from text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from ..abc import Buffer
from ..types.range_value import Range

BoundDumper: TypeAlias = Callable[[Any], "Buffer | None"]
"""What dumps a bound that is not infinite."""

_needs_quotes = re.compile(r'^$|[\s()\[\],"\\]')
_escaped = re.compile(r'(["\\])')


def encode_text(value: Range[Any], dump: BoundDumper, encoding: str) -> str:
    """The bounds, each dumped by `dump`, between the flags."""
    if value.isempty:
        return "empty"
    bounds = []
    for bound in (value.lower, value.upper):
        if bound is None:
            bounds.append("")
            continue
        text = str(bytes(dump(bound) or b""), encoding)
        if _needs_quotes.search(text):
            text = '"' + _escaped.sub(r"\1\1", text) + '"'
        bounds.append(text)
    return f"{value.bounds[0]}{bounds[0]},{bounds[1]}{value.bounds[1]}"


def encode_texts(ranges: Iterable[Range[Any]], dump: BoundDumper, encoding: str) -> str:
    """The ranges of a multirange."""
    return "{" + ",".join(encode_text(each, dump, encoding) for each in ranges) + "}"
