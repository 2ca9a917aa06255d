"""How values are adapted: which loader decodes a column, which dumper a value.

Every connection and cursor has an `AdaptersMap` of its own, copied from the one above
it, so that what an application registers is seen below and nowhere else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, Any

from . import errors as e
from .abc import Buffer
from .pq import Format
from .refusal import refusing
from .session import session_of
from .types import TypesRegistry

if TYPE_CHECKING:
    from .transformer import Transformer

_BACKSLASH = ord("\\")


class PyFormat(str, Enum):
    """The format that a placeholder asks for."""

    __module__ = "psycopg.adapt"

    AUTO = "s"
    TEXT = "t"
    BINARY = "b"

    @classmethod
    def from_pq(cls, fmt: Format) -> PyFormat:
        return cls.BINARY if fmt == Format.BINARY else cls.TEXT

    @classmethod
    def as_pq(cls, fmt: PyFormat) -> Format:
        return {cls.TEXT: Format.TEXT, cls.BINARY: Format.BINARY}[fmt]


class Dumper(ABC):
    """Dumps Python values of one class for the server."""

    __module__ = "psycopg.adapt"

    oid: int = 0
    format: Format = Format.TEXT

    def __init__(self, cls: type, context: Any = None) -> None:
        self.cls = cls
        self.connection = context.connection if context else None
        self._encoding = session_of(context).encoding

    def __repr__(self) -> str:
        return (
            f"<{type(self).__module__}.{type(self).__qualname__}"
            f" (oid={self.oid}) at 0x{id(self):x}>"
        )

    @abstractmethod
    def dump(self, obj: Any) -> Buffer | None:
        """The bytes that would be sent; ``None`` for NULL."""

    def quote(self, obj: Any) -> Buffer:
        """The value as a literal that can stand in a statement."""
        value = self.dump(obj)
        return b"NULL" if value is None else quoted(bytes(value))

    def get_key(self, obj: Any, format: PyFormat) -> Any:
        """What values that one dumper serves have in common."""
        return self.cls

    def upgrade(self, obj: Any, format: PyFormat) -> Dumper:
        """The dumper for just this value."""
        return self


class Loader(ABC):
    """Decodes the cells of columns of one type."""

    __module__ = "psycopg.adapt"

    format: Format = Format.TEXT

    def __init__(self, oid: int, context: Any = None) -> None:
        self.oid = oid
        self.connection = context.connection if context else None

    @abstractmethod
    def load(self, data: Buffer) -> Any:
        """The value of a cell that is not NULL."""


class RecursiveDumper(Dumper):
    """A dumper of values that hold other values."""

    __module__ = "psycopg.adapt"

    def __init__(self, cls: type, context: Any = None) -> None:
        super().__init__(cls, context)
        self._tx = _transformer(context)


class RecursiveLoader(Loader):
    """A loader of values that hold other values."""

    __module__ = "psycopg.adapt"

    def __init__(self, oid: int, context: Any = None) -> None:
        super().__init__(oid, context)
        self._tx = _transformer(context)


class AdaptersMap:
    """Loaders by OID and format, dumpers by class and format, and the known types."""

    __module__ = "psycopg.adapt"

    __slots__ = ("_by_oid", "_copy", "_dumpers", "_loaders", "_shared", "types")

    types: TypesRegistry

    def __init__(
        self,
        template: AdaptersMap | None = None,
        types: TypesRegistry | None = None,
    ) -> None:
        self._loaders: dict[tuple[int, int], type[Loader]]
        self._dumpers: dict[tuple[PyFormat, type | str], type[Dumper]]
        self._by_oid: dict[tuple[Format, int], type[Dumper]]
        self._copy: AdaptersMap | None = None
        if template is None:
            self._loaders, self._dumpers, self._by_oid = {}, {}, {}
            self._shared = False
            self.types = types if types is not None else TypesRegistry()
            return
        # A cursor makes a copy each; what is registered later, on either side, makes
        # that side's own dictionaries.
        self._loaders = template._loaders
        self._dumpers = template._dumpers
        self._by_oid = template._by_oid
        self._shared = template._shared = True
        self.types = TypesRegistry(types if types is not None else template.types)

    @property
    def adapters(self) -> AdaptersMap:
        """Itself: a map is a context of adaptation, too."""
        return self

    @property
    def connection(self) -> None:
        return None

    def register_dumper(self, cls: type | str | None, dumper: type[Dumper]) -> None:
        """Dump values of a class, also by its dotted name, with a dumper."""
        if not (cls is None or isinstance(cls, (str, type))):
            raise TypeError(
                f"dumpers should be registered on classes, got {cls} instead"
            )
        oid = dumper.oid
        self._own()
        if cls is not None:
            for fmt in (PyFormat.AUTO, PyFormat.from_pq(dumper.format)):
                # The last registered comes first when no format is asked for.
                self._dumpers[fmt, cls] = dumper
        if oid:
            self._by_oid[dumper.format, oid] = dumper

    def register_loader(self, oid: int | str, loader: type[Loader]) -> None:
        """Decode columns of a type, also by its name, with a loader."""
        if isinstance(oid, str):
            oid = self.types[oid].oid
        if not isinstance(oid, int):
            raise TypeError(f"loaders should be registered on oid, got {oid} instead")
        key = (oid, int(loader.format))
        self._own()
        self._loaders[key] = loader

    def as_it_is(self) -> AdaptersMap:
        """A copy that nobody may register on, the same one as long as nothing is."""
        copy = self._copy
        if copy is None or copy.types._registry is not self.types._registry:
            copy = self._copy = AdaptersMap(self)
        return copy

    def loaders(self) -> dict[tuple[int, int], type[Loader]]:
        """All loaders; later registrations go into another dictionary."""
        self._shared = True
        return self._loaders

    def get_dumper(self, cls: type, format: PyFormat) -> type[Dumper]:
        for base in cls.__mro__:
            found = self._dumpers.get((format, base))
            if found is not None:
                return found
            name = f"{base.__module__}.{base.__qualname__}"
            found = self._dumpers.get((format, name))
            if found is not None:
                return found
        raise e.ProgrammingError(
            f"cannot adapt type {cls.__name__!r} using placeholder"
            f" '%{PyFormat(format).value}' (format: {PyFormat(format).name})"
        )

    def get_dumper_by_oid(self, oid: int, format: Format) -> type[Dumper]:
        found = self._by_oid.get((format, oid))
        if found is not None:
            return found
        info = self.types.get(oid)
        if info is not None:
            message = f"cannot find a dumper for type {info.name} (oid {oid})"
        else:
            message = f"cannot find a dumper for unknown type with oid {oid}"
        raise e.ProgrammingError(f"{message} format {Format(format).name}")

    def get_loader(self, oid: int, format: Format) -> type[Loader] | None:
        return self._loaders.get((oid, format))

    def _own(self) -> None:
        if self._shared:
            self._loaders = dict(self._loaders)
            self._dumpers = dict(self._dumpers)
            self._by_oid = dict(self._by_oid)
            self._shared = False
            self._copy = None


def global_adapters() -> AdaptersMap:
    """The map that connections copy: ``psycopg.adapters``."""
    from .postgres import adapters

    return adapters


def adapters_of(context: Any) -> AdaptersMap:
    """The map of a context, the global one for ``None``."""
    if context is None:
        return global_adapters()
    adapters = context.adapters
    if not isinstance(adapters, AdaptersMap):
        raise TypeError(f"an adaptation context is expected, got {context!r}")
    return adapters


def quoted(text: bytes) -> bytes:
    """A literal of SQL: quotes doubled, and ``E''`` where there is a backslash."""
    doubled = text.replace(b"'", b"''")
    if _BACKSLASH not in doubled:
        return b"'" + doubled + b"'"
    return b" E'" + doubled.replace(b"\\", b"\\\\") + b"'"


def _transformer(context: Any) -> Transformer:
    from .transformer import Transformer

    return Transformer.from_context(context)


def __getattr__(name: str) -> Any:
    if name == "Transformer":
        from .transformer import Transformer

        return Transformer
    return refusing("psycopg.adapt")(name)
