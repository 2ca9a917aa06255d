"""Adapters that applications register, for values both ways."""

from __future__ import annotations

import enum
import json
import uuid
from collections import namedtuple
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import adapt
from psycopg.pq import Format
from psycopg.types import TypeInfo
from psycopg.types.array import ListDumper
from psycopg.types.composite import CompositeInfo, register_composite
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.hstore import register_hstore
from psycopg.types.json import (
    Json,
    Jsonb,
    set_json_dumps,
    set_json_loads,
)
from psycopg.types.multirange import Multirange, MultirangeInfo, register_multirange
from psycopg.types.numeric import FloatLoader, Int4, Int8
from psycopg.types.range import Range, RangeInfo, register_range
from psycopg.types.string import StrDumper, TextLoader


class Money:
    """A value of the application's own."""

    def __init__(self, cents: int) -> None:
        self.cents = cents

    def __repr__(self) -> str:
        return f"Money({self.cents})"


class Shouting(TextLoader):
    def load(self, data: Any) -> Any:
        return super().load(data).upper() + "!"


def _counting_dumper(see: Any) -> type[adapt.Dumper]:
    class MoneyDumper(adapt.Dumper):
        oid = psycopg.adapters.types["numeric"].oid

        def dump(self, obj: Money) -> bytes:
            see("dumped", obj)
            return f"{obj.cents // 100}.{obj.cents % 100:02}".encode()

    return MoneyDumper


def _counting_loader(see: Any) -> type[adapt.Loader]:
    class MoneyLoader(adapt.Loader):
        def load(self, data: Any) -> Money:
            see("loading", type(data).__name__, bytes(data))
            return Money(int(Decimal(bytes(data).decode()) * 100))

    return MoneyLoader


async def dumper(see: Any) -> None:
    connection = await see.connect()
    await see.does(connection.execute, "SELECT %s", (Money(1250),))
    await connection.rollback()
    connection.adapters.register_dumper(Money, _counting_dumper(see))
    cursor = await see.does(connection.execute, "SELECT %s", (Money(1250),))
    await see.does(cursor.fetchone)
    cursor = await see.does(connection.execute, "SELECT %s", ([Money(1), Money(250)],))
    await see.does(cursor.fetchone)
    cursor = connection.cursor()
    await cursor.execute("CREATE TEMP TABLE prices (price numeric)")
    await see.does(
        cursor.executemany,
        "INSERT INTO prices VALUES (%s)",
        [(Money(n),) for n in (1, 2)],
    )
    await cursor.execute("SELECT * FROM prices")
    await see.does(cursor.fetchall)
    await connection.close()


async def loaders_by_level(see: Any) -> None:
    connection = await see.connect()
    before = connection.cursor()
    connection.adapters.register_loader("text", Shouting)
    after = connection.cursor()
    await before.execute("SELECT 'a'::text, ARRAY['b', 'c']")
    await see.does(before.fetchone)
    await after.execute("SELECT 'a'::text, ARRAY['b', 'c']")
    await see.does(after.fetchone)
    after.adapters.register_loader("text", TextLoader)
    await see.does(after.execute, "SELECT 'a'::text, 'b'::varchar")
    await see.does(after.fetchone)
    other = await see.connect()
    cursor = await other.execute("SELECT 'a'::text")
    await see.does(cursor.fetchone)
    cursor.adapters.register_loader("int4", FloatLoader)
    await cursor.execute("SELECT 1::int4, 2::int8, ARRAY[3, 4]")
    await see.does(cursor.fetchone)
    await other.close()
    await connection.close()


async def registered_between_execute_and_fetch(see: Any) -> None:
    connection = await see.connect()
    cursor = await connection.execute("SELECT 'a'::text FROM generate_series(1, 2)")
    cursor.adapters.register_loader("text", Shouting)
    await see.does(cursor.fetchone)
    await cursor.execute("SELECT 'a'::text FROM generate_series(1, 2)")
    await see.does(cursor.fetchone)
    await connection.close()


async def loader(see: Any) -> None:
    connection = await see.connect()
    connection.adapters.register_loader("numeric", _counting_loader(see))
    cursor = await connection.execute(
        "SELECT 12.5::numeric, NULL::numeric, ARRAY[1.25, NULL] FROM generate_series(1, 2)"
    )
    await see.does(cursor.fetchone)
    await see.does(cursor.fetchall)
    await see.does(cursor.scroll, 0, "absolute")
    await see.does(cursor.fetchone)
    await connection.close()


