from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, connect, sql
from psycopg_pool import ConnectionPool
from warehouse.store import Store

URL = os.environ.get("DATABASE_URL", "postgresql://localhost/warehouse")
SCHEMA = Path(__file__).parent.parent / "schema.sql"


@pytest.fixture(scope="session")
def pool(worker_id: str) -> Iterator[ConnectionPool[Any]]:
    # Workers of xdist share a server, and must not share tables.
    schema = f"tests_{worker_id}"
    name = sql.Identifier(schema)
    with connect(URL, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    options = {"options": f"-c search_path={schema}"}
    with ConnectionPool(URL, kwargs=options, min_size=1, max_size=3) as pool:
        with pool.connection() as connection:
            connection.execute(SCHEMA.read_text())
        yield pool
    with connect(URL, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(name))


@pytest.fixture
def connection(pool: ConnectionPool[Any]) -> Iterator[Connection[Any]]:
    with pool.connection() as connection:
        connection.execute("TRUNCATE moves, stock, items RESTART IDENTITY")
        with connection.transaction(force_rollback=True):
            yield connection


@pytest.fixture
def store(connection: Connection[Any]) -> Store:
    return Store(connection)
