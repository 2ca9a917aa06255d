"""Tagged values: what is lossless, what makes keys equal, what is asked once."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import ipaddress
import json
import math
import uuid
import zoneinfo
from typing import Any, NamedTuple

import pytest
from launcher_folder import shared

parameters = shared("parameters")


class Wrapper:
    """Stands for `psycopg.types.json.Jsonb`, which is recognised by its name."""

    __module__ = "psycopg.types.json"

    def __init__(self, obj: Any) -> None:
        self.obj = obj


Wrapper.__qualname__ = "Jsonb"


class StandInRange:
    __module__ = "some_fixture.runtime.types.range"

    def __init__(self, lower: Any, upper: Any, bounds: str = "[)") -> None:
        self.lower, self.upper, self.bounds = lower, upper, bounds
        self.isempty = bounds == ""


StandInRange.__qualname__ = "Range"


class Asked:
    def __init__(self) -> None:
        self.calls: list[Any] = []

    def json(self, wrapper: Any) -> str:
        self.calls.append(wrapper)
        return json.dumps(wrapper.obj)

    def dumped(self, value: Any) -> str:
        if isinstance(value, Odd):
            raise TypeError(value)
        return f"<{value.x}>"


class Odd:
    pass


class Zone(dt.tzinfo):
    """Shows itself as Python does: by its address."""

    def utcoffset(self, moment: dt.datetime | None) -> dt.timedelta:
        return dt.timedelta(hours=4)


class Known:
    x = 7


class Name(str):
    pass


class Count(int):
    pass


class Point(NamedTuple):
    x: int
    y: str


class Color(enum.Enum):
    RED = 1


class Level(str, enum.Enum):
    LOW = "low"


def encode(value: Any) -> Any:
    return parameters.encode(value, Asked())


ROUND_TRIP = [
    None,
    True,
    0,
    2**63 - 1,
    -(2**63) - 1,
    10**400,
    1.5,
    -0.0,
    1e300,
    math.inf,
    -math.inf,
    "",
    "é\u2028\x00\n",
    "\ud800",
    b"\x00\xff",
    bytearray(b"x"),
    decimal.Decimal("1.500"),
    decimal.Decimal("NaN"),
    dt.date(1, 1, 1),
    dt.time(1, 2, 3, 4),
    dt.time(1, tzinfo=dt.UTC),
    dt.datetime(2026, 1, 2, 3, 4, 5, 6),
    dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=-3))),
    dt.datetime(2026, 10, 25, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"), fold=1),
    dt.timedelta(-1, 2, 3),
    uuid.UUID(int=1),
    ipaddress.ip_address("10.0.0.1"),
    ipaddress.ip_interface("::1/64"),
    ipaddress.ip_network("10.0.0.0/8"),
    [1, [None, "a"], []],
    (1, (2.0,)),
    {"a": 1, 2: [decimal.Decimal(1)]},
]


@pytest.mark.parametrize("value", ROUND_TRIP, ids=repr)
def test_builtin_values_survive(value: Any) -> None:
    tagged = json.loads(json.dumps(encode(value)))
    decoded = parameters.decode(tagged)
    assert type(decoded) is type(value)
    assert repr(decoded) == repr(value)
    assert getattr(decoded, "fold", 0) == getattr(value, "fold", 0)


def test_names_are_text_that_a_trace_can_hold() -> None:
    encoded = parameters.encode_parameters({"a\ud800": 1, Name("é"): 2}, Asked())
    assert encoded == {"a\\ud800": 1, "é": 2}
    assert {type(name) for name in encoded} == {str}


def test_nan_and_memoryview() -> None:
    assert encode(math.nan) == {"float": "nan"}
    assert parameters.decode(encode(memoryview(b"ab"))) == b"ab"


@pytest.mark.parametrize(
    ("value", "tagged"),
    [
        (Name("x"), {"subclass": [f"{__name__}.Name", "x"]}),
        (-(2**63), -(2**63)),
        (2**63, {"int": str(2**63)}),
        (16**4000, {"int": "0x1" + "0" * 4000}),
        (Count(2**64), {"subclass": [f"{__name__}.Count", {"int": str(2**64)}]}),
        (Count(3), {"subclass": [f"{__name__}.Count", 3]}),
        (Point(1, "a"), {"subclass": [f"{__name__}.Point", {"tuple": [1, "a"]}]}),
        (
            dt.datetime(2026, 1, 2, tzinfo=Zone()),
            {
                "datetime": {
                    "value": "2026-01-02T00:00:00+04:00",
                    "zone": f"{__name__}.Zone",
                    "fold": 0,
                }
            },
        ),
        (Color.RED, {"enum": [f"{__name__}.Color", "RED", 1]}),
        (Level.LOW, {"subclass": [f"{__name__}.Level", "low"]}),
        (Known(), {"object": [f"{__name__}.Known", "<7>"]}),
        (Odd(), {"object": [f"{__name__}.Odd", "TypeError"]}),
        (StandInRange(1, None), {"range": ["[)", 1, None]}),
        (StandInRange(None, None, ""), {"range": "empty"}),
    ],
    ids=lambda value: repr(value)[:40] if not isinstance(value, int) else "int",
)
def test_classes(value: Any, tagged: Any) -> None:
    assert encode(value) == tagged


def test_json_is_dumped_once_per_wrapper() -> None:
    asked = Asked()
    wrapper = Wrapper({"b": 1, "a": 2})
    encoded = parameters.encode_parameters({"x": wrapper, "y": [wrapper]}, asked)
    text = {"jsonb": '{"b": 1, "a": 2}'}
    assert encoded == {"x": text, "y": [text]}
    assert asked.calls == [wrapper, wrapper]


def test_parameters_are_told_apart() -> None:
    def key(value: Any, *, many: bool = False) -> str:
        encoder = parameters.encode_many if many else parameters.encode_parameters
        text: str = parameters.canonical(encoder(value, Asked()), many=many)
        return text

    different: list[Any] = [
        None,
        [],
        [1],
        [1.0],
        [True],
        ["1"],
        [decimal.Decimal(1)],
        [[1]],
    ]
    different += [[(1,)], {"a": 1}, {"b": 1}, [b"1"], [None], "1", 5]
    keys = [key(value) for value in different]
    assert len(set(keys)) == len(keys)
    assert key({"a": 1, "b": Name("x")}) == key({"b": "x", "a": 1})
    assert key([{"a": 1, "b": 2}]) == key([{"b": 2, "a": 1}])
    assert key([Wrapper(1)]) == '[{"jsonb":"1"}]'
    # A parameter may have the name of a tag.
    assert key({"subclass": ["x", Name("y")]}) == '{"subclass":["x","y"]}'
    assert key([{"subclass": [1, Name("y")]}], many=True) == '[{"subclass":[1,"y"]}]'


def test_nothing_is_changed() -> None:
    value = {"a": [1, {"b": (2,)}]}
    before = repr(value)
    parameters.encode_parameters(value, Asked())
    assert repr(value) == before


def test_constructors_win() -> None:
    tagged = [{"json": "[1]"}, {"range": ["[)", 1, 2]}]
    built = parameters.decode(tagged, {"json": json.loads, "range": tuple})
    assert built == [[1], ("[)", 1, 2)]
