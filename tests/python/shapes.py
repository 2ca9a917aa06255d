"""The shape of functions: their syntax without names, notes and annotations."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple, TypeAlias

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

# What is a choice of words, or says nothing of how a function works.
_LEFT_OUT = frozenset(
    {"annotation", "arg", "attr", "ctx", "decorator_list", "id", "name", "returns"}
)


class Function(NamedTuple):
    """A function of a module, and the class that it is a method of."""

    place: str
    owner: str
    name: str
    statements: int
    shape: list[str]


def functions(folder: Path) -> Iterator[Function]:
    """All functions of the modules in a folder, those within others included."""
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for owner, definition in _definitions(tree, ""):
            yield Function(
                f"{path.relative_to(folder)}:{definition.lineno}",
                owner,
                definition.name,
                _statements(definition),
                list(_tokens(definition)),
            )


def are_similar(one: Function, other: Function, ratio: float) -> bool:
    """Whether so much is the same; all of it in functions that differ in names alone."""
    matcher = SequenceMatcher(None, one.shape, other.shape, autojunk=False)
    # Bounds that are quicker to find than the ratio.
    bounds = (matcher.real_quick_ratio, matcher.quick_ratio)
    return all(bound() >= ratio for bound in bounds) and matcher.ratio() >= ratio


def _definitions(node: ast.AST, owner: str) -> Iterator[tuple[str, Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _definitions(child, child.name)
            continue
        if isinstance(child, Definition):
            yield owner, child
        yield from _definitions(child, owner)


def _statements(definition: Definition) -> int:
    within = sum(isinstance(node, ast.stmt) for node in ast.walk(definition)) - 1
    return within - (ast.get_docstring(definition) is not None)


def _tokens(node: ast.AST) -> Iterator[str]:
    yield type(node).__name__
    if isinstance(node, ast.Constant):
        yield repr(node.value)
        return
    documented = isinstance(node, Definition) and ast.get_docstring(node) is not None
    for field, value in ast.iter_fields(node):
        if field in _LEFT_OUT:
            continue
        parts = value if isinstance(value, list) else [value]
        for part in parts[1:] if documented and field == "body" else parts:
            if isinstance(part, ast.AST):
                yield from _tokens(part)
