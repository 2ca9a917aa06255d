"""Decoding of single cells: what the oracle on a server cannot show.

The server never sends malformed texts; a damaged fixture may, and must get an error.
"""

from __future__ import annotations

import base64
import datetime as dt
import logging
import pickle
import struct
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from fixture.runtime import errors as e
from fixture.runtime.adapt import AdaptersMap, Loader, global_adapters
from fixture.runtime.columns import Column
from fixture.runtime.decoding import row_loader
from fixture.runtime.session import Session
from fixture.runtime.types import TypeInfo
from fixture.runtime.types.hstore import register_hstore
from fixture.runtime.types.json import set_json_loads
from fixture.runtime.types.multirange import Multirange
from fixture.runtime.types.range import Range
from fixture.runtime.types.string import TextLoader

UTF8 = {"client_encoding": "UTF8", "server_encoding": "UTF8"}


def decoded(
    oid: int,
    cell: Any,
    format: str = "text",
    parameters: Mapping[str, str] | None = None,
    adapters: AdaptersMap | None = None,
) -> Any:
    """The value of one cell of a type."""
    adapters = adapters if adapters is not None else global_adapters()
    column = Column("x", None, oid, -1, -1, format, adapters.types)
    session = Session({**UTF8, **(parameters or {})})
    return row_loader([column], adapters, session)([cell])[0]


def binary(oid: int, data: bytes) -> Any:
    return decoded(oid, base64.b64encode(data).decode(), "binary")


def int4s(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}i", *numbers)


@pytest.mark.parametrize(
    ("oid", "cell", "value"),
    [
        (23, "5", 5),
        (20, "9223372036854775807", 2**63 - 1),
        (1700, "1.50", Decimal("1.50")),
        (25, "x", "x"),
        (99999, "whatever", "whatever"),
        (0, "", ""),
        (16, "t", True),
        (17, "\\x00ff", b"\x00\xff"),
        (1007, "{1,NULL,3}", [1, None, 3]),
        (1007, "[2:3]={1,2}", [1, 2]),
        (1009, '{"a,b",NULL,"NULL","q\\"q",""}', ["a,b", None, "NULL", 'q"q', ""]),
        (1020, "{(1,1),(0,0);(2,2),(1,1)}", ["(1,1),(0,0)", "(2,2),(1,1)"]),
        (2249, '(1,"a b",)', ("1", "a b", None)),
        (3904, "[1,5)", Range(1, 5)),
        (3904, "empty", Range(empty=True)),
        (4451, "{[1,2),[3,4)}", Multirange([Range(1, 2), Range(3, 4)])),
        (1186, "-1 days +02:03:04", dt.timedelta(days=-1, seconds=7384)),
    ],
)
def test_text(oid: int, cell: str, value: Any) -> None:
    found = decoded(oid, cell)
    assert found == value
    assert type(found) is type(value)


def test_null_is_none() -> None:
    assert decoded(23, None) is None
    assert decoded(25, None) is None


def test_row_of_texts_is_passed_on() -> None:
    columns = [Column(name, None, 25, -1, -1, "text") for name in "ab"]
    load = row_loader(columns, global_adapters(), Session(UTF8))
    assert load(["x", None]) == ("x", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1,2",
        "{",
        "{1,2",
        "{1,2}}",
        '{"1',
        '{"1\\',
        "{1,{2}",
        "[2:3]{1}",
        "[2:3",
        "[2:3]=",
        "}",
        "{" * 100_000,
        "{" * 50_000 + "}" * 49_999,
        '{"' + "\\\\" * 50_000,
    ],
)
def test_malformed_array(text: str) -> None:
    with pytest.raises(e.DataError, match="malformed array"):
        decoded(1009, text)


def test_deep_array_is_no_recursion() -> None:
    value = decoded(1007, "{" * 20_000 + "}" * 20_000)
    depth = 0
    while value:
        value, depth = value[0], depth + 1
    assert depth == 19_999


@pytest.mark.parametrize("text", ["", "x", "(", "(a", "a)", '("a)', "(a\\)", '(a"b)'])
def test_malformed_record(text: str) -> None:
    with pytest.raises(e.DataError, match="malformed record"):
        decoded(2249, text)


@pytest.mark.parametrize("text", ["", "x", "[1", "[1,5", "EMPTY", "[,", '["1,2)'])
def test_malformed_range(text: str) -> None:
    with pytest.raises(e.DataError, match="failed to parse range"):
        decoded(3904, text)


@pytest.mark.parametrize("text", ["", "x", "{[1,2)", "{[1,2)[3,4)}", "{[1,2)} ", "{,}"])
def test_malformed_multirange(text: str) -> None:
    with pytest.raises(e.DataError):
        decoded(4451, text)


@pytest.mark.parametrize(
    "data",
    [
        int4s(7, 0, 23) + int4s(1, 1) * 7,
        int4s(1, 0, 23, 2**31 - 1, 1),
        int4s(1, 0, 23, -1, 1),
        int4s(6, 0, 23) + int4s(2**31 - 1, 1) * 6,
    ],
)
def test_malformed_binary_array(data: bytes) -> None:
    with pytest.raises(e.DataError):
        binary(1007, data)


