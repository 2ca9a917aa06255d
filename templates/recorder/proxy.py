"""What all proxies have in common: they look like what they stand for.

A proxy holds the driver's object and is none of its class: the classes are backed by
C, where an override would be by-passed. Its ``__class__`` lets ``isinstance`` pass.
"""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any

_DRIVER = ("psycopg", "psycopg_pool", "builtins", "typing")
_OWN = ("_real", "_recording", "_owner")


class Proxy:
    """Passes on every attribute that the class does not define itself."""

    __slots__ = ("__weakref__", "_owner", "_real", "_recording")

    def __init__(self, real: Any, recording: Any, owner: Any = None) -> None:
        object.__setattr__(self, "_real", real)
        object.__setattr__(self, "_recording", recording)
        object.__setattr__(self, "_owner", owner)

    @property
    def __class__(self) -> type[Any]:
        cls: type[Any] = type(self._real)
        return cls

    @__class__.setter
    def __class__(self, cls: type[Any]) -> None:
        raise TypeError("the class of a recorded object cannot be changed")

    def __getattr__(self, name: str) -> Any:
        if name in _OWN:
            raise AttributeError(name)
        cls = type(self._real)
        if _is_foreign(cls):
            found = _of_application(cls, name)
            # A method that the application added runs statements on the proxy.
            if isinstance(found, FunctionType):
                return MethodType(found, self)
            if isinstance(found, property) and found.fget is not None:
                return found.fget(self)
        return getattr(self._real, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._real, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._real, name)

    def __dir__(self) -> list[str]:
        return dir(self._real)

    def __repr__(self) -> str:
        return repr(self._real)


def real_of(value: Any) -> Any:
    """What a proxy stands for; anything else itself."""
    return value._real if issubclass(type(value), Proxy) else value


def _of_application(cls: type[Any], name: str) -> Any:
    for base in cls.__mro__:
        if name in vars(base):
            return vars(base)[name] if _is_foreign(base) else None
    return None


def _is_foreign(cls: type[Any]) -> bool:
    return cls.__module__.partition(".")[0] not in _DRIVER
