"""Scopes that committed when they were recorded, and do not when they are replayed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from recorded_scripts import require_server
from replayed_scripts import Replayed

require_server()

SCRIPT = """
import contextlib, sys
scopes = [module for name, module in sys.modules.items() if name.endswith(".scopes")]
with scopes[0].open_scope("s", "test") if scopes else contextlib.nullcontext():
    with psycopg.connect(url) as c:
        c.execute("create temp table t (n int)")
        c.rollback()
        {body}
"""

Replays: TypeAlias = Callable[[str], Replayed]


@pytest.fixture
def replayed(tmp_path: Path) -> Replays:
    return lambda script: Replayed(tmp_path, script)


COMMITTING = {
    "commit": "c.execute('select 2'); c.commit()",
    "context": "c.execute('select 2')",
    "block": "c.autocommit = True\n        with c.transaction(): c.execute('select 2')",
    "nested blocks": (
        "c.autocommit = True\n"
        "        with c.transaction(), c.transaction(): c.execute('select 2')"
    ),
}
NOT_COMMITTING = {
    "nothing": "c.execute('select 2'); c.rollback()",
    "block": (
        "c.autocommit = True\n"
        "        with c.transaction(force_rollback=True): c.execute('select 2')"
    ),
    "savepoint": (
        "c.execute('select 2')\n        with c.transaction(): pass\n        c.rollback()"
    ),
}


@pytest.mark.parametrize("end", COMMITTING)
def test_a_scope_fails_that_keeps_nothing_of_what_it_kept(
    replayed: Replays, end: str
) -> None:
    done = replayed(SCRIPT.format(body=COMMITTING[end]))
    assert done.entered("lost_commits") == []
    for body in NOT_COMMITTING.values():
        done.again(SCRIPT.format(body=body))
        (lost,) = done.entered("lost_commits")
        assert lost["scope"] == "s"
        assert lost["report"].startswith("recorded with a commit (once)")


def test_a_scope_that_kept_nothing_need_not_commit(replayed: Replays) -> None:
    done = replayed(SCRIPT.format(body=NOT_COMMITTING["savepoint"]))
    done.again(SCRIPT.format(body=COMMITTING["commit"]))
    assert done.entered("lost_commits") == []