def test_binary_array_of_nothing_is_not_counted() -> None:
    assert binary(1007, int4s(2, 0, 23, 2**31 - 1, 1, 0, 1)) == []


@pytest.mark.parametrize(
    ("oid", "text", "message"),
    [
        (1082, "infinity", "date too large (after year 10K): 'infinity'"),
        (1082, "0044-03-15 BC", "date too small (before year 1): '0044-03-15 BC'"),
        (1083, "24:00:00", "can't parse time '24:00:00': hour must be in 0..23"),
        (1114, "-infinity", "timestamp too small (before year 1): '-infinity'"),
    ],
)
def test_dates_that_python_has_not(oid: int, text: str, message: str) -> None:
    with pytest.raises(e.DataError) as raised:
        decoded(oid, text)
    assert str(raised.value) == message


def test_fold_of_the_sessions_zone() -> None:
    berlin = {"TimeZone": "Europe/Berlin"}
    first = decoded(1184, "2020-10-25 02:30:00+02", parameters=berlin)
    second = decoded(1184, "2020-10-25 02:30:00+01", parameters=berlin)
    assert (first.fold, second.fold) == (0, 1)
    assert repr(first.tzinfo) == "zoneinfo.ZoneInfo(key='Europe/Berlin')"


def test_unknown_zone_is_utc(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "psycopg"):
        value = decoded(
            1184, "2020-07-02 03:04:05+03", parameters={"TimeZone": "<+03>-03"}
        )
    assert value == dt.datetime(2020, 7, 2, 0, 4, 5, tzinfo=dt.UTC)
    assert "unknown PostgreSQL timezone: '<+03>-03'; will use UTC" in caplog.text


def test_undecodable_text_raises_when_fetched() -> None:
    column = Column("x", None, 25, -1, -1, "text")
    session = Session({"client_encoding": "UTF8", "server_encoding": "SQL_ASCII"})
    load = row_loader([column], global_adapters(), session)
    assert load(["x"]) == ("x",)
    with pytest.raises(UnicodeDecodeError):
        load([{"bytes": base64.b64encode(b"\xff").decode()}])


def test_text_without_encoding_is_bytes() -> None:
    ascii_only = {"client_encoding": "SQL_ASCII"}
    cell = {"bytes": base64.b64encode(b"\xff").decode()}
    assert decoded(25, "x", parameters=ascii_only) == b"x"
    assert decoded(25, cell, parameters=ascii_only) == b"\xff"
    assert decoded(1009, "{x}", parameters=ascii_only) == [b"x"]


class Shouting(Loader):
    def load(self, data: Any) -> str:
        return bytes(data).decode().upper()


class Softly(TextLoader):
    def load(self, data: Any) -> Any:
        return super().load(data).lower()


@pytest.mark.parametrize(("loader", "value"), [(Shouting, "AB"), (Softly, "ab")])
def test_loaders_of_an_application(loader: type[Loader], value: str) -> None:
    adapters = AdaptersMap(global_adapters())
    adapters.register_loader("text", loader)
    assert decoded(25, "aB", adapters=adapters) == value
    assert decoded(1009, "{aB,NULL}", adapters=adapters) == [value, None]
    assert decoded(25, "aB") == "aB"


def test_json_loads_is_called_once_a_cell() -> None:
    calls = []

    def loads(data: Any) -> int:
        calls.append(data)
        return len(calls)

    adapters = AdaptersMap(global_adapters())
    set_json_loads(loads, adapters)
    assert decoded(114, "[1]", adapters=adapters) == 1
    assert calls == [b"[1]"]


def test_a_copy_of_adapters_is_apart() -> None:
    above = AdaptersMap(global_adapters())
    below = AdaptersMap(above)
    above.register_loader("text", Shouting)
    below.types.add(TypeInfo("mine", 70_000, 70_001))
    assert decoded(25, "x", adapters=below) == "x"
    assert above.types.get("mine") is None


def test_hstore() -> None:
    adapters = AdaptersMap(global_adapters())
    register_hstore(TypeInfo("hstore", 70_000, 70_001), adapters)
    text = '"a"=>"1", "b"=>NULL, "c d"=>"e\\"f"'
    assert decoded(70_000, text, adapters=adapters) == {
        "a": "1",
        "b": None,
        "c d": 'e"f',
    }
    with pytest.raises(e.DataError, match="error parsing hstore"):
        decoded(70_000, "x", adapters=adapters)


def test_column() -> None:
    column = Column("b", "varchar", 1043, 14, -1, "text")
    assert repr(column) == "<Column 'b', type: varchar(10) (oid: 1043)>"
    assert tuple(column) == ("b", 1043, 10, None, None, None, None)
    assert repr(Column("m", "mood", 70_000, -1, 4, "text")) == (
        "<Column 'm', type: 70000 (oid: 70000)>"
    )


@pytest.mark.parametrize("value", [Range(1, 5), Range(empty=True), Range()])
def test_range_is_pickled(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # As when the fixture is active: classes are found under the driver's names.
    module = sys.modules["fixture.runtime.types.range"]
    for name in ("psycopg", "psycopg.types", "psycopg.types.range"):
        monkeypatch.setitem(sys.modules, name, module)
    assert pickle.loads(pickle.dumps(value)) == value
