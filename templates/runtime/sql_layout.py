"""SQL texts for people: their tokens, and lines that begin with clauses.

Parses nothing; a text that is no SQL is shown, too.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import NamedTuple

_WIDTH = 100
_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|%(?:\(\w+\))?[sbt]|\w+|\s+|.""", re.DOTALL
)
_CLAUSE = re.compile(
    r"FROM|WHERE|GROUP|HAVING|ORDER|LIMIT|OFFSET|UNION|VALUES|SET|RETURNING|LEFT|JOIN"
    r"|ON",
    re.IGNORECASE,
)


class Change(NamedTuple):
    """What stands at one place of two texts."""

    recorded: str
    asked: str


def tokens(sql: str) -> list[str]:
    """Names, numbers, literals, placeholders and signs; no white space."""
    return [token for token in _TOKEN.findall(sql) if not token.isspace()]


def changes(recorded: str, asked: str) -> Iterator[Change]:
    """What differs, token by token."""
    before, now = _spans(recorded), _spans(asked)
    matcher = difflib.SequenceMatcher(
        None,
        [recorded[start:end] for start, end in before],
        [asked[start:end] for start, end in now],
        autojunk=False,
    )
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind != "equal":
            yield Change(_slice(recorded, before[i1:i2]), _slice(asked, now[j1:j2]))


def _spans(sql: str) -> list[tuple[int, int]]:
    return [found.span() for found in _TOKEN.finditer(sql) if not found[0].isspace()]


def _slice(sql: str, spans: list[tuple[int, int]]) -> str:
    return sql[spans[0][0] : spans[-1][1]] if spans else ""


def laid_out(sql: str) -> list[str]:
    """Its lines; a long one is broken where a clause begins."""
    return [part for line in sql.split("\n") for part in _broken(line)]


def _broken(line: str) -> list[str]:
    if len(line) <= _WIDTH:
        return [line]
    lines = [""]
    depth = 0
    for token in _TOKEN.findall(line):
        depth += (token == "(") - (token == ")")
        # The second word of LEFT JOIN begins no line.
        goes_on = lines[-1].upper().endswith(("LEFT ", "OUTER ", "INNER "))
        if depth == 0 and _CLAUSE.fullmatch(token) and lines[-1] and not goes_on:
            lines[-1] = lines[-1].rstrip()
            lines.append("  " if token.upper() == "ON" else "")
        lines[-1] += token
    return lines
