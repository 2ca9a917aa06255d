"""What the recorder writes of a COPY; that it changes nothing is seen elsewhere, too.

Each case is a script that runs twice, plain and under the launcher, as in
``test_recorder``.
"""

from __future__ import annotations

import base64
import functools
import json
from pathlib import Path
from typing import Any

import pytest
from recorded_scripts import Recorded, require_server, run_both
from trace_lines import TraceLines

require_server()


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return functools.partial(run_both, tmp_path)


def copies(trace: TraceLines) -> list[dict[str, Any]]:
    return [one for one in trace.exchanges if one["operation"].startswith("copy_")]


def columns(trace: TraceLines, copy: dict[str, Any]) -> list[dict[str, Any]]:
    (result,) = copy["results"]
    found: list[dict[str, Any]] = trace.by_id["row_description"][
        result["row_description"]
    ]["columns"]
    return found


def test_what_is_sent_is_cut_into_lines(recorded: Recorded) -> None:
    _, trace = recorded(r"""
with psycopg.connect(url) as c:
    c.execute("create temp table t (id int, name text)")
    with c.cursor().copy("COPY t FROM STDIN WHERE id <> %s", (9,)) as copy:
        copy.write("1\té\n2\t"); copy.write(b"\\N\n"); copy.write_row((3, None))
    try:
        with c.cursor().copy("COPY t FROM STDIN") as copy: copy.write(b"1\t\xff\n\n")
    except psycopg.DataError as error: print(error)
""")
    sent, failed = copies(trace)
    assert sent["operation"] == "copy_in" and sent["parameters"] == [9]
    (result,) = sent["results"]
    assert result["rows"] == [["1\té\n"], ["2\t\\N\n"], ["3\t\\N\n"]]
    assert (result["rowcount"], result["command_tag"]) == (3, "COPY 3")
    assert "partial" not in result and sent["status"] == "INTRANS"
    names = [
        (one["name"], one["type_oid"], one["format"]) for one in columns(trace, sent)
    ]
    assert names == [("column_1", 0, "text"), ("column_2", 0, "text")]
    (result,) = failed["results"]
    undecodable = base64.b64encode(b"1\t\xff\n").decode()
    assert result["rows"] == [[{"bytes": undecodable}], ["\n"]]
    assert failed["error"]["sqlstate"] == "22021" and failed["status"] == "INERROR"
    assert failed["error"]["diagnostics"]["context"] == "COPY t, line 1"


def test_binary_data_are_cut_into_pieces(recorded: Recorded) -> None:
    _, trace = recorded(r"""
with psycopg.connect(url) as c:
    c.execute("create temp table t (data bytea)")
    with c.cursor().copy("COPY t FROM STDIN (FORMAT BINARY)") as copy:
        copy.write_row((b"x" * 100,))
    with c.cursor().copy("COPY t TO STDOUT (FORMAT BINARY)") as copy: blocks = list(copy)
    print(len(blocks))
    with c.cursor().copy("COPY t TO STDOUT (FORMAT BINARY)") as copy: print(list(copy.rows()))
""")
    sent, read, read_by_rows = copies(trace)
    assert {column["format"] for column in columns(trace, sent)} == {"binary"}
    pieces = [base64.b64decode(cell) for (cell,) in sent["results"][0]["rows"]]
    assert [*map(len, pieces)] == [57, 57, 13]
    # The server's blocks are kept as they are.
    blocks = [base64.b64decode(cell) for (cell,) in read["results"][0]["rows"]]
    assert [*map(len, blocks)] == [125, 2]
    assert b"".join(blocks) == b"".join(pieces)
    assert read_by_rows["results"] == read["results"]


