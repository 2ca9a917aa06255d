"""Statements composed of parts: text, identifiers, literals and placeholders."""

from __future__ import annotations

import itertools
import string
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .adapt import PyFormat
from .refusal import refused
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

    @property
    def _parts(self) -> list[Composable]:
        """What this brings into a composition."""
        return [self]

    def __add__(self, other: Any) -> Composed:
        joined = isinstance(other, Composable)
        return Composed(self._parts + other._parts) if joined else NotImplemented

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

    @property
    def _parts(self) -> list[Composable]:
        return self._obj

    def join(self, joiner: SQL | str) -> Composed:
        """The parts with another between them."""
        between = SQL(joiner) if isinstance(joiner, str) else joiner
        if isinstance(between, SQL):
            return between.join(self)
        what = "Composed.join() argument must be strings or SQL"
        raise TypeError(f"{what}, got {between!r} instead")


class SQL(Composable):
    """Text of a statement, with ``{}`` where parts can be put in."""

    __module__ = "psycopg.sql"

    _obj: str

    def __init__(self, obj: str) -> None:
        super().__init__(_text("SQL values", obj))

    def as_string(self, context: Any = None) -> str:
        return self._obj

    def as_bytes(self, context: Any = None) -> bytes:
        return self._obj.encode(_encoding(context))

    def format(self, *args: Any, **kwargs: Any) -> Composed:
        """The text with parts in place of its fields."""
        return Composed(list(_filled(self._obj, _Arguments(args, kwargs))))

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
        super().__init__(tuple(_text("SQL identifier parts", s) for s in strings))

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


def as_string(obj: Any, context: Any = None) -> str:
    """A part, or a value as a literal, as a text."""
    return _part(obj).as_string(context)


def as_bytes(obj: Any, context: Any = None) -> bytes:
    """A part, or a value as a literal, as bytes."""
    return _part(obj).as_bytes(context)


def quote(obj: Any, context: Any = None) -> str:
    """A value as a literal, without a connection as far as that goes."""
    return Literal(obj).as_string(context)


def is_template(obj: Any) -> bool:
    """Whether it is a template string, which Python has from 3.14 on."""
    return type(obj).__module__ == "string.templatelib"


def _part(obj: Any) -> Composable:
    if is_template(obj):
        raise refused("a template string")
    return obj if isinstance(obj, Composable) else Literal(obj)


class _Arguments:
    """The arguments of a template by field: counted, numbered or named.

    A template may count its fields or number them, but not both.
    """

    def __init__(self, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        self._positional = positional
        self._named = named
        self._counted = itertools.count()
        self._way: str | None = None

    def __getitem__(self, field: str) -> Any:
        if field and not field.isdigit():
            return self._named[field]
        way = "manual" if field else "automatic"
        if way != (self._way or way):
            raise ValueError(f"cannot switch from {self._way} field numbering to {way}")
        self._way = way
        return self._positional[int(field) if field else next(self._counted)]


def _filled(template: str, arguments: _Arguments) -> Iterator[Any]:
    for text, field, *options in string.Formatter().parse(template):
        for option, name in zip(options, ("specification", "conversion"), strict=True):
            if option:
                raise ValueError(f"no format {name} supported by SQL")
        if text:
            yield SQL(text)
        if field is not None:
            yield arguments[field]


def _text(what: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{what} must be strings, got {value!r} instead")


def _encoding(context: Any) -> str:
    encoding = session_of(context).encoding
    # No encoding declared: psycopg then sends UTF-8.
    return "utf-8" if encoding == "ascii" else encoding


NULL = SQL("NULL")
DEFAULT = SQL("DEFAULT")
