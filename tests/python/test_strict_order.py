"""Strict order, where it was asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from recordings import exchange, make_fixture

SCOPES = {
    "s": [
        exchange("a %s", [1], [["first"]]),
        exchange("b %s", [1], [["second"]]),
        exchange("a %s", [2], [["third"]], times=2),
        exchange(None, operation="commit", results=[]),
        exchange("b %s", [2], [["last"]]),
    ],
    "start-up": [exchange("SELECT 1", None, [["1"]], repeatable=True)],
}


@pytest.fixture(params=["any", "strict"])
def execute(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    package = make_fixture(tmp_path, SCOPES, order=request.param).__name__
    api = importlib.import_module(f"{package}.runtime.api")
    scopes = importlib.import_module(f"{package}.runtime.scopes")
    connection = api.MockConnection.connect("")

    def execute(sql: str, *parameters: Any) -> Any:
        try:
            return connection.execute(sql, parameters or None).fetchone()[0]
        except api.ReplayMiss as miss:
            return str(miss)

    execute.order = request.param  # type: ignore[attr-defined]
    with scopes.open_scope("s", "test"):
        yield execute


def test_exchanges_are_taken_as_they_were_recorded(execute: Any) -> None:
    if execute.order == "any":
        assert execute("b %s", 1) == "second"
        return
    assert "whose turn has not come: exchange 1 is next" in execute("b %s", 1)
    found = [execute("a %s", 1), execute("SELECT 1"), execute("b %s", 1)]
    assert found == ["first", "1", "second"]
    assert execute("a %s", 2) == "third"
    assert "whose turn has not come: exchange 3 is next" in execute("b %s", 2)
    assert [execute("a %s", 2), execute("b %s", 2)] == ["third", "last"]
