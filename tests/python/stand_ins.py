"""What the fixture has in the place of the driver's names."""

from __future__ import annotations

import importlib
import inspect
import re
from types import ModuleType
from typing import Any

from surface import form, member_form

# Constructors of what applications get from a connection and never make.
MADE_FOR_THEM = frozenset(
    {
        "psycopg.AsyncCopy.__init__",
        "psycopg.Capabilities.__init__",
        "psycopg.Column.__init__",
        "psycopg.ConnectionInfo.__init__",
        "psycopg.Copy.__init__",
        "psycopg.adapt.Transformer.__init__",
        "psycopg.client_cursor.ClientCursorMixin.__init__",
        "psycopg.pq.PGconn.__init__",
        "psycopg.pq.PGresult.__init__",
        "psycopg.raw_cursor.RawCursorMixin.__init__",
    }
)

_default = re.compile(r"=[^,)]+")


class StandIns:
    """The stand-ins of one fixture's runtime, by the driver's dotted names."""

    def __init__(self, runtime: str) -> None:
        activate = importlib.import_module(f"{runtime}.activate")
        self.modules: dict[str, ModuleType] = activate.stand_ins()
        self._loader: type = self.modules["psycopg.adapt"].Loader

    def find(self, name: str) -> tuple[Any, Any]:
        """What a name is in, and what stands for it; `AttributeError` if nothing does."""
        module = name
        while module not in self.modules:
            module = module.rpartition(".")[0]
            if not module:
                raise AttributeError(f"no stand-in for the module of {name}")
        owner, found = None, self.modules[module]
        for part in filter(None, name[len(module) + 1 :].split(".")):
            owner, found = found, _get(found, part)
        return owner, found

    def form(self, name: str) -> str:
        owner, found = self.find(name)
        last = name.rpartition(".")[2]
        return member_form(owner, last) if inspect.isclass(owner) else form(found)

    def differs(self, name: str, theirs: str) -> str | None:
        """How the stand-in for a name is not of this form; None if it is."""
        if name in MADE_FOR_THEM:
            return None
        if theirs == "module":
            return None if name in self.modules else "it is not there"
        try:
            _, found = self.find(name)
            ours = self.form(name)
        except AttributeError as error:
            return f"it is not there: {error}"
        kind, _, rest = theirs.partition(" of ")
        if theirs.startswith("is "):
            return None if found is self.find(theirs[3:])[1] else f"it {theirs} no more"
        if kind == "class":
            bases = [self.find(base)[1] for base in rest.split(", ") if base]
            # The loaders have a family tree of their own.
            lacks = [
                base
                for base in bases
                if base not in found.__mro__ and not issubclass(base, self._loader)
            ]
            return f"it is not of {lacks}" if lacks else None
        if theirs.startswith(("(", "async ", "classmethod ", "staticmethod ", "= ")):
            if "=..." in theirs:
                ours, theirs = (_default.sub("=...", each) for each in (ours, theirs))
            return None if ours == theirs else f"it is {ours}, and not {theirs}"
        return None


def _get(owner: Any, name: str) -> Any:
    if not inspect.isclass(owner):
        return getattr(owner, name)
    for base in owner.__mro__:
        # What its objects have is there as well.
        if name in vars(base) or name in vars(base).get("__annotations__", ()):
            return vars(base).get(name)
    raise AttributeError(f"{owner.__name__} has no {name}")
