"""The public names of a package: its modules, what they bind, and what classes hold.

Public is what has no underscore in front and is more than imported: what a module binds
itself, what it lists in ``__all__``, and what a package takes from its own modules.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from enum import Enum
from types import GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any, NamedTuple

# What `with`, `for` and operators call.
_PROTOCOLS = frozenset(
    {
        *("__aenter__", "__aexit__", "__aiter__", "__anext__", "__enter__", "__exit__"),
        *("__iter__", "__next__", "__len__", "__getitem__", "__add__", "__mul__"),
        *("__eq__", "__lt__", "__contains__", "__call__", "__bool__"),
    }
)
_SIMPLE = (bool, int, float, str, bytes, type(None))
_PROPERTIES = (
    property,
    functools.cached_property,
    GetSetDescriptorType,
    MemberDescriptorType,
)


class Name(NamedTuple):
    """A public name, dotted, and its form: a text on which two sides can agree."""

    name: str
    form: str


def modules(package: str) -> Iterator[str]:
    """The public modules of a package, itself first."""
    yield package
    for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if not found.name.startswith("_"):
            name = f"{package}.{found.name}"
            yield from modules(name) if found.ispkg else (name,)


def bound(module: ModuleType) -> list[str]:
    """The public names of a module, in the order of the alphabet."""
    is_package = hasattr(module, "__path__")
    tree = ast.parse(inspect.getsource(module))
    names = {*getattr(module, "__all__", ()), *_bound(tree, is_package)}
    return sorted(n for n in names if n[0] != "_" and hasattr(module, n))


def _bound(tree: ast.AST, is_package: bool) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for each in targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.ImportFrom):
            own = is_package and node.level > 0
            for each in node.names:
                if own or each.asname == each.name:
                    yield each.asname or each.name
        elif isinstance(node, ast.If | ast.Try | ast.ExceptHandler):
            yield from _bound(node, is_package)


class Surface:
    """What a package shows, module by module; each class and function once."""

    def __init__(self, found: Mapping[str, ModuleType]) -> None:
        self._modules = found
        self._homes: dict[int, str] = {}
        values = [
            (f"{name}.{each}", getattr(module, each))
            for name, module in found.items()
            for each in bound(module)
        ]
        for name, value in values:
            if _is_own(value):
                home = f"{value.__module__}.{value.__qualname__}"
                if home == name or id(value) not in self._homes:
                    self._homes[id(value)] = name
        self._values = values

    def names(self) -> Iterator[Name]:
        for module in self._modules:
            yield Name(module, "module")
        for name, value in self._values:
            home = self._homes.get(id(value), name)
            if home != name:
                yield Name(name, f"is {home}")
                continue
            yield Name(name, self.form(value))
            if inspect.isclass(value):
                for member in sorted(self.members(value)):
                    yield Name(f"{name}.{member}", self.member_form(value, member))

    def members(self, cls: type) -> set[str]:
        """The public members of a class, less those of public classes that it is of."""
        found: dict[str, type] = {}
        for base in cls.__mro__:
            names = {*vars(base), *vars(base).get("__annotations__", ())}
            for name in names:
                found.setdefault(name, base)
        return {
            name
            for name, base in found.items()
            if (name[0] != "_" or name in _PROTOCOLS)
            and (base is cls or (_is_own(base) and id(base) not in self._homes))
        }

    def member_form(self, cls: type, name: str) -> str:
        static = inspect.getattr_static(cls, name, None)
        if isinstance(static, classmethod | staticmethod):
            return f"{type(static).__name__} {form(static.__func__)}"
        if isinstance(static, property) and static.fset is not None:
            return "property, settable"
        if isinstance(static, _PROPERTIES):
            return "property"
        return form(static)

    def form(self, value: Any) -> str:
        if not inspect.isclass(value):
            return form(value)
        homes = (self._homes.get(id(base)) for base in value.__mro__[1:])
        bases = ", ".join(home for home in homes if home is not None)
        return f"class of {bases}" if bases else "class"


def form(value: Any) -> str:
    if isinstance(value, Enum):
        return f"= {type(value).__name__}.{value.name}"
    if isinstance(value, _SIMPLE):
        return f"= {value!r}"
    if inspect.isclass(value):
        return "class"
    if callable(value):
        try:
            return signature(value)
        except (TypeError, ValueError):
            return "value"
    return "value"


def signature(function: Any) -> str:
    parts = []
    for each in inspect.signature(function).parameters.values():
        default = each.default
        shown = each.replace(annotation=each.empty)
        if default is not each.empty and not isinstance(default, _SIMPLE):
            shown = shown.replace(default=_Shown(form(default)))
        parts.append(shown)
    text = str(inspect.Signature(parts))
    is_async = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(
        function
    )
    return f"async {text}" if is_async else text


class _Shown:
    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text.removeprefix("= ")


def _is_own(value: Any) -> bool:
    return hasattr(value, "__qualname__") and "psycopg" in str(value.__module__)
