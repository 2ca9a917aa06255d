"""Values of a JSON document replaced within its text, which stays as it was written.

Spaces, the order of members and the spelling of what is not replaced may matter to who
reads the text. Knows nothing of what is replaced, nor why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

_TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*")(?P<colon>\s*:)?'
    r"|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
)

Replace = Callable[[str, str], str]
"""The name of the nearest member, and a value's text: the new text."""


def rewritten(document: str, of_text: Replace, of_number: Replace) -> str:
    """The document with each of its texts and numbers given to be replaced."""
    name = ""

    def replaced(token: re.Match[str]) -> str:
        nonlocal name
        text = token["text"]
        if text is None:
            return of_number(name, token["number"])
        try:
            value = json.loads(text, strict=False)
        except ValueError:
            # No JSON after all: what an application's own `dumps` made.
            return token[0]
        if token["colon"]:
            name = value
            return token[0]
        new = of_text(name, value)
        return text if new == value else json.dumps(new, ensure_ascii=text.isascii())

    return _TOKEN.sub(replaced, document)
