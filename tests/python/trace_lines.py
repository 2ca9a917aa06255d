"""A strict reader of traces: what it does not know is an error."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

REQUIRED = {
    "trace": {"version", "profile", "packages", "started_at"},
    "text": {"id", "sql"},
    "row_description": {"id", "columns"},
    "scope": {"id", "name", "kind"},
    "scope_end": {"id"},
    "clock": {"scope", "starts_at"},
    "connect": {"id", "scope"},
    "exchange": {"id", "scope", "connection", "operation", "status"},
    "rows": {"exchange", "rows"},
    "notify": {"exchange", "channel", "payload", "pid"},
}
OPTIONAL = {
    "trace": {"deterministic", "redaction", "workers"},
    "scope": {"continues"},
    "scope_end": {"failed", "mode"},
    "connect": {
        "server_parameters",
        "status",
        "error",
        "settings",
        "backend_pid",
        "place",
        "after",
    },
    "exchange": {
        "text",
        "parameters",
        "transaction",
        "results",
        "error",
        "notices",
        "server_parameters",
        "interrupted",
    },
    "rows": {
        "complete",
        "error",
        "notices",
        "server_parameters",
        "rowcount",
        "command_tag",
        "status",
    },
    "notify": {"after"},
}
RESULT = {"rowcount", "command_tag"}
RESULT_OPTIONAL = {"row_description", "rows", "empty", "partial", "lastrowid"}
COLUMN = {"name", "type", "type_oid", "typmod", "size", "format"}
OPERATIONS = {
    "execute",
    "executemany",
    "stream",
    "declare",
    "copy_out",
    "copy_in",
    "type_info",
    "notifies",
    "sync",
    "commit",
    "rollback",
    "tpc_begin",
    "tpc_prepare",
    "tpc_commit",
    "tpc_rollback",
    "tpc_recover",
}
COPIES = {"copy_out", "copy_in"}
STATUSES = {"IDLE", "ACTIVE", "INTRANS", "INERROR", "UNKNOWN"}


class TraceLines:
    """The events of one trace file, checked and resolved."""

    def __init__(self, path: Path) -> None:
        text = path.read_bytes().decode("utf-8")
        assert text.endswith("\n"), "the last line is incomplete"
        self.events: list[tuple[str, Any]] = []
        self.by_id: dict[str, dict[int, Any]] = {}
        self.exchanges: list[dict[str, Any]] = []
        for line in text[:-1].split("\n"):
            ((event, content),) = json.loads(line).items()
            self._check(event, content)
            self.events.append((event, content))
        assert self.events[0][0] == "trace"
        assert sum(event == "trace" for event, _ in self.events) == 1

    def scope_names(self) -> list[str]:
        return [scope["name"] for scope in self.by_id["scope"].values()]

    def of(self, scope: str) -> list[dict[str, Any]]:
        """The exchanges of a scope, with `sql` and `scope_name` filled in."""
        return [one for one in self.exchanges if one["scope_name"] == scope]

    def executed(self) -> list[str]:
        return [one["sql"] for one in self.exchanges if one["operation"] == "execute"]

    def _check(self, event: str, content: dict[str, Any]) -> None:
        required, optional = REQUIRED[event], OPTIONAL.get(event, set())
        assert required <= set(content) <= required | optional, (event, set(content))
        if "id" in content and event != "scope_end":
            known = self.by_id.setdefault(event, {})
            assert content["id"] not in known, (event, content["id"])
            known[content["id"]] = content
        if event == "scope_end":
            assert content["id"] in self.by_id["scope"]
        elif event == "clock":
            assert content["scope"] in self.by_id["scope"]
        elif event == "row_description":
            for column in content["columns"]:
                assert set(column) == COLUMN
                assert column["format"] in ("text", "binary", "python")
        elif event == "exchange":
            self._check_exchange(content)
        elif event == "rows":
            self._check_rows(content)
        elif event == "notify":
            self._check_notify(content)
        if "error" in content:
            _check_error(content["error"])

    def _check_exchange(self, content: dict[str, Any]) -> None:
        assert content["operation"] in OPERATIONS
        assert content["status"] in STATUSES
        assert content["connection"] in self.by_id["connect"]
        scope = self.by_id["scope"][content["scope"]]
        content["scope_name"] = scope["name"]
        text = content.get("text")
        content["sql"] = None if text is None else self.by_id["text"][text]["sql"]
        for result in content.get("results", ()):
            assert RESULT <= set(result) <= RESULT | RESULT_OPTIONAL
            self._check_cells(content, result, result.get("rows", ()))
        self.exchanges.append(content)

    def _check_rows(self, content: dict[str, Any]) -> None:
        exchange = self.by_id["exchange"][content["exchange"]]
        result = exchange["results"][-1]
        assert result["partial"] is True
        assert content["rows"] == [] or not result.get("complete")
        self._check_cells(exchange, result, content["rows"])
        result.setdefault("rows", []).extend(content["rows"])
        if content.get("complete"):
            assert not result.get("complete")
            result["complete"] = True
        if exchange["operation"] in COPIES:
            # What came of it is known when there are no more.
            ended = {"rowcount", "command_tag"} & set(content)
            result.update({name: content[name] for name in ended})
            exchange["status"] = content.get("status", exchange["status"])
        else:
            assert not {"rowcount", "command_tag"} & set(content)
            assert "status" not in content or "error" in content
        assert content.get("status", "IDLE") in STATUSES

    def _check_notify(self, content: dict[str, Any]) -> None:
        exchange = self.by_id["exchange"][content["exchange"]]
        exchange.setdefault("notifications", []).append(content)
        own = self.by_id["connect"][exchange["connection"]]["backend_pid"]
        assert content["pid"] != own or "after" not in content

    def _check_cells(
        self, exchange: dict[str, Any], result: dict[str, Any], rows: Any
    ) -> None:
        if "row_description" not in result:
            assert not rows
            return
        columns = self.by_id["row_description"][result["row_description"]]["columns"]
        if exchange["operation"] in COPIES:
            # Blocks of data, of whatever columns.
            columns = columns[:1] or [{"format": "text"}]
            assert [None] not in rows
        for row in rows:
            assert len(row) == len(columns)
            for column, cell in zip(columns, row, strict=True):
                if cell is None or column["format"] == "python":
                    continue
                if isinstance(cell, dict):
                    assert column["format"] == "text" and set(cell) == {"bytes"}
                    cell = cell["bytes"]
                    base64.b64decode(cell, validate=True)
                assert isinstance(cell, str)
                if column["format"] == "binary":
                    base64.b64decode(cell, validate=True)


def _check_error(error: dict[str, Any]) -> None:
    required = {"class", "sqlstate", "message"}
    assert required <= set(error) <= required | {"diagnostics"}
    assert all(part.isidentifier() for part in error["class"].split("."))
