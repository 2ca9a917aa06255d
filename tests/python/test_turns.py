"""The asynchronous half takes turns with other tasks, as a driver does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange

PING = exchange("SELECT 1", None, [["1"]], repeatable=True)


@recorded(**{"start-up": [PING]})
def test_other_tasks_run_while_one_asks(opened: Opened) -> None:
    async def run() -> int:
        connection = await opened.api.MockAsyncConnection.connect("")
        done: list[int] = []

        async def other() -> None:
            await asyncio.sleep(0)
            done.append(1)

        task = asyncio.create_task(other())
        asked = 0
        while not done:
            await connection.execute("SELECT 1")
            asked += 1
        await task
        return asked

    assert asyncio.run(asyncio.wait_for(run(), 5)) < 100


CANCELLED: dict[str, Any] = {
    "error": {
        "class": "asyncio.exceptions.CancelledError",
        "sqlstate": None,
        "message": "",
    },
    "status": "INERROR",
    "results": [],
}


@recorded(exchange("SELECT pg_sleep(9)", None, **CANCELLED))
def test_a_statement_that_was_cancelled_waits_until_it_is_again(opened: Opened) -> None:
    async def run() -> str:
        connection = await opened.api.MockAsyncConnection.connect("")
        slow = connection.execute("SELECT pg_sleep(9)")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(slow, 0.01)
        return str(connection.info.transaction_status.name)

    assert asyncio.run(run()) == "INERROR"


@recorded(exchange("SELECT 1", None, operation="stream", **CANCELLED))
def test_a_stream_that_was_cancelled_waits_as_well(opened: Opened) -> None:
    async def read() -> None:
        connection = await opened.api.MockAsyncConnection.connect("")
        async for _ in connection.cursor().stream("SELECT 1"):
            pass

    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(read(), 0.01))


@recorded(exchange("a", None))
def test_what_is_not_replayed_is_refused_and_entered(opened: Opened) -> None:
    assert hasattr(opened.connection, "fileno")
    refused = opened.errors.NotSupportedError
    for use in (opened.connection.fileno,):
        with pytest.raises(refused, match="is not replayed yet"):
            use()
    entered = [
        e["unsupported"] for e in opened.replay.ledger.entries if "unsupported" in e
    ]
    assert [each["what"] for each in entered] == [
        "psycopg.BaseConnection.fileno()",
    ]
    assert {each["scope"] for each in entered} == {"s"}


SHAPED = [
    {"server_parameters": {"TimeZone": zone, "is_superuser": superuser}}
    for zone, superuser in (("UTC", "on"), ("UTC", "off"), ("Asia/Tokyo", "off"))
]


def test_connections_of_equal_settings_that_shape_values_otherwise_are_a_miss(
    tmp_path: Any,
) -> None:
    from recordings import make_fixture

    for outcomes, ambiguous in ((SHAPED[:2], False), (SHAPED, True)):
        folder = tmp_path / str(ambiguous)
        opened = None
        if ambiguous:
            with pytest.raises(Exception, match="connect"):
                Opened(make_fixture(folder, {"s": []}, outcomes))
        else:
            opened = Opened(make_fixture(folder, {"s": []}, outcomes))
            assert opened.connection.info.parameter_status("TimeZone") == "UTC"
