"""Protocols and names of types that applications annotate with."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from .refusal import refusing

if TYPE_CHECKING:
    from .adapt import AdaptersMap

NoneType = type(None)
RV = TypeVar("RV")

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
PQGen: TypeAlias = Generator[Any, Any, RV]
PQGenConn: TypeAlias = Generator[tuple[int, Any], Any, RV]


class WaitFunc(Protocol):
    """Waits for what a generator of libpq's operations needs."""

    def __call__(
        self, gen: Any, fileno: int, interval: float = ..., timeout: float = ...
    ) -> Any: ...


class ReadyFunc(Protocol):
    """Says what a file is ready for."""

    def __call__(self, fileno: int, wait: Any, /) -> Any: ...


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


def __getattr__(name: str) -> Any:
    if name == "PyFormat":
        # Adapters are made of these protocols.
        from .adapt import PyFormat

        return PyFormat
    return refusing("psycopg.abc")(name)
