"""Drift: in what a statement answers otherwise than when it was recorded.

Columns and types come before values: a fixture whose columns are wrong is wrong, while
values may differ for many reasons. Runs nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from .recorded_trace import RecordedExchange, RecordedResult
from .redacted_values import RedactedValues
from .rerun import Outcome
from .results import Column, Result
from .type_names import FIRST_USER_OID

_MOST_CELLS = 3
# Behind the number of dimensions and the flags of a binary array.
_OID = slice(8, 12)
_NO_OID = 2**31


class Drift(NamedTuple):
    """One difference: of which kind, and what is said of it in several lines."""

    kind: str
    lines: list[str]


KINDS = ("columns", "errors", "values")


def drift(
    exchange: RecordedExchange, outcome: Outcome, redacted: RedactedValues
) -> list[Drift]:
    """What differs between then and now."""
    then = exchange.sqlstate
    now = None if outcome.error is None else outcome.error.sqlstate
    if then != now:
        said = str(outcome.error or "").split("\n")[0]
        return [
            Drift("errors", [f"recorded {_error(then)}, found {_error(now, said)}"])
        ]
    recorded, found = exchange.results, outcome.results
    if exchange.operation == "commit" or then is not None:
        return []
    if len(recorded) != len(found):
        count = f"recorded {len(recorded)} results, found {len(found)}"
        return [Drift("columns", [count])]
    differing = []
    for place, (one, other) in enumerate(zip(recorded, found, strict=True)):
        columns = _columns(one.columns, other.columns)
        if columns:
            differing.append(Drift("columns", columns))
            continue
        values = _values(exchange, place, other, redacted)
        if values and not redacted.asks_with_pseudonyms(exchange):
            differing.append(Drift("values", values))
    return differing


def _error(sqlstate: str | None, said: str = "") -> str:
    return f"error {sqlstate} {said}".rstrip() if sqlstate else "no error"


def _columns(then: Sequence[Column] | None, now: Sequence[Column] | None) -> list[str]:
    if (then is None) != (now is None):
        return [f"recorded {_rows(then)}, found {_rows(now)}"]
    before, after = then or (), now or ()
    if len(before) == len(after) and all(map(_same, before, after)):
        return []
    return [
        f"recorded {', '.join(map(_shown, before))}",
        f"found    {', '.join(map(_shown, after))}",
    ]


def _same(then: Column, now: Column) -> bool:
    if then.type is None and now.type_oid >= FIRST_USER_OID <= then.type_oid:
        # It could not be asked for when it was recorded.
        return (then.name, then.typmod) == (now.name, now.typmod)
    return _shown(then) == _shown(now)


def _rows(columns: Sequence[Column] | None) -> str:
    return "no rows" if columns is None else "rows"


def _shown(column: Column) -> str:
    # OIDs of an application's own types differ from database to database.
    name = column.type or f"type {column.type_oid}"
    modifier = f"({column.typmod})" if column.typmod >= 0 else ""
    return f"{column.name or '?'} {name}{modifier}"


def _values(
    exchange: RecordedExchange,
    place: int,
    now: Result,
    redacted: RedactedValues,
) -> list[str]:
    then = exchange.results[place]
    if then.columns is None:
        if then.rowcount in (-1, now.rowcount):
            return []
        return [f"recorded {then.rowcount} rows affected, found {now.rowcount}"]
    if exchange.operation in ("copy_in", "copy_out"):
        return _data(then, now)
    rows = now.rows[: len(then.rows)] if then.partial else now.rows
    if len(then.rows) != len(rows):
        return [f"recorded {len(then.rows)} rows, found {len(now.rows)}"]
    lines = []
    for number, (before, after) in enumerate(zip(then.rows, rows, strict=True)):
        cells = zip(then.columns, before, after, strict=True)
        for index, (column, one, other) in enumerate(cells):
            if _is_equal(column, one, other):
                continue
            if (place, number, index) in exchange.varying:
                continue
            if not redacted.may_be(exchange, column, one, other):
                pair = f"recorded {_cell(one)}, found {_cell(other)}"
                lines.append(f"row {number + 1}, {column.name}: {pair}")
    more = len(lines) - _MOST_CELLS
    return lines if more <= 0 else [*lines[:_MOST_CELLS], f"and {more} cells more"]


def _data(then: RecordedResult, now: Result) -> list[str]:
    """What differs in the data of a COPY, whose rows are blocks of one cell each."""
    rows = now.rows[: len(then.rows)] if then.partial else now.rows
    if then.rows != rows:
        pairs = enumerate(zip(then.rows, rows, strict=False), 1)
        first = next((number for number, (a, b) in pairs if a != b), len(rows) + 1)
        count = f"recorded {len(then.rows)} blocks of data, found {len(now.rows)}"
        return [f"{count}: they differ from block {first} on"]
    if then.rowcount not in (-1, now.rowcount):
        return [f"recorded {then.rowcount} rows copied, found {now.rowcount}"]
    return []


def _is_equal(column: Column, then: Any, now: Any) -> bool:
    if then == now:
        return True
    if column.format != "binary" or then is None or now is None:
        return False
    # An array says the OID of its elements, which has its own value in each database.
    before, after = base64.b64decode(then), base64.b64decode(now)
    oids = [int.from_bytes(data[_OID], "big") for data in (before, after)]
    same = all(FIRST_USER_OID <= oid < _NO_OID for oid in oids)
    return same and (before[:8], before[12:]) == (after[:8], after[12:])


def _cell(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"
