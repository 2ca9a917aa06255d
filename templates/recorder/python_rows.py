"""Results that the driver hands out as Python objects, with no wire form in reach.

Their columns have the format ``python`` and no type of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .parameters import NO_DRIVER, encode
from .results import Column, Result


def python_rows(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Result:
    """A result with a column for each name."""
    columns = tuple(Column(name, None, 0, -1, -1, "python") for name in names)
    cells = [[encode(row[name], NO_DRIVER) for name in names] for row in rows]
    return Result(columns, len(rows), None, cells)
