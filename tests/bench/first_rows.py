"""Opens scopes up to their first row: `first_rows.py FIXTURE TRACE COUNT`.

The scopes are spread evenly over the trace; each first statement asks for the number
of its scope, and each first row has it in its first column.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any


def first_statements(trace: Path) -> dict[int, tuple[str, dict[str, Any]]]:
    """By the number of its scope, the SQL text and parameters of the first exchange."""
    texts: dict[int, str] = {}
    first: dict[int, tuple[str, dict[str, Any]]] = {}
    with trace.open(encoding="utf-8") as lines:
        for line in lines:
            ((event, content),) = json.loads(line).items()
            if event == "text":
                texts[content["id"]] = content["sql"]
            elif event == "exchange" and content["scope"] not in first:
                parameters = content["parameters"]
                before = dt.datetime.fromisoformat(parameters["before"]["datetime"])
                asked = texts[content["text"]], {**parameters, "before": before}
                first[content["scope"]] = asked
    return first


def main(fixture: Path, trace: Path, count: int) -> None:
    first = first_statements(trace)
    sys.path.insert(0, str(fixture.parent))
    package: Any = importlib.import_module(fixture.name)
    package.activate()
    psycopg = importlib.import_module("psycopg")
    scopes = importlib.import_module(f"{fixture.name}.runtime.scopes")
    connection = psycopg.connect()
    numbers = sorted(first)[:: max(1, len(first) // count)]
    seconds = []
    for number in numbers:
        statement = first[number]
        start = time.perf_counter()
        scope = scopes.begin(f"request {number}", "request")
        with scopes.entered(scope):
            cursor = connection.cursor()
            cursor.execute(*statement)
            row = cursor.fetchone()
        seconds.append(time.perf_counter() - start)
        assert row[0] == number, (row, number)
        scopes.end(scope)
    # Not the mean: a file that has to be read from a disk says nothing of us.
    print(json.dumps({"seconds": median(seconds), "scopes": len(numbers)}))


main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
