"""What everything is measured against: drivers that do as little as can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class DictConnection:
    """Answers from a dictionary by SQL text and parameters, and knows nothing else."""

    def __init__(self, answers: Mapping[tuple[str, Any], list[Any]]) -> None:
        self.answers = answers

    def cursor(self) -> DictCursor:
        return DictCursor(self)


class DictCursor:
    def __init__(self, connection: DictConnection) -> None:
        self.connection = connection
        self.closed = False

    def execute(self, sql: str, parameters: Sequence[Any]) -> None:
        self.rows = self.connection.answers[sql, parameters]

    def fetchall(self) -> list[Any]:
        return list(self.rows)

    def close(self) -> None:
        self.closed = True


class NullConnection:
    """A connection whose cursors give one constant, once it is there.

    Until then, for what a dialect asks of a new connection, it is the real one.
    """

    def __init__(self, connection: Any) -> None:
        self.real = connection
        self.constant: tuple[Any, list[Any]] | None = None

    def cursor(self, *arguments: Any) -> Any:
        if self.constant is None:
            return self.real.cursor(*arguments)
        return NullCursor(*self.constant)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class NullCursor:
    arraysize = 1
    rowcount = 1

    def __init__(self, description: Any, rows: list[Any]) -> None:
        self.description = description
        self.rows = rows

    def execute(self, sql: str, parameters: Any = None) -> None:
        pass

    def fetchall(self) -> list[Any]:
        return list(self.rows)

    def close(self) -> None:
        pass
