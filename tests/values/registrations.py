"""What the cases register before they fetch: adapters, user types, JSON functions.

Each function gets a connection and a cursor on it, and registers where a real
application would.
"""

from __future__ import annotations

import enum
import json
from typing import Any

from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types import TypeInfo
from psycopg.types.composite import CompositeInfo, register_composite
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.hstore import register_hstore
from psycopg.types.json import set_json_loads
from psycopg.types.multirange import MultirangeInfo, register_multirange
from psycopg.types.numeric import FloatLoader
from psycopg.types.range import RangeInfo, register_range
from psycopg.types.string import TextLoader


class Mood(enum.Enum):
    """Two of the three labels; the third cannot be decoded."""

    sad = 1
    ok = 2


class Pair:
    """A class that is no sequence, made by position."""

    def __init__(self, number: int | None, word: str | None) -> None:
        self.number = number
        self.word = word

    def __repr__(self) -> str:
        return f"Pair({self.number!r}, {self.word!r})"


class Seen(Loader):
    """Shows what a loader of an application is given."""

    def load(self, data: Any) -> str:
        kind = "view" if isinstance(data, memoryview) else type(data).__name__
        return f"{kind} {bytes(data)!r} of {self.oid}"


class SeenBinary(Seen):
    format = Format.BINARY


class Calls:
    """A JSON function that counts: each cell must be decoded once."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, data: Any) -> Any:
        self.count += 1
        return [self.count, type(data).__name__, json.loads(data, parse_float=str)]


def hstore(connection: Any, cursor: Any) -> None:
    register_hstore(TypeInfo.fetch(connection, "hstore"), cursor)


def enum_(connection: Any, cursor: Any) -> None:
    register_enum(EnumInfo.fetch(connection, "mood"), cursor)


def enum_class(connection: Any, cursor: Any) -> None:
    register_enum(EnumInfo.fetch(connection, "mood"), cursor, Mood)


def enum_mapping(connection: Any, cursor: Any) -> None:
    mapping = {Mood.sad: "ok", Mood.ok: "sad"}
    register_enum(EnumInfo.fetch(connection, "mood"), cursor, Mood, mapping=mapping)


def composite(connection: Any, cursor: Any) -> None:
    hstore(connection, cursor)
    enum_(connection, cursor)
    for name in ("pair", "outer_pair", "with_mood"):
        register_composite(CompositeInfo.fetch(connection, name), cursor)


def composite_factory(connection: Any, cursor: Any) -> None:
    info = CompositeInfo.fetch(connection, "pair")
    register_composite(info, cursor, lambda *values: Pair(*values))


def composite_object(connection: Any, cursor: Any) -> None:
    info = CompositeInfo.fetch(connection, "pair")
    register_composite(
        info,
        cursor,
        make_object=lambda values, info: dict(
            zip(info.field_names, values, strict=True)
        ),
    )


def range_(connection: Any, cursor: Any) -> None:
    for name in ("float_range", "word_range"):
        register_range(RangeInfo.fetch(connection, name), cursor)


def multirange(connection: Any, cursor: Any) -> None:
    register_multirange(MultirangeInfo.fetch(connection, "float_multirange"), cursor)


def json_loads(connection: Any, cursor: Any) -> None:
    # The cursor was made before, and copied the adapters that the connection had.
    set_json_loads(Calls(), connection)


def json_loads_cursor(connection: Any, cursor: Any) -> None:
    set_json_loads(Calls(), cursor)


def text_inet(connection: Any, cursor: Any) -> None:
    cursor.adapters.register_loader("inet", TextLoader)
    cursor.adapters.register_loader("cidr", TextLoader)


def loader(connection: Any, cursor: Any) -> None:
    cursor.adapters.register_loader("int4", Seen)
    cursor.adapters.register_loader(23, SeenBinary)


def float_numeric(connection: Any, cursor: Any) -> None:
    cursor.adapters.register_loader("numeric", FloatLoader)


def type_info(connection: Any, cursor: Any) -> None:
    TypeInfo.fetch(connection, "mood").register(cursor)


REGISTRATIONS = {
    "composite": composite,
    "composite_factory": composite_factory,
    "composite_object": composite_object,
    "enum": enum_,
    "enum_class": enum_class,
    "enum_mapping": enum_mapping,
    "float_numeric": float_numeric,
    "hstore": hstore,
    "json_loads": json_loads,
    "json_loads_cursor": json_loads_cursor,
    "loader": loader,
    "multirange": multirange,
    "range": range_,
    "text_inet": text_inet,
    "type_info": type_info,
}
