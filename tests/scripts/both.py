"""The synchronous half of a module of scripts, derived from its source token by token.

The driver's two halves differ by these words alone, so that each script is written once.
"""

from __future__ import annotations

import io
import sys
import tokenize
from pathlib import Path
from types import ModuleType

_DROPPED = ("async", "await")
_NAMES = {
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "StopAsyncIteration": "StopIteration",
    "aclose": "close",
    "aiter": "iter",
    "anext": "next",
    "asynccontextmanager": "contextmanager",
}


def synchronous(module: ModuleType) -> ModuleType:
    """The module with every `async def` a `def`; warnings name the same lines."""
    path = Path(str(module.__file__))
    half = ModuleType(f"{module.__name__}_sync", module.__doc__)
    half.__file__ = str(path)
    # Data classes look up their own module.
    sys.modules[half.__name__] = half
    code = compile(_derived(path.read_text(encoding="utf-8")), str(path), "exec")
    exec(code, half.__dict__)  # noqa: S102 - it is the module's own source
    return half


def _derived(source: str) -> str:
    lines = source.splitlines(keepends=True)
    # From the end, so that the places of earlier tokens stay what they are.
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(source).readline))):
        if token.type != tokenize.NAME and token.string not in _DROPPED:
            continue
        row, column = token.start
        line = lines[row - 1]
        end = token.end[1]
        if token.string in _DROPPED:
            lines[row - 1] = line[:column] + line[end:].lstrip(" ")
        else:
            lines[row - 1] = line[:column] + _renamed(token.string) + line[end:]
    return "".join(lines)


def _renamed(name: str) -> str:
    if name.startswith("Async") and name[5:6].isupper():
        return name.removeprefix("Async")
    return _NAMES.get(name, name)
