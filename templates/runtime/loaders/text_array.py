"""Arrays as the server writes them: ``{1,NULL,"a,b"}``, ``[2:3]={…}``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from .. import errors as e

Decode = Callable[[str], Any]

_escape = re.compile(r"\\(.)", re.DOTALL)


def array_decoder(
    decode: Decode, delimiter: str, shows_rest: bool = False
) -> Callable[[str], list[Any]]:
    """What makes a list of a text, its elements made by ``decode``.

    Errors of some elements show the array from there on, as psycopg's do.
    """
    token = _tokens(delimiter)

    def decode_array(text: str) -> list[Any]:
        if text == "{}":
            return []
        if text[:1] == "{" and "{" not in text[1:] and '"' not in text:
            try:
                return _flat(text, decode, delimiter)
            except (e.DataError, NotImplementedError):
                if not shows_rest:
                    raise
        return _nested(
            text, _showing_rest(decode) if shows_rest else _plain(decode), token
        )

    return decode_array


@lru_cache
def _tokens(delimiter: str) -> re.Pattern[str]:
    # An element stands bare or in quotes, in which a backslash escapes.
    mark = re.escape(delimiter)
    return re.compile(
        rf'([{{}}])|{mark}|"((?:[^"\\]|\\.)*)"|((?:[^"{{}}\\{mark}]|\\.)+)',
        re.DOTALL,
    )


def _flat(text: str, decode: Decode, delimiter: str) -> list[Any]:
    """One dimension, nothing quoted: the server quotes whatever would mislead."""
    if text[-1] != "}":
        raise e.DataError("malformed array: hit the end of the buffer")
    inner = text[1:-1]
    if "}" in inner:
        raise e.DataError("malformed array: unexpected '}'")
    return [
        None if element == "NULL" else decode(element)
        for element in inner.split(delimiter)
    ]


# An element, the array's text, and where in it the element begins.
Place = Callable[[str, str, int], Any]


def _plain(decode: Decode) -> Place:
    return lambda element, text, start: decode(element)


def _showing_rest(decode: Decode) -> Place:
    def decode_there(element: str, text: str, start: int) -> Any:
        try:
            return decode(element)
        except (e.DataError, NotImplementedError) as error:
            of_rest = getattr(error, "of_rest", None)
            # An element that was unescaped is a copy, with nothing behind it.
            if of_rest is None or not text.startswith(element, start):
                raise
            raise of_rest(text[start:]) from None

    return decode_there


def _nested(text: str, decode: Place, token: re.Pattern[str]) -> list[Any]:
    position = _start(text)
    end = len(text)
    top: list[Any] = []
    stack: list[list[Any]] = [top]
    while position < end:
        found = token.match(text, position)
        if found is None:
            raise e.DataError("malformed array: hit the end of the buffer")
        position = found.end()
        brace, in_quotes, bare = found.group(1, 2, 3)
        if bare is not None:
            if "\\" in bare:
                bare = _escape.sub(r"\1", bare)
            start = found.start(3)
            stack[-1].append(None if bare == "NULL" else decode(bare, text, start))
        elif in_quotes is not None:
            if "\\" in in_quotes:
                in_quotes = _escape.sub(r"\1", in_quotes)
            stack[-1].append(decode(in_quotes, text, found.start(2)))
        elif brace == "{":
            inner: list[Any] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif brace == "}":
            if len(stack) == 1:
                raise e.DataError("malformed array: unexpected '}'")
            stack.pop()
            if len(stack) == 1 and position != end:
                raise e.DataError("malformed array: unexpected data after '}'")
    if len(stack) != 1 or not top:
        raise e.DataError("malformed array: hit the end of the buffer")
    array: list[Any] = top[0]
    return array


def _start(text: str) -> int:
    """Where the braces begin: after the bounds, which lists have no place for."""
    if not text:
        raise e.DataError("malformed array: empty data")
    if text[0] == "[":
        equals = text.find("=")
        if equals < 0:
            raise e.DataError("malformed array: no '=' after dimension information")
        text, start = text[equals + 1 :], equals + 1
    else:
        start = 0
    if text[:1] != "{":
        raise e.DataError("malformed array: missing initial '{'")
    return start
