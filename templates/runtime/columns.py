"""The columns of a result, as PEP 249's ``description`` shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, overload

if TYPE_CHECKING:
    from .decoding import RowLoader
    from .types import TypeInfo, TypesRegistry


# Name, type's name, type OID, typmod, size and format, as `COLUMNS` has them.
_Arguments: TypeAlias = tuple[str, str | None, int, int, int, str]


class _Fields(NamedTuple):
    name: str
    type_code: int
    display_size: int | None
    internal_size: int | None
    precision: int | None
    scale: int | None
    null_ok: bool | None


class Column(Sequence[Any]):
    """One column: a sequence of PEP 249's seven items, and attributes of that name."""

    __module__ = "psycopg"

    __slots__ = ("_fields", "_fmod", "_format", "_fsize", "_info", "_type_name")

    def __init__(
        self,
        name: str,
        type_name: str | None,
        type_oid: int,
        typmod: int = -1,
        size: int = -1,
        format: str = "text",
        types: TypesRegistry | None = None,
    ) -> None:
        info = (types if types is not None else global_types()).get(type_oid)
        self._info = info
        self._type_name = type_name
        self._fmod = typmod
        self._fsize = size
        self._format = format
        self._fields = _Fields(
            name,
            type_oid,
            info.get_display_size(typmod) if info else None,
            size if size >= 0 else None,
            info.get_precision(typmod) if info else None,
            info.get_scale(typmod) if info else None,
            None,
        )

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self._fields[index]

    def __len__(self) -> int:
        return 7

    def __repr__(self) -> str:
        return (
            f"<Column {self.name!r}, type: {self.type_display} (oid: {self.type_code})>"
        )

    @property
    def name(self) -> str:
        return self._fields.name

    @property
    def type_code(self) -> int:
        return self._fields.type_code

    @property
    def type_display(self) -> str:
        """The type as people write it, ``varchar(10)``; its OID if nobody knows it."""
        if self._info is None:
            return str(self.type_code)
        return self._info.get_type_display(oid=self.type_code, fmod=self._fmod)

    @property
    def display_size(self) -> int | None:
        return self._fields.display_size

    @property
    def internal_size(self) -> int | None:
        return self._fields.internal_size

    @property
    def precision(self) -> int | None:
        return self._fields.precision

    @property
    def scale(self) -> int | None:
        return self._fields.scale

    @property
    def null_ok(self) -> bool | None:
        """Always ``None``: the protocol does not say it."""
        return None

    @property
    def type_name(self) -> str | None:
        """The type's recorded name: OIDs of user types differ between databases."""
        return self._type_name

    @property
    def format(self) -> str:
        """How the cells were recorded: ``text``, ``binary`` or ``python``."""
        return self._format

    @property
    def typmod(self) -> int:
        return self._fmod

    def known_to(self, types: TypesRegistry) -> Column:
        """The same column as whoever has this registry sees it."""
        if types.get(self.type_code) is self._info:
            return self
        return Column(*self._arguments(), types)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self._arguments(), self._info)

    def _arguments(self) -> _Arguments:
        return (
            self.name,
            self._type_name,
            self.type_code,
            self._fmod,
            self._fsize,
            self._format,
        )


class RowDescription(tuple[Column, ...]):
    """The columns of a result, and what made the values of its rows last.

    `registry` are the types that the columns know of.
    """

    loader: RowLoader | None = None
    registry: Mapping[Any, TypeInfo] | None = None

    def known_to(self, types: TypesRegistry) -> list[Column]:
        """The columns as whoever has these types sees them."""
        if types._registry is self.registry:
            return list(self)
        return [column.known_to(types) for column in self]


_described: dict[str, RowDescription] = {}
_MOST_DESCRIBED = 4096


def described_by(line: str, types: TypesRegistry) -> RowDescription:
    """The columns of a line of `COLUMNS`, the same for all who ask.

    A fixture has few lines, and most of its scopes have the same.
    """
    known = types.known()
    description = _described.get(line)
    if description is None or description.registry is not known:
        columns: list[_Arguments] = json.loads(line)
        description = RowDescription(Column(*each, types) for each in columns)
        description.registry = known
        if len(_described) >= _MOST_DESCRIBED:
            _described.clear()
        _described[line] = description
    return description


def _unpickled(arguments: _Arguments, info: TypeInfo | None) -> Column:
    from .types import TypesRegistry

    # The type may be known to one connection's registry alone, so it travels along.
    types = TypesRegistry()
    if info is not None:
        types.add(info)
    return Column(*arguments, types)


def global_types() -> TypesRegistry:
    """The types that columns know of if they are told of no others."""
    from .adapt import global_adapters

    return global_adapters().types
