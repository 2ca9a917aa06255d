"""What a client keeps itself: transactions, cursors and their positions, settings."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from recordings import exchange, make_fixture

ROWS = [["a"], ["b"], ["c"], ["d"]]
FAILED = exchange(
    "SELECT 1/0",
    status="INERROR",
    results=[],
    error={
        "class": "psycopg.errors.DivisionByZero",
        "sqlstate": "22012",
        "message": "division by zero",
    },
)
LATE = {"error": FAILED["error"], "partial": True}


class Client:
    """The stand-in for psycopg of a fixture with these exchanges, and a connection."""

    def __init__(self, folder: Path, *exchanges: dict[str, Any]) -> None:
        package = make_fixture(folder, {"start-up": exchanges})
        self.psycopg = importlib.import_module(f"{package.__name__}.runtime.psycopg")
        self.miss = importlib.import_module(f"{package.__name__}.runtime.miss")
        self.connection = self.psycopg.connect("")

    @property
    def status(self) -> str:
        name: str = self.connection.info.transaction_status.name
        return name


def test_a_cursor_is_its_own_iterator(tmp_path: Path) -> None:
    client = Client(tmp_path, exchange("q", rows=ROWS))
    cursor = client.connection.execute("q")
    assert iter(cursor) is cursor
    assert next(cursor) == ("a",)
    assert cursor.fetchone() == ("b",)
    assert list(cursor) == [("c",), ("d",)]
    with pytest.raises(StopIteration, match="no more records to return"):
        next(cursor)


def test_a_row_that_cannot_be_made_is_not_skipped(tmp_path: Path) -> None:
    client = Client(tmp_path, exchange("q", rows=ROWS))
    cursor = client.connection.cursor(row_factory=client.psycopg.rows.kwargs_row(int))
    cursor.execute("q")
    with pytest.raises(TypeError):
        cursor.fetchone()
    cursor.row_factory = client.psycopg.rows.tuple_row
    assert cursor.fetchone() == ("a",)


def test_results_go_on_from_the_current_one(tmp_path: Path) -> None:
    counts = [{"rowcount": n, "tag": f"UPDATE {n}"} for n in (1, 2, 3)]
    client = Client(tmp_path, exchange("q", results=counts))
    cursor = client.connection.execute("q")
    assert cursor.nextset()
    assert [each.rowcount for each in cursor.results()] == [2, 3]


def test_a_transaction_begins_before_the_statement_is_looked_at(tmp_path: Path) -> None:
    client = Client(tmp_path)
    with pytest.raises(TypeError, match="expected bytes, int found"):
        client.connection.execute(3)
    assert client.status == "INTRANS"


@pytest.mark.parametrize(
    ("tags", "status"),
    [(["SELECT 1", "COMMIT", "SELECT 1"], "IDLE"), (["COMMIT", "BEGIN"], "INTRANS")],
)
def test_a_control_statement_among_others_decides(
    tmp_path: Path, tags: list[str], status: str
) -> None:
    results = [{"rowcount": -1, "tag": tag} for tag in tags]
    client = Client(tmp_path, exchange("q", results=results, status=status))
    client.connection.execute("q")
    assert client.status == status


def test_a_failed_block_ends_as_on_the_server(tmp_path: Path) -> None:
    client = Client(tmp_path, FAILED | {"times": 2})
    failed = client.psycopg.errors.InFailedSqlTransaction
    with client.connection.transaction() as outer:
        with pytest.raises(failed):  # noqa: SIM117 - the release of the savepoint
            with client.connection.transaction() as inner:
                assert inner.savepoint_name == "_pg3_2"
                with pytest.raises(client.psycopg.errors.DivisionByZero):
                    client.connection.execute("SELECT 1/0")
        assert client.status == "INERROR"
        with pytest.raises(failed), client.connection.transaction():
            raise AssertionError("a savepoint can't be made")
    # The server answers this COMMIT with ROLLBACK, and no error.
    assert outer.status.value == "committed"
    assert client.status == "IDLE"


def test_settings_are_converted_or_refused(tmp_path: Path) -> None:
    connection = Client(tmp_path).connection
    connection.isolation_level = 2
    assert connection.isolation_level.name == "READ_COMMITTED"
    connection.read_only = "yes"
    assert connection.read_only is True
    connection.read_only = None
    assert connection.read_only is None
    with pytest.raises(ValueError, match="9 is not a valid IsolationLevel"):
        connection.isolation_level = 9


def test_a_rollback_undoes_what_was_set(tmp_path: Path) -> None:
    results = [{"rowcount": -1, "tag": "SET"}]
    changed = {"TimeZone": "Europe/Berlin"}
    sets = exchange("SET", results=results, server_parameters=changed, times=2)
    client = Client(tmp_path, exchange("q", rows=ROWS, times=2), sets)
    client.connection.session.update({"TimeZone": "UTC"})
    client.connection.execute("SET")
    assert str(client.connection.info.timezone) == "Europe/Berlin"
    client.connection.rollback()
    assert str(client.connection.info.timezone) == "UTC"
    client.connection.execute("SET")
    client.connection.commit()
    client.connection.execute("q")
    client.connection.rollback()
    assert str(client.connection.info.timezone) == "Europe/Berlin"


def test_a_savepoint_ends_as_the_server_said(tmp_path: Path) -> None:
    def end(operation: str, **fields: Any) -> dict[str, Any]:
        return exchange(None, operation=operation, results=[], **fields)

    said = {"severity": "NOTICE", "message_primary": "outer"}
    exchanges = [
        exchange("SET", results=[], server_parameters={"TimeZone": "Asia/Seoul"}),
        end("rollback", server_parameters={"TimeZone": "UTC"}),
        end("rollback", notices=[said], status="IDLE"),
    ]
    made = make_fixture(tmp_path, {"start-up": exchanges})
    api = importlib.import_module(f"{made.__name__}.runtime.api")
    connection = api.MockConnection.connect("")
    heard: list[str] = []
    connection.add_notice_handler(lambda each: heard.append(each.message_primary))
    with pytest.raises(ZeroDivisionError), connection.transaction():
        with pytest.raises(KeyError), connection.transaction():
            connection.execute("SET")
            assert connection.info.timezone.key == "Asia/Seoul"
            raise KeyError
        assert str(connection.info.timezone) == "UTC"
        assert not heard, "the end of the outer block was taken for the savepoint's"
        raise ZeroDivisionError
    assert heard == ["outer"]


def test_a_stream_gives_its_rows_before_its_error(tmp_path: Path) -> None:
    client = Client(tmp_path, exchange("q", rows=ROWS[:1], operation="stream", **LATE))
    stream = client.connection.cursor().stream("q")
    assert next(stream) == ("a",)
    with pytest.raises(client.psycopg.errors.DivisionByZero):
        next(stream)
    assert client.status == "INERROR"


def test_a_stream_that_was_left_has_no_end(tmp_path: Path) -> None:
    left = exchange("q", rows=ROWS[:1], operation="stream", partial=True)
    nothing = [{"rowcount": -1, "tag": None}]
    empty = exchange("none", operation="stream", results=nothing)
    client = Client(tmp_path, left, empty)
    stream = client.connection.cursor().stream("q")
    assert next(stream) == ("a",)
    with pytest.raises(client.miss.ReplayMiss):
        next(stream)
    assert list(client.connection.cursor().stream("none")) == []


def test_a_named_cursor_moves_as_the_server_does(tmp_path: Path) -> None:
    client = Client(tmp_path, exchange("q", rows=ROWS, operation="declare"))
    cursor = client.connection.cursor("c", scrollable=True).execute("q")
    assert isinstance(cursor, client.psycopg.Cursor)
    assert len(cursor.fetchall()) == 4
    cursor.scroll(-2)  # from after the last row, on the third
    assert cursor.fetchall() == [("d",)]
    cursor.scroll(0, "absolute")
    cursor.itersize = 3
    assert next(cursor) == ("a",)
    assert cursor.fetchone() == ("d",), "iteration had fetched three rows"
    assert next(cursor) == ("b",)


def test_a_named_cursor_fails_where_it_failed(tmp_path: Path) -> None:
    failing = exchange("q", rows=ROWS[:2], operation="declare", **LATE)
    client = Client(tmp_path, failing)
    cursor = client.connection.cursor("c").execute("q")
    assert cursor.fetchmany(2) == [("a",), ("b",)]
    with pytest.raises(client.psycopg.errors.DivisionByZero):
        cursor.fetchone()
    assert client.status == "INERROR"


@pytest.mark.parametrize("withhold", [True, False])
def test_a_named_cursor_ends_with_its_transaction(
    tmp_path: Path, withhold: bool
) -> None:
    client = Client(tmp_path, exchange("q", rows=ROWS, operation="declare"))
    cursor = client.connection.cursor("c", withhold=withhold).execute("q")
    client.connection.commit()
    if withhold:
        assert cursor.fetchone() == ("a",)
    else:
        invalid = client.psycopg.errors.InvalidCursorName
        with pytest.raises(invalid, match='cursor "c" does not exist'):
            cursor.fetchone()


def test_what_is_not_replayed_says_its_name(tmp_path: Path) -> None:
    client = Client(tmp_path)
    with pytest.raises(client.psycopg.NotSupportedError, match="PGcancel is not"):
        client.psycopg.pq.PGcancel()
    with pytest.raises(AttributeError, match="psycopg.other has no stand-in"):
        client.psycopg.other  # noqa: B018 - looking it up is the test


def test_connections_are_told_apart_by_their_settings(tmp_path: Path) -> None:
    def connection(zone: str, **settings: str) -> dict[str, Any]:
        return {"settings": settings, "server_parameters": {"TimeZone": zone}}

    options = "-c timezone=Asia/Tokyo"
    both = [connection("UTC"), connection("Asia/Tokyo", options=options)]
    package = make_fixture(tmp_path, {}, both)
    psycopg = importlib.import_module(f"{package.__name__}.runtime.psycopg")
    miss = importlib.import_module(f"{package.__name__}.runtime.miss")
    assert str(psycopg.connect("").info.timezone) == "UTC"
    assert str(psycopg.connect("", options=options).info.timezone) == "Asia/Tokyo"
    with pytest.raises(miss.ReplayMiss, match="answers this connect"):
        psycopg.connect("", options="-c timezone=Europe/Berlin")


def test_settings_of_the_url_alone_do_not_matter(tmp_path: Path) -> None:
    only = {"settings": {"application_name": "ci"}, "server_parameters": {}}
    package = make_fixture(tmp_path, {}, [only])
    psycopg = importlib.import_module(f"{package.__name__}.runtime.psycopg")
    assert psycopg.connect("").info.status.name == "OK"
