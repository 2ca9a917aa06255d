"""Values of the application's own classes: what the driver makes of them is overheard.

A dumper that an application registered is called by the driver and by nobody else. The
driver gets a stand-in of the value, which it dumps by the value's own dumper.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.adapt import Dumper, PyFormat, Transformer
from psycopg.pq import Format

from .parameters import is_known
from .proxy import is_foreign


class Heard:
    """Stands for a value in the parameters that the driver gets.

    ``text`` is what the driver dumped it to, as long as it has not None.
    """

    __slots__ = ("text", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.text: bytes | None = None


class HeardDumper(Dumper):
    """Asks the dumper of the value that is stood for."""

    def __init__(self, cls: type, context: Any = None) -> None:
        super().__init__(cls, context)
        self._tx = Transformer.from_context(context)
        self._own: Any = None

    def get_key(self, obj: Heard, format: PyFormat) -> Any:
        own = self._tx.get_dumper(obj.value, format)
        return (Heard, type(own), own.oid, own.get_key(obj.value, format))

    def upgrade(self, obj: Heard, format: PyFormat) -> HeardDumper:
        own = self._tx.get_dumper(obj.value, format)
        upgraded = type(self)(self.cls, self._tx)
        upgraded._own, upgraded.oid, upgraded.format = own, own.oid, own.format
        return upgraded

    def dump(self, obj: Heard) -> Any:
        dumped = self._own.dump(obj.value)
        if self.format == Format.TEXT:
            obj.text = b"" if dumped is None else bytes(dumped)
        return dumped

    def quote(self, obj: Heard) -> Any:
        return self._own.quote(obj.value)


class HeardBinaryDumper(HeardDumper):
    """The same where the placeholder asks for binary."""

    format = Format.BINARY


def hook_adapters() -> None:
    """Let all maps that are copied from now on know of stand-ins."""
    psycopg.adapters.register_dumper(Heard, HeardBinaryDumper)
    psycopg.adapters.register_dumper(Heard, HeardDumper)


def is_own(value: Any, adapters: Any) -> bool:
    """Whether a value is dumped by the application, and by nothing else."""
    if isinstance(value, list):
        # The driver names the classes of a list that has several.
        classes = {type(item) for item in value if item is not None}
        return len(classes) == 1 and any(
            not isinstance(item, list | tuple) and is_own(item, adapters)
            for item in value
        )
    if isinstance(value, tuple):
        return any(is_own(item, adapters) for item in value)
    if is_known(value):
        return False
    try:
        own = adapters.get_dumper(type(value), PyFormat.AUTO)
        adapters.get_dumper(Heard, PyFormat.AUTO)
    except psycopg.ProgrammingError:
        return False
    return is_foreign(own)
