"""What values are dumped to, as parameters and as literals, beside the driver's own."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import functools
import importlib
import ipaddress
import itertools
import math
import os
import uuid
import zoneinfo
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any, Self

import pytest
from recorded_scripts import require_server
from recordings import PLAIN, make_fixture
from sides import outcome

require_server()
psycopg = pytest.importorskip("psycopg")

NUMPY = (
    *("int8", "int16", "int32", "int64", "longlong", "uint8", "uint16", "uint32"),
    *("uint64", "ulonglong", "bool_", "float16", "float32", "float64", "complex64"),
)

# A value is built on each side with the side's own `psycopg`.
VALUES = (
    "None",
    "True",
    "0",
    "-1",
    "32767",
    "-32768",
    "32768",
    "-2**31",
    "2**31",
    "-2**63",
    "2**63",
    "-2**63 - 1",
    "10**40",
    "10**8",
    "-10**12 - 5",
    "99990000",
    "MyInt(5)",
    "Choice.ONE",
    "Number.ONE",
    "Word.ONE",
    "Flag.ONE | Flag.TWO",
    "0.0",
    "-0.0",
    "1.5",
    "-1.5",
    "1e300",
    "1e-7",
    "math.inf",
    "-math.inf",
    "math.nan",
    "Decimal('0')",
    "Decimal('-0')",
    "Decimal('1.50')",
    "Decimal('-1.50')",
    "Decimal('1E+10')",
    "Decimal('1E-10')",
    "Decimal('123456789.000012345')",
    "Decimal('-0.00001')",
    "Decimal('10000')",
    "Decimal('0.1000')",
    "Decimal('NaN')",
    "Decimal('sNaN')",
    "Decimal('Infinity')",
    "Decimal('-Infinity')",
    "numeric.Int2(5)",
    "numeric.Int4(-5)",
    "numeric.Int8(5)",
    "numeric.IntNumeric(5)",
    "numeric.IntNumeric(-5 * 10**20)",
    "numeric.Oid(5)",
    "numeric.Float4(1.5)",
    "numeric.Float8(-1.5)",
    "''",
    "'plain'",
    "'it\\'s'",
    "'back\\\\slash'",
    "'both \\' \\\\'",
    "'\u00e9\u20ac'",
    "'100%'",
    "'a\\0b'",
    "'\\ud800'",
    "MyStr('x')",
    "b''",
    "b'plain'",
    "b'\\x00\\xff\\'\\\\'",
    "bytearray(b'x')",
    "memoryview(b'x')",
    "psycopg.Binary(b'x')",
    "psycopg.Binary(b'\\\\')",
    "dt.date(2026, 11, 24)",
    "dt.date(1, 1, 1)",
    "dt.date.max",
    "dt.time(12, 30)",
    "dt.time(23, 59, 59, 999999)",
    "dt.time(12, 30, tzinfo=dt.timezone(dt.timedelta(hours=-3)))",
    "dt.time(12, 30, tzinfo=ZoneInfo('Europe/Berlin'))",
    "dt.time(12, 30, tzinfo=dt.timezone(dt.timedelta(seconds=3661)))",
    "dt.datetime(2026, 11, 24, 1, 2, 3)",
    "dt.datetime(1999, 12, 31, 23, 59, 59, 999999)",
    "dt.datetime(2026, 11, 24, 1, 2, 3, 4, tzinfo=dt.UTC)",
    "dt.datetime(2026, 7, 24, 1, 2, 3, tzinfo=ZoneInfo('Europe/Berlin'))",
    "dt.datetime(1, 1, 1)",
    "dt.datetime.max",
    "dt.timedelta(0)",
    "dt.timedelta(days=1, seconds=2, microseconds=3)",
    "dt.timedelta(days=-1, seconds=2)",
    "dt.timedelta.max",
    "dt.timedelta.min",
    "UUID(int=5)",
    "ip.ip_address('10.0.0.1')",
    "ip.ip_address('::1')",
    "ip.ip_interface('10.0.0.1/24')",
    "ip.ip_interface('::1/64')",
    "ip.ip_network('10.0.0.0/24')",
    "ip.ip_network('::/64')",
    "Json({'a': [1, None, 'it\\'s']})",
    "Json('\\\\')",
    "Json('\u00e9')",
    "Jsonb([1])",
    "Jsonb({'a': 1}, dumps=lambda obj: 'own')",
    "Json({1}, dumps=repr)",
    "Json({1})",
    "[]",
    "[[], []]",
    "[1, 2]",
    "[1, None, 2**40]",
    "[[1, 2], [3, 4]]",
    "[[1], [2, 3]]",
    "[[1], 2]",
    "[None]",
    "[True]",
    "['a', 'it\\'s', 'b\\\\', '', 'NULL', 'a b', 'a,b', '{', '\"']",
    "[b'x', b'\\x00']",
    "[1.5, math.inf]",
    "[1.5, Decimal(1)]",
    "[Decimal('1.5')]",
    "[1, 'a']",
    "[1, True]",
    "[dt.date(2026, 1, 1)]",
    "[dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]",
    "[UUID(int=5)]",
    "[Json({'a': 1})]",
    "[Range(1, 2)]",
    "[(1, 'a')]",
    "[ip.ip_address('10.0.0.1')]",
    "[numeric.Int8(1)]",
    "[numeric.Int8(1), 2]",
    "[object()]",
    "()",
    "(1, 'a', None, '', 'b c', '\"', '(')",
    "(1, (2, 'x'))",
    "Pair(1, 'x')",
    "Range(1, 2)",
    "Range(1.5, None)",
    "Range(None, 2**40)",
    "Range(None, None)",
    "Range(empty=True)",
    "Range('a', 'b c')",
    "Range('', '\"')",
    "Range(dt.date(2026, 1, 1), dt.date(2026, 2, 1), '[]')",
    "Range(dt.datetime(2026, 1, 1), None)",
    "Range(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None)",
    "Range(Decimal('1.5'), Decimal('2.5'))",
    "Range(numeric.Int4(1), numeric.Int4(2))",
    "Range(1, 'a')",
    "Range(object(), None)",
    "range_.Int4Range(1, 2)",
    "range_.Int8Range(1, 2**40)",
    "range_.NumericRange(Decimal(1), None)",
    "range_.DateRange(dt.date(2026, 1, 1), None)",
    "range_.TimestampRange(dt.datetime(2026, 1, 1), None)",
    "range_.TimestamptzRange(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None)",
    "range_.Int4Range(empty=True)",
    "Multirange([Range(1, 2)])",
    "Multirange([])",
    "Multirange([Range(Decimal(1), None), Range(empty=True)])",
    "Multirange([Range(dt.date(2026, 1, 1), None)])",
    "multirange.Int4Multirange([Range(1, 2), Range(5, 6)])",
    "multirange.DateMultirange([Range(dt.date(2026, 1, 1), None)])",
    "multirange.TimestamptzMultirange([])",
    "{'a': 1}",
    "{1}",
    "object()",
    "dt.timezone.utc",
    *(f"numbers('{name}', {value})" for name in NUMPY for value in (5, -5)),
)


TYPES = ("composite", "hstore", "json", "multirange", "numeric", "string")
FORMATS = ("AUTO", "TEXT", "BINARY")
NUMBERS = ("5", "-5 * 10**20", "True", "Decimal('-1.50')", "Decimal('sNaN')", "1.5")


class MyInt(int):
    pass


class MyStr(str):
    __slots__ = ()


class Choice(enum.Enum):
    ONE = 1


class Number(enum.IntEnum):
    ONE = 1


class Word(enum.StrEnum):
    ONE = "one"


class Flag(enum.Flag):
    ONE = 1
    TWO = 2


@functools.cache
def _numpy(name: str) -> Any:
    methods = {
        "__module__": "numpy",
        "__init__": lambda self, value: setattr(self, "value", value),
        **{each: lambda self: self.value for each in ("__int__", "__index__")},
        "__float__": lambda self: float(self.value),
        "__str__": lambda self: str(self.value),
        "__ge__": lambda self, other: self.value >= other,
        "__lt__": lambda self, other: self.value < other,
    }
    return type(name, (), methods)


def numbers(name: str, value: int) -> Any:
    """What goes for one of numpy's numbers with whoever looks at names only."""
    return _numpy(name)(value)


