"""The types that adapters know by name and OID."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, TypeVar

from ..typemod import TypeModifier

T = TypeVar("T", bound="TypeInfo")

RegistryKey = str | int | tuple[type, int]


class TypeInfo:
    """A type of the database: its name, OID and the OID of its array."""

    __module__ = "psycopg.types"

    def __init__(
        self,
        name: str,
        oid: int,
        array_oid: int,
        *,
        regtype: str = "",
        delimiter: str = ",",
        typemod: type[TypeModifier] = TypeModifier,
    ) -> None:
        self.name, self.regtype = name, regtype or name
        self.oid, self.array_oid = oid, array_oid
        self.delimiter, self.typemod = delimiter, typemod(oid)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__qualname__}: {self.name}"
            f" (oid: {self.oid}, array oid: {self.array_oid})>"
        )

    @classmethod
    def fetch(cls, conn: Any, name: Any) -> Any:
        """What the recorded server knows of a type, ``None`` if it knows none.

        On an asynchronous connection an awaitable of that.
        """
        as_string = getattr(name, "as_string", None)
        asked = as_string(conn) if as_string is not None else name
        if not isinstance(asked, str):
            raise TypeError(
                f"type name must be a string or Identifier, got {type(name).__name__}"
            )
        answer = conn._type_info(cls.__name__, asked)
        if hasattr(answer, "__await__"):
            return cls._fetched_async(answer)
        return cls._from_row(answer)

    @classmethod
    async def _fetched_async(cls, answer: Any) -> Self | None:
        return cls._from_row(await answer)

    @classmethod
    def _from_row(cls, row: Sequence[Any] | None) -> Self | None:
        """Of the columns of an exchange ``type_info``: name, OID, array OID, …"""
        if row is None:
            return None
        name, oid, array_oid, regtype, delimiter = row[:5]
        return cls(name, oid, array_oid, regtype=regtype, delimiter=delimiter)

    def register(self, context: Any = None) -> None:
        """Make the type, and arrays of it, known to adapters."""
        from ..adapt import adapters_of
        from .array import register_array

        adapters = adapters_of(context)
        adapters.types.add(self)
        if self.array_oid:
            register_array(self, adapters)

    def _keys(self) -> Sequence[RegistryKey]:
        """Further keys under which a registry finds this."""
        return ()

    def get_type_display(self, oid: int | None = None, fmod: int | None = None) -> str:
        modifiers = () if fmod is None else self.typemod.modifiers(fmod) or ()
        parts = f"({','.join(map(str, modifiers))})" if modifiers else ""
        brackets = "[]" if oid is not None and oid == self.array_oid else ""
        return self.name + parts + brackets

    def get_display_size(self, fmod: int) -> int | None:
        return self.typemod.display_size(fmod)

    def get_precision(self, fmod: int) -> int | None:
        return self.typemod.precision(fmod)

    def get_scale(self, fmod: int) -> int | None:
        return self.typemod.scale(fmod)


class TypesRegistry:
    """Types by name and OID; a copy shares its template's until one is changed."""

    __module__ = "psycopg.types"

    def __init__(self, template: TypesRegistry | None = None) -> None:
        self._registry: dict[RegistryKey, TypeInfo] = {}
        self._shared = False
        if template is not None:
            self._registry = template._registry
            self._shared = template._shared = True

    def known(self) -> Mapping[RegistryKey, TypeInfo]:
        """All types by their keys, as they are now: a change makes another mapping."""
        self._shared = True
        return self._registry

    def clear(self) -> None:
        self._registry = {}
        self._shared = False

    def add(self, info: TypeInfo) -> None:
        if self._shared:
            self._registry = dict(self._registry)
            self._shared = False
        registry = self._registry
        if info.oid:
            registry[info.oid] = info
        if info.array_oid:
            registry[info.array_oid] = info
        registry[info.name] = info
        if info.regtype and info.regtype not in registry:
            registry[info.regtype] = info
        for key in info._keys():
            registry[key] = info

    def __iter__(self) -> Iterator[TypeInfo]:
        # Each stands under several keys.
        return iter({id(info): info for info in self._registry.values()}.values())

    def __getitem__(self, key: RegistryKey) -> TypeInfo:
        info = self.get(key)
        if info is None:
            raise KeyError(f"couldn't find the type {key!r} in the types registry")
        return info

    def get(self, key: RegistryKey) -> TypeInfo | None:
        info = self._registry.get(key)
        if info is None and isinstance(key, str) and key.endswith("[]"):
            return self._registry.get(key[:-2])
        return info

    def get_oid(self, name: str) -> int:
        """The OID of a type, of its array if the name ends in brackets."""
        info = self[name]
        return info.array_oid if name.endswith("[]") else info.oid

    def get_by_subtype(self, cls: type[T], subtype: int | str) -> T | None:
        """The range, or multirange, of a subtype."""
        info = self.get(subtype)
        if info is None:
            return None
        found = self.get((cls, info.oid))
        return found if isinstance(found, cls) else None
