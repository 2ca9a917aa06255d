"""What must be equal of a volatile value, whatever the value is.

Knows nothing of what is bound.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .replacements import JSON_TAGS

NESTED_TAGS = frozenset({"tuple", "range", "multirange", "dict", "enum"})

_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
# SQLAlchemy's identifiers of two-phase transactions.
_XID = re.compile(r"_sa_[0-9a-f]{32}")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-][\d:]+)?")


def shape(tagged: Any) -> str:
    """What must be equal of a volatile parameter: types, lengths, and forms of texts."""
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
    if _XID.fullmatch(text):
        return "str xid"
    return "str timestamp" if is_timestamp(text) else "str"


def _forms_of_its_own(text: str) -> bool:
    return _text_shape(text) != "str"


def is_timestamp(value: Any) -> bool:
    return isinstance(value, str) and _TIMESTAMP.fullmatch(value) is not None
