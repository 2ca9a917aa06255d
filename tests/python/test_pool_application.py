"""A web application on a pool, with nothing but stand-ins."""

from __future__ import annotations

import json
from pathlib import Path

import pool_application
import pytest
from launcher_folder import run
from recordings import make_fixture

pytest.importorskip("fastapi")


def test_an_application_on_a_pool(tmp_path: Path) -> None:
    package = make_fixture(tmp_path, pool_application.scopes())
    ledger = tmp_path / "ledger.jsonl"
    activation = f"from {package.__name__}.runtime.activate import activate\nactivate()"
    environment = {"MOCK_CURSOR_GUARD": "1", "MOCK_CURSOR_LEDGER": str(ledger)}
    script = f"{activation}\n{pool_application.SCRIPT}"
    done = run(script, environment, path=(tmp_path,))
    assert (done.stdout, done.stderr) == (pool_application.SAID, "")
    entered = [json.loads(line) for line in ledger.read_text().splitlines()]
    ended = [each["unused"] for each in entered if "unused" in each][1:]
    assert len(ended) == 8
    assert all(each["exchanges"] == [] for each in ended)
    assert not any("miss" in each or "denied" in each for each in entered)
