"""Placeholders of a statement: ``%s`` by position, ``%(name)s`` by name.

The driver reads them before anything is sent, so that what it refuses here never comes
to the server. Knows nothing of values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from . import errors as e
from .adapt import PyFormat

# One at the end of a line is a percent sign and nothing else.
_PERCENT = re.compile(r"%(?:\(([^)]+)\))?(.)")
_FORMATS = {each.value: each for each in PyFormat}

# The driver remembers how it read a statement that is not longer than this, and counts
# the parameters of one before it looks at what they are.
_REMEMBERED_LENGTH = 4096


class Placeholder(NamedTuple):
    """A place for the parameter of a position or a name."""

    key: int | str
    format: PyFormat


class Template(NamedTuple):
    """A statement around its placeholders: one more text than there are of them.

    The texts are as they were written, with percent signs doubled.
    """

    texts: Sequence[str]
    placeholders: Sequence[Placeholder]

    @property
    def names(self) -> Sequence[str]:
        """The names in their places; none if there are positions."""
        return [each.key for each in self.placeholders if isinstance(each.key, str)]


def parse(statement: str) -> Template:
    """Find the placeholders; raises `ProgrammingError` for what only looks like one."""
    texts: list[str] = []
    found: list[Placeholder] = []
    start = 0
    for match in _PERCENT.finditer(statement):
        name, letter = match.groups()
        if name is None and letter == "%":
            continue
        if letter not in _FORMATS:
            raise _refusal(match)
        key = name or len(found)
        if found and type(key) is not type(found[0].key):
            mixed = "positional and named placeholders cannot be mixed"
            raise e.ProgrammingError(mixed)
        texts.append(statement[start : match.start()])
        found.append(Placeholder(key, _FORMATS[letter]))
        start = match.end()
    return Template([*texts, statement[start:]], found)


def _refusal(match: re.Match[str]) -> e.ProgrammingError:
    text = match.group()
    if text == "%(":
        begun = match.string[match.start() :].split(None, 1)[0]
        return e.ProgrammingError(f"incomplete placeholder: {begun!r}")
    if text == "% ":
        return e.ProgrammingError(
            "incomplete placeholder: '%'; if you want to use '%' as an operator"
            " you can double it up, i.e. use '%%'"
        )
    return e.ProgrammingError(
        f"only '%s', '%b', '%t' are allowed as placeholders, got '{text}'"
    )


def check_countable(statement: str, parameters: Any) -> None:
    """Raise what counting the parameters raises, where the driver begins with it."""
    if len(statement) <= _REMEMBERED_LENGTH:
        len(parameters)


def is_sequence(parameters: Any) -> bool:
    """Whether parameters go by position; raises `TypeError` if they are none at all."""
    if isinstance(parameters, Sequence) and not isinstance(parameters, str | bytes):
        return True
    if isinstance(parameters, Mapping):
        return False
    raise TypeError(
        "query parameters should be a sequence or a mapping,"
        f" got {type(parameters).__name__}"
    )


def arguments(
    template: Template, parameters: Any, names: Sequence[str]
) -> Sequence[Any]:
    """The parameters that are asked for: by position, or by `names`."""
    count = len(template.placeholders)
    if is_sequence(parameters):
        if len(parameters) != count:
            raise e.ProgrammingError(
                f"the query has {count} placeholders but"
                f" {len(parameters)} parameters were passed"
            )
        if names:
            raise TypeError("named placeholders require a mapping of parameters")
        given: Sequence[Any] = parameters
        return given
    # An empty mapping passes for no parameters of either kind.
    if parameters and count and not names:
        raise TypeError("positional placeholders (%s) require a sequence of parameters")
    try:
        return [parameters[name] for name in names]
    except KeyError:
        missing = ", ".join(sorted(name for name in names if name not in parameters))
        raise e.ProgrammingError(f"query parameter missing: {missing}") from None
