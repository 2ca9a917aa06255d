from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from library import Base, create_app
from sqlalchemy import create_engine, make_url, text

URL = os.environ.get("DATABASE_URL", "postgresql://localhost/library")


@pytest.fixture(scope="session")
def url(worker_id: str) -> Iterator[str]:
    """A database of its own for each worker."""
    server = make_url(URL).set(drivername="postgresql+psycopg")
    if worker_id == "master":
        yield server.render_as_string(hide_password=False)
        return
    name = f"library_{worker_id}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="session")
def app(url: str) -> Iterator[Flask]:
    app = create_app(url)
    yield app
    app.config["ENGINE"].dispose()


@pytest.fixture(autouse=True)
def tables(app: Flask) -> Iterator[None]:
    engine = app.config["ENGINE"]
    Base.metadata.create_all(engine)
    yield
    Base.metadata.drop_all(engine)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def austen(client: FlaskClient) -> list[int]:
    titles = [("Emma", 1815), ("Persuasion", 1817), ("Sanditon", None)]
    added = [
        client.post("/books", json={"author": "Austen", "title": title, "year": year})
        for title, year in titles
    ]
    return [response.get_json()["id"] for response in added]
