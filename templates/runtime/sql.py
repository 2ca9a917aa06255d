"""Statements composed of parts: text, identifiers, literals and placeholders."""

from __future__ import annotations

import string
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .adapt import PyFormat
from .session import session_of
from .transformer import Transformer


class Composable(ABC):
    """A part of a statement."""

    __module__ = "psycopg.sql"

    def __init__(self, obj: Any) -> None:
        self._obj = obj

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._obj!r})"

    @abstractmethod
    def as_bytes(self, context: Any = None) -> bytes:
        """The part as it is sent, in the context's encoding."""

    def as_string(self, context: Any = None) -> str:
        """The part as it is sent."""
        return str(self.as_bytes(context), _encoding(context))

    def __add__(self, other: Any) -> Composed:
        if isinstance(other, Composed):
            return Composed([self]) + other
        if isinstance(other, Composable):
            return Composed([self]) + Composed([other])
        return NotImplemented

    def __mul__(self, n: int) -> Composed:
        return Composed([self] * n)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._obj == getattr(other, "_obj", None)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]


class Composed(Composable):
    """Parts one after the other; what is no part becomes a literal."""

    __module__ = "psycopg.sql"

    _obj: list[Composable]

    def __init__(self, seq: Sequence[Any]) -> None:
        super().__init__(
            [item if isinstance(item, Composable) else Literal(item) for item in seq]
        )

    def as_bytes(self, context: Any = None) -> bytes:
        return b"".join(item.as_bytes(context) for item in self._obj)

    def __iter__(self) -> Iterator[Composable]:
        return iter(self._obj)

    def __add__(self, other: Any) -> Composed:
        if isinstance(other, Composed):
            return Composed(self._obj + other._obj)
        if isinstance(other, Composable):
            return Composed([*self._obj, other])
        return NotImplemented

    def join(self, joiner: SQL | str) -> Composed:
        """The parts with another between them."""
        if isinstance(joiner, str):
            joiner = SQL(joiner)
        elif not isinstance(joiner, SQL):
            raise TypeError(
                "Composed.join() argument must be strings or SQL,"
                f" got {joiner!r} instead"
            )
        return joiner.join(self._obj)


class SQL(Composable):
    """Text of a statement, with ``{}`` where parts can be put in."""

    __module__ = "psycopg.sql"

    _obj: str

    def __init__(self, obj: str) -> None:
        if not isinstance(obj, str):
            raise TypeError(f"SQL values must be strings, got {obj!r} instead")
        super().__init__(obj)

    def as_string(self, context: Any = None) -> str:
        return self._obj

    def as_bytes(self, context: Any = None) -> bytes:
        return self._obj.encode(_encoding(context))

    def format(self, *args: Any, **kwargs: Any) -> Composed:
        """The text with parts in place of its fields."""
        parts: list[Any] = []
        following: int | None = 0
        for text, field, spec, conversion in string.Formatter().parse(self._obj):
            if spec:
                raise ValueError("no format specification supported by SQL")
            if conversion:
                raise ValueError("no format conversion supported by SQL")
            if text:
                parts.append(SQL(text))
            if field is None:
                continue
            if field.isdigit():
                if following:
                    raise ValueError(
                        "cannot switch from automatic field numbering to manual"
                    )
                parts.append(args[int(field)])
                following = None
            elif not field:
                if following is None:
                    raise ValueError(
                        "cannot switch from manual field numbering to automatic"
                    )
                parts.append(args[following])
                following += 1
            else:
                parts.append(kwargs[field])
        return Composed(parts)

    def join(self, seq: Iterable[Any]) -> Composed:
        """Parts with this text between them."""
        parts: list[Any] = []
        for item in seq:
            if parts:
                parts.append(self)
            parts.append(item)
        return Composed(parts)


class Identifier(Composable):
    """A name in quotes, qualified if there are several."""

    __module__ = "psycopg.sql"

    _obj: tuple[str, ...]

    def __init__(self, *strings: str) -> None:
        if not strings:
            raise TypeError("Identifier cannot be empty")
        for part in strings:
            if not isinstance(part, str):
                raise TypeError(
                    f"SQL identifier parts must be strings, got {part!r} instead"
                )
        super().__init__(strings)

    def __repr__(self) -> str:
        return f"Identifier({', '.join(map(repr, self._obj))})"

    def as_bytes(self, context: Any = None) -> bytes:
        quoted = ('"' + part.replace('"', '""') + '"' for part in self._obj)
        return ".".join(quoted).encode(_encoding(context))


class Literal(Composable):
    """A value written into the statement."""

    __module__ = "psycopg.sql"

    def as_bytes(self, context: Any = None) -> bytes:
        return Transformer.from_context(context).as_literal(self._obj)


class Placeholder(Composable):
    """A place for a parameter: ``%s``, ``%(name)s``."""

    __module__ = "psycopg.sql"

    _obj: str

    def __init__(self, name: str = "", format: str | PyFormat = PyFormat.AUTO) -> None:
        if not isinstance(name, str):
            raise TypeError(f"expected string as name, got {name!r}")
        if ")" in name:
            raise ValueError(f"invalid name: {name!r}")
        super().__init__(name)
        self._format = PyFormat(format)

    def __repr__(self) -> str:
        parts = [repr(self._obj)] if self._obj else []
        if self._format != PyFormat.AUTO:
            parts.append(f"format={self._format.name}")
        return f"Placeholder({', '.join(parts)})"

    def as_string(self, context: Any = None) -> str:
        name = f"({self._obj})" if self._obj else ""
        return f"%{name}{self._format.value}"

    def as_bytes(self, context: Any = None) -> bytes:
        return self.as_string(context).encode(_encoding(context))


NULL = SQL("NULL")
DEFAULT = SQL("DEFAULT")


def as_string(obj: Any, context: Any = None) -> str:
    """A part, or a value as a literal, as a text."""
    part = obj if isinstance(obj, Composable) else Literal(obj)
    return part.as_string(context)


def as_bytes(obj: Any, context: Any = None) -> bytes:
    """A part, or a value as a literal, as bytes."""
    part = obj if isinstance(obj, Composable) else Literal(obj)
    return part.as_bytes(context)


def quote(obj: Any, context: Any = None) -> str:
    """A value as a literal, without a connection as far as that goes."""
    return Literal(obj).as_string(context)


def _encoding(context: Any) -> str:
    encoding = session_of(context).encoding
    # No encoding declared: psycopg then sends UTF-8.
    return "utf-8" if encoding == "ascii" else encoding
