"""Classes of the application that derive from the driver's.

What the application overrides or adds runs on the proxy, so that the statements in it
are recorded; `super()` there leads from the proxy back into the recorder. Knows the
driver's classes only by their module.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from types import GetSetDescriptorType, MemberDescriptorType, MethodType
from typing import Any

from .faults import RecorderUnsupported
from .proxy import Proxy, is_foreign, proxy_of

_LEFT = frozenset(
    (
        *("__new__", "__init__", "__del__", "__class__", "__dict__", "__weakref__"),
        *("__slots__", "__module__", "__doc__", "__qualname__", "__repr__", "__dir__"),
        *("__getattr__", "__getattribute__", "__setattr__", "__delattr__"),
        *("__init_subclass__", "__class_getitem__", "__subclasshook__"),
    )
)
"""What concerns the driver's object itself, or is the proxy's own business."""

_OF_THE_OBJECT = (classmethod, GetSetDescriptorType, MemberDescriptorType)


def shaped(proxy: type[Proxy], cls: type[Any]) -> type[Any]:
    """The proxy's class for objects of a class, with what the application wrote."""
    found = _shapes.get((proxy, cls))
    if found is None:
        found = _shapes[proxy, cls] = _shape(proxy, cls)
    return found


def _shape(proxy: type[Proxy], cls: type[Any]) -> type[Any]:
    seen: set[str] = set(_LEFT)
    found: dict[str, Any] = {}
    for base in cls.__mro__:
        for name, value in vars(base).items():
            if name in seen:
                continue
            seen.add(name)
            if is_foreign(base) and _belongs(value, proxy, name):
                found[name] = value
    if not found:
        return proxy
    return type(proxy.__name__, (proxy,), {"__slots__": (), **found})


def record_calls(driver: Any, proxy: type[Proxy], names: Iterable[str]) -> None:
    """Let methods of a driver's class, called on a proxy, be the proxy's own."""
    for name in names:
        method = _redirected(vars(driver)[name], vars(proxy)[name])
        setattr(driver, name, method)


def original_of(method: Any) -> Any:
    """The driver's method, bound as before, that a proxy's own was put in the place of."""
    return MethodType(method.__func__.__wrapped__, method.__self__)


def refuse_others(driver: Any, names: Iterable[str]) -> None:
    """Refuse what nobody records: calls on the driver's objects past their proxies."""
    for name in names:
        setattr(driver, name, _guarded(vars(driver)[name], f"{driver.__name__}.{name}"))


def make_row_maker(cursor: Any) -> Any:
    """In the place of the driver's method: the application's factories get the proxy."""
    factory = cursor._row_factory
    module = getattr(factory, "__module__", None) or ""
    return factory(cursor if module == "psycopg.rows" else proxy_of(cursor))


def enter() -> bool:
    """From here on the recorder itself calls the driver; what `leave` is given."""
    before = _passing.get()
    _passing.set(True)
    return before


def leave(before: bool) -> None:
    """The call is over. No token, as a coroutine may end in another context."""
    _passing.set(before)


def _belongs(value: Any, proxy: type[Proxy], name: str) -> bool:
    if isinstance(value, _OF_THE_OBJECT):
        return False
    return hasattr(type(value), "__get__") or hasattr(proxy, name)


def _redirected(original: Any, recorded: Any) -> Any:
    def chosen(of: Any) -> Any:
        return recorded if issubclass(type(of), Proxy) else original

    return _method(original, chosen)


def _guarded(original: Any, name: str) -> Any:
    def checked(of: Any) -> Any:
        if issubclass(type(of), Proxy) or _passing.get():
            return original
        raise RecorderUnsupported(
            f"{name}() on an object of the driver",
            "call it on what the recorded connection or cursor returned",
        )

    return _method(original, checked)


def _method(original: Any, choose: Callable[[Any], Any]) -> Any:
    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return choose(self)(self, *args, **kwargs)

    if not inspect.iscoroutinefunction(original):
        return method

    # Whoever asks sees a coroutine function as before.
    @functools.wraps(original)
    async def awaited(self: Any, *args: Any, **kwargs: Any) -> Any:
        return await choose(self)(self, *args, **kwargs)

    return awaited


_shapes: dict[tuple[type[Proxy], type[Any]], type[Any]] = {}
_passing: ContextVar[bool] = ContextVar("mock_cursor_passing", default=False)
