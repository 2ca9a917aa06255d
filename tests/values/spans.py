"""Values as span files have them, against the texts of the server that sent them.

``spans.py write DIR`` fetches each case and writes what the other recorder would have
written of it, and the server's texts beside it. ``spans.py check DIR FIXTURE`` compares
these texts with those of the fixture that was made from the spans. Both need the real
driver and ``DATABASE_URL``.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import importlib.util
import ipaddress
import json
import os
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from cases import CASES, Case

SPANS = "2026-11-23T00-00-00-000000+00-00_trace_00000000000000000000000000000001.jsonl"
TEXTS = "texts.json"

# The spans keep the driver's values, in which an interval's months are days already, a
# number of JSON is a float, and an array begins at 1.
_BY_VALUE = re.compile(r"interval|jsonb?|.*\[\]")
# A row without columns has no description.
_LEFT_OUT = ("plain: ",)


class NotSerialised(Exception):
    """The other recorder cannot write this value."""


def main() -> None:
    command, folder, *rest = sys.argv[1:]
    if command == "write":
        write(Path(folder))
    else:
        for name, failure in check(Path(folder), Path(rest[0])):
            print(json.dumps({"case": name, "failure": failure}), flush=True)


def cases() -> Iterator[tuple[Case, str]]:
    """The cases that spans can tell apart, with a text that is theirs alone."""
    for case in CASES:
        if not case.registration and set(case.settings) <= {"TimeZone"}:
            yield case, f"{case.sql} -- {case.name}".replace("%", "%%")


def write(folder: Path) -> None:
    texts: dict[str, Any] = {}
    with (folder / SPANS).open("w", encoding="utf-8") as file:
        for number, (case, sql) in enumerate(cases()):
            row, cursor = fetched(case)
            if row is None:
                continue
            try:
                rows = [[serialised(value) for value in row]]
            except NotSerialised:
                continue
            result = cursor.pgresult
            cells = [result.get_value(0, at) for at in range(result.nfields)]
            columns = [
                {"name": each.name, "type_code": each.type_code}
                for each in cursor.description
            ]
            file.write(json.dumps(span(number, sql, columns, rows)) + "\n")
            texts[sql] = {
                "case": case.name,
                "texts": [None if cell is None else cell.decode() for cell in cells],
                "oids": [each.type_code for each in cursor.description],
                "settings": case.settings,
            }
    (folder / TEXTS).write_text(json.dumps(texts), encoding="utf-8")


def fetched(case: Case) -> tuple[Any, Any]:
    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    with connection:
        for name, value in case.settings.items():
            connection.execute(f"SET {name} TO '{value}'")
        cursor = connection.cursor()
        try:
            return cursor.execute(case.sql).fetchone(), cursor
        except psycopg.Error:
            # The server was built without it, or the driver has no value for it.
            return None, cursor


def span(number: int, sql: str, columns: list[Any], rows: list[Any]) -> dict[str, Any]:
    description = {"description": columns} if columns else {}
    return {
        "traceId": f"{1:032x}",
        "spanId": f"{number + 1:016x}",
        "parentSpanId": "",
        "name": "psycopg.query",
        "packageName": "psycopg",
        "inputValue": {"query": sql},
        "outputValue": {
            "rowcount": 1,
            **description,
            "rows": rows,
            "statusmessage": "",
        },
        "kind": 3,
        "status": {"code": 1, "message": ""},
        "isPreAppStart": True,
        "timestamp": {"seconds": 1795466858, "nanos": number},
        "duration": {"seconds": 0, "nanos": 1},
    }


def serialised(value: Any) -> Any:
    """A value as the other recorder writes it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [serialised(each) for each in value]
    if isinstance(value, dict):
        return {key: serialised(each) for key, each in value.items()}
    if isinstance(value, psycopg.types.range.Range):
        if value.isempty:
            return {"__range__": {"empty": True}}
        sides = {"lower": serialised(value.lower), "upper": serialised(value.upper)}
        return {"__range__": sides | {"bounds": value.bounds}}
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"__bytes__": base64.b64encode(value).decode()}
    if isinstance(value, dt.timedelta):
        return {"__timedelta__": value.total_seconds()}
    for kind, tag in (
        (dt.date, "__date__"),
        (dt.time, "__time__"),
        (decimal.Decimal, "__decimal__"),
        (uuid.UUID, "__uuid__"),
    ):
        if isinstance(value, kind):
            iso = getattr(value, "isoformat", None)
            return {tag: iso() if iso else str(value)}
    if type(value).__module__ == ipaddress.__name__:
        return str(value)
    raise NotSerialised(type(value))


def check(folder: Path, fixture: Path) -> Iterator[tuple[str, str | None]]:
    """Each case and what is wrong with it."""
    made = cells_of(fixture)
    expected = json.loads((folder / TEXTS).read_text(encoding="utf-8"))
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for sql, case in expected.items():
            if case["case"] in _LEFT_OUT:
                failure = "not left out" if sql in made else None
            elif sql not in made:
                failure = "left out"
            else:
                failure = compared(connection, case, made[sql])
            yield case["case"], failure


def compared(connection: Any, case: dict[str, Any], made: list[Any]) -> str | None:
    for name in ("TimeZone",):
        zone = case["settings"].get(name, "UTC")
        connection.execute(f"SET {name} TO '{zone}'")
    for text, server, oid in zip(made, case["texts"], case["oids"], strict=True):
        if text == server:
            continue
        if text is None or server is None:
            if not (text is None and server == "null"):  # JSON's null is None as well
                return f"{text!r} where the server printed {server!r}"
            continue
        (name,) = connection.execute("SELECT format_type(%s, -1)", [oid]).fetchone()
        kind = "jsonb" if name == "json" else name
        equal = f"SELECT %s::text::{kind} IS NOT DISTINCT FROM %s::text::{kind}"
        if connection.execute(equal, [text, server]).fetchone()[0]:
            continue
        if kind == "jsonb":
            # The server would spell a number anew before the driver read it.
            ours, theirs = json.loads(text), json.loads(server)
        else:
            values = f"SELECT %s::text::{name}, %s::text::{name}"
            ours, theirs = connection.execute(values, [text, server]).fetchone()
        if not _BY_VALUE.fullmatch(name) or repr(ours) != repr(theirs):
            return f"{text!r} where the server printed {server!r}"
    return None


def cells_of(fixture: Path) -> dict[str, list[Any]]:
    """The cells of the fixture's one scope, by statement."""
    path = fixture / "scopes" / "start_up.py"
    spec = importlib.util.spec_from_file_location("start_up", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cells: dict[str, list[Any]] = {}
    lines = iter(filter(None, module.EXCHANGES.split("\n")))
    for line in lines:
        head = json.loads(line)
        for result in head.get("results", ()):
            assert result.get("rows") == 1
            cells[module.SQL[head["sql"]]] = json.loads(next(lines))
    return cells


if __name__ == "__main__":
    main()
