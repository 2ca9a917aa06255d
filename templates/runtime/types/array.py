"""Adapters of arrays, which are lists here."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .. import errors as e
from ..abc import Buffer
from ..adapt import (
    AdaptersMap,
    Dumper,
    PyFormat,
    RecursiveDumper,
    adapters_of,
)
from ..loaders.binary_array import array_decoder as binary_array_decoder
from ..loaders.form import RecursiveBinaryForm, RecursiveTextForm, TextForm
from ..loaders.text_array import array_decoder
from ..pq import Format

if TYPE_CHECKING:
    from . import TypeInfo

_needs_quotes = re.compile(r'^$|^null$|[\s{}",;\\]', re.IGNORECASE)
_escaped = re.compile(r'(["\\])')
_TEXT = 25


class ArrayLoader(RecursiveTextForm):
    """A list of a text; subclasses know the type of the elements."""

    base_oid = _TEXT
    delimiter = ","

    def decoder(self) -> Callable[[str], list[Any]]:
        loader = self._tx.get_loader(self.base_oid, Format.TEXT)
        decode = self._tx.text_decoder(self.base_oid)
        shows_rest = (
            isinstance(loader, TextForm)
            and loader.shows_rest
            and decode is loader.decode
        )
        return array_decoder(decode, self.delimiter, shows_rest)


class ArrayBinaryLoader(RecursiveBinaryForm):
    """A list of bytes, which say the type of the elements."""

    def decoder(self) -> Callable[[bytes], list[Any]]:
        return binary_array_decoder(self._tx.binary_element_decoder)


class ListDumper(RecursiveDumper):
    """A list as the text of an array of what its elements have in common."""

    def __init__(
        self, cls: type, context: Any = None, element: Dumper | None = None
    ) -> None:
        super().__init__(cls, context)
        self._element = element
        if element is not None and element.oid:
            info = self._tx.adapters.types.get(element.oid)
            if info is not None:
                self.oid = info.array_oid

    def get_key(self, obj: list[Any], format: PyFormat) -> Any:
        element = self._common(obj, format)
        if element is None:
            return self.cls
        value, dumper = element
        return (self.cls, type(dumper), dumper.get_key(value, format))

    def upgrade(self, obj: list[Any], format: PyFormat) -> Dumper:
        element = self._common(obj, format)
        return self if element is None else ListDumper(self.cls, self._tx, element[1])

    def dump(self, obj: list[Any]) -> Buffer | None:
        return self._dump_list(obj, []).encode(self._tx.dump_encoding)

    def _dump_list(self, obj: list[Any], above: list[int]) -> str:
        if id(obj) in above:
            raise e.DataError("cannot dump a recursive list")
        return "{" + ",".join(self._item(item, [*above, id(obj)]) for item in obj) + "}"

    def _item(self, item: Any, above: list[int]) -> str:
        if item is None:
            return "NULL"
        if isinstance(item, list):
            return self._dump_list(item, above)
        dumper = self._element or self._tx.get_dumper(item, PyFormat.TEXT)
        dumped = dumper.dump(item)
        if dumped is None:
            return "NULL"
        text = str(bytes(dumped), self._tx.dump_encoding)
        if _needs_quotes.search(text):
            return '"' + _escaped.sub(r"\\\1", text) + '"'
        return text

    def _common(self, obj: list[Any], format: PyFormat) -> tuple[Any, Dumper] | None:
        """One element and its dumper that will do for all of them."""
        items = _flattened(obj)
        if not items:
            return None
        kinds = {type(item) for item in items}
        if len(kinds) > 1:
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise e.DataError(f"cannot dump lists of mixed types; got: {names}")
        widest = items[0]
        if isinstance(widest, int):
            widest = max(items, key=abs)
        else:
            # One aware datetime makes all the array one of ``timestamptz``.
            widest = max(items, key=lambda item: self._tx.get_dumper(item, format).oid)
        return widest, self._tx.get_dumper(widest, PyFormat.TEXT)


def _flattened(obj: list[Any]) -> list[Any]:
    found: list[Any] = []
    pending: list[Any] = [obj]
    seen: set[int] = set()
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            if id(item) in seen:
                continue
            seen.add(id(item))
            pending.extend(reversed(item))
        elif item is not None:
            found.append(item)
    return found


def register_array(info: TypeInfo, context: Any = None) -> None:
    """Decode arrays of a type as lists of it."""
    if not info.array_oid:
        raise ValueError(f"the type info {info} doesn't describe an array")
    adapters = adapters_of(context)
    adapters.register_loader(
        info.array_oid, _array_loader(info.name, info.oid, info.delimiter)
    )
    adapters.register_loader(info.array_oid, ArrayBinaryLoader)


@lru_cache
def _array_loader(name: str, oid: int, delimiter: str) -> type[ArrayLoader]:
    # Adapters of all connections share these classes, by their names in psycopg.
    namespace = {"base_oid": oid, "delimiter": delimiter}
    return type(f"{name.title()}ArrayLoader", (ArrayLoader,), namespace)


def register_default_adapters(context: AdaptersMap) -> None:
    context.adapters.register_dumper(list, ListDumper)


def register_all_arrays(context: AdaptersMap) -> None:
    """Decode arrays of every type that the registry has now."""
    with_arrays = [info for info in context.adapters.types if info.array_oid]
    for info in with_arrays:
        register_array(info, context)
