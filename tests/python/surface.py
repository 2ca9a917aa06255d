"""The public names of a package: its modules, what they bind, and what classes hold.

Public is what has no underscore in front and is more than imported: what a module binds
itself, what it lists in ``__all__``, and what a package takes from its own modules.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import inspect
import logging
import pkgutil
import re
from collections.abc import Container, Iterator
from enum import Enum
from pathlib import Path
from types import GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any, ForwardRef, NamedTuple

# What `with`, `for` and operators call.
_PROTOCOLS = frozenset(
    {
        *("__aenter__", "__aexit__", "__aiter__", "__anext__", "__enter__", "__exit__"),
        *("__iter__", "__next__", "__len__", "__getitem__", "__add__", "__mul__"),
        *("__eq__", "__lt__", "__contains__", "__bool__"),
    }
)
_SIMPLE = (bool, int, float, str, bytes, type(None))
_PROPERTIES = (
    property,
    functools.cached_property,
    GetSetDescriptorType,
    MemberDescriptorType,
)

# Neither names of something nor of values that anybody needs.
_LEFT_OUT = (ModuleType, Enum, logging.Logger, re.Pattern, type(None))

# What C has taken the place of, and has no signatures there.
_WRITTEN_IN_C = {
    "psycopg.adapt.Transformer": "psycopg._py_transformer",
    **{
        f"psycopg.pq.{name}": "psycopg.pq.abc"
        for name in ("Conninfo", "Escaping", "PGcancel", "PGcancelConn", "PGconn")
    },
    "psycopg.pq.PGresult": "psycopg.pq.abc",
}


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


def written(module: str) -> list[str]:
    """The public names in a module's source, in the order of the alphabet."""
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    is_package = spec.submodule_search_locations is not None
    names = set(_bound(ast.parse(source), is_package))
    return sorted(name for name in names if not name.startswith("_"))


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
    """What a package shows, each class and function once, by the name of its home.

    Of the modules `unread` nothing is known but what their source says.
    """

    def __init__(self, package: str, unread: Container[str]) -> None:
        self._modules = list(modules(package))
        self._unread = unread
        self._values: dict[str, Any] = {}
        for module in self._modules:
            if module not in unread:
                self._values |= _values(module)
        self._homes: dict[int, str] = {}
        for name, value in self._values.items():
            home = f"{getattr(value, '__module__', '')}.{_qualified(value)}"
            if _is_own(value) and (home == name or id(value) not in self._homes):
                self._homes[id(value)] = name

    def names(self) -> Iterator[Name]:
        for module in self._modules:
            yield Name(module, "module")
            if module in self._unread:
                yield from (Name(f"{module}.{each}", "") for each in written(module))
        for name, value in sorted(self._values.items()):
            home = self._homes.get(id(value), name)
            if home != name:
                yield Name(name, f"is {home}")
                continue
            yield Name(name, self._form(value))
            if inspect.isclass(value):
                for member in sorted(self._members(value)):
                    yield Name(f"{name}.{member}", member_form(value, member))

    def _form(self, value: Any) -> str:
        if not inspect.isclass(value):
            return form(value)
        # Whether it is as a protocol demands shows in its members.
        bases = [b for b in value.__mro__[1:] if not getattr(b, "_is_protocol", False)]
        homes = [self._homes.get(id(base)) for base in bases]
        of = ", ".join(home for home in homes if home is not None)
        return f"class of {of}" if of else "class"

    def _members(self, cls: type) -> set[str]:
        """The public members of a class, less those of public classes that it is of."""
        found: dict[str, type] = {}
        for base in cls.__mro__:
            for name in {*vars(base), *vars(base).get("__annotations__", ())}:
                found.setdefault(name, base)
        return {
            name
            for name, base in found.items()
            if (not name.startswith("_") or name in (*_PROTOCOLS, "__init__"))
            and (base is cls or (_is_own(base) and id(base) not in self._homes))
        }


def member_form(cls: type, name: str) -> str:
    """The form of what a class has by a name; of an annotation alone, too."""
    static = inspect.getattr_static(cls, name, None)
    if name in _PROTOCOLS:
        return "method"
    if isinstance(static, classmethod | staticmethod):
        return f"{type(static).__name__} {form(static.__func__)}"
    if isinstance(static, _PROPERTIES):
        settable = isinstance(static, property) and static.fset is not None
        return "property, settable" if settable else "property"
    return "attribute" if static is None else form(static)


def form(value: Any) -> str:
    """What a value is, as far as it can be compared."""
    if isinstance(value, Enum):
        return f"= {type(value).__name__}.{value.name}"
    if isinstance(value, _SIMPLE):
        return f"= {value!r}"
    if inspect.isclass(value):
        return "class"
    return signature(value) if inspect.isroutine(value) else "value"


def signature(function: Any) -> str:
    """A signature without annotations; defaults that are objects by what they are."""
    parts = []
    for each in inspect.signature(function).parameters.values():
        shown = each.replace(annotation=each.empty)
        if each.default is not each.empty:
            text = "..." if each.default is ... else form(each.default)
            shown = shown.replace(default=_Shown(text))
        parts.append(shown)
    awaited = (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    prefix = "async " if any(is_one(function) for is_one in awaited) else ""
    return f"{prefix}{inspect.Signature(parts)}"


class _Shown:
    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text.removeprefix("= ")


def _values(module: str) -> Iterator[tuple[str, Any]]:
    loaded = importlib.import_module(module)
    for each in sorted({*written(module), *getattr(loaded, "__all__", ())}):
        name = f"{module}.{each}"
        holder = importlib.import_module(_WRITTEN_IN_C.get(name, module))
        value = getattr(holder, each, None)
        if isinstance(value, str) and each.istitle():
            # A type that is named and not imported.
            value = ForwardRef(value)
        if not isinstance(value, _LEFT_OUT):
            yield name, value


def _qualified(value: Any) -> str:
    return str(getattr(value, "__qualname__", ""))


def _is_own(value: Any) -> bool:
    return bool(_qualified(value)) and "psycopg" in str(value.__module__)
