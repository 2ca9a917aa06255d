"""A worker that looks at matching alone: `matching.py FIXTURE`, or `… FIXTURE bound`.

With `bound`, another scope has bound values, which must not matter to the others.
"""

from __future__ import annotations

import importlib
import itertools
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from statements import EXACT, FEW, ONE_ROW, ONE_ROW_PARAMETERS, VOLATILE, exact
from timing import Contest, serve, timed

fixture = Path(sys.argv[1])
sys.path.insert(0, str(fixture.parent))
package: Any = importlib.import_module(fixture.name)
package.activate()

import psycopg


def runtime(name: str) -> Any:
    return importlib.import_module(f"{fixture.name}.runtime.{name}")


scopes, replay = runtime("scopes"), runtime("replay").replay()
connection = psycopg.connect()
cursor = connection.cursor()

# None that was recorded: versions alike, and never the same twice.
live = (uuid.UUID(int=(9 << 64) + n, version=4) for n in itertools.count())


def exact_asked(count: int) -> Callable[[], Any]:
    left = iter(range(1, count))
    return lambda: cursor.execute(EXACT, exact(next(left)))


def volatile_asked(count: int) -> Callable[[], Any]:
    return lambda: cursor.execute(VOLATILE, (next(live), "Ada", True))


def opened(name: str, scope: Any) -> int:
    """Have the scope's exchanges anew, with all keys made; how many there are."""
    exchanges = replay.fixture.exchanges(name)
    scope.state = runtime("matching").ScopeState(name, exchanges)
    with scopes.entered(scope):
        if name.startswith("exact"):
            cursor.execute(EXACT, exact(0))
        else:
            cursor.execute(VOLATILE, (next(live), "Ada", True))
    return len(exchanges)


def matches(name: str, asked: Callable[[int], Callable[[], Any]]) -> Contest:
    """Statements of one scope, none of them twice; a small one is opened each time."""
    scope = scopes.begin(name, "test")
    kept: list[Callable[[], Any]] = []

    def contest(count: int) -> tuple[float, Any]:
        assert count < FEW
        if not kept or name.endswith("few"):
            kept[:] = [asked(opened(name, scope))]
        with scopes.entered(scope):
            seconds, _ = timed(count, kept[0])
        return seconds, cursor.fetchall()[0][1:3]

    return contest


def keys() -> Iterator[tuple[str, Contest]]:
    """A key of three parameters, and the hash of the bare tuple."""
    made = runtime("plain_keys").PlainKeys()
    made.of(list(ONE_ROW_PARAMETERS), lambda: 1)
    bare = {ONE_ROW_PARAMETERS: 1}
    yield "key", lambda count: timed(count, lambda: made.get(ONE_ROW_PARAMETERS))
    yield "bare_key", lambda count: timed(count, lambda: bare.get(ONE_ROW_PARAMETERS))


def rows() -> Contest:
    """A row of eight columns, from a scope where nothing is bound."""
    scope = scopes.begin("rows", "test")

    def call() -> Any:
        return cursor.execute(ONE_ROW, ONE_ROW_PARAMETERS).fetchall()

    def contest(count: int) -> tuple[float, Any]:
        with scopes.entered(scope):
            return timed(count, call)

    return contest


def main() -> None:
    if sys.argv[2:] == ["bound"]:
        with scopes.open_scope("volatile few", "test"):
            cursor.execute(VOLATILE, (next(live), "Ada", True))
        assert replay.binds
    serve(
        {
            **dict(keys()),
            "exact_few": matches("exact few", exact_asked),
            "exact_many": matches("exact many", exact_asked),
            "volatile_few": matches("volatile few", volatile_asked),
            "volatile_many": matches("volatile many", volatile_asked),
            "rows": rows(),
        }
    )


main()
