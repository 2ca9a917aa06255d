"""Activation: from here on the application's imports of the driver get stand-ins.

The stand-ins are the modules of this runtime, entered in `sys.modules` under
the driver's names, so that they come first whether or not the driver is
installed.  What has no stand-in is refused by name, and never taken from an
installed driver.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn

from . import greenlets, processes, servers, threads
from .guard import deny_network
from .imports import when_imported
from .replay import replay

_DRIVERS = ("psycopg", "psycopg_binary", "psycopg_c", "psycopg_pool")

# What psycopg does without, and what is imported to see whether it is there.
_OPTIONAL = ("psycopg_binary", "psycopg_c")

_STAND_INS = {
    "psycopg": "psycopg",
    "psycopg.abc": "abc",
    "psycopg.adapt": "adapt",
    "psycopg.client_cursor": "unsupported",
    "psycopg.connection": "connection",
    "psycopg.connection_async": "connection_async",
    "psycopg.conninfo": "conninfo",
    "psycopg.copy": "copies",
    "psycopg.cursor": "cursor",
    "psycopg.cursor_async": "cursor_async",
    "psycopg.dbapi20": "dbapi20",
    "psycopg.errors": "errors",
    "psycopg.postgres": "postgres",
    "psycopg.pq": "pq",
    "psycopg.raw_cursor": "unsupported",
    "psycopg.rows": "rows",
    "psycopg.sql": "sql",
    "psycopg.transaction": "transactions",
    "psycopg.types": "types",
    "psycopg.types.array": "types.array",
    "psycopg.types.bool": "types.bool",
    "psycopg.types.composite": "types.composite",
    "psycopg.types.datetime": "types.datetime",
    "psycopg.types.enum": "types.enum",
    "psycopg.types.hstore": "types.hstore",
    "psycopg.types.json": "types.json",
    "psycopg.types.multirange": "types.multirange",
    "psycopg.types.net": "types.net",
    "psycopg.types.none": "types.none",
    "psycopg.types.numeric": "types.numeric",
    "psycopg.types.range": "types.range",
    "psycopg.types.string": "types.string",
    "psycopg.types.uuid": "types.uuid",
    "psycopg.version": "version",
}


class ActivationError(Exception):
    """The fixture can't take the driver's place in this process."""


def activate() -> None:
    """Replay this fixture in this process, from now until it ends.

    Must come before the application imports its driver.  Calling it again does
    nothing; a second fixture in one process is refused.
    """
    runtime = __name__.rpartition(".")[0]
    present = sys.modules.get("psycopg")
    if present is not None:
        if present.__name__ == f"{runtime}.psycopg":
            return
        if present.__name__.endswith(".runtime.psycopg"):
            raise ActivationError(
                f"another fixture is active: {present.__name__.split('.runtime.')[0]}\n"
                "  hint: replay one fixture a process"
            )
        raise ActivationError(
            f"psycopg is already imported: {present!r}\n"
            "  hint: activate the fixture before the application is imported"
        )
    for name, stand_in in _STAND_INS.items():
        sys.modules[name] = module = import_module(f"{runtime}.{stand_in}")
        parent, _, child = name.rpartition(".")
        if parent:
            # An import that finds its module loaded does not enter it in its parent.
            setattr(sys.modules[parent], child, module)
    sys.meta_path.insert(0, _Refusal())
    when_imported("sqlalchemy.dialects", _register_dialects)
    servers.install()
    threads.install()
    processes.install()
    greenlets.install()
    ledger = replay().ledger
    if os.environ.get("MOCK_CURSOR_GUARD") == "1":
        deny_network(ledger)


class _Refusal:
    """A finder of `sys.meta_path` that refuses what is the real driver's."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in _DRIVERS:
            _refuse(fullname)
        return None


def _refuse(name: str) -> NoReturn:
    if name not in _OPTIONAL:
        replay().refused(f"import {name}")
    raise ModuleNotFoundError(
        f"{name} has no stand-in in this fixture, and the driver is not used", name=name
    )


def _register_dialects(dialects: ModuleType) -> None:
    # A registered dialect wins over a built-in one, so URLs need no change.
    module = f"{__name__.rpartition('.')[0]}.dialect"
    dialects.registry.register("postgresql.psycopg", module, "MockDialect")
    dialects.registry.register("postgresql.psycopg_async", module, "MockAsyncDialect")
