"""The text of hstore: ``"a"=>"1", "b"=>NULL``."""

from __future__ import annotations

import re

from .. import errors as e

_pair = re.compile(
    r'"((?:[^"\\]|\\.)*)"\s*=>\s*(?:(NULL)|"((?:[^"\\]|\\.)*)")(?:\s*,\s*|\s*$)',
    re.DOTALL,
)
_escape = re.compile(r"\\(.)", re.DOTALL)


def decode_hstore(text: str) -> dict[str, str | None]:
    pairs: dict[str, str | None] = {}
    position = 0
    while position < len(text):
        found = _pair.match(text, position)
        if found is None:
            raise e.DataError(
                f"error parsing hstore: unparsed data after char {position}"
            )
        key, null, value = found.groups()
        pairs[_unescaped(key)] = None if null else _unescaped(value)
        position = found.end()
    return pairs


def _unescaped(text: str) -> str:
    return _escape.sub(r"\1", text) if "\\" in text else text
