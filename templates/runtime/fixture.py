"""The recorded data of one fixture package, loaded scope by scope when opened.

Knows the package's modules and nothing of matching.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

from .exchange import Exchange, read_exchanges
from .scopes import START_UP, Scope

_LOADED = 128


class FixtureError(Exception):
    """A fixture package can't be used as it is."""


class Fixture:
    """The package `<fixture>`: its index, and its scopes by name.

    `package` is the import name of the generated package, e.g.
    ``generated.python.my_stack``.
    """

    def __init__(self, package: str) -> None:
        index = import_module(f"{package}.index")
        self.package = package
        self.stack: str = index.STACK
        self.record_command: str = index.RECORD_COMMAND
        self.packages: dict[str, str] = index.PACKAGES
        self.deterministic: bool = getattr(index, "DETERMINISTIC", False)
        self.scopes: dict[str, str] = index.SCOPES
        self.strict: bool = index.ORDER == "strict"
        redaction: str | None = getattr(index, "REDACTION", None)
        self.redaction = None if redaction is None else json.loads(redaction)
        self._start_up: str | None = index.START_UP
        self._connections: str = index.CONNECTIONS
        # What is open is asked for again; a suite has thousands that are not.
        self._named = lru_cache(maxsize=_LOADED)(self._load)

    def exchanges(self, scope: str) -> list[Exchange] | None:
        """The exchanges of a scope in recorded order; None if it isn't recorded.

        Each call returns fresh ones, so that a scope may be replayed again.
        """
        modules = self._modules(scope)
        if not modules:
            return [] if scope == START_UP else None
        exchanges: list[Exchange] = []
        ordinal = 0
        for each in modules:
            read = read_exchanges(each.SQL, each.COLUMNS, _data(each), ordinal)
            if read:
                ordinal = read[-1].ordinal + len(read[-1].controls)
            exchanges += read
        return exchanges

    def name_of(self, scope: Scope) -> str:
        """The name by which a scope was recorded.

        A test that runs again, and a fixture that is set up again, are answered as the
        first time, unless a second time was recorded that differed.
        """
        name = scope.name
        if name in self.scopes or scope.kind not in ("test", "fixture"):
            return name
        plain, _, ordinal = name.rpartition(" (")
        known = plain in self.scopes and f"{plain} (2)" not in self.scopes
        return plain if known and ordinal.rstrip(")").isdigit() else name

    def scopes_with(self, sql: str, *, but: str) -> list[str]:
        """The names of other scopes whose modules seem to hold a SQL text.

        Read as text: to load every module of a large fixture takes too long.
        """
        # The longest line, as quotes and backslashes may be spelled otherwise.
        needle = max(sql.split("\n"), key=len).encode("utf-8", "replace")
        folder = Path(import_module(f"{self.package}.scopes").__path__[0])
        return [
            name
            for name, stem in self.scopes.items()
            if name != but and needle in (folder / f"{stem}.py").read_bytes()
        ]

    def commits(self, scope: str) -> int:
        """How often the scope committed when it was recorded."""
        return sum(int(module.COMMITS) for module in self._modules(scope))

    def clock(self, scope: str) -> int | None:
        """When the clock of a scope started, in microseconds since the epoch.

        None if it was never looked at, or outside of the deterministic mode.
        """
        moment: int | None = getattr(self._module(scope), "CLOCK", None)
        return moment

    def connections(self) -> list[dict[str, Any]]:
        """The outcomes of connecting: server parameters, or an error and its scope."""
        return [json.loads(line) for line in self._connections.split("\n") if line]

    def _module(self, scope: str) -> Any:
        name = self._start_up if scope == START_UP else self.scopes.get(scope)
        return name and self._named(name)

    def _modules(self, scope: str) -> list[Any]:
        """That of the scope, among those of the parts that other scopes share."""
        module = self._module(scope)
        if not module:
            return []
        begins = map(self._named, getattr(module, "BEGINS", ()))
        ends = map(self._named, getattr(module, "ENDS", ()))
        return [*begins, module, *ends]

    def _load(self, name: str) -> Any:
        full = f"{self.package}.scopes.{name}"
        # Not by an import: pytest has a hook there that parses each module anew which
        # is named like a test's, to rewrite its assertions.
        folder = import_module(f"{self.package}.scopes").__path__
        spec = PathFinder.find_spec(full, folder)
        if spec is None or spec.loader is None:
            raise FixtureError(f"{full} is not there: generate the fixture again")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def _data(module: Any) -> str:
    inline: str | None = getattr(module, "EXCHANGES", None)
    if inline is not None:
        return inline
    path = Path(module.__file__).with_name(module.EXCHANGES_FILE)
    return path.read_text(encoding="utf-8")
