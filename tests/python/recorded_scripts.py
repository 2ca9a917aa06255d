"""Scripts that run twice, plain and under the launcher, on a live server."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from launcher_folder import run
from trace_lines import TraceLines

HEAD = """
import asyncio, json, os, psycopg
from psycopg.types.json import Json, Jsonb
url = os.environ["DATABASE_URL"]
"""

Recorded: TypeAlias = Callable[[str], tuple[str, TraceLines]]


def require_server() -> None:
    """Leave out the calling module where no server is wanted; fail where it is."""
    if os.environ.get("DATABASE_URL"):
        return
    if os.environ.get("MOCK_CURSOR_NEEDS_SERVER") == "1":
        pytest.fail("DATABASE_URL is not set: these tests need a live server")
    pytest.skip("needs a server: set DATABASE_URL", allow_module_level=True)


def run_both(folder: Path, script: str) -> tuple[str, TraceLines]:
    """The output of a script, which must be the same twice, and its trace."""
    trace = folder / "trace.jsonl"
    outputs = []
    for environment in ({}, {"MOCK_CURSOR_RECORD": str(trace)}):
        done = run(HEAD + script, environment)
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    demand_same(*outputs)
    return outputs[1], TraceLines(trace)


def demand_same(*outputs: str) -> None:
    """Fail with what differs of two outputs."""
    before, after = (output.splitlines() for output in outputs)
    lines = difflib.unified_diff(before, after, lineterm="")
    assert before == after, "\n".join(lines)
