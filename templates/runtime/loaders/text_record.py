"""Records as the server writes them: ``(1,"a b",)``."""

from __future__ import annotations

import re

from .. import errors as e

# A field in quotes, in which quotes are doubled and a backslash escapes; or bare; or
# nothing at all, which is NULL. Bare parts and quoted ones may follow each other.
_field = re.compile(r'((?:"(?:[^"\\]|""|\\.)*"|[^",\\]|\\.)*)(,|$)', re.DOTALL)
_part = re.compile(r'"((?:[^"\\]|""|\\.)*)"|((?:[^"\\]|\\.)+)', re.DOTALL)
_escape = re.compile(r"\\(.)", re.DOTALL)


def split_record(text: str) -> list[str | None]:
    """The texts of a record's fields."""
    if text[:1] != "(" or text[-1:] != ")":
        raise e.DataError(f"malformed record: {text!r}")
    inner = text[1:-1]
    if not inner:
        return []
    if '"' not in inner and "\\" not in inner:
        return [field if field else None for field in inner.split(",")]
    fields: list[str | None] = []
    position = 0
    while True:
        found = _field.match(inner, position)
        if found is None:
            raise e.DataError(f"malformed record: {text!r}")
        raw = found.group(1)
        fields.append(_unquoted(raw) if raw else None)
        if not found.group(2):
            return fields
        position = found.end()


def _unquoted(raw: str) -> str:
    parts = []
    for quoted, bare in _part.findall(raw):
        part = quoted.replace('""', '"') if quoted else bare
        parts.append(_escape.sub(r"\1", part) if "\\" in part else part)
    return "".join(parts)
