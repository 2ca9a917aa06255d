"""Parameters of odd types, and odd ways to give them."""

from __future__ import annotations

import array
import datetime as dt
import enum
import ipaddress
import pathlib
import types
import uuid
from collections import ChainMap, OrderedDict, UserDict, UserList, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg
from psycopg.types.json import Json
from psycopg.types.numeric import Float4, Int2, Oid


class Number(int):
    """An integer of the application's own."""


class Word(str):
    """A text of the application's own."""


class Pair(NamedTuple):
    number: int
    word: str


class Flag(enum.IntFlag):
    A = 1
    B = 2


class Plain(enum.Enum):
    ONE = "one"


VALUES = (
    Number(5),
    Word("own"),
    Flag.A | Flag.B,
    Plain.ONE,
    True,
    2**31,
    2**63,
    -(2**63),
    Int2(5),
    Oid(5),
    Float4(1.5),
    0.1 + 0.2,
    float("inf"),
    Decimal("NaN"),
    Decimal("-Infinity"),
    Decimal("1E+5"),
    Decimal("0.000"),
    Fraction(1, 3),
    1j,
    "",
    "\u20ac \U0001f600 \u2028",
    'quo\'te "double" \\back',
    "%s %(a)s %%",
    b"",
    bytearray(b"\x00\x01"),
    memoryview(b"\x02\x03"),
    psycopg.Binary(b"\xff"),
    array.array("i", [1, 2]),
    uuid.UUID(int=2**100),
    ipaddress.ip_address("10.0.0.1"),
    ipaddress.ip_interface("10.0.0.1/8"),
    ipaddress.ip_network("::/8"),
    dt.date.max,
    dt.datetime(2020, 1, 2, 3, 4, 5, 678),
    dt.datetime(2020, 7, 2, 3, 4, tzinfo=ZoneInfo("Europe/Berlin")),
    dt.datetime(2020, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
    dt.datetime(2020, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=-5, minutes=-30))),
    dt.time(23, 59, 59, 999999),
    dt.time(1, 2, tzinfo=dt.UTC),
    dt.timedelta(days=1, hours=2, microseconds=3),
    Pair(1, "x"),
    (1, None, "y"),
    (),
    [Pair(1, "x"), Pair(2, "y")],
    [Word("a"), Word("b")],
    [1.5, 2],
    [dt.date(2020, 1, 1), None],
    [b"a", b"b"],
    range(3),
    deque([1, 2]),
    UserList([1, 2]),
    {1, 2},
    frozenset(),
    {"a": 1},
    Json({"a": [1, None, "x"]}),
    pathlib.PurePosixPath("/tmp"),
    types.SimpleNamespace(a=1),
    int,
    ...,
    NotImplemented,
)


async def one_by_one(see: Any) -> None:
    connection = await see.connect()
    for binary in (False, True):
        cursor = connection.cursor(binary=binary)
        for value in VALUES:
            await see.does(cursor.execute, "SELECT %s", (value,))
            if cursor.description:
                see("type", cursor.description[0].type_code)
                await see.does(cursor.fetchone)
            await connection.rollback()
    await connection.close()


async def in_each_format(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    for value in VALUES[::2]:
        for mark in ("%b", "%t"):
            await see.does(cursor.execute, f"SELECT {mark}", (value,))
            if cursor.description:
                await see.does(cursor.fetchone)
            await connection.rollback()
    await connection.close()


async def containers(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    for parameters in (
        (1, "x"),
        [1, "x"],
        Pair(1, "x"),
        UserList([1, "x"]),
        deque([1, "x"]),
        range(2),
        iter((1, "x")),
        {1, 2},
        5,
        "xy",
        b"xy",
    ):
        await see.does(cursor.execute, "SELECT %s::int, %s", parameters)
        if cursor.description:
            await see.does(cursor.fetchone)
        await connection.rollback()
    named = {"a": 1, "b": "x", "more": object()}
    for mapping in (
        named,
        OrderedDict(named),
        UserDict(named),
        ChainMap({}, named),
        types.MappingProxyType(named),
        defaultdict(lambda: "made", {"a": 1}),
        {"b": "x"},
        {"a": 1, "b": None, 3: "three"},
    ):
        await see.does(cursor.execute, "SELECT %(a)s, %(b)s", mapping)
        if cursor.description:
            await see.does(cursor.fetchone)
        await connection.rollback()
    await connection.close()


async def many_sets(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    for sets in (
        ((1,), [2], UserList([3])),
        {(1,): None, (2,): None},
        iter([(1,), (2,)]),
        ((n,) for n in range(2)),
        UserList([(1,), (2,)]),
        deque([(1,), (2,)]),
        "ab",
        ["a", "b"],
        [{"a": 1}],
        [None],
        5,
    ):
        await see.does(cursor.executemany, "SELECT %s", sets, returning=True)
        if cursor.description:
            async for result in cursor.results():
                see("rows", await result.fetchall())
        await connection.rollback()
    await connection.close()


async def changed_by_the_application(see: Any) -> None:
    """A list of parameters that is used again, and changed in between."""
    connection = await see.connect()
    cursor = connection.cursor()
    parameters: list[Any] = [0]
    for number in range(3):
        parameters[0] = number
        await see.does(cursor.execute, "SELECT %s + 1", parameters)
        await see.does(cursor.fetchone)

    def sets() -> Any:
        row = [0]
        for number in range(3):
            row[0] = number
            yield row

    await see.does(cursor.executemany, "SELECT %s", sets(), returning=True)
    async for result in cursor.results():
        see("rows", await result.fetchall())
    await connection.close()
