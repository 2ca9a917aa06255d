"""The form of a volatile value: what must be equal of it, whatever the value is.

A position has a kind, which says what counts as its form; `codegen/src/volatile/kind.rs`
knows the same kinds.  Knows nothing of what is bound.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

JSON_TAGS = frozenset({"json", "jsonb"})
NESTED_TAGS = frozenset({"tuple", "range", "multirange", "dict", "enum"})

UUID = r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"
TIMESTAMP = (
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d){0,2})?"
)
_UUID = re.compile(UUID)
_TIMESTAMP = re.compile(TIMESTAMP, re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
JWT = r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*"
_JWT = re.compile(JWT, re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{8,}")
_TOKEN = re.compile(r"[\w.~+/=-]{8,}", re.ASCII)

_BASE64 = r"([\w+/.=-]+)"
# What is within parentheses is random, and has a length; the rest has to be equal.
HASHES = (
    r"\$2[abxy]?\$\d\d\$([./0-9A-Za-z]{53})",
    rf"(?:argon2)?\$argon2(?:id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\${_BASE64}\${_BASE64}",
    rf"\$scrypt\$ln=\d+,r=\d+,p=\d+\${_BASE64}\${_BASE64}",
    rf"scrypt\$(\w+)\$\d+\$\d+\$\d+\${_BASE64}",
    r"scrypt(?::\d+){3}\$(\w+)\$([0-9a-f]+)",
    r"pbkdf2:\w+(?::\d+)?\$(\w+)\$([0-9a-f]+)",
    rf"pbkdf2_\w+\$\d+\$(\w+)\${_BASE64}",
)
_HASHES = tuple(re.compile(pattern, re.ASCII) for pattern in HASHES)


def form(kind: str, tagged: Any) -> str | None:
    """What must be equal of a tagged value; None if it is not of this kind."""
    if kind == "value":
        return shape(tagged)
    if isinstance(tagged, list):
        return _nested("", kind, tagged)
    if isinstance(tagged, str):
        found = _of_text(kind, tagged)
        return None if found is None else f"str {found}"
    if not isinstance(tagged, dict):
        is_number = kind == "number" and type(tagged) in (int, float)
        return type(tagged).__name__ if is_number else None
    tag, content = next(iter(tagged.items()))
    if tag == "subclass":
        return form(kind, content[1])
    if tag in ("tuple", "multirange"):
        return _nested(f"{tag} ", kind, content)
    if tag == "range" and content != "empty":
        return _nested(f"range {content[0]} ", kind, content[1:])
    if tag == "uuid" and kind == "uuid":
        return f"UUID {_version(content)}"
    if tag == "datetime" and kind == "timestamp":
        return shape(tagged)
    if tag in ("int", "float", "decimal") and kind == "number":
        return str(tag)
    return None


def json_form(kind: str, value: Any) -> str | None:
    """As `form`, of a value within a document."""
    if kind == "value":
        return _json_shape(value)
    if isinstance(value, list):
        forms = [json_form(kind, each) for each in value]
        return None if None in forms else f"[{', '.join(map(str, forms))}]"
    if isinstance(value, dict):
        return None
    if type(value) in (int, float) and kind == "number":
        # A document does not tell them apart: 1.0 may be written as 1.
        return "number"
    return form(kind, value)


def is_timestamp(value: Any) -> bool:
    """Whether a value is the text of a moment."""
    return isinstance(value, str) and _TIMESTAMP.fullmatch(value) is not None


def _nested(label: str, kind: str, items: Iterable[Any]) -> str | None:
    forms = [None if each is None else form(kind, each) for each in items]
    if any(
        each is not None and found is None
        for each, found in zip(items, forms, strict=True)
    ):
        return None
    return f"{label}[{', '.join(map(str, forms))}]"


def _of_text(kind: str, text: str) -> str | None:
    of = _TEXTS.get(kind)
    return None if of is None else of(text)


def _uuid(text: str) -> str | None:
    if not _UUID.fullmatch(text):
        return None
    case = "upper" if text != text.lower() else "lower"
    return f"uuid {_version(text)} {text.count('-')} {case}"


def _version(text: str) -> str:
    return f"v{text.replace('-', '')[12]}"


def _timestamp(text: str) -> str | None:
    if not is_timestamp(text):
        return None
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    zone = text[16:]
    has_offset = "+" in zone or "-" in zone
    suffix = "Z" if zone.endswith("Z") else "offset" if has_offset else "local"
    return f"timestamp {text[10]} {suffix}"


def _hash(text: str) -> str | None:
    for pattern in _HASHES:
        found = pattern.fullmatch(text)
        if found is not None:
            fixed, end = "", 0
            for number, random in enumerate(found.groups(), 1):
                start = found.start(number)
                fixed += f"{text[end:start]}<{len(random)}>"
                end = found.end(number)
            return f"hash {fixed}{text[end:]}"
    return None


def _token(text: str) -> str | None:
    if _JWT.fullmatch(text):
        return "token of JSON"
    if _HEX.fullmatch(text):
        return f"token of {len(text)} hexadecimal digits"
    if _TOKEN.fullmatch(text):
        return f"token of {len(text)}"
    return None


def _number(text: str) -> str | None:
    return "number" if _NUMBER.fullmatch(text) else None


_TEXTS: dict[str, Callable[[str], str | None]] = {
    "uuid": _uuid,
    "timestamp": _timestamp,
    "hash": _hash,
    "token": _token,
    "number": _number,
    "text": lambda text: "text",
}


def shape(tagged: Any) -> str:
    """What must be equal of a value of no kind: types, lengths, and forms of texts."""
    if isinstance(tagged, list):
        return f"[{', '.join(map(shape, tagged))}]"
    if not isinstance(tagged, dict):
        return _text_shape(tagged) if isinstance(tagged, str) else type(tagged).__name__
    tag, content = next(iter(tagged.items()))
    if tag == "subclass":
        return shape(content[1])
    if tag in ("datetime", "time"):
        text = content["value"] if isinstance(content, dict) else content
        aware = re.search(r"[+-]\d\d:\d\d(:\d\d)?$", text) is not None
        return f"{tag} with time zone" if aware else tag
    if tag in JSON_TAGS:
        return f"{tag} {_json_shape(json.loads(content))}"
    if tag == "range" and content != "empty":
        bounds, lower, upper = content
        return f"range {bounds} {shape(lower)} {shape(upper)}"
    if tag == "enum":
        return f"enum {content[0]} {shape(content[2])}"
    if tag in NESTED_TAGS:
        return f"{tag} {content if tag == 'range' else shape(content)}"
    return str(tag)


def _json_shape(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_json_shape, value))}]"
    if isinstance(value, dict):
        pairs = sorted(
            f"{shape(key) if _forms_of_its_own(key) else key}: {_json_shape(each)}"
            for key, each in value.items()
        )
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, str):
        return _text_shape(value)
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number"


def _text_shape(text: str) -> str:
    if _UUID.fullmatch(text):
        return "str uuid"
    return "str timestamp" if is_timestamp(text) else "str"


def _forms_of_its_own(text: str) -> bool:
    return _text_shape(text) != "str"
