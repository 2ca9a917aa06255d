"""COPY on the fixture: which exchange answers, foreign traces, bound values."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import uuid
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange, make_fixture

COPY = "COPY t TO STDOUT"
BLOCKS = ["1\t\\N\t2026-11-25\n", "2\ta\\tb\\\\é\t2026-11-26\n", "3\t\t2026-11-27\n"]
SENT: dict[str, Any] = {
    "operation": "copy_out",
    "rows": [[block] for block in BLOCKS],
    "without_columns": True,
}

FROM = "COPY t FROM STDIN"


def sent(*lines: str, **fields: Any) -> dict[str, Any]:
    """A COPY from the client of these lines."""
    made: dict[str, Any] = {
        "operation": "copy_in",
        "rows": [[line] for line in lines],
        "without_columns": True,
        "tag": f"COPY {len(lines)}",
    }
    return exchange(FROM, None, **made | fields)


def send(opened: Opened, *data: Any, error: BaseException | None = None) -> Any:
    """Send data, on a new cursor, which is returned."""
    cursor = opened.connection.cursor()
    with cursor.copy(FROM) as copy:
        for each in data:
            copy.write(each)
        if error is not None:
            raise error
    return cursor


@recorded(exchange(COPY, None, **SENT, times=4))
def test_blocks_and_rows_of_a_foreign_trace(opened: Opened) -> None:
    # It has no columns.
    cursor = opened.connection.cursor()
    with cursor.copy(COPY) as copy:
        blocks = list(copy)
        assert bytes(copy.read()) == b""
    assert blocks == [block.encode() for block in BLOCKS]
    assert all(type(block) is memoryview for block in blocks)
    assert (cursor.rowcount, cursor.statusmessage) == (3, None)
    assert cursor.description is None
    with pytest.raises(opened.errors.ProgrammingError, match="result status: COPY_OUT"):
        cursor.fetchone()
    with cursor.copy(COPY) as copy:
        assert list(copy.rows()) == [
            ("1", None, "2026-11-25"),
            ("2", "a\tb\\é", "2026-11-26"),
            ("3", "", "2026-11-27"),
        ]
        assert copy.read_row() is None
    with cursor.copy(COPY) as copy:
        copy.set_types(["int4", 25, "date"])
        assert copy.read_row() == (1, None, dt.date(2026, 11, 25))
        assert len(list(copy)) == 2

    async def read() -> list[bytes]:
        connection = await opened.api.MockAsyncConnection.connect("")
        async with connection.cursor().copy(COPY) as copy:
            return [bytes(block) async for block in copy]

    assert asyncio.run(read()) == [block.encode() for block in BLOCKS]


@recorded(exchange(COPY, None, **SENT))
def test_another_statement_is_a_miss(opened: Opened) -> None:
    cursor = opened.connection.cursor()
    for sql, operation in (("COPY u TO STDOUT", "copy_out"), (FROM, "copy_in")):
        missed = pytest.raises(opened.api.ReplayMiss, match=f"this {operation}")
        with missed, cursor.copy(sql):
            pass
    assert opened.connection.info.transaction_status.name == "INTRANS"


@recorded(sent("1\n"), sent("2\n"), sent("1\n", tag="COPY 7"), sent("1\n2\n3"))
def test_equal_data_are_consumed_in_recorded_order(opened: Opened) -> None:
    tags = [send(opened, data).statusmessage for data in ("1\n", "1\n", "2\n")]
    assert tags == ["COPY 1", "COPY 7", "COPY 1"]
    with pytest.raises(opened.api.ReplayMiss) as missed:
        send(opened, "1\n")
    first = str(missed.value).split("\n  recorded exchange ")[1]
    assert first.startswith("1, already consumed") and "data: the same" in first
    assert opened.connection.info.transaction_status.name == "INTRANS"
    assert [each.ordinal for each in unused(opened)] == [4]


def unused(opened: Opened) -> list[Any]:
    listing = opened.replay._state().listing()
    return [exchange for exchange, _ in listing.unused]


@recorded(sent("1\tAda\n", "2\tGrace\n"), sent("1\tAda\n", "3\tEve\n"), sent("9\n"))
def test_a_miss_shows_the_nearest_data_first(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss) as missed:
        send(opened, "1\tAda\n3\tE", b"da\n")
    report = str(missed.value).split("\n  recorded exchange ")
    assert [each[0] for each in report[1:]] == ["1", "2", "3"]
    assert r'data, line 2: recorded "2\tGrace\n", asked "3\tEda\n"' in report[1]
    assert r'data, line 2: recorded "3\tEve\n", asked "3\tEda\n"' in report[2]
    assert r'data, line 1: recorded "9\n", asked "1\tAda\n"' in report[3]
    assert len(opened.replay.ledger.misses()) == 1
    assert len(unused(opened)) == 3


@recorded(sent("x" * 300 + "\n"))
def test_a_long_line_is_cut_in_the_report(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss, match=r'recorded "x{199}…, asked "y"'):
        send(opened, "y")


@recorded(sent("1\n", partial=True, tag=None, status="INERROR"), sent("1\n", "2\n"))
def test_what_is_given_up_may_have_had_any_data(opened: Opened) -> None:
    with pytest.raises(KeyError):
        send(opened, "5\n", error=KeyError())
    assert opened.connection.info.transaction_status.name == "INERROR"
    with pytest.raises(opened.errors.InternalError, match="aborted"):
        send(opened, "1\n2\n")
    opened.connection.rollback()
    assert send(opened, "1\n2\n").rowcount == 2
    assert unused(opened) == []
    # The server knows one answer, so that none has to be recorded.
    with pytest.raises(opened.api.ReplayMiss, match="this copy_in"):
        send(opened, error=KeyError())


@recorded(sent("1\n"))
def test_a_miss_within_the_block_is_the_one_that_is_raised(opened: Opened) -> None:
    other = opened.api.MockConnection.connect("")
    missed = pytest.raises(opened.api.ReplayMiss, match="this execute")
    with missed, opened.connection.cursor().copy(FROM):
        other.execute("SELECT 1")
    assert len(opened.replay.ledger.misses()) == 1


@recorded(sent("1\n"), exchange("SELECT 1", None, [["1"]]))
def test_a_statement_within_the_block_is_refused_by_name(opened: Opened) -> None:
    connection = opened.connection
    with connection.cursor().copy(FROM) as copy:
        for ask in (connection.commit, lambda: connection.execute("SELECT 1")):
            with pytest.raises(opened.errors.NotSupportedError, match=r"copy\(\)"):
                ask()
        copy.write("1\n")
    assert connection.execute("SELECT 1").fetchone() == ("1",)


OLD, NEW = uuid.UUID(int=1 << 100), uuid.UUID(int=2 << 100)
TOKEN_THEN, TOKEN_NOW = "a token of then, é", "a token of now, è"
QUOTED = 'a token of "now", quoted'
THEN = dt.datetime(2026, 1, 2, 3, 4, 5, 600000, tzinfo=dt.UTC)
NOW = dt.datetime(2027, 6, 5, 4, 3, 2, 100000, tzinfo=dt.UTC)
BIND = exchange(
    "bind",
    [{"uuid": str(OLD)}, TOKEN_THEN, {"datetime": THEN.isoformat()}],
    [["1"]],
    volatile=[0, 1, 2],
)
LINES = [
    f"{OLD.hex}\t{TOKEN_THEN}\n",
    f'{{"id": "{OLD}"}}\t2026-01-02 03:04:05.6+00\n',
]


@recorded(BIND, sent(*LINES), sent(*LINES))
def test_bound_values_are_found_in_what_is_sent(opened: Opened) -> None:
    opened.execute("bind", [NEW, TOKEN_NOW, NOW])
    cursor = opened.connection.cursor()
    with cursor.copy(FROM) as copy:
        copy.write_row((NEW, TOKEN_NOW))
        copy.write_row((f'{{"id": "{NEW}"}}', "2027-06-05 04:03:02.1+00"))
    assert cursor.rowcount == 2
    with pytest.raises(opened.api.ReplayMiss, match="data, line 1"):
        send(opened, f"{uuid.uuid4().hex}\t{TOKEN_NOW}\n")


@recorded(BIND, exchange(COPY, None, **SENT | {"rows": [[line] for line in LINES]}))
def test_bound_values_are_found_in_what_is_read(opened: Opened) -> None:
    opened.execute("bind", [NEW, TOKEN_NOW, NOW])
    with opened.connection.cursor().copy(COPY) as copy:
        assert list(copy.rows()) == [
            (NEW.hex, TOKEN_NOW),
            (f'{{"id": "{NEW}"}}', "2027-06-05 04:03:02.1+00"),
        ]


@recorded(BIND, exchange(COPY, None, **SENT | {"rows": [[line] for line in LINES]}))
def test_a_bound_value_that_would_be_escaped_is_a_miss(opened: Opened) -> None:
    opened.execute("bind", [NEW, QUOTED, NOW])
    missed = pytest.raises(opened.api.ReplayMiss, match="read of a bound value")
    with opened.connection.cursor().copy(COPY) as copy, missed:
        copy.read()


def binary(*values: bytes) -> list[list[str]]:
    head = b"PGCOPY\n\xff\r\n\0" + bytes(8)
    tuples = [
        b"\0\1" + len(value).to_bytes(4, "big") + value for value in (b"free", *values)
    ]
    blocks = [head + tuples[0], *tuples[1:], b"\xff\xff"]
    return [[base64.b64encode(block).decode()] for block in blocks]


MICROSECONDS = (THEN - dt.datetime(2000, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(
    microseconds=1
)


@pytest.mark.parametrize(
    "value", [OLD.bytes, TOKEN_THEN.encode(), MICROSECONDS.to_bytes(8, "big")]
)
def test_a_bound_value_in_binary_data_is_a_miss(tmp_path: Any, value: bytes) -> None:
    copied = exchange(COPY, None, binary(value), operation="copy_out", format="binary")
    opened = Opened(make_fixture(tmp_path, {"s": [BIND, copied | {"times": 2}]}))
    with opened.scopes.open_scope("s", "test"):
        with opened.connection.cursor().copy(COPY) as copy:
            assert list(copy.rows()) == [(b"free",), (value,)]
        opened.execute("bind", [NEW, TOKEN_NOW, NOW])
        missed = pytest.raises(opened.api.ReplayMiss, match="read of a bound value")
        with opened.connection.cursor().copy(COPY) as copy, missed:
            assert copy.read_row() == (b"free",)
            copy.read_row()
