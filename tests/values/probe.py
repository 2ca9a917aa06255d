"""Prints what a client gets for every case, one JSON line each.

Run with the real driver on a live server, and with a fixture and no driver: the lines
must be equal. ``DATABASE_URL`` names the server, which `schema.sql` was applied to.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from datetime import datetime, time
from typing import Any

import psycopg
from cases import CASES, Case
from extreme_cases import EXTREME_CASES
from hostile_texts import outcomes
from parameter_cases import PARAMETER_CASES, ParameterCase
from registrations import REGISTRATIONS

# OIDs from here on are given out by a database, and differ from one to the next.
_FIRST_USER_OID = 16384

# What is longer is compared by its hash, what is deeper by the text of the whole.
_LONGEST = 100_000
_DEEPEST = 8


def main() -> None:
    # Texts in errors are the server's, in the language of its messages.
    url = os.environ["DATABASE_URL"]
    for case in CASES + EXTREME_CASES:
        for format_ in case.formats:
            _print(case.name, format_, _result(url, case, format_ == "binary"))
    with psycopg.connect(url, autocommit=True) as connection:
        for parameter_case in PARAMETER_CASES:
            for format_ in ("text", "binary"):
                outcome = _parameters(connection, parameter_case, format_ == "binary")
                _print(f"parameter: {parameter_case.name}", format_, outcome)
    for name, text, value in outcomes(url):
        _print(f"hostile: {name}", "text", {"text": text, "outcome": repr(value)})


def _print(name: str, format_: str, outcome: dict[str, Any]) -> None:
    print(json.dumps({"case": name, "format": format_, **outcome}), flush=True)


def _result(url: str, case: Case, binary: bool) -> dict[str, Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in case.settings.items():
            connection.execute(f"SET {name} TO '{value}'")
        cursor = connection.cursor(binary=binary)
        if case.registration:
            REGISTRATIONS[case.registration](connection, cursor)
        return _fetched(cursor, case.sql, None)


def _parameters(connection: Any, case: ParameterCase, binary: bool) -> dict[str, Any]:
    return _fetched(connection.cursor(binary=binary), case.sql, case.make())


def _fetched(cursor: Any, sql: str, parameters: Any) -> dict[str, Any]:
    outcome: dict[str, Any] = {}
    try:
        cursor.execute(sql, parameters)
        outcome["columns"] = [_column(column) for column in cursor.description]
        outcome["values"] = [_described(value) for value in cursor.fetchone()]
    except Exception as error:  # noqa: BLE001 - whatever it is, is the outcome
        outcome["error"] = _class(type(error))
        outcome["message"] = str(error)
        outcome["sqlstate"] = getattr(error, "sqlstate", None)
    return outcome


def _column(column: Any) -> list[Any]:
    known = column.type_code < _FIRST_USER_OID
    return [
        *(repr(column) if known else column.name,),
        column.display_size,
        column.internal_size,
        column.precision,
        column.scale,
    ]


def _described(value: Any, depth: int = 0) -> dict[str, Any]:
    text = repr(value)
    if len(text) > _LONGEST:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        text = f"{len(text)} characters, {digest}"
    described: dict[str, Any] = {"type": _class(type(value)), "repr": text}
    depth += 1
    if depth > _DEEPEST:
        return described
    if isinstance(value, (datetime, time)):
        described["tzinfo"] = repr(value.tzinfo)
        described["fold"] = value.fold
        described["offset"] = repr(value.utcoffset())
    elif isinstance(value, (list, tuple)):
        described["items"] = [_described(item, depth) for item in value]
    elif isinstance(value, dict):
        described["items"] = [_described(item, depth) for item in value.values()]
    elif isinstance(value, psycopg.types.range.Range):
        described["items"] = [
            _described(each, depth) for each in (value.lower, value.upper)
        ]
    elif isinstance(value, psycopg.types.multirange.Multirange):
        described["items"] = [_described(item, depth) for item in value]
    return described


def _class(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    main()
