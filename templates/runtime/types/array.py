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
from ..dumpers.binary_array import encode_array
from ..loaders.binary_array import array_decoder as binary_array_decoder
from ..loaders.form import RecursiveBinaryForm, RecursiveTextForm, TextForm
from ..loaders.text_array import array_decoder
from ..pq import Format
from ..refusal import refusing

if TYPE_CHECKING:
    from . import TypeInfo

_needs_quotes = {
    delimiter: re.compile(rf'^$|^null$|[\s{{}}"{delimiter}\\]', re.IGNORECASE)
    for delimiter in ",;"
}
_escaped = re.compile(r'(["\\])')
_TEXT = 25


class ArrayLoader(RecursiveTextForm):
    """A list of a text; subclasses know the type of the elements."""

    base_oid = _TEXT
    delimiter = b","

    def decoder(self) -> Callable[[str], list[Any]]:
        loader = self._tx.get_loader(self.base_oid, Format.TEXT)
        decode = self._tx.text_decoder(self.base_oid)
        shows_rest = (
            isinstance(loader, TextForm)
            and loader.shows_rest
            and decode is loader.decode
        )
        return array_decoder(decode, self.delimiter.decode(), shows_rest)


class ArrayBinaryLoader(RecursiveBinaryForm):
    """A list of bytes, which say the type of the elements."""

    def decoder(self) -> Callable[[bytes], list[Any]]:
        return binary_array_decoder(self._tx.binary_element_decoder)


class BaseListDumper(RecursiveDumper):
    """A list, dumped as what its elements have in common.

    `element_oid` is the type of the elements where it is known from the start.
    """

    element_oid = 0
    delimiter = b","

    def __init__(self, cls: type, context: Any = None) -> None:
        super().__init__(cls, context)
        self._element: Dumper | None = None
        if self.element_oid:
            self._element = self._tx.get_dumper_by_oid(self.element_oid, self.format)

    def get_key(self, obj: list[Any], format: PyFormat) -> Any:
        element = self._common(obj, format)
        if element is None:
            return self.cls
        value, dumper = element
        return (self.cls, type(dumper), dumper.get_key(value, format))

    def upgrade(self, obj: list[Any], format: PyFormat) -> Dumper:
        element = self._common(obj, format)
        if element is None:
            return self
        upgraded = type(self)(self.cls, self._tx)
        upgraded._element = element[1]
        info = self._tx.adapters.types.get(self._element_oid(element[1]))
        if info is not None:
            upgraded.oid = info.array_oid
            upgraded.delimiter = info.delimiter.encode()
        return upgraded

    def _element_oid(self, element: Dumper) -> int:
        return element.oid

    def _common(self, obj: list[Any], format: PyFormat) -> tuple[Any, Dumper] | None:
        """One element and its dumper that will do for all of them."""
        items = _flattened(obj)
        if not items:
            return None
        kinds = {type(item) for item in items}
        if len(kinds) > 1:
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise e.DataError(f"cannot dump lists of mixed types; got: {names}")
        own = PyFormat.from_pq(self.format)
        widest = items[0]
        if isinstance(widest, int):
            widest = max(items, key=abs)
        else:
            # One aware datetime makes all the array one of ``timestamptz``.
            widest = max(items, key=lambda item: self._tx.get_dumper(item, format).oid)
        return widest, self._tx.get_dumper(widest, own)


class ListDumper(BaseListDumper):
    """A list as the text of an array."""

    def dump(self, obj: list[Any]) -> Buffer | None:
        return self._dump_list(obj, []).encode(self._tx.dump_encoding)

    def _dump_list(self, obj: list[Any], above: list[int]) -> str:
        if id(obj) in above:
            raise e.DataError("cannot dump a recursive list")
        items = (self._item(item, [*above, id(obj)]) for item in obj)
        return "{" + self.delimiter.decode().join(items) + "}"

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
        if _needs_quotes[self.delimiter.decode()].search(text):
            return '"' + _escaped.sub(r"\\\1", text) + '"'
        return text


class ListBinaryDumper(BaseListDumper):
    """A list as the bytes of an array; one without elements goes as text."""

    format = Format.BINARY

    def upgrade(self, obj: list[Any], format: PyFormat) -> Dumper:
        upgraded = super().upgrade(obj, format)
        return ListDumper(self.cls, self._tx) if upgraded is self else upgraded

    def get_key(self, obj: list[Any], format: PyFormat) -> Any:
        key = super().get_key(obj, format)
        return (self.cls,) if key is self.cls else key

    def dump(self, obj: list[Any]) -> Buffer | None:
        element = self._element
        if element is None:
            raise e.DataError("cannot dump an array without the type of its elements")
        return encode_array(obj, self._element_oid(element), element.dump)

    def _element_oid(self, element: Dumper) -> int:
        # What nobody knows the type of goes as text.
        return element.oid or _TEXT


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
    for base in (ListDumper, ListBinaryDumper):
        adapters.register_dumper(
            None, _array_dumper(base, info.name, info.oid, info.array_oid)
        )


@lru_cache
def _array_loader(name: str, oid: int, delimiter: str) -> type[ArrayLoader]:
    # Adapters of all connections share these classes, by their names in psycopg.
    namespace = {"base_oid": oid, "delimiter": delimiter.encode()}
    return type(f"{name.title()}ArrayLoader", (ArrayLoader,), namespace)


@lru_cache
def _array_dumper(
    base: type[BaseListDumper], name: str, oid: int, array_oid: int
) -> type[BaseListDumper]:
    """A dumper of lists as arrays of one type, for those who ask by the array's OID."""
    namespace = {"oid": array_oid, "element_oid": oid}
    return type(f"{name.title()}{base.__name__}", (base,), namespace)


def register_default_adapters(context: AdaptersMap) -> None:
    # The later one is preferred.
    context.adapters.register_dumper(list, ListBinaryDumper)
    context.adapters.register_dumper(list, ListDumper)


def register_all_arrays(context: AdaptersMap) -> None:
    """Decode arrays of every type that the registry has now."""
    with_arrays = [info for info in context.adapters.types if info.array_oid]
    for info in with_arrays:
        register_array(info, context)


__getattr__ = refusing("psycopg.types.array")