class Point:
    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y


class Pair(tuple[Any, ...]):
    def __new__(cls, *items: Any) -> Self:
        return super().__new__(cls, items)


def _names(package: str) -> dict[str, Any]:
    def load(name: str) -> Any:
        return importlib.import_module(f"{package}.{name}")

    return {
        **globals(),
        **{each: load(f"types.{each}") for each in TYPES},
        "Decimal": decimal.Decimal,
        "UUID": uuid.UUID,
        "ZoneInfo": zoneinfo.ZoneInfo,
        "dt": dt,
        "ip": ipaddress,
        "math": math,
        "psycopg": load("psycopg") if "." in package else psycopg,
        "adapt": load("adapt"),
        "types": load("types"),
        "enum_": load("types.enum"),
        "range_": load("types.range"),
        "Range": load("types.range").Range,
        "Multirange": load("types.multirange").Multirange,
        "Json": load("types.json").Json,
        "Jsonb": load("types.json").Jsonb,
    }


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """The names of the stand-in and of the driver, each with a connection."""
    package = make_fixture(tmp_path_factory.mktemp("dumpers"), {}, [PLAIN])
    both = [_names(f"{package.__name__}.runtime"), _names("psycopg")]
    for names in both:
        names["connection"] = names["psycopg"].connect(os.environ["DATABASE_URL"])
        names["Format"] = names["adapt"].PyFormat
    yield both
    for names in both:
        names["connection"].close()


