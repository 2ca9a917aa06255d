"""The recorded data of one fixture package, loaded scope by scope when opened.

Knows the package's modules and nothing of matching.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from .exchange import Exchange, read_exchanges
from .scopes import START_UP


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
        redaction: str | None = getattr(index, "REDACTION", None)
        self.redaction = None if redaction is None else json.loads(redaction)
        self._start_up: str | None = index.START_UP
        self._connections: str = index.CONNECTIONS

    def exchanges(self, scope: str) -> list[Exchange] | None:
        """The exchanges of a scope in recorded order; None if it isn't recorded.

        Each call returns fresh ones, so that a scope may be replayed again.
        """
        module = self._module(scope)
        if module is None:
            return [] if scope == START_UP else None
        return read_exchanges(module.SQL, module.COLUMNS, _data(module))

    def commits(self, scope: str) -> int:
        """How often the scope committed when it was recorded."""
        module = self._module(scope)
        return 0 if module is None else int(module.COMMITS)

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
        return name and import_module(f"{self.package}.scopes.{name}")


def _data(module: Any) -> str:
    inline: str | None = getattr(module, "EXCHANGES", None)
    if inline is not None:
        return inline
    path = Path(module.__file__).with_name(module.EXCHANGES_FILE)
    return path.read_text(encoding="utf-8")
