"""The table of the driver's public names, and whether a replay has them.

``python surface_table.py PACKAGE`` prints it as CSV. A name is `replayed` if what it
gives comes from a recording, the `same` if it is the client's own business, and
`refused` if it raises `NotSupportedError` by its name.
"""

from __future__ import annotations

import csv
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from surface import Name, Surface

REPOSITORY = Path(__file__).resolve().parents[2]
TABLES = REPOSITORY / "tests" / "surface"

# Classes, functions and methods whose answers are the server's, with all they have.
_ANSWERED = (
    *("AsyncClientCursor", "AsyncConnection", "AsyncCopy", "AsyncCursor"),
    *("AsyncPipeline", "AsyncRawCursor", "AsyncRawServerCursor", "AsyncServerCursor"),
    *("AsyncTransaction", "BaseConnection", "ClientCursor", "Connection"),
    *("ConnectionInfo", "Copy", "Cursor", "Pipeline", "RawCursor", "RawServerCursor"),
    *("ServerCursor", "Transaction", "connect"),
    *("client_cursor.ClientCursorMixin", "raw_cursor.RawCursorMixin"),
    *("pq.PGconn", "pq.PGresult", "transaction.BaseTransaction"),
    "types.TypeInfo.fetch",
)
_REPLAYED = frozenset(f"psycopg.{name}" for name in _ANSWERED)
_POOLS = ("ConnectionPool", "NullConnectionPool")


class Row(NamedTuple):
    """A name of the driver and what has become of it."""

    name: str
    form: str
    status: str


def rows(package: str) -> Iterator[Row]:
    """The table as it should be for the driver that is installed."""
    refusals = Refusals()
    for name in Surface(package, refusals.whole).names():
        # Of a class that is refused its members are, too.
        if not refusals.is_member(name.name):
            yield Row(*name, refusals.status(name))


def read(package: str) -> list[Row]:
    """The table as it is."""
    with (TABLES / f"{package}.csv").open(encoding="utf-8", newline="") as file:
        return [Row(*row) for row in csv.reader(file)][1:]


class Refusals:
    """What the runtime says that it refuses."""

    def __init__(self) -> None:
        self._names = _unsupported().NOT_REPLAYED
        self.whole = _Whole(self._names)

    def status(self, name: Name) -> str:
        if self.is_refused(name.name):
            return "refused"
        owners = _owners(name.name)
        is_pool = any(owner.rpartition(".")[2].endswith(_POOLS) for owner in owners)
        return "replayed" if is_pool or _REPLAYED.intersection(owners) else "same"

    def is_member(self, name: str) -> bool:
        """Whether it belongs to something that is refused by a name of its own."""
        owner = name.rpartition(".")[0]
        return owner not in self.whole and self.is_refused(owner)

    def is_refused(self, name: str) -> bool:
        """Whether it, or what it belongs to, is named, or all of a module is."""
        if any(owner in self.whole for owner in _owners(name)):
            return True
        for each in _owners(name):
            owner, _, last = each.rpartition(".")
            listed = self._names.get(owner, ())
            if last in listed or f"{last}()" in listed:
                return True
        return False


class _Whole:
    """The modules of which nothing is replayed, and all that is within them."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = {name for name, listed in names.items() if listed == ("*",)}

    def __contains__(self, module: str) -> bool:
        return not self._names.isdisjoint(_owners(module))


def _owners(name: str) -> list[str]:
    """A dotted name and what stands before each of its dots."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _unsupported() -> Any:
    path = REPOSITORY / "templates" / "runtime" / "unsupported.py"
    spec = importlib.util.spec_from_file_location("unsupported", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(package: str) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows(rows(package))


if __name__ == "__main__":
    main(*sys.argv[1:])
