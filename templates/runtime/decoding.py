"""Rows of a result: cells as they were recorded made into values, row by row.

A loader is looked up once per column and result, through the adapters that were in
force then; cells are decoded when their row is fetched and not before, because that
is when psycopg raises what it cannot decode.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Sequence
from typing import Any

from .adapt import AdaptersMap
from .columns import Column
from .session import Session
from .transformer import Transformer

# Text, base64 of bytes, or a tagged value, by the format of the column.
Cell = Any
RowLoader = Callable[[Sequence[Cell]], tuple[Any, ...]]


def row_loader(
    columns: Sequence[Column],
    adapters: AdaptersMap,
    session: Session,
    connection: Any = None,
) -> RowLoader:
    """What makes the values of a row of its cells."""
    transformer = Transformer(_Context(adapters, connection), session)
    steps = [
        (index, decode)
        for index, column in enumerate(columns)
        if (decode := _decoder(column, transformer)) is not str
    ]
    # A cell of text that stays text is passed on without a call.
    if not steps:
        return tuple
    if len(steps) == 1:
        return _one_step(*steps[0])

    def load(cells: Sequence[Cell]) -> tuple[Any, ...]:
        row = list(cells)
        for index, decode in steps:
            cell = row[index]
            if cell is not None:
                row[index] = decode(cell)
        return tuple(row)

    return load


def _one_step(index: int, decode: Callable[[Cell], Any]) -> RowLoader:
    def load(cells: Sequence[Cell]) -> tuple[Any, ...]:
        cell = cells[index]
        if cell is None:
            return tuple(cells)
        row = list(cells)
        row[index] = decode(cell)
        return tuple(row)

    return load


class _Context:
    """The adapters of the cursor, the connection that loaders are shown."""

    __slots__ = ("adapters", "connection")

    def __init__(self, adapters: AdaptersMap, connection: Any) -> None:
        self.adapters = adapters
        self.connection = connection


def _decoder(column: Column, transformer: Transformer) -> Callable[[Cell], Any]:
    if column.format == "python":
        from .parameters import decode as decode_tagged

        return decode_tagged
    if column.format == "binary":
        return _binary(transformer.binary_decoder(column.type_code))
    decode = transformer.column_decoder(column.type_code)
    if transformer.session.texts_are_valid:
        return decode
    return _checked(decode, transformer.session)


def _binary(load: Callable[[bytes], Any]) -> Callable[[Cell], Any]:
    def decode(cell: str) -> Any:
        return load(b64decode(cell))

    return decode


def _checked(decode: Callable[[str], Any], session: Session) -> Callable[[Cell], Any]:
    """A decoder for connections whose texts need not be in their encoding."""
    encoding, errors = session.encoding, session.encoding_errors

    def decode_cell(cell: Any) -> Any:
        if isinstance(cell, dict):
            cell = str(b64decode(cell["bytes"]), encoding, errors)
        return decode(cell)

    return decode_cell
