"""Results of the server, read as bytes and types, never as values.

``PGresult.get_value`` has no side effect. Fetching rows in order to record them would
run the application's own loaders a second time.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import Any, TypeAlias

from psycopg.pq import ExecStatus

from .faults import RecorderUnsupported
from .results import Cell, Column, Result

TypeName: TypeAlias = Callable[[int], str | None]

ROWS = (ExecStatus.TUPLES_OK, ExecStatus.SINGLE_TUPLE, ExecStatus.TUPLES_CHUNK)
_FORMATS = ("text", "binary")


def pgresults(cursor: Any) -> list[Any]:
    """The results of a cursor, in order, without moving it.

    There is no public way: ``nextset()`` moves on and builds row factories anew.
    """
    results = getattr(cursor, "_results", None)
    if not isinstance(results, list):
        raise RecorderUnsupported(
            f"this version of {type(cursor).__name__}", "its results cannot be listed"
        )
    return results


def read_result(result: Any, encoding: str, type_name: TypeName) -> Result:
    """Everything that a client can observe of a ``PGresult``."""
    tag = (result.command_status or b"").decode(encoding, "replace") or None
    if result.status in ROWS:
        columns = read_columns(result, encoding, type_name)
        rows = read_rows(result, encoding)
        return Result(columns, result.ntuples, tag, rows)
    count = result.command_tuples
    rowcount = -1 if count is None else count
    return Result(
        None, rowcount, tag, [], empty=result.status == ExecStatus.EMPTY_QUERY
    )


def read_columns(
    result: Any, encoding: str, type_name: TypeName, binary: bool | None = None
) -> tuple[Column, ...]:
    """The row description; ``binary`` overrules a format that was only announced."""
    return tuple(
        Column(
            (result.fname(index) or b"").decode(encoding, "replace"),
            type_name(result.ftype(index)),
            result.ftype(index),
            result.fmod(index),
            result.fsize(index),
            _FORMATS[result.fformat(index) if binary is None else binary],
        )
        for index in range(result.nfields)
    )


def read_rows(result: Any, encoding: str) -> list[list[Cell]]:
    """The cells of all rows, undecoded but for the client encoding."""
    text = functools.partial(_text, encoding)
    forms = [_base64 if result.fformat(j) else text for j in range(result.nfields)]
    value = result.get_value
    return [
        [form(value(i, j)) for j, form in enumerate(forms)]
        for i in range(result.ntuples)
    ]


def _text(encoding: str, value: bytes | None) -> Cell:
    if value is None:
        return None
    try:
        return str(value, encoding)
    except UnicodeDecodeError:
        return {"bytes": _base64(value)}


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode("ascii")
