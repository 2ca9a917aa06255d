"""Demand that data modules hold literal assignments and nothing else.

Recorded values must never become code.  Reads their paths from standard input, prints
`path:line:column: what` for each violation, and exits with 1 if there is one.
"""

import ast
import pathlib
import sys
from collections.abc import Iterator


def violations(module: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    for position, statement in enumerate(module.body):
        match statement:
            case ast.Expr(value=ast.Constant(value=str())) if position == 0:
                continue
            case ast.Assign(targets=targets, value=value):
                annotation = None
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                targets, annotation = [target], statement.annotation
            case _:
                yield statement, f"{type(statement).__name__} is no assignment"
                continue
        if not all(isinstance(target, ast.Name) for target in targets):
            yield statement, "the target is no plain name"
        elif annotation is not None and not is_type(annotation):
            yield statement, "the annotation is no type"
        elif not is_literal(value):
            yield statement, "the value is no literal"


def is_type(node: ast.expr) -> bool:
    """`int` or `dict[str, int]`: an annotation of a module is evaluated, too."""
    match node:
        case ast.Name():
            return True
        case ast.Subscript(value=ast.Name(), slice=ast.Tuple(elts=items)):
            return all(is_type(item) for item in items)
        case ast.Subscript(value=ast.Name(), slice=item):
            return is_type(item)
        case _:
            return False


def is_literal(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return all(is_literal(item) for item in items)
        case ast.Dict(keys=keys, values=values):
            # A key of None is `**mapping`.
            return all(key is not None and is_literal(key) for key in keys) and all(
                is_literal(value) for value in values
            )
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return True
        case _:
            return False


def main(paths: list[str]) -> int:
    found = 0
    for path in paths:
        source = pathlib.Path(path).read_bytes()
        try:
            module = ast.parse(source, path)
        except SyntaxError as error:
            print(f"{path}:{error.lineno}:{error.offset}: {error.msg}")
            found += 1
            continue
        for statement, what in violations(module):
            print(f"{path}:{statement.lineno}:{statement.col_offset + 1}: {what}")
            found += 1
    return 1 if found else 0


sys.exit(main(sys.stdin.read().splitlines()))
