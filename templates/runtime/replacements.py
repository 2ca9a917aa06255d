"""What is put in the place of what, in tagged parameters.

Knows nothing of what is recorded or live; see `binding`.
"""

from __future__ import annotations

import re
from typing import Any

from .parameters import NO_DRIVER, decode, encode

_BOUND_TAGS = frozenset({"bytes", "datetime", "uuid"})
JSON_TAGS = frozenset({"json", "jsonb"})


class Replacements:
    """What is put in the place of what, by type and value."""

    __slots__ = ("_pattern", "values")

    def __init__(self) -> None:
        self.values: dict[tuple[type, Any], Any] = {}
        self._pattern: re.Pattern[str] | None = None

    def get(self, value: Any, default: Any = None) -> Any:
        return self.values.get((type(value), value), default)

    def add(self, value: Any, replacement: Any) -> None:
        """What has a replacement already keeps it."""
        self.values.setdefault((type(value), value), replacement)
        self._pattern = None

    def put_last(self, value: Any, replacement: Any) -> None:
        """Replace whatever the value had."""
        self.values[type(value), value] = replacement
        self._pattern = None

    def redirect(self, old: Any, new: Any) -> None:
        """Put `new` wherever `old` was put so far."""
        for key, replacement in self.values.items():
            if type(replacement) is type(old) and replacement == old:
                self.values[key] = new

    def put(self, parameters: Any, *, many: bool = False) -> Any:
        """Tagged parameters with each value replaced that stands in the table."""
        if many:
            return [self.put(each) for each in parameters]
        if isinstance(parameters, dict):
            return {name: self._replaced(each) for name, each in parameters.items()}
        if isinstance(parameters, list):
            return [self._replaced(each) for each in parameters]
        return parameters

    def _replaced(self, tagged: Any) -> Any:
        if isinstance(tagged, str):
            return self.get(tagged, tagged)
        if isinstance(tagged, list):
            return [self._replaced(each) for each in tagged]
        if not isinstance(tagged, dict):
            return tagged
        tag, content = next(iter(tagged.items()))
        if tag in _BOUND_TAGS:
            value = decode(tagged)
            found = self.get(value)
            if found is None:
                return tagged
            if tag == "datetime" and value.tzinfo is not None:
                # One moment is equal in all time zones; the parameter has its own.
                found = found.astimezone(value.tzinfo)
            return encode(found, NO_DRIVER)
        if tag in JSON_TAGS:
            return {tag: self.within(content)}
        if isinstance(content, (dict, list)):
            return {tag: self.put(content)}
        return tagged

    def within(self, text: str) -> str:
        """A text with each text replaced that stands in the table, wherever it is."""
        if self._pattern is None:
            # The longest first: one text may be the beginning of another.
            texts = sorted((v for kind, v in self.values if kind is str), key=len)
            self._pattern = re.compile("|".join(map(re.escape, reversed(texts))))
        if not self._pattern.pattern:
            return text
        return self._pattern.sub(lambda found: self.get(found[0]), text)
