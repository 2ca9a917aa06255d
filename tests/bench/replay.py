"""The worker on the fixture: `replay.py FIXTURE`, and what needs no server besides."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

fixture = Path(sys.argv[1])
sys.path.insert(0, str(fixture.parent))
package: Any = importlib.import_module(fixture.name)
# Before anything imports a driver.
package.activate()

import calls
import psycopg
import selects_of_accounts as selects
from null_driver import DictConnection, NullConnection
from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.pool import StaticPool
from statements import ONE_ROW, ONE_ROW_PARAMETERS
from timing import Contest, serve

scopes: Any = importlib.import_module(f"{fixture.name}.runtime.scopes")
URL = "postgresql+psycopg://nobody@nowhere.invalid/nothing"


def recorded(name: str, contest: Contest) -> Contest:
    """The contest in the scope in which it was recorded, open from round to round."""
    scope = scopes.begin(name, "test")
    return selects.in_scope(lambda: scopes.entered(scope), contest)


def null_engine(description: Any, rows: list[Any]) -> Engine:
    """The fixture's dialect on a cursor that returns a constant."""
    connection = NullConnection(psycopg.connect())
    engine = create_engine(URL, creator=lambda: connection, poolclass=StaticPool)
    engine.connect().close()
    connection.constant = description, rows
    return engine


def sqlite_engine(row: Any) -> Engine:
    """SQLite in memory with the one row that is asked for."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    selects.Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(selects.TABLE), dict(row._mapping))
    return engine


def main() -> None:
    connection = psycopg.connect()
    engine = create_engine(URL)
    with scopes.open_scope("one of each", "test"), engine.connect() as connected:
        cursor = connection.cursor()
        cursor.execute(ONE_ROW, ONE_ROW_PARAMETERS)
        rows = cursor.fetchall()
        result = connected.execute(selects.CORE, selects.BY_ID)
        description: Any = result.cursor.description if result.cursor else None
        row = result.one()
    null = null_engine(description, [tuple(row)])
    sqlite = sqlite_engine(row)
    dictionary = DictConnection({(ONE_ROW, ONE_ROW_PARAMETERS): rows})
    serve(
        {
            "cursor": recorded("cursor", calls.cursor(connection)),
            "cursor_dict": calls.cursor(dictionary),
            "cold_fetch": recorded("cold_fetch", calls.cold_fetch(connection)),
            "core": recorded("core", selects.core(engine)),
            "core_null": selects.core(null),
            "core_sqlite": selects.core(sqlite),
            "orm": recorded("orm", selects.orm(engine)),
            "orm_null": selects.orm(null),
            "orm_sqlite": selects.orm(sqlite),
            "engine": selects.engine(URL),
        }
    )


main()