async def loader_that_fails(see: Any) -> None:
    class Failing(adapt.Loader):
        def load(self, data: Any) -> Any:
            raise RuntimeError(f"cannot load {bytes(data)!r}")

    connection = await see.connect()
    connection.adapters.register_loader("int4", Failing)
    cursor = await see.does(connection.execute, "SELECT 1, NULL::int4")
    await see.does(cursor.fetchone)
    see.connection(connection)
    await see.does(cursor.fetchall)
    await connection.close()


async def dumper_that_fails(see: Any) -> None:
    class Failing(adapt.Dumper):
        def dump(self, obj: Any) -> Any:
            raise RuntimeError("cannot dump it")

    connection = await see.connect()
    connection.adapters.register_dumper(Money, Failing)
    await see.does(connection.execute, "SELECT %s", (Money(1),))
    see.connection(connection)
    await connection.close()


async def json_functions(see: Any) -> None:
    connection = await see.connect()

    def dumps(value: Any) -> str:
        see("dumps", value)
        return json.dumps(value, sort_keys=True, default=str)

    def loads(text: Any) -> Any:
        see("loads", type(text).__name__)
        return json.loads(text, parse_float=Decimal)

    set_json_dumps(dumps, connection)
    set_json_loads(loads, connection)
    cursor = connection.cursor()
    await see.does(
        cursor.execute,
        "SELECT %s::json, %s::jsonb",
        (Json({"b": 1, "a": date(2020, 1, 2)}), Jsonb([1.5, None])),
    )
    await see.does(cursor.fetchone)
    await see.does(
        cursor.execute, "SELECT %s", (Json("x", dumps=lambda obj: '"other"'),)
    )
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT 'null'::jsonb, NULL::jsonb, '1.10'::json")
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT %s", ([Jsonb({"a": 1}), Jsonb(2)],))
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT %s::jsonb[]", ([Jsonb(1)],), binary=True)
    await see.does(cursor.fetchone)
    set_json_dumps(lambda obj: json.dumps({"cursor": obj}), cursor)
    await see.does(cursor.execute, "SELECT %s", (Jsonb(1),))
    await see.does(cursor.fetchone)
    await see.does(
        cursor.executemany,
        "SELECT %s",
        [(Jsonb(1),), (Jsonb({"x": [2]}),)],
        returning=True,
    )
    await see.does(cursor.fetchone)
    await connection.close()


async def json_that_cannot_be_dumped(see: Any) -> None:
    connection = await see.connect()
    await see.does(connection.execute, "SELECT %s", (Json({1, 2}),))
    await see.does(connection.execute, "SELECT %s", (Jsonb(object()),))
    await see.does(connection.execute, "SELECT %s", (Jsonb({"a": float("nan")}),))
    await connection.rollback()
    await see.does(connection.execute, "SELECT %s", (Jsonb("\x00"),))
    await connection.close()


class Mood(enum.Enum):
    SAD = "sad"
    OK = "ok"
    HAPPY = "very happy"


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Word(enum.StrEnum):
    ONE = "one"


