"""What is put in the place of what, in tagged parameters and in texts.

Within a text it is the values that stand there as a whole: a moment, a UUID, a hash,
a run of letters and digits, or a phrase.  Knows nothing of what is recorded or live; see `binding`.
"""

from __future__ import annotations

import json
import re
from bisect import insort
from functools import lru_cache
from typing import Any

from .forms import HASHES, JSON_TAGS, JWT, TIMESTAMP, UUID
from .parameters import NO_DRIVER, decode, encode

_BOUND_TAGS = frozenset({"bytes", "datetime", "uuid"})

SHORTEST = 8
"""Shorter texts are looked for nowhere within others."""

# The longest first, as each may stand in the one before it.
_RUNS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        "|".join(HASHES),
        rf"{JWT}|{TIMESTAMP}|(?<![0-9a-fA-F]){UUID}(?![0-9a-fA-F])",
        r"[\w.~+/=-]{16,}",
        r"[\w-]{16,}",
        r"[0-9A-Za-z+/]{16,}={0,2}",
        rf"[0-9A-Za-z]{{{SHORTEST},}}",
    )
)
# In a document: a text, or a number of so many digits that it may be bound.
_JSON_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d{13,}(?![\d.eE])', re.ASCII)


@lru_cache(maxsize=4096)
def _runs_in(text: str) -> tuple[str, ...]:
    """All runs of a text, and the text itself."""
    found = (run[0] for runs in _RUNS for run in runs.finditer(text))
    return text, *dict.fromkeys(found)


class Replacements:
    """What is put in the place of what, by type and value."""

    __slots__ = ("_phrases", "values")

    def __init__(self) -> None:
        self.values: dict[tuple[type, Any], Any] = {}
        # Texts that are no runs, the longest first, as one may be a part of another.
        self._phrases: list[str] = []

    def get(self, value: Any, default: Any = None) -> Any:
        return self.values.get((type(value), value), default)

    def add(self, value: Any, replacement: Any) -> None:
        """What has a replacement already keeps it."""
        if (type(value), value) not in self.values:
            self.put_last(value, replacement)

    def put_last(self, value: Any, replacement: Any) -> None:
        """Replace whatever the value had."""
        is_new_text = type(value) is str and (str, value) not in self.values
        if is_new_text and not any(runs.fullmatch(value) for runs in _RUNS):
            insort(self._phrases, value, key=lambda each: -len(each))
        self.values[type(value), value] = replacement

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

    def within(self, text: str) -> str:
        """A text with what stands in it replaced, or as a whole."""
        if len(text) < SHORTEST:
            return text
        whole = self.values.get((str, text))
        return self._around(text, 0) if whole is None else str(whole)

    def within_sql(self, sql: str) -> str:
        """The same, of a text that is likely to come again."""
        is_there = any((str, run) in self.values for run in _runs_in(sql))
        is_there = is_there or any(phrase in sql for phrase in self._phrases)
        return self.within(sql) if is_there else sql

    def _around(self, text: str, start: int) -> str:
        """A text with the phrases in it replaced, and what stands around them."""
        for number in range(start, len(self._phrases)):
            phrase = self._phrases[number]
            if phrase in text:
                parts = (self._around(p, number + 1) for p in text.split(phrase))
                return str(self.values[str, phrase]).join(parts)
        return self._runs(text, 0)

    def _runs(self, text: str, level: int) -> str:
        if level == len(_RUNS) or len(text) < SHORTEST:
            return text
        parts = []
        end = 0
        for found in _RUNS[level].finditer(text):
            replacement = self.values.get((str, found[0]))
            if replacement is not None:
                parts.append(self._runs(text[end : found.start()], level + 1))
                parts.append(replacement)
                end = found.end()
        parts.append(self._runs(text[end:], level + 1))
        return "".join(parts)

    def _replaced(self, tagged: Any) -> Any:
        if isinstance(tagged, str):
            return self.within(tagged)
        if isinstance(tagged, list):
            return [self._replaced(each) for each in tagged]
        if not isinstance(tagged, dict):
            return self.get(tagged, tagged)
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
            return {tag: self._within_json(content)}
        if isinstance(content, (dict, list)):
            return {tag: self.put(content)}
        return tagged

    def _within_json(self, text: str) -> str:
        """The same in the values of a document, whose spelling else stays as it is."""

        def replaced(found: re.Match[str]) -> str:
            value = json.loads(found[0])
            is_text = isinstance(value, str)
            new = self.within(value) if is_text else self.get(value, value)
            if new == value:
                return found[0]
            return json.dumps(new, ensure_ascii=found[0].isascii())

        return _JSON_VALUE.sub(replaced, text)
