"""The texts in which a value may be seen outside of the database, in a fixed order.

For who compares responses, where the pseudonym takes the place of the value.
"""

from __future__ import annotations

import base64
import html
import json
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

from .moments import MOMENT


def shown_forms(before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """Pairs of the texts of two tagged values of one kind, without those that are equal."""
    for one, other in dict.fromkeys(
        spelled
        for pair in zip(_forms(before), _forms(after), strict=True)
        for spelled in zip(*map(_spellings, pair), strict=True)
    ):
        if one and one != other:
            yield one, other


def _spellings(text: str) -> Iterator[str]:
    """As it is, and within JSON, HTML and URLs."""
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield html.escape(text)
    yield urllib.parse.quote(text.encode("utf-8", "surrogatepass"), safe="")


def _forms(tagged: Any) -> Iterator[str]:
    if isinstance(tagged, dict):
        ((tag, content),) = tagged.items()
        if tag in ("int", "decimal", "uuid", "date", "datetime", "time"):
            text = content["value"] if isinstance(content, dict) else content
            yield from _texts(text)
        elif tag in ("ip", "object"):
            yield content[1]
        elif tag in ("bytes", "bytearray", "memoryview", "binary"):
            yield "\\x" + base64.b64decode(content).hex()
    elif isinstance(tagged, (str, int, float)):
        yield from _texts(str(tagged))


def _texts(text: str) -> Iterator[str]:
    yield text
    found = MOMENT.fullmatch(text)
    if found is None or found["time"] is None:
        return
    # As Python, the server and JSON write it; the server leaves zeros away.
    zone = found["zone"] or ""
    clock = found["time"]
    whole, point, fraction = clock.partition(".")
    digits = fraction.rstrip("0")
    short = whole + point + digits if digits else whole
    long = whole + point + fraction.ljust(6, "0") if point else whole
    offset = re.sub(r"^([+-][0-9]{2})$", r"\1:00", zone)
    zones = [zone, offset, offset.removesuffix(":00")]
    if offset in ("Z", "+00:00"):
        zones += ["Z", "+00:00", "+00"]
    for between in ("T", " "):
        for spelled in (clock, short, long):
            for each in zones:
                yield found["date"] + between + spelled + each
