"""Writes a scenario recorded twice: `matching_traces.py FOLDER MANY ROWS`.

Scopes of a hundred exchanges and of `MANY`, all of one statement, whose parameters are
the same in both recordings or hold a UUID that is not; and one of `ROWS` equal ones.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

from statements import EXACT, FEW, ONE_ROW, ONE_ROW_PARAMETERS, VOLATILE, exact

CELLS = ["7", "user7@example.org", "User 7", "t", "0.5", "7.00", "2026-01-02", "x"]


def main(folder: Path, many: int, rows: int) -> None:
    for run, name in enumerate(("trace", "again"), 1):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as out:
            for line in lines(run, many, rows):
                out.write(json.dumps(line, separators=(",", ":")) + "\n")


def lines(run: int, many: int, rows: int) -> Any:
    header = {"version": 1, "profile": "psycopg", "packages": {}}
    yield {"trace": header | {"started_at": f"2026-11-23T0{run}:00:00+00:00"}}
    yield {"scope": {"id": 0, "name": "start-up", "kind": "start-up"}}
    server = {"client_encoding": "UTF8", "server_encoding": "UTF8"}
    connect = {"id": 1, "scope": 0, "server_parameters": server, "status": "IDLE"}
    yield {"connect": connect}
    for number, sql in enumerate((EXACT, VOLATILE, ONE_ROW), 1):
        yield {"text": {"id": number, "sql": sql}}
    column = {"type": "text", "type_oid": 25, "typmod": -1, "size": -1}
    columns = [column | {"name": f"c{n}", "format": "text"} for n in range(len(CELLS))]
    yield {"row_description": {"id": 1, "columns": columns}}
    ids = iter(range(1, 10**9))

    def exchange(scope: int, text: int, parameters: Any) -> Any:
        result = {"row_description": 1, "rowcount": 1, "command_tag": "SELECT 1"}
        fields = {"id": next(ids), "scope": scope, "connection": 1, "text": text}
        fields |= {"operation": "execute", "parameters": parameters}
        fields |= {"results": [result | {"rows": [CELLS]}], "status": "INTRANS"}
        return {"exchange": fields}

    scopes = [("exact few", FEW), ("exact many", many)]
    scopes += [("volatile few", FEW), ("volatile many", many), ("rows", rows)]
    for scope, (name, count) in enumerate(scopes, 1):
        yield {"scope": {"id": scope, "name": name, "kind": "test"}}
        for number in range(count):
            if name == "rows":
                yield exchange(scope, 3, list(ONE_ROW_PARAMETERS))
            elif name.startswith("exact"):
                yield exchange(scope, 1, list(exact(number)))
            else:
                key = uuid.UUID(int=(run << 64) + number, version=4)
                yield exchange(scope, 2, [{"uuid": str(key)}, "Ada", True])
        yield {"scope_end": {"id": scope}}


main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
