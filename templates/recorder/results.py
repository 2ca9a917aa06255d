"""Results as the trace writes them: columns, rows of cells, and what is said of them.

Knows nothing of the driver: how results are read from it is in `pgresults`.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

Cell: TypeAlias = Any


class Column(NamedTuple):
    """One column of a row description."""

    name: str
    type: str | None
    type_oid: int
    typmod: int
    size: int
    format: str


class Result(NamedTuple):
    """One result of a statement; ``columns`` is None if it returns no rows."""

    columns: tuple[Column, ...] | None
    rowcount: int
    command_tag: str | None
    rows: list[list[Cell]]
    empty: bool = False
    partial: bool = False
