"""A scratch fixture with one scope open, for tests of the replay."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

SELECT = "SELECT name FROM users WHERE id = %s"
INSERT = "INSERT INTO users (id, at, name) VALUES (%(id)s, %(at)s, %(name)s)"

UNIQUE = {
    "class": "psycopg.errors.UniqueViolation",
    "sqlstate": "23505",
    "message": "duplicate key",
    "diagnostics": {"constraint_name": "users_email_key"},
}


class Opened:
    """A fixture with one scope open, and a connection in it."""

    def __init__(self, package: Any) -> None:
        def load(name: str) -> Any:
            return importlib.import_module(f"{package.__name__}.runtime.{name}")

        self.package = package.__name__
        self.api, self.errors = load("api"), load("errors")
        self.replay = load("replay").replay()
        self.scopes = load("scopes")
        self.levels = load("isolation_level").IsolationLevel
        self.connection = self.api.MockConnection.connect("")

    def execute(self, sql: str, parameters: Any = None) -> Any:
        return self.connection.execute(sql, parameters)


def recorded(*exchanges: dict[str, Any], **others: Any) -> Any:
    scopes = {"s": list(exchanges), **others}
    return pytest.mark.parametrize("opened", [scopes], indirect=True)
