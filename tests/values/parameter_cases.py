"""The parameter values that keys are held to, each sent and fetched again."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import ipaddress
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg
from psycopg.types import numeric
from psycopg.types.json import Json, Jsonb
from psycopg.types.multirange import Int4Multirange, Multirange
from psycopg.types.range import DateRange, Int4Range, Range

BERLIN = ZoneInfo("Europe/Berlin")
OFFSET = dt.timezone(dt.timedelta(hours=-5, minutes=-30))


class Color(enum.Enum):
    RED = "red"


class Size(str, enum.Enum):
    BIG = "big"


class Level(enum.IntEnum):
    HIGH = 3


class Word(str):
    """A text by another name, such as SQLAlchemy's ``quoted_name``."""


class Number(int):
    """An integer by another name."""


class Row(NamedTuple):
    number: int
    word: str


@dataclass(frozen=True)
class ParameterCase:
    """A statement and its parameters, made anew for each execution."""

    name: str
    sql: str
    make: Callable[[], Any]


def _value(name: str, value: Any, cast: str = "") -> ParameterCase:
    sql = f"SELECT %s::{cast}" if cast else "SELECT %s"
    return ParameterCase(name, sql, lambda: (value,))


PARAMETER_CASES: list[ParameterCase] = [
    _value("none", None),
    _value("none as int", None, "int"),
    _value("true", True),
    _value("one", 1),
    _value("int2", -32768),
    _value("int4", 40000),
    _value("int8", 2**40),
    _value("numeric int", 10**30),
    _value("float", 1.5),
    _value("float one", 1.0),
    _value("float nan", float("nan")),
    _value("float inf", float("-inf")),
    _value("float minus zero", -0.0),
    _value("decimal", decimal.Decimal("1.50")),
    _value("decimal one", decimal.Decimal(1)),
    _value("decimal nan", decimal.Decimal("NaN")),
    _value("decimal exponent", decimal.Decimal("1E+5")),
    _value("text", "plain"),
    _value("text empty", ""),
    _value("text odd", "é日本🎉 'quote' \"double\" \\ % {}"),
    _value("text as uuid", "12345678-1234-5678-1234-567812345678", "uuid"),
    _value("text nul", "a\0b"),
    _value("text surrogate", "\ud800"),
    _value("bytes", b"\x00\xff'"),
    _value("bytes ascii", b"plain"),
    _value("bytearray", bytearray(b"\x00\xff")),
    _value("memoryview", memoryview(b"\x00\xff")),
    _value("binary", psycopg.Binary(b"\x00\xff")),
    _value("date", dt.date(2020, 1, 2)),
    _value("time", dt.time(10, 20, 30, 5)),
    _value("time zone", dt.time(10, 20, tzinfo=OFFSET)),
    _value("datetime", dt.datetime(2020, 1, 2, 3, 4, 5, 6)),
    _value("datetime utc", dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=dt.UTC)),
    _value("datetime offset", dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=OFFSET)),
    _value("datetime berlin", dt.datetime(2020, 10, 25, 2, 30, tzinfo=BERLIN)),
    _value("datetime fold", dt.datetime(2020, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)),
    _value("timedelta", dt.timedelta(days=-1, seconds=5, microseconds=7)),
    _value("uuid", uuid.UUID("12345678-1234-5678-1234-567812345678")),
    _value("ipv4", ipaddress.ip_address("10.0.0.1")),
    _value("ipv6 interface", ipaddress.ip_interface("2001:db8::1/64")),
    _value("network", ipaddress.ip_network("10.0.0.0/8")),
    _value("json", Json({"b": 1, "a": [1.5, None, "é"]})),
    _value("jsonb", Jsonb({"b": 1, "a": [1.5, None, "é"]})),
    _value("json dumps", Json({"a": 1}, dumps=lambda value: '{"made": "by hand"}')),
    _value("json list", [Json(1), Json("x")]),
    _value("range int", Range(1, 5), "int4range"),
    _value("range int4", Int4Range(1, 5, "[]")),
    _value("range date", Range(dt.date(2020, 1, 1), None)),
    _value("range named date", DateRange(None, None)),
    _value("range empty", Range(empty=True), "numrange"),
    _value("range text", Range("a b", 'c"d'), "word_range"),
    _value("multirange", Multirange([Range(1, 2), Range(3, 4)]), "int4multirange"),
    _value("multirange int4", Int4Multirange([Range(1, 2)])),
    _value("multirange empty", Multirange([]), "int8multirange"),
    _value("enum", Color.RED),
    _value("enum text", Size.BIG),
    _value("enum int", Level.HIGH),
    _value("subclass text", Word("word")),
    _value("subclass int", Number(7)),
    _value("wrapper int2", numeric.Int2(5)),
    _value("wrapper int8", numeric.Int8(5)),
    _value("wrapper oid", numeric.Oid(5)),
    _value("wrapper float4", numeric.Float4(1.5)),
    _value("list int", [1, 2, None]),
    _value("list wide", [1, 40000, 2**40]),
    _value("list text", ["a", 'b"c', "NULL", "", None, "x,y", "\\"]),
    _value("list nested", [[1, 2], [3, 4]]),
    _value("list empty", [], "int[]"),
    _value("list of none", [None], "text[]"),
    _value("list decimal", [decimal.Decimal("1.50"), decimal.Decimal("NaN")]),
    _value("list date", [dt.date(2020, 1, 1), None]),
    _value("list datetime", [dt.datetime(2020, 1, 2, 3, 4, tzinfo=dt.UTC)]),
    _value("list bytes", [b"\x00", b"x"]),
    _value("list uuid", [uuid.UUID(int=5)]),
    _value("list bool", [True, False]),
    _value("list range", [Int4Range(1, 2), Int4Range(empty=True)]),
    _value("list enum", [Size.BIG], "text[]"),
    _value("list mixed", [1, "a"]),
    _value("tuple", (1, "a b", None), "pair"),
    _value("named tuple", Row(1, "x"), "pair"),
    _value("dict", {"a": 1}),
    _value("set", {1}),
    _value("object", object),
    _value("complex", 1j),
    ParameterCase("several", "SELECT %s, %s, %s", lambda: (1, "x", None)),
    ParameterCase("list of parameters", "SELECT %s, %s", lambda: [1, "x"]),
    ParameterCase("named", "SELECT %(a)s, %(b)s", lambda: {"b": 1, "a": "x"}),
    ParameterCase(
        "named, ordered", "SELECT %(a)s, %(b)s", lambda: OrderedDict(a="x", b=1)
    ),
    ParameterCase("named twice", "SELECT %(a)s, %(a)s", lambda: {"a": 1.5}),
    ParameterCase("text format", "SELECT %t::text", lambda: (1,)),
    ParameterCase("binary format", "SELECT %b", lambda: (1,)),
    ParameterCase("percent", "SELECT %s, '%%'", lambda: (1,)),
    ParameterCase("too few", "SELECT %s, %s", lambda: (1,)),
    ParameterCase("missing name", "SELECT %(a)s", lambda: {"b": 1}),
    ParameterCase("no sequence", "SELECT %s", lambda: "x"),
]
