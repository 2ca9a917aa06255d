"""Notifications without a server: who gets them, when, and with which values."""

from __future__ import annotations

import asyncio
import importlib
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import PLAIN, exchange, make_fixture

LISTEN = exchange("LISTEN jobs", results=[{"rowcount": -1, "tag": "LISTEN"}], times=9)
SENDER = ["s", 1]


def notification(payload: str, **fields: Any) -> dict[str, Any]:
    return {"channel": "jobs", "payload": payload} | fields


def run(*notifications: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A run of `notifies()`; one that ended by itself unless said otherwise."""
    results = [{"rowcount": -1, "tag": None, "partial": fields.pop("partial", False)}]
    channels = fields.pop("channels", ["jobs"])
    if notifications:
        fields["notifications"] = list(notifications)
    return exchange(
        None, channels, operation="notifies", results=results, status="IDLE", **fields
    )


def listening(opened: Opened) -> Any:
    connection = opened.connection
    connection.autocommit = True
    connection.execute("LISTEN jobs")
    return connection


def payloads(connection: Any, **options: Any) -> list[str]:
    return [each.payload for each in connection.notifies(**options)]


@recorded(LISTEN, run(times=2), run(notification("a"), notification("b")), run())
def test_runs_are_answered_in_their_order_and_do_not_wait(opened: Opened) -> None:
    connection = listening(opened)
    started = time.monotonic()
    got = [payloads(connection, timeout=9) for _ in range(4)]
    assert got == [[], [], ["a", "b"], []]
    assert time.monotonic() - started < 5


@recorded(LISTEN, run(notification("a")), run(channels=["other"]))
def test_runs_belong_to_the_channels_that_are_listened_to(opened: Opened) -> None:
    assert payloads(opened.connection, timeout=0) == []
    connection = listening(opened)
    connection.execute("LISTEN jobs")
    assert payloads(connection, timeout=0) == ["a"]


@recorded(
    LISTEN,
    run(notification("a", after=SENDER), partial=True),
    exchange("NOTIFY", sends=SENDER, times=9),
)
def test_what_was_not_sent_does_not_come(opened: Opened) -> None:
    connection = listening(opened)
    other = opened.api.MockConnection.connect("")
    assert payloads(connection, timeout=0.01) == []
    other.execute("NOTIFY")
    assert payloads(connection, timeout=0.01) == [], "it is not committed"
    other.rollback()
    assert payloads(connection, timeout=0.01) == []
    other.execute("NOTIFY")
    other.commit()
    assert payloads(connection, timeout=0.01) == ["a"]


@recorded(
    LISTEN,
    exchange("a", notifications=[notification("a", after=SENDER)]),
    exchange("b"),
    exchange("NOTIFY", sends=SENDER),
)
def test_what_came_with_a_statement_waits_as_well(opened: Opened) -> None:
    connection = listening(opened)
    heard: list[Any] = []
    connection.add_notify_handler(heard.append)
    connection.execute("a")
    assert heard == []
    other = opened.api.MockConnection.connect("")
    other.execute("NOTIFY")
    other.commit()
    connection.execute("b")
    assert [each.payload for each in heard] == ["a"]


OLD, NEW = uuid.UUID(int=1), uuid.UUID(int=2)


@recorded(
    LISTEN,
    exchange("NOTIFY", [{"uuid": str(OLD)}], volatile=[0], sends=SENDER),
    **{"start-up": [run(notification(str(OLD), after=SENDER))]},
)
def test_payloads_have_the_values_of_who_sent_them(opened: Opened) -> None:
    connection = listening(opened)
    connection.execute("NOTIFY", [NEW])

    def listen() -> None:
        got.extend(payloads(connection, timeout=9))

    got: list[str] = []
    # A thread of its own is outside of the scope that sent it.
    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert got == [str(NEW)]


@recorded(LISTEN, run(notification("a", pid=7), notification("own")), run())
def test_processes_are_those_of_the_recording(opened: Opened) -> None:
    connection = listening(opened)
    pids = [each.pid for each in connection.notifies(timeout=0)]
    assert pids == [7, connection.info.backend_pid]


def test_connections_have_the_processes_that_they_had(tmp_path: Path) -> None:
    tokyo = {"settings": {"options": "-c timezone=Asia/Tokyo"}, "backend_pids": [30]}
    plain = PLAIN | {"backend_pids": [20, 10]}
    package = make_fixture(tmp_path, {}, [plain, PLAIN | tokyo]).__name__
    psycopg = importlib.import_module(f"{package}.runtime.psycopg")

    def pid(**options: Any) -> int:
        return int(psycopg.connect("", **options).info.backend_pid)

    options = tokyo["settings"]
    got = [pid(), pid(**options), pid(), pid(), pid(**options)]
    assert got[:3] == [20, 30, 10]
    assert len(set(got)) == 5, "no two connections are one process"


@recorded(LISTEN, run(notification("a")), run(times=5))
def test_silence_need_not_be_asked_for(opened: Opened) -> None:
    opened.replay.closed(opened.scopes.current())
    unused = [e["unused"] for e in opened.replay.ledger.entries if "unused" in e]
    operations = [each["operation"] for each in unused[-1]["exchanges"]]
    assert operations == ["execute", "notifies"]


FAILED = {
    "class": "psycopg.OperationalError",
    "sqlstate": None,
    "message": "server closed the connection unexpectedly",
}


@recorded(LISTEN, run(notification("a"), error=FAILED) | {"status": "UNKNOWN"})
def test_a_run_fails_as_it_did(opened: Opened) -> None:
    connection = listening(opened)
    notifies = connection.notifies()
    assert next(notifies).payload == "a"
    with pytest.raises(opened.errors.OperationalError, match="unexpectedly"):
        next(notifies)
    assert connection.broken


@recorded(LISTEN)
def test_a_closed_connection_ends_the_wait_of_another_thread(opened: Opened) -> None:
    connection = listening(opened)
    raised: list[BaseException] = []

    def listen() -> None:
        try:
            payloads(connection)
        except opened.errors.OperationalError as error:
            raised.append(error)

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.05)
    connection.close()
    thread.join(5)
    assert [str(error) for error in raised] == ["the connection is closed"]


@recorded(
    LISTEN,
    run(notification("a", after=SENDER), partial=True),
    exchange("NOTIFY", sends=SENDER),
)
def test_a_task_is_woken_by_a_thread(opened: Opened) -> None:
    def send() -> None:
        time.sleep(0.05)
        other = opened.api.MockConnection.connect("")
        with opened.scopes.entered(scope):
            other.execute("NOTIFY")
            other.commit()

    async def main() -> str:
        connection = await opened.api.MockAsyncConnection.connect("")
        await connection.set_autocommit(True)
        await connection.execute("LISTEN jobs")
        thread = threading.Thread(target=send)
        thread.start()
        async for each in connection.notifies():
            thread.join()
            return str(each.payload)
        raise AssertionError("it ended")

    scope = opened.scopes.current()
    assert asyncio.run(asyncio.wait_for(main(), 5)) == "a"


@recorded(LISTEN, run(notification("a"), notification("b"), notification("c")), run())
def test_who_breaks_off_loses_what_came_together(opened: Opened) -> None:
    connection = listening(opened)
    for each in connection.notifies():
        assert each.payload == "a"
        break
    assert payloads(connection, timeout=0) == []
