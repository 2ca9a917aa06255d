"""Row factories: what a fetched row is made into.

A factory takes a cursor and returns the function that makes a row of a tuple of
values. Of the cursor it reads ``description`` alone, which is ``None`` as long as the
last statement returned no rows.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn, Protocol, TypeAlias, TypeVar

from . import errors as e

# Applications import these by psycopg's names.
T = TypeVar("T", covariant=True)  # noqa: PLC0105
Row = TypeVar("Row", covariant=True)  # noqa: PLC0105

TupleRow: TypeAlias = tuple[Any, ...]
DictRow: TypeAlias = dict[str, Any]


class RowMaker(Protocol[Row]):
    """Makes a row of the values that were fetched."""

    def __call__(self, values: Sequence[Any], /) -> Row: ...


class BaseRowFactory(Protocol[Row]):
    """Makes a `RowMaker` for the result that a cursor holds."""

    def __call__(self, cursor: Any, /) -> RowMaker[Row]: ...


class RowFactory(BaseRowFactory[Row], Protocol[Row]):
    """A factory for cursors that block."""


class AsyncRowFactory(BaseRowFactory[Row], Protocol[Row]):
    """A factory for cursors that are awaited."""


def tuple_row(cursor: Any) -> RowMaker[TupleRow]:
    """Rows as tuples."""
    return tuple


def dict_row(cursor: Any) -> RowMaker[DictRow]:
    """Rows as dictionaries by column name; of equal names the last wins."""
    return _by_name(cursor, dict)


def namedtuple_row(cursor: Any) -> RowMaker[NamedTuple]:
    """Rows as named tuples; column names become identifiers."""
    names = _names(cursor)
    if names is None:
        return no_result
    try:
        made: RowMaker[NamedTuple] = _named_tuple(*names)._make
    except ValueError as error:
        raise e.DataError(f"can't create a namedtuple row: {error}") from None
    return made


def class_row(cls: type[T]) -> BaseRowFactory[T]:
    """Rows as objects of a class, called with columns by name."""
    return kwargs_row(cls)


def args_row(func: Callable[..., T]) -> BaseRowFactory[T]:
    """Rows as what a function makes of the values by position."""
    return lambda cursor: lambda values: func(*values)


def kwargs_row(func: Callable[..., T]) -> BaseRowFactory[T]:
    """Rows as what a function makes of the values by name."""
    return lambda cursor: _by_name(cursor, lambda cells: func(**dict(cells)))


def scalar_row(cursor: Any) -> RowMaker[Any]:
    """Rows as the value of their first column."""
    description = cursor.description
    if description is None:
        return no_result
    if not description:
        raise e.ProgrammingError("at least one column expected")

    def scalar_row_(values: Sequence[Any]) -> Any:
        return values[0]

    return scalar_row_


def no_result(values: Sequence[Any]) -> NoReturn:
    """The row maker of a cursor without a result: it cannot make any."""
    raise e.InterfaceError("the cursor doesn't have a result")


def _by_name(
    cursor: Any, make: Callable[[Iterable[tuple[str, Any]]], T]
) -> RowMaker[T]:
    """Rows as what `make` makes of pairs of column name and value."""
    names = _names(cursor)
    if names is None:
        return no_result
    return lambda values: make(zip(names, values, strict=False))


def _names(cursor: Any) -> list[str] | None:
    description = cursor.description
    if description is None:
        return None
    return [column.name for column in description]


@lru_cache(512)
def _named_tuple(*names: str) -> Any:
    return namedtuple(
        "Row", [python_identifier(name) for name in names], module="psycopg.rows"
    )


def python_identifier(name: str) -> str:
    """A name that a field or a class can have, of a name of the database."""
    if name.isidentifier() and not name.startswith("_"):
        return name
    changed = re.sub(r"\W", "_", name)
    # A field of a named tuple may begin with neither a digit nor an underscore.
    return changed if changed[:1].isalpha() else "f" + changed
