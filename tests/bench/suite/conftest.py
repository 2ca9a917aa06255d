"""Tables, a session for each test, and how long pytest took for all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from models import Base
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        engine = create_engine(url, poolclass=StaticPool)
        # As SQLAlchemy's documentation has it: else there are no savepoints.
        event.listen(engine, "connect", lambda raw, _: _no_begin(raw))
        event.listen(engine, "begin", lambda connection: _begin(connection))
    else:
        engine = create_engine(url)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def _no_begin(raw: object) -> None:
    raw.isolation_level = None  # type: ignore[attr-defined]


def _begin(connection: object) -> None:
    connection.exec_driver_sql("BEGIN")  # type: ignore[attr-defined]


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        transaction.rollback()


_started = 0.0


def pytest_collection_finish() -> None:
    global _started
    _started = time.perf_counter()


def pytest_sessionfinish() -> None:
    with open(os.environ["SUITE_SECONDS"], "w", encoding="utf-8") as file:
        file.write(repr(time.perf_counter() - _started))
