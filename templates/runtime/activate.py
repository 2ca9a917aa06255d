"""Activation: from here on the application's imports of the driver get stand-ins.

The stand-ins are the modules of this runtime, entered in `sys.modules` under
the driver's names, so that they come first whether or not the driver is
installed.  What has no stand-in is refused by name, and never taken from an
installed driver.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, cast

from . import determinism, greenlets, processes, scopes, servers, threads
from .errors import NotSupportedModule
from .guard import deny_network
from .imports import when_imported
from .refusal import refusing
from .replay import replay

_DRIVERS = ("psycopg", "psycopg_binary", "psycopg_c", "psycopg_pool")

# What psycopg does without, and what is imported to see whether it is there.
_OPTIONAL = ("psycopg_binary", "psycopg_c")

# What has none of its own can be imported, and raises when it is used.
_STAND_INS: dict[str, str | None] = {
    "psycopg": "psycopg",
    "psycopg.abc": "abc",
    "psycopg.adapt": "adapt",
    "psycopg.client_cursor": "client_cursor",
    "psycopg.connection": "connection",
    "psycopg.connection_async": "connection_async",
    "psycopg.conninfo": "conninfo",
    "psycopg.copy": "copies",
    "psycopg.crdb": None,
    "psycopg.crdb.connection": None,
    "psycopg.cursor": "cursor",
    "psycopg.cursor_async": "cursor_async",
    "psycopg.dbapi20": "dbapi20",
    "psycopg.errors": "errors",
    "psycopg.generators": None,
    "psycopg.postgres": "postgres",
    "psycopg.pq": "pq",
    "psycopg.pq.abc": None,
    "psycopg.pq.misc": None,
    "psycopg.pq.pq_ctypes": None,
    "psycopg.raw_cursor": "raw_cursor",
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
    "psycopg.types.numpy": "types.numpy",
    "psycopg.types.range": "types.range",
    "psycopg.types.shapely": None,
    "psycopg.types.string": "types.string",
    "psycopg.types.uuid": "types.uuid",
    "psycopg.version": "version",
    "psycopg.waiting": None,
    "psycopg_pool": "pools",
    "psycopg_pool.abc": "pools.abc",
    "psycopg_pool.base": "pools.base",
    "psycopg_pool.base_null_pool": None,
    "psycopg_pool.errors": "pools.errors",
    "psycopg_pool.null_pool": "pools.null_pool",
    "psycopg_pool.null_pool_async": "pools.null_pool_async",
    "psycopg_pool.pool": "pools.pool",
    "psycopg_pool.pool_async": "pools.pool_async",
    "psycopg_pool.sched": None,
    "psycopg_pool.sched_async": None,
    "psycopg_pool.version": "pools.version",
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
        found = "" if present.__spec__ is None else present.__spec__.name
        if found == f"{runtime}.psycopg":
            return
        if found.endswith(".runtime.psycopg"):
            raise ActivationError(
                f"another fixture is active: {found.split('.runtime.')[0]}\n"
                "  hint: replay one fixture a process"
            )
        raise ActivationError(
            f"psycopg is already imported: {present!r}\n"
            "  hint: activate the fixture before the application is imported"
        )
    for name, module in stand_ins().items():
        sys.modules[name] = module
        # Whoever is given the module imports others by its name.
        module.__name__ = name
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
    scopes.publish()
    ledger = replay().ledger
    atexit.register(_say_summary)
    if replay().fixture.deterministic:
        determinism.install(replay().start_clock)
    if os.environ.get("MOCK_CURSOR_GUARD") == "1":
        deny_network(ledger)


def _say_summary() -> None:
    sys.stderr.write(replay().ledger.summary())


def stand_ins() -> dict[str, ModuleType]:
    """What is imported by each public name of the driver's modules."""
    runtime = __name__.rpartition(".")[0]
    return {
        name: _refused(name) if own is None else import_module(f"{runtime}.{own}")
        for name, own in _STAND_INS.items()
    }


def _refused(name: str) -> ModuleType:
    module: Any = ModuleType(name, "A module of the driver that is not replayed.")
    module.__getattr__ = refusing(name)
    return cast(ModuleType, module)


class _Refusal:
    """A finder of `sys.meta_path` that refuses what is the real driver's."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in _DRIVERS:
            raise _refusal(fullname)
        return None


def _refusal(name: str) -> ModuleNotFoundError:
    if name in _OPTIONAL:
        return ModuleNotFoundError(
            f"{name} has no stand-in in this fixture, and the driver is not used",
            name=name,
        )
    refused = replay().refused(f"import {name}", NotSupportedModule)
    assert isinstance(refused, NotSupportedModule)
    refused.name = name
    return refused


def _register_dialects(dialects: ModuleType) -> None:
    # A registered dialect wins over a built-in one, so URLs need no change.
    module = f"{__name__.rpartition('.')[0]}.dialect"
    dialects.registry.register("postgresql.psycopg", module, "MockDialect")
    dialects.registry.register("postgresql.psycopg_async", module, "MockAsyncDialect")
