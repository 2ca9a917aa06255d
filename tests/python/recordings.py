"""Scratch fixtures: a package made of a generated runtime and exchanges of a test."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]

_numbers = itertools.count(1)


def runtime_folder() -> Path:
    """The runtime of the fixture under test."""
    given = os.environ.get("MOCK_CURSOR_FIXTURE")
    if given:
        return Path(given) / "runtime"
    found = sorted((REPOSITORY / "generated" / "python").glob("*/runtime"))
    assert found, "no fixture is generated: run `cargo xtask gen`"
    return found[0]


def exchange(
    sql: str | None,
    parameters: Any = None,
    rows: Sequence[Sequence[Any]] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """One exchange; `rows` of text cells make a result of text columns.

    `columns` are their names, where they matter.
    """
    made: dict[str, Any] = {"operation": "execute", "sql": sql, "status": "INTRANS"}
    if parameters is not None:
        made["parameters"] = parameters
    if rows is not None:
        made["rows"] = rows
    return made | fields


# What every server reports.
PLAIN = {
    "server_parameters": {
        "DateStyle": "ISO, MDY",
        "IntervalStyle": "postgres",
        "TimeZone": "UTC",
        "application_name": "",
        "client_encoding": "UTF8",
        "integer_datetimes": "on",
        "is_superuser": "on",
        "server_encoding": "UTF8",
        "server_version": "18.6",
        "session_authorization": "postgres",
        "standard_conforming_strings": "on",
    }
}


def make_fixture(
    folder: Path,
    scopes: Mapping[str, Sequence[dict[str, Any]]],
    connections: Sequence[dict[str, Any]] = (PLAIN,),
    packages: Mapping[str, str] | None = None,
    commits: int = 0,
) -> Any:
    """Write and import a fixture package; each call has a runtime of its own."""
    name = f"scratch_{next(_numbers)}"
    package = folder / name
    (package / "scopes").mkdir(parents=True)
    os.symlink(runtime_folder(), package / "runtime")
    for file in (package / "__init__.py", package / "scopes" / "__init__.py"):
        file.write_text("")
    modules = {scope: f"scope_{number}" for number, scope in enumerate(scopes)}
    for scope, exchanges in scopes.items():
        path = package / "scopes" / f"{modules[scope]}.py"
        path.write_text(_scope_module(scope, exchanges, commits))
    start_up = modules.pop("start-up", None)
    lines = "\n".join(json.dumps(connection) for connection in connections)
    (package / "index.py").write_text(
        f"PROFILE = 'psycopg'\nFORMAT = 1\nSTACK = {name!r}\nPACKAGES = {packages or {}!r}\n"
        f"CONNECTIONS = {lines!r}\nSTART_UP = {start_up!r}\n"
        f"SCOPES = {modules!r}\nRECORD_COMMAND = 'record {name}'\n"
    )
    return _imported(name, package)


def _scope_module(scope: str, exchanges: Sequence[dict[str, Any]], commits: int) -> str:
    texts = list(dict.fromkeys(e["sql"] for e in exchanges if e["sql"] is not None))
    # The format of the columns, and their names.
    described: list[tuple[str, ...]] = []
    lines = []
    for each in exchanges:
        line = {k: v for k, v in each.items() if k not in ("sql", "rows")}
        if each["sql"] is not None:
            line["sql"] = texts.index(each["sql"])
        rows = each.get("rows")
        sets_of_rows = line.pop("sets_of_rows", ())
        first = (sets_of_rows or [rows or [[""]]])[0][0]
        names = line.pop("columns", (f"c{i}" for i in range(len(first))))
        columns = (line.pop("format", "text"), *names)
        if columns not in described:
            described.append(columns)
        number = described.index(columns)
        if sets_of_rows:
            line["results"] = [
                {"columns": number, "rowcount": 1, "rows": len(each)}
                for each in sets_of_rows
            ]
            rows = [row for rows in sets_of_rows for row in rows]
        elif line.pop("without_columns", False):
            result = {"rowcount": len(rows), "tag": line.pop("tag", None)}
            result["partial"] = line.pop("partial", False)
            line["results"] = [result | {"rows": len(rows)}]
        elif rows is not None:
            tag = line.pop("tag", f"SELECT {len(rows)}")
            result = {"columns": number, "rowcount": len(rows), "tag": tag}
            result["partial"] = line.pop("partial", False)
            line["results"] = [result | {"rows": len(rows)}]
        else:
            line.setdefault("results", [{"rowcount": 1, "tag": "INSERT 0 1"}])
        lines.append(json.dumps(line))
        lines += [json.dumps(row) for row in rows or ()]
    descriptions = "\n".join(
        json.dumps([[name, "text", 25, -1, -1, format] for name in names])
        for format, *names in described
    )
    data = "\n".join(lines)
    return (
        f"SCOPE = {scope!r}\nSQL = {tuple(texts)!r}\n"
        f"COLUMNS = {descriptions!r}\nEXCHANGES = {data!r}\nCOMMITS = {commits}\n"
    )


def _imported(name: str, package: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        name, package / "__init__.py", submodule_search_locations=[str(package)]
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