@pytest.mark.parametrize("connected", [True, False], ids=["connected", "alone"])
@pytest.mark.parametrize("value", VALUES)
def test_dumpers(sides: list[Any], value: str, connected: bool) -> None:
    for format in FORMATS:
        assert _agree(sides, _dumped, value, format, connected), format


@pytest.mark.parametrize("connected", [True, False], ids=["connected", "alone"])
@pytest.mark.parametrize("value", VALUES)
def test_literals(sides: list[Any], value: str, connected: bool) -> None:
    assert _agree(sides, _literal, value, connected)


# What is registered, and values that are dumped differently from then on.
REGISTERED = (
    (
        "hstore.register_hstore(types.TypeInfo('hstore', 90001, 90002), connection)",
        ("{'a': None, 'b': 'c\"d\\\\'}", "{}", "{1: 'a'}", "{'a': 1}", "[{'a': 'b'}]"),
    ),
    (
        (
            "enum_.register_enum(enum_.EnumInfo('choice', 90003, 90004, ['ONE']),"
            " connection, Choice)"
        ),
        ("Choice.ONE", "[Choice.ONE]", "Number.ONE", "Flag.ONE"),
    ),
    (
        (
            "enum_.register_enum(enum_.EnumInfo('choice', 90003, 90004, ['eins']),"
            " connection, Choice, mapping={Choice.ONE: 'eins'})"
        ),
        ("Choice.ONE",),
    ),
    (
        (
            "composite.register_composite(composite.CompositeInfo('pair', 90005, 90006,"
            " field_names=['a', 'b'], field_types=[23, 25]), connection, Pair)"
        ),
        (
            "Pair(1, 'x')",
            "Pair(None, 'a b')",
            "[Pair(1, 'x'), Pair(2, None)]",
            "(1, 'x')",
        ),
    ),
    (
        (
            "composite.register_composite(composite.CompositeInfo('point', 90007, 90008,"
            " field_names=['x', 'y'], field_types=[701, 1700]), connection, Point,"
            " make_sequence=lambda obj, info: [obj.x, obj.y])"
        ),
        ("Point(1.5, Decimal('2.5'))", "Point(1, 2)", "[Point(1.5, None)]"),
    ),
    (
        (
            "range_.register_range(range_.RangeInfo('textrange', 90009, 90010,"
            " subtype_oid=25), connection)"
        ),
        ("Range('a', 'b')", "[Range('a', 'b')]"),
    ),
    (
        (
            "multirange.register_multirange(multirange.MultirangeInfo('textmultirange',"
            " 90011, 90012, range_oid=90009, subtype_oid=25), connection)"
        ),
        ("Multirange([Range('a', 'b')])",),
    ),
    (
        "json.set_json_dumps(lambda obj: 'own', connection)",
        ("Json(1)", "Jsonb(1)", "Json(1, dumps=str)", "[Jsonb(2)]"),
    ),
    (
        (
            "connection.adapters.register_dumper(Choice, type('Own', (string.StrDumper,),"
            " {'dump': lambda self, obj: b\"it's\"}))"
        ),
        ("Choice.ONE", "[Choice.ONE]", "(Choice.ONE,)"),
    ),
    (
        (
            "connection.adapters.register_dumper(Choice, type('Own', (adapt.Dumper,),"
            " {'oid': 603, 'dump': lambda self, obj: b'(1,1),(0,0)'}))"
        ),
        ("Choice.ONE", "[Choice.ONE, Choice.ONE]"),
    ),
    (
        "connection.adapters.register_dumper(str, string.StrDumperVarchar)",
        ("'a'", "['a']", "Range('a', 'b')"),
    ),
    (
        "connection.adapters.register_dumper(int, numeric.Int8Dumper)",
        ("1", "[1]", "MyInt(1)"),
    ),
    (
        "connection.adapters.register_dumper(int, numeric.IntNumericBinaryDumper)",
        ("1", "[1]"),
    ),
)


