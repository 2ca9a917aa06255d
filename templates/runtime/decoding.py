"""Rows of a result: cells as they were recorded made into values, row by row.

A loader is looked up once per column and result, through the adapters that were in
force then; cells are decoded when their row is fetched and not before, because that
is when psycopg raises what it cannot decode.
"""

from __future__ import annotations

import json
import operator
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .adapt import AdaptersMap, Loader
from .columns import Column, RowDescription
from .loaders.form import TextForm
from .pq import Format
from .session import Session
from .transformer import Transformer

# Text, base64 of bytes, or a tagged value, by the format of the column.
Cell = Any


class Step(NamedTuple):
    """What is done to the cells of one column.

    `usual` may raise where `decode` has an answer; the two never give different ones.
    """

    place: int
    decode: Callable[[Cell], Any]
    usual: Callable[[Cell], Any]


class RowLoader:
    """Makes the values of a row of its cells.

    `is_pure` says that equal rows give equal values, which nobody can change: then
    rows may be decoded by column, and once for all who ask for them.
    """

    __slots__ = ("_loaders", "_made_of", "_settings", "_steps", "_width", "is_pure")

    def __init__(
        self,
        columns: Sequence[Column],
        steps: Sequence[Step],
        is_pure: bool,
        adapters: AdaptersMap,
        session: Session,
    ) -> None:
        self._width = len(columns)
        self._steps = steps
        self.is_pure = is_pure
        self._loaders = adapters.loaders()
        self._settings = session.settings
        # The loaders that were found by OID, if it needs no others; that of OID 0 stands
        # for those that nobody knows.
        self._made_of: Mapping[int, type[Loader] | None] | None = None
        if is_pure:
            oids = {0, *(column.type_code for column in columns)}
            self._made_of = {oid: adapters.get_loader(oid, Format.TEXT) for oid in oids}

    def __call__(self, cells: Sequence[Cell]) -> tuple[Any, ...]:
        row = list(cells)
        for place, decode, _ in self._steps:
            cell = row[place]
            if cell is not None:
                row[place] = decode(cell)
        return tuple(row)

    def serves(self, adapters: AdaptersMap, session: Session) -> bool:
        """Whether a loader made anew would do the same."""
        if self._settings != session.settings:
            return False
        if self.uses(adapters):
            return True
        if self._made_of is None:
            return False
        # Connections have maps of their own, which mostly are equal.
        found = (adapters.get_loader(oid, Format.TEXT) for oid in self._made_of)
        if not all(map(operator.is_, found, self._made_of.values())):
            return False
        self._loaders = adapters.loaders()
        return True

    def uses(self, adapters: AdaptersMap) -> bool:
        """Whether nothing was registered since it was made."""
        return self._loaders is adapters._loaders

    def rows(self, texts: Sequence[str]) -> list[tuple[Any, ...]]:
        """The values of rows that are JSON texts."""
        if not self.is_pure:
            return [self(cells) for cells in _cells(texts)]
        columns = _plain_columns(texts, self._width)
        is_plain = columns is not None
        if columns is None:
            columns = [list(column) for column in zip(*_cells(texts), strict=True)]
        try:
            for place, _, usual in self._steps:
                column = columns[place]
                columns[place] = (
                    list(map(usual, column))
                    if is_plain
                    else [None if cell is None else usual(cell) for cell in column]
                )
        except Exception:  # noqa: BLE001 - row by row, the first of them is raised
            return [self(cells) for cells in _cells(texts)]
        return list(zip(*columns, strict=True)) if columns else [()] * len(texts)


def _cells(texts: Sequence[str]) -> list[list[Cell]]:
    """The cells of rows that are JSON texts."""
    cells: list[list[Cell]] = json.loads(f"[{','.join(texts)}]")
    return cells


def _plain_columns(texts: Sequence[str], width: int) -> list[list[Any]] | None:
    """The cells by column, if all of them are texts without an escape, else None.

    A quote then begins or ends a text and does nothing else, so that there are as
    many as it takes if and only if no cell is a NULL; objects are left out of it.
    """
    joined = "".join(texts)
    if "\\" in joined or "{" in joined:
        return None
    parts = joined.split('"')
    if len(parts) != 2 * width * len(texts) + 1:
        return None
    return [parts[place :: 2 * width] for place in range(1, 2 * width, 2)]


def row_loader(
    columns: Sequence[Column],
    adapters: AdaptersMap,
    session: Session,
    connection: Any = None,
) -> RowLoader:
    """What makes the values of a row of its cells."""
    transformer = Transformer(_Context(adapters, connection), session)
    is_pure = True
    steps = []
    for place, column in enumerate(columns):
        form = _pure_form(column, transformer)
        if form is not None:
            step = Step(place, form.decode, form.usual_decoder())
        else:
            is_pure = False
            decode = _decoder(column, transformer)
            step = Step(place, decode, decode)
        # A cell of text that stays text is passed on without a call.
        if step.decode is not str:
            steps.append(step)
    loader = RowLoader(columns, steps, is_pure, adapters, session)
    if is_pure and isinstance(columns, RowDescription):
        columns.loader = loader
    return loader


class _Context:
    """The adapters of the cursor, the connection that loaders are shown."""

    __slots__ = ("adapters", "connection")

    def __init__(self, adapters: AdaptersMap, connection: Any) -> None:
        self.adapters = adapters
        self.connection = connection


def _pure_form(column: Column, transformer: Transformer) -> TextForm | None:
    """The loader of a column that is decoded alike for whoever asks."""
    if column.format != "text" or not transformer.session.texts_are_valid:
        return None
    loader = transformer.get_loader(column.type_code, Format.TEXT)
    is_own = isinstance(loader, TextForm) and vars(type(loader)).get("is_pure", False)
    return loader if is_own and isinstance(loader, TextForm) else None


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
