"""Secrets and personal data that are found by what they look like, within any text.

The secret scan of traces and fixtures looks for the same with the same expressions, so
none of them may use what only Python has. Knows no pseudonyms but by their look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .cards import CARD, is_card
from .pseudonyms import is_pseudonym

KEYS = (
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16,}\b",
    r"\bgh[pousr]_[0-9A-Za-z]{36,}\b",
    r"\bgithub_pat_[0-9A-Za-z_]{22,}\b",
    r"\bglpat-[0-9A-Za-z_-]{20,}",
    r"\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,}\b",
    r"\bxox[abprs]-[0-9A-Za-z-]{10,}",
    r"\bAIza[0-9A-Za-z_-]{35,}",
    r"\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}",
    r"\b[Bb]earer +([0-9A-Za-z._~+/=-]{16,})",
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----((?:[0-9A-Za-z+/=\s]|\\n)*[0-9A-Za-z+/=])",
)
PASSWORDS = (
    r"\b[a-z][a-z0-9+.-]*://[^\s:/@'\x22]*:([^\s@/'\x22]+)@",
    r"(?i)(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key)(?:\s*[=:]\s*|\s+)'([^'\s]{6,})'",
    r"(?i)(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key)=([^\s'\x22,;&{}()%$<>]{6,})",
)
EMAIL = r"[A-Za-z0-9_][A-Za-z0-9._%+'-]*(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"

SECRET_NAME = r"(?i)(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)(?:_?(?:hash|digest))?(?:_+[0-9]+)*$"

_PATTERNS = {
    "key": [re.compile(pattern) for pattern in KEYS],
    "password": [re.compile(pattern) for pattern in PASSWORDS],
    "card": [re.compile(CARD)],
    "email": [re.compile(EMAIL)],
}
NAMES = tuple(_PATTERNS)


class Span(NamedTuple):
    """Where something stands in a text, and whether it is a secret."""

    start: int
    end: int
    is_secret: bool = False


def is_secret_name(name: str) -> bool:
    """Whether a parameter, a column or a member of a document is named for a secret."""
    return _SECRET_NAME.search(name) is not None


def found(text: str, detectors: Iterable[str]) -> Iterator[Span]:
    """Where in a text something stands that has to be replaced."""
    for detector in detectors:
        for pattern in _PATTERNS[detector]:
            for match in pattern.finditer(text):
                start, end = match.span(pattern.groups and 1)
                if _is_real(detector, text, start, end):
                    yield Span(start, end, detector in ("key", "password"))


def _is_real(detector: str, text: str, start: int, end: int) -> bool:
    value = text[start:end]
    if detector == "card":
        around = text[max(start - 1, 0) : start] + text[end : end + 1]
        return is_card(value) and not re.search(r"[0-9A-Za-z._-]", around)
    if detector == "email":
        return not is_pseudonym(value.replace("%40", "@"))
    return not value.endswith(("EXAMPLE", "example"))


_SECRET_NAME = re.compile(SECRET_NAME)
