"""SQL as text that a trace can hold, the same in both phases.

Knows nothing of placeholders, and never changes what the driver gets.
"""

from __future__ import annotations


def sql_text(query: str | bytes, encoding: str) -> str:
    """The text of a statement, whatever the application made it of."""
    if isinstance(query, bytes):
        return query.decode(encoding, "backslashreplace")
    return escaped(query)


def escaped(text: str) -> str:
    """A plain string without lone surrogates, which no file of UTF-8 can hold.

    The driver refuses to send them. The refusal needs a key like any other outcome.
    """
    plain = str.__str__(text)
    if plain.isascii():
        return plain
    return plain.encode("utf-8", "backslashreplace").decode("utf-8")
