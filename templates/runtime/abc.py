"""Protocols and names of types that applications annotate with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from .adapt import AdaptersMap

Buffer: TypeAlias = bytes | bytearray | memoryview
Query: TypeAlias = Any
QueryNoTemplate: TypeAlias = Any
Params: TypeAlias = Sequence[Any] | Mapping[str, Any]
ConnectionType: TypeAlias = Any
ConnParam: TypeAlias = str | int | None
ConnDict: TypeAlias = dict[str, ConnParam]
ConnMapping: TypeAlias = Mapping[str, ConnParam]
DumpFunc: TypeAlias = Callable[[Any], "Buffer | None"]
LoadFunc: TypeAlias = Callable[[Buffer], Any]
PipelineCommand: TypeAlias = Callable[[], None]
DumperKey: TypeAlias = type | tuple[Any, ...]


class AdaptContext(Protocol):
    """What can be given where adapters are looked up: a map, connection or cursor."""

    @property
    def adapters(self) -> AdaptersMap: ...

    @property
    def connection(self) -> Any: ...


class Dumper(Protocol):
    """What dumps Python values of one class."""

    format: Any
    oid: int

    def __init__(self, cls: type, context: AdaptContext | None = None) -> None: ...

    def dump(self, obj: Any) -> Buffer | None: ...

    def quote(self, obj: Any) -> Buffer: ...

    def get_key(self, obj: Any, format: Any) -> DumperKey: ...

    def upgrade(self, obj: Any, format: Any) -> Dumper: ...


class Loader(Protocol):
    """What decodes the cells of one type."""

    format: Any

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None: ...

    def load(self, data: Buffer) -> Any: ...