@pytest.mark.parametrize(("registration", "values"), REGISTERED)
def test_registered(sides: list[Any], registration: str, values: list[str]) -> None:
    said = []
    for names in sides:
        connection = names["psycopg"].connect(os.environ["DATABASE_URL"])
        own = {**names, "connection": connection}
        with closing(connection):
            calls = [
                partial(eval, f"{registration} and None", own),
                *(partial(_literal, own, value, True) for value in values),
                *(
                    partial(_dumped, own, value, format, True)
                    for value, format in itertools.product(values, FORMATS)
                ),
            ]
            said.append([outcome(call) for call in calls])
    assert said[0] == said[1]


def test_dumpers_by_oid(sides: list[Any]) -> None:
    infos = list(psycopg.adapters.types)
    oids = {each.oid for each in infos} | {each.array_oid for each in infos}
    for oid, format in itertools.product(sorted(oids), (0, 1)):
        assert _agree(sides, _dumper_by_oid, oid, format), (oid, format)
    assert len(oids) > 100


@pytest.mark.parametrize("value", NUMBERS)
def test_either_kind_of_number(sides: list[Any], value: str) -> None:
    for name in ("NumericDumper", "NumericBinaryDumper"):
        assert _agree(sides, _number, name, value)


def _dumped(names: dict[str, Any], value: str, format: str, connected: bool) -> Any:
    context = names["connection"] if connected else None
    transformer = names["adapt"].Transformer(context)
    obj = eval(value, names)
    dumper = transformer.get_dumper(obj, names["Format"][format])
    # Of bytes that are no text the driver makes literals that nobody can use.
    is_text = dumper.format == names["psycopg"].pq.Format.TEXT
    return [
        type(dumper).__name__,
        dumper.oid,
        dumper.format,
        outcome(lambda: bytes(dumper.dump(obj))),
        outcome(lambda: bytes(dumper.quote(obj))) if is_text else "",
    ]


def _literal(names: dict[str, Any], value: str, connected: bool) -> Any:
    literal = names["psycopg"].sql.Literal(eval(value, names))
    return literal.as_bytes(names["connection"] if connected else None)


def _dumper_by_oid(names: dict[str, Any], oid: int, format: int) -> str:
    adapters = names["connection"].adapters
    return str(adapters.get_dumper_by_oid(oid, format).__name__)


def _number(names: dict[str, Any], dumper: str, value: str) -> bytes:
    return bytes(getattr(names["numeric"], dumper)(int).dump(eval(value, names)))


def _agree(sides: list[Any], ask: Any, *arguments: Any) -> bool:
    said = [outcome(partial(ask, names, *arguments)) for names in sides]
    assert said[0] == said[1]
    return True
