"""Statements as they are sent: placeholders of the server, or values written in.

A replay sends nothing; it is asked for the text (`mogrify`, `cursor._query`), and for
what the driver refuses before it sends a statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from . import errors as e
from . import placeholders
from .adapt import PyFormat
from .pq import Format
from .transformer import Transformer


class SentQuery(NamedTuple):
    """A statement, its parameters dumped, their types and formats.

    `params` is None for a statement that went without any.
    """

    query: bytes
    params: Sequence[Any] | None = None
    types: Sequence[int] = ()
    formats: Sequence[Format] | None = None


def server_query(statement: str, parameters: Any, tx: Transformer) -> SentQuery:
    """The statement with ``$1`` for its first parameter, and so on."""
    plain = statement.encode(tx.encoding)
    if parameters is None:
        return SentQuery(plain)
    placeholders.check_countable(statement, parameters)
    template = placeholders.parse(statement)
    formats: dict[int | str, PyFormat] = {}
    for each in template.placeholders:
        if formats.setdefault(each.key, each.format) != each.format:
            raise e.ProgrammingError(
                f"placeholder {each.key!r} cannot have different formats"
            )
    numbers = {key: number for number, key in enumerate(formats, 1)}
    names = list(dict.fromkeys(template.names))
    values = placeholders.arguments(template, parameters, names)
    parts = [template.texts[0].replace("%%", "%")]
    for text, each in zip(template.texts[1:], template.placeholders, strict=True):
        parts += (f"${numbers[each.key]}", text.replace("%%", "%"))
    query = "".join(parts).encode(tx.encoding)
    return _dumped(query, values, list(formats.values())[: len(values)], tx)


def raw_query(statement: str, parameters: Any, tx: Transformer) -> SentQuery:
    """The statement as it is, whose placeholders are the server's own."""
    query = statement.encode(tx.encoding)
    if parameters is None:
        return SentQuery(query)
    if not placeholders.is_sequence(parameters):
        raise TypeError("raw queries require a sequence of parameters")
    return _dumped(query, parameters, [PyFormat.AUTO] * len(parameters), tx)


def client_query(statement: str, parameters: Any, tx: Transformer) -> SentQuery:
    """The statement with literals in the place of its placeholders."""
    plain = statement.encode(tx.encoding)
    if parameters is None:
        return SentQuery(plain)
    placeholders.check_countable(statement, parameters)
    template = placeholders.parse(statement)
    values = placeholders.arguments(template, parameters, template.names)
    literals = tuple(tx.as_literal(value) for value in values)
    # Python's own formatting undoubles percent signs, and refuses single ones.
    query = "%s".join(template.texts).encode(tx.encoding) % literals
    return SentQuery(query, literals)


def _dumped(
    query: bytes, values: Sequence[Any], formats: Sequence[PyFormat], tx: Transformer
) -> SentQuery:
    params = tx.dump_sequence(values, formats)
    return SentQuery(query, params, tx.types, tx.formats)