def test_blocks_are_those_that_the_application_got(recorded: Recorded) -> None:
    output, trace = recorded(r"""
MANY = "COPY (SELECT generate_series(1, 3)) TO STDOUT"
with psycopg.connect(url, autocommit=True) as c:
    with c.cursor().copy(MANY) as copy: print(list(copy.rows()))
    try:
        with c.cursor().copy(MANY) as copy: copy.read(); raise KeyError
    except KeyError: pass
    try:
        with c.cursor().copy("COPY (SELECT 1/(3-i) FROM generate_series(1, 9) i) TO STDOUT") as copy: list(copy)
    except psycopg.DataError as error: print(error)
    try: c.cursor().copy("COPY nosuch TO STDOUT").__enter__()
    except psycopg.ProgrammingError as error: print(error)
    with c.cursor().copy(MANY) as copy: copy.read_row()
    for _ in range(2):
        try: c.execute("select 1")
        except psycopg.OperationalError as error: print(error)
    c.close()
""")
    assert output.count("another command is already in progress") == 3
    read, given_up, failed, refused, left = copies(trace)
    # What is asked behind the last one never reaches the server.
    assert trace.exchanges == [read, given_up, failed, refused, left]
    said = [
        (result["rows"], result["rowcount"], result.get("partial"), each["status"])
        for each in (read, given_up, failed, left)
        for result in each["results"]
    ]
    assert said == [
        ([["1\n"], ["2\n"], ["3\n"]], 3, None, "IDLE"),
        ([["1\n"]], 3, True, "IDLE"),
        ([["0\n"], ["1\n"]], -1, True, "IDLE"),
        ([["1\n"]], -1, True, "ACTIVE"),
    ]
    assert [each.get("error", {}).get("sqlstate") for each in copies(trace)] == [
        *(None, None, "22012", "42P01", None)
    ]
    assert "results" not in refused


def test_a_large_copy_is_written_as_it_goes(recorded: Recorded) -> None:
    _, trace = recorded(r"""
with psycopg.connect(url) as c:
    cur = c.cursor()
    c.execute("create temp table t (id int, name text)")
    c.execute("create function pg_temp.f() returns trigger language plpgsql as $$begin if new.id % 5000 = 0 then raise notice '%', new.id; end if; return new; end$$")
    c.execute("create trigger tr before insert on t for each row execute function pg_temp.f()")
    with cur.copy("COPY t FROM STDIN") as copy:
        for i in range(10000): copy.write_row((i, "x" * 20))
    with cur.copy("COPY t TO STDOUT") as copy: print(sum(map(len, copy)))
    try:
        with cur.copy("COPY t FROM STDIN") as copy:
            for i in range(10000): copy.write_row((i, "x" * 20))
            raise KeyError
    except KeyError: pass
""")
    later = [content for event, content in trace.events if event == "rows"]
    sent, read, given_up = copies(trace)
    assert {each["exchange"] for each in later} == {
        sent["id"],
        read["id"],
        given_up["id"],
    }
    assert max(len(json.dumps(each)) for each in later) < 2 * 64 * 1024
    for copy, rowcount, tag in ((sent, 10000, "COPY 10000"), (read, 10000, None)):
        (result,) = copy["results"]
        assert len(result["rows"]) == 10000 and result["complete"]
        assert (result["rowcount"], result["command_tag"]) == (rowcount, tag)
        assert copy["status"] == "INTRANS"
    assert given_up["status"] == "INERROR"
    assert "complete" not in given_up["results"][0]
    # Notices come with the end.
    assert "notices" not in sent
    notices = [each["notices"] for each in later if "notices" in each]
    assert [[one["message_primary"] for one in each] for each in notices] == [
        ["0", "5000"],
        ["0", "5000"],
    ]


def test_copies_of_overrides_are_recorded(recorded: Recorded) -> None:
    _, trace = recorded(r"""
class K(psycopg.Cursor):
    def copy(self, statement, params=None, **options):
        self.connection.execute("select 'audit'")
        return super().copy(statement, params, **options)
class C(psycopg.Connection):
    def load(self, rows):
        with self.cursor().copy("COPY t FROM STDIN") as copy:
            print(copy.connection is self, isinstance(copy.cursor, K), type(copy) is psycopg.Copy)
            for row in rows: copy.write_row(row)
with C.connect(url, cursor_factory=K) as c:
    c.execute("create temp table t (id int)")
    c.load([(1,), (2,)])
    with psycopg.Cursor(c).copy("COPY t TO STDOUT") as copy: print(list(copy.rows()))
""")
    assert [one["sql"] for one in trace.exchanges] == [
        "create temp table t (id int)",
        "select 'audit'",
        "COPY t FROM STDIN",
        "COPY t TO STDOUT",
        None,
    ]
    assert [len(one["results"][0]["rows"]) for one in copies(trace)] == [2, 2]
