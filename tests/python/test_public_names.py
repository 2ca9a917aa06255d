"""What can be imported, subscribed and asked for: the same as of the driver."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
from fixture.runtime import psycopg as stand_in
from fixture.runtime.activate import _STAND_INS
from fixture.runtime.refusal import Unsupported
from launcher_folder import run
from recordings import PLAIN, make_fixture

psycopg = pytest.importorskip("psycopg")


def _modules() -> list[tuple[str, Any, Any]]:
    return [
        (name, importlib.import_module(f"fixture.runtime.{ours}"), theirs)
        for name, ours in _STAND_INS.items()
        if ours is not None
        for theirs in [importlib.import_module(name)]
    ]


def _subscriptable(value: Any) -> bool:
    try:
        value[int]
    except TypeError:
        return False
    return True


def test_all_public_names_are_there() -> None:
    missing = [n for n in psycopg.__all__ if getattr(stand_in, n, None) is None]
    assert missing == []


def test_the_same_names_can_be_subscribed() -> None:
    compared = []
    for module, ours, theirs in _modules():
        for name, value in vars(theirs).items():
            mine = getattr(ours, name, None)
            own = str(getattr(value, "__module__", "")).startswith("psycopg")
            if name.startswith("_") or mine is None or not own:
                continue
            if isinstance(mine, type) and issubclass(mine, Unsupported):
                continue
            if inspect.isclass(value) and not hasattr(value, "__members__"):
                compared.append(f"{module}.{name}")
                assert _subscriptable(mine) == _subscriptable(value), compared[-1]
    assert "psycopg.AsyncConnection" in compared
    assert "psycopg.rows.RowMaker" in compared
    assert "psycopg.ClientCursor" in compared
    assert "psycopg.copy.Copy" in compared
    assert "psycopg.transaction.BaseTransaction" in compared
    assert len(compared) > 400


def test_a_subscribed_class_is_the_class() -> None:
    rows = stand_in.rows
    assert stand_in.AsyncConnection[rows.DictRow].__origin__ is stand_in.AsyncConnection
    assert stand_in.Connection[rows.DictRow].connect == stand_in.Connection.connect

    class Mine(stand_in.ServerCursor[rows.TupleRow]):
        pass

    assert issubclass(Mine, stand_in.Cursor)


def test_libpq_is_answered(tmp_path: Path) -> None:
    package = make_fixture(tmp_path, {}, [PLAIN])
    runtime = f"{package.__name__}.runtime"
    ours = importlib.import_module(f"{runtime}.psycopg")
    connection = ours.connect("host=here user=me dbname=data")
    pgconn = connection.pgconn
    assert (pgconn.host, pgconn.user, pgconn.db) == (b"here", b"me", b"data")
    assert (pgconn.status, pgconn.transaction_status) == (0, 0)
    assert pgconn.parameter_status(b"server_version") == b"18.6"
    assert pgconn.parameter_status(b"other") is None
    assert pgconn.server_version == connection.info.pgconn.server_version == 180006
    connection.close()
    assert (pgconn.status, pgconn.transaction_status) == (1, 4)
    with pytest.raises(ours.OperationalError, match="the connection is closed"):
        pgconn.host  # noqa: B018 - asking is the test


def test_submodules_are_attributes_however_they_are_imported(tmp_path: Path) -> None:
    package = make_fixture(tmp_path, {}, [PLAIN])
    script = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from {package.__name__}.runtime.activate import activate
activate()
import psycopg.transaction, psycopg.copy, psycopg.connection_async
from psycopg.cursor import Cursor
assert psycopg.transaction.Rollback is psycopg.Rollback
assert psycopg.transaction.Transaction is psycopg.Transaction
assert psycopg.copy.Copy is psycopg.Copy
assert psycopg.connection_async.AsyncConnection is psycopg.AsyncConnection
assert psycopg.connection.Connection is psycopg.Connection and Cursor is psycopg.Cursor
print(psycopg.version.__version__, psycopg.types.json.Json.__name__)
"""
    done = run(script, {})
    assert done.stdout == f"{psycopg.__version__} Json\n", done.stderr
