"""COPY to the client: the recorded blocks, as bytes and as rows."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange

COPY = "COPY t TO STDOUT"
BLOCKS = ["1\t\\N\t2026-11-25\n", "2\ta\\tb\\\\é\t2026-11-26\n", "3\t\t2026-11-27\n"]
SENT: dict[str, Any] = {
    "operation": "copy_out",
    "rows": [[block] for block in BLOCKS],
    "without_columns": True,
}


@recorded(exchange(COPY, None, **SENT, times=4))
def test_blocks_and_rows_are_those_that_were_sent(opened: Opened) -> None:
    cursor = opened.connection.cursor()
    with cursor.copy(COPY) as copy:
        blocks = list(copy)
        assert bytes(copy.read()) == b""
    assert blocks == [block.encode() for block in BLOCKS]
    assert all(type(block) is memoryview for block in blocks)
    assert (cursor.rowcount, cursor.statusmessage) == (3, None)
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
        with pytest.raises(opened.errors.NotSupportedError, match=r"copy\.write\(\)"):
            copy.write(b"4")

    async def read() -> list[bytes]:
        connection = await opened.api.MockAsyncConnection.connect("")
        async with connection.cursor().copy(COPY) as copy:
            return [bytes(block) async for block in copy]

    assert asyncio.run(read()) == [block.encode() for block in BLOCKS]


@recorded(exchange(COPY, None, **SENT))
def test_another_copy_is_a_miss_and_one_to_the_server_is_refused(
    opened: Opened,
) -> None:
    cursor = opened.connection.cursor()
    with pytest.raises(opened.api.ReplayMiss), cursor.copy("COPY u TO STDOUT"):
        pass
    refused = opened.errors.NotSupportedError
    with (
        pytest.raises(refused, match="to the server"),
        cursor.copy("COPY t FROM STDIN"),
    ):
        pass
