"""What stands in the place of what is not replayed.

It can be imported, named in annotations and compared with, as applications do with much
that they use in one case among many. It raises when it is used.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from .unsupported import NOT_REPLAYED, WHOLE

C = TypeVar("C", bound=type)


class _RefusingType(type):
    what: str

    def __getattr__(cls, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(f"{cls.what} has no attribute {name!r}")
        _refuse_reading(f"{cls.what}.{name}")


class Unsupported(metaclass=_RefusingType):
    """The base of what stands for a class or a function that is not replayed."""

    what = "this"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise refused(self.what)

    def __class_getitem__(cls, parameters: Any) -> Any:
        return cls


def refusing(module: str) -> Callable[[str], Any]:
    """The ``__getattr__`` of a stand-in: for what the driver's module has besides."""

    def find(name: str) -> Any:
        names = NOT_REPLAYED.get(module, ())
        whole = names == WHOLE and not name.startswith("_")
        if f"{name}()" in names or (whole and not name.isupper()):
            return _stand_in(f"{module}.{name}")
        if name in names or whole:
            _refuse_reading(f"{module}.{name}")
        raise AttributeError(f"{module}.{name} has no stand-in in this fixture")

    return find


def refuses(owner: str) -> Callable[[C], C]:
    """Give a class those members of the driver's that are not replayed."""

    def add(cls: C) -> C:
        for name in NOT_REPLAYED[owner]:
            called, what = name.removesuffix("()"), f"{owner}.{name}"
            found: Any = functools.partialmethod(_called, what)
            setattr(cls, called, found if called != name else property(_reader(what)))
        return cls

    return add


def _called(self: Any, what: str, *args: Any, **kwargs: Any) -> NoReturn:
    raise refused(what)


def _reader(what: str) -> Callable[[Any], Any]:
    return lambda self: _refuse_reading(what)


@functools.cache
def _stand_in(name: str) -> type:
    module, _, stem = name.rpartition(".")
    return _RefusingType(stem, (Unsupported,), {"__module__": module, "what": name})


def refused(what: str, name: str = "NotSupportedError") -> Exception:
    """The refusal of something, as an exception of `errors` by its name."""
    # Both are imported late: whatever has a name that is refused is imported by them.
    from . import errors
    from .replay import replay

    return replay().refused(what, getattr(errors, name))


def _refuse_reading(what: str) -> NoReturn:
    raise refused(what, "NotSupportedAttribute")
