"""Lone surrogates, which a string of Python may hold and no UTF-8 can.

Knows nothing of parameters, whose values keep theirs under a tag.
"""

from __future__ import annotations


def escaped(text: str) -> str:
    """The text as a trace can hold it."""
    text = str.__str__(text)
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