async def enums(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await see.does(cursor.execute, "SELECT 'ok'::mood, ARRAY['sad', 'ok']::mood[]")
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT %s::text", (Mood.OK,))
    await see.does(cursor.fetchone)
    for value in (Colour.RED, Level.HIGH, Word.ONE, [Colour.RED], [Level.LOW]):
        await see.does(cursor.execute, "SELECT %s", (value,))
        if cursor.description:
            await see.does(cursor.fetchone)
        await connection.rollback()
    info = await EnumInfo.fetch(connection, "mood")
    see("info", info.name, info.labels)
    register_enum(info, connection, Mood)
    cursor = connection.cursor()
    await see.does(cursor.execute, "SELECT 'ok'::mood, ARRAY['sad', 'ok']::mood[]")
    await see.does(cursor.fetchone)
    see.description(cursor.description)
    await see.does(
        cursor.execute, "SELECT %s, %s, %s = 'sad'", (Mood.HAPPY, [Mood.OK], Mood.SAD)
    )
    await see.does(cursor.fetchone)
    await connection.rollback()
    see("none", await EnumInfo.fetch(connection, "no_such_type"))
    await connection.close()


async def enums_made_by_the_driver(see: Any) -> None:
    connection = await see.connect()
    info = await EnumInfo.fetch(connection, "mood")
    register_enum(info, connection)
    see("enum", list(info.enum))
    cursor = await connection.execute("SELECT 'very happy'::mood")
    see("row", await cursor.fetchone())
    register_enum(
        info, connection, Mood, mapping={Mood.OK: "ok", Mood.SAD: "very happy"}
    )
    cursor = await connection.execute("SELECT 'very happy'::mood, %s", (Mood.SAD,))
    await see.does(cursor.fetchone)
    await connection.close()


async def composites(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await see.does(cursor.execute, "SELECT (1, 'x')::pair, ROW(1, 'x', NULL)")
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT %s::pair", ((1, "x"),))
    await see.does(cursor.fetchone)
    info = await CompositeInfo.fetch(connection, "pair")
    see("info", info.name, info.field_names, info.field_types, info.regtype)
    register_composite(info, connection)
    see("type", info.python_type.__name__)
    cursor = connection.cursor()
    await see.does(cursor.execute, "SELECT (1, 'x')::pair, ARRAY[(2, NULL)::pair]")
    await see.does(cursor.fetchone)
    await see.does(
        cursor.execute, "SELECT %s, (%s).word", (info.python_type(3, "y"),) * 2
    )
    await see.does(cursor.fetchone)
    await connection.close()
    Named = namedtuple("Named", ["number", "word"])
    other = await see.connect(autocommit=True)
    info = await CompositeInfo.fetch(other, "pair")
    register_composite(info, other, factory=Named)
    for binary in (False, True):
        cursor = other.cursor(binary=binary)
        await see.does(cursor.execute, "SELECT (1, 'a \"b\\')::pair, (NULL, '')::pair")
        await see.does(cursor.fetchone)
    see("none", await CompositeInfo.fetch(other, "no_such_type"))
    await other.close()


async def ranges(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await see.does(
        cursor.execute,
        "SELECT '[1,5)'::int4range, 'empty'::daterange, '(,2.5]'::numrange,"
        " '{[1,2),[5,)}'::int4multirange, '[1.5,2)'::float_range",
    )
    await see.does(cursor.fetchone)
    for value in (
        Range(1, 5),
        Range(1, 5, "[]"),
        Range(None, 3),
        Range(empty=True),
        Range(date(2020, 1, 1), None),
        Range(Decimal("1.5"), Decimal(3)),
        Range("a", "b"),
        Range(2**40, 2**41),
        Range(Int4(1), Int4(2)),
        Range(Int8(1), None),
        Multirange([Range(1, 2), Range(5, 9)]),
        Multirange([]),
        [Range(1, 2), Range(3, 4)],
        Range(1.5, 2.5),
        Range(1, "x"),
    ):
        await see.does(cursor.execute, "SELECT %s", (value,))
        if cursor.description:
            see.description(cursor.description)
            await see.does(cursor.fetchone)
        await connection.rollback()
    info = await RangeInfo.fetch(connection, "float_range")
    see("info", info.name, info.subtype_oid)
    register_range(info, connection)
    multi = await MultirangeInfo.fetch(connection, "float_multirange")
    see("info", multi.name, multi.subtype_oid, multi.range_oid == info.oid)
    register_multirange(multi, connection)
    cursor = connection.cursor()
    await see.does(
        cursor.execute, "SELECT '[1.5,2)'::float_range, '{[1,2)}'::float_multirange"
    )
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT 1.7 <@ %s::float_range", (Range(1.5, 2.5),))
    await see.does(cursor.fetchone)
    await connection.close()


async def hstore(see: Any) -> None:
    connection = await see.connect()
    cursor = await connection.execute("SELECT 'a=>1, b=>NULL'::hstore")
    await see.does(cursor.fetchone)
    await see.does(connection.execute, "SELECT %s", ({"a": "1"},))
    await connection.rollback()
    info = await TypeInfo.fetch(connection, "hstore")
    see("info", info.name, info.regtype, info.delimiter)
    register_hstore(info, connection)
    cursor = connection.cursor()
    await see.does(cursor.execute, "SELECT 'a=>1, b=>NULL'::hstore, ''::hstore")
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT %s, %s -> 'k'", ({"k": 'v"\\'}, {"k": None}))
    await see.does(cursor.fetchone)
    await see.does(cursor.execute, "SELECT %s", ({"k": 1},))
    await see.does(cursor.execute, "SELECT %s", ([{"k": "v"}],))
    await connection.close()


async def type_infos(see: Any) -> None:
    connection = await see.connect()
    for name in (
        "int4",
        "hstore",
        "mood",
        "positive",
        "no_such",
        "authors",
        "public.mood",
    ):
        info = await TypeInfo.fetch(connection, name)
        see(
            name,
            info and (info.name, info.regtype, info.delimiter, type(info).__name__),
        )
    info = await TypeInfo.fetch(connection, psycopg.sql.Identifier("public", "mood"))
    see("identifier", info.name)
    connection2 = await see.connect(autocommit=True)
    await see.does(connection2.execute, "SELECT 1/0")
    info = await TypeInfo.fetch(connection2, "mood")
    see("again", info.name)
    await connection2.close()
    await see.does(TypeInfo.fetch, connection2, "mood")
    await connection.close()


async def arrays(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    for value in (
        [1, 2],
        [1, None],
        [2**40, 1],
        [2**70],
        ["a", 'b"\\', "", "NULL", "a,b", "{}"],
        [[1, 2], [3, 4]],
        [],
        [[]],
        [None, None],
        [True, False],
        [1.5, float("inf")],
        [Decimal("1.5"), 2],
        [date(2020, 1, 1)],
        [b"\x00\xff"],
        [uuid.UUID(int=1)],
        (1, 2),
        [(1, "a"), (2, "b")],
        [1, "a"],
        [Jsonb(1)],
    ):
        await see.does(cursor.execute, "SELECT %s", (value,))
        if cursor.description:
            see("type", cursor.description[0].type_code)
            await see.does(cursor.fetchone)
        await connection.rollback()
        await see.does(cursor.execute, "SELECT %b", (value,))
        if cursor.description:
            await see.does(cursor.fetchone)
        await connection.rollback()
    await see.does(
        cursor.execute,
        "SELECT '[0:1]={1,2}'::int[], '{}'::int[], ARRAY[[NULL]]::text[], '{1,2}'::oidvector::int2[]",
    )
    await see.does(cursor.fetchone)
    await connection.close()


async def global_registrations(see: Any) -> None:
    class Note(str):
        """A text of the application's own."""

    class NoteDumper(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(f"note: {obj}")

    psycopg.adapters.register_dumper(Note, NoteDumper)
    connection = await see.connect()
    cursor = await connection.execute("SELECT %s, %s", (Note("x"), "x"))
    await see.does(cursor.fetchone)
    await connection.close()


async def looked_up(see: Any) -> None:
    connection = await see.connect()
    types = connection.adapters.types
    for key in ("int4", "int4[]", 23, "integer", "timestamptz", 1184):
        info = types[key]
        see(str(key), info.name, info.oid, info.array_oid, info.regtype)
    await see.does(types.get, "no_such")
    await see.does(lambda: types["no_such"])
    see("oid", types.get_oid("int4"), types.get_oid("int4[]"))
    see("loader", connection.adapters.get_loader(25, Format.TEXT).__name__)
    see("none", connection.adapters.get_loader(99999, Format.TEXT))
    see("dumper", connection.adapters.get_dumper(str, adapt.PyFormat.TEXT).__name__)
    await see.does(connection.adapters.get_dumper, Money, adapt.PyFormat.AUTO)
    await see.does(connection.adapters.register_loader, "no_such", TextLoader)
    await see.does(connection.adapters.register_dumper, "not.imported.Yet", StrDumper)
    see("list", issubclass(ListDumper, adapt.Dumper))
    await connection.close()


async def context_of_another_map(see: Any) -> None:
    own = adapt.AdaptersMap(psycopg.adapters)
    own.register_loader("text", Shouting)

    class Context:
        adapters = own
        connection = None

    connection = await see.connect(see.url, context=Context())
    cursor = await connection.execute("SELECT 'a'::text")
    await see.does(cursor.fetchone)
    await connection.close()
