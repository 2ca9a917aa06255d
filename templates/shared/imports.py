"""A post-import hook: act on a module right after it was first imported.

The application is not changed and chooses itself what it imports and when; nothing
is imported on its behalf. Knows nothing of what the callbacks do.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, TypeAlias

Callback: TypeAlias = Callable[[ModuleType], None]


def when_imported(module_name: str, callback: Callback) -> None:
    """Call back with the module once it is imported; at once if it already is."""
    module = sys.modules.get(module_name)
    if module is not None and not _initializing(module):
        callback(module)
        return
    _pending.setdefault(module_name, []).append(callback)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def _initializing(module: ModuleType) -> bool:
    return bool(getattr(module.__spec__, "_initializing", False))


class _Finder:
    """Finds a module through the other finders, and puts our loader before theirs."""

    def __init__(self) -> None:
        self._finding = threading.local()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname not in _pending or getattr(self._finding, "name", None) == fullname:
            return None
        self._finding.name = fullname
        try:
            spec = self._search(fullname, path, target)
        finally:
            self._finding.name = None
        if spec is None or not hasattr(spec.loader, "exec_module"):
            return spec
        spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
        return spec

    def _search(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in tuple(sys.meta_path):
            find_spec = getattr(finder, "find_spec", None)
            if finder is self or find_spec is None:
                continue
            spec: ModuleSpec | None = find_spec(fullname, path, target)
            if spec is not None:
                return spec
        return None


class _Loader:
    """Stands before a loader until the module is executed, then leaves no trace."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        # inspect, pkgutil and importlib.resources look at the loader's own class.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        # Compiled modules of gevent take the place of its own, name and all.
        name = module.__name__
        self._loader.exec_module(module)
        for callback in _pending.pop(name, ()):
            callback(module)


_pending: dict[str, list[Callback]] = {}
_finder: Any = _Finder()
