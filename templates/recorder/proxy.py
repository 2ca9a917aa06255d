"""What all proxies have in common: they look like what they stand for.

A proxy holds the driver's object and is none of its class: the classes are backed by
C, where an override would be by-passed. Its ``__class__`` lets ``isinstance`` pass.
"""

from __future__ import annotations

from types import MethodType
from typing import Any
from weakref import WeakValueDictionary

_DRIVER = ("psycopg", "psycopg_pool", "builtins", "typing")
_OWN = ("_real", "_driver", "_recording", "_owner")


class Proxy:
    """Passes on every attribute that the class does not define itself."""

    __slots__ = ("__weakref__", "_driver", "_owner", "_real", "_recording")

    def __init__(self, real: Any, recording: Any, owner: Any = None) -> None:
        object.__setattr__(self, "_real", real)
        # The same without what the application overrides, which runs on the proxy.
        object.__setattr__(self, "_driver", _driver_view(real))
        object.__setattr__(self, "_recording", recording)
        object.__setattr__(self, "_owner", owner)
        _proxies[id(real)] = self

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
        return getattr(self._real, name)

    def __setattr__(self, name: str, value: Any) -> None:
        for cls in (type(self), type(self._real)):
            found = getattr(cls, name, None)
            if isinstance(found, property) and found.fset is not None:
                # A setter calls methods, and those may be overridden or recorded.
                found.fset(self, value)
                return
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


def proxy_of(real: Any) -> Any:
    """The proxy of an object of the driver; itself if it has none."""
    return _proxies.get(id(real), real)


def on_proxy(proxy: Proxy, method: Any) -> Any:
    """The driver's method, run on the proxy: what it calls in turn is recorded."""
    return MethodType(method.__func__, proxy)


def is_foreign(cls: type[Any]) -> bool:
    """Whether a class is the application's and not the driver's."""
    return not is_driver(cls.__module__)


def is_driver(module: str) -> bool:
    """Whether a module is the driver's, its pools' or Python's own."""
    return module.partition(".")[0] in _DRIVER


def _driver_view(real: Any) -> Any:
    last = None
    for base in type(real).__mro__:
        if not is_foreign(base):
            break
        last = base
    return real if last is None else super(last, real)


# A proxy keeps its object, so that the number is nobody else's while it is there.
_proxies: WeakValueDictionary[int, Proxy] = WeakValueDictionary()
