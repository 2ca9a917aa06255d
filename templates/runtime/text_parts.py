"""Texts of which parts may differ: what stands around the parts is fixed.

`pieces` are fixed text and the kinds of parts in turn, beginning and ending with
text, as in ``("user-", "token", "@example.org")``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .forms import TIMESTAMP, UUID, form

_PATTERNS = {
    "uuid": UUID,
    "timestamp": TIMESTAMP,
    "hash": r"[\w$./,:=+-]+",
    "token": r"[\w.~+/=-]+",
    "number": r"[+-]?\d+(?:\.\d+)?",
}
# A part of SQL never reaches beyond the literal or the name that it stands in.
_TEXT, _TEXT_IN_SQL = r"[\s\S]+?", r"(?:[^'\"]|'')+?"


class TextParts:
    """Finds the parts of a text whose pieces are known."""

    __slots__ = ("_pattern", "kinds", "pieces")

    def __init__(self, pieces: Sequence[str], *, in_sql: bool = False) -> None:
        self.pieces = tuple(pieces)
        self.kinds = self.pieces[1::2]
        text = _TEXT_IN_SQL if in_sql else _TEXT
        pattern = re.escape(self.pieces[0])
        for kind, fixed in zip(self.kinds, self.pieces[2::2], strict=True):
            pattern += f"({_PATTERNS.get(kind, text)}){re.escape(fixed)}"
        self._pattern = re.compile(pattern, re.ASCII)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.pieces!r}>"

    def parts(self, text: str) -> tuple[str, ...] | None:
        """The parts of a text; None if what is fixed differs."""
        found = self._pattern.fullmatch(text)
        return None if found is None else found.groups()

    def forms(self, text: str) -> list[str] | None:
        """The pieces with each part's form in its place; None if one has another."""
        parts = self.parts(text)
        if parts is None:
            return None
        forms = list(self.pieces)
        for place, part in enumerate(parts):
            found = form(self.kinds[place], part)
            if found is None:
                return None
            forms[2 * place + 1] = found
        return forms


@lru_cache(maxsize=1024)
def text_parts(pieces: tuple[str, ...], *, in_sql: bool = False) -> TextParts:
    """As the class makes it, once for equal pieces."""
    return TextParts(pieces, in_sql=in_sql)
