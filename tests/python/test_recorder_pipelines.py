"""The recorder in pipeline mode and beside notifications: what it writes, and when.

What an application sees of both is compared in `test_pipelines` and
`test_notifications`.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from launcher_folder import run
from recorded_scripts import HEAD, Recorded, require_server, run_both

require_server()


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return functools.partial(run_both, tmp_path)


def test_outcomes_are_written_when_they_arrive(recorded: Recorded) -> None:
    output, trace = recorded("""
def written():
    if "MOCK_CURSOR_RECORD" in os.environ:
        with open(os.environ["MOCK_CURSOR_RECORD"]) as trace:
            lines = [json.loads(line) for line in trace]
        done = [line["exchange"]["id"] for line in lines if "exchange" in line]
        sys.stderr.write(f"{done}\\n")
import sys
with psycopg.connect(url, autocommit=True) as c, c.pipeline() as p:
    first, second = c.execute("select 'a'"), c.execute("select 'b'")
    written()
    print(first.rowcount, second.rowcount, c.info.transaction_status.name)
    third = c.execute("select 'c'")
    print(second.fetchall(), first.rowcount, third.rowcount)
    written()
    c.execute("select 'd'")
    c.execute("select 'e'")
    print(c.info.transaction_status.name)
""")
    assert output.splitlines() == ["-1 -1 ACTIVE", "[('b',)] 1 1", "ACTIVE"]
    executed = [one for one in trace.exchanges if one["operation"] == "execute"]
    assert [one["results"][0]["rows"] for one in executed] == [[[x]] for x in "abcde"]
    assert {one["status"] for one in executed} == {"ACTIVE"}
    ids = [one["id"] for one in executed]
    assert ids == sorted(ids)


def test_nothing_is_written_before_it_arrives(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    script = """
with psycopg.connect(url, autocommit=True) as c, c.pipeline() as p:
    c.execute("select 'a'")
    c.execute("select 'b'")
    os._exit(0)
"""
    run(HEAD + script, {"MOCK_CURSOR_RECORD": str(trace)})
    assert '"connect"' in trace.read_text()
    assert '"exchange"' not in trace.read_text()


def test_changed_parameters_belong_to_the_sync(recorded: Recorded) -> None:
    _, trace = recorded("""
with psycopg.connect(url) as c:
    with c.pipeline() as p:
        c.execute("set timezone to 'Asia/Seoul'").statusmessage
        cursor = c.execute("select 'x'")
        print(cursor.fetchone(), c.info.timezone)
        p.sync()
        print(c.info.timezone)
        p.sync()
""")
    operations = [one["operation"] for one in trace.exchanges]
    assert operations == ["execute", "execute", "sync", "commit"]
    assert [one.get("server_parameters") for one in trace.exchanges] == [
        None,
        None,
        {"TimeZone": "Asia/Seoul"},
        None,
    ]


def test_a_failed_pipeline_commits_nothing(recorded: Recorded) -> None:
    _, trace = recorded("""
c = psycopg.connect(url)
with c.pipeline():
    for end in (c.commit, c.rollback):
        c.execute("select 1/0")
        ended = False
        while not ended:
            try:
                end()
                ended = True
            except (psycopg.errors.DivisionByZero, psycopg.errors.PipelineAborted):
                pass
c.close()
""")
    ends = [
        one for one in trace.exchanges if one["operation"] in ("commit", "rollback")
    ]
    assert [(one["operation"], "error" in one) for one in ends] == [
        ("commit", False),
        ("rollback", False),
    ]
    failed = [one["error"]["sqlstate"] for one in trace.exchanges if "error" in one]
    assert failed == ["22012", "22012"]


def test_what_a_connection_takes_along_has_no_answer(recorded: Recorded) -> None:
    _, trace = recorded("""
c = psycopg.connect(url, autocommit=True)
try:
    with c.pipeline():
        c.execute("select 'a'")
        c.close()
except psycopg.OperationalError as error:
    print(error)
""")
    (lost,) = trace.exchanges
    assert (lost["status"], lost["error"]["message"]) == (
        "UNKNOWN",
        "the connection is closed",
    )


def test_overridden_cursors_are_recorded_in_pipelines(recorded: Recorded) -> None:
    _, trace = recorded("""
class Mine(psycopg.Cursor):
    def execute(self, query, *args, **kwargs):
        return super().execute(f"{query} as mine", *args, **kwargs)
    def fetchone(self):
        return super().fetchone()[0]
with psycopg.connect(url, cursor_factory=Mine) as c, c.pipeline():
    cursor = c.execute("select 'a'")
    print(cursor.fetchone(), cursor.description[0].name)
""")
    assert trace.executed() == ["select 'a' as mine"]


def test_notifications_have_their_sender(recorded: Recorded) -> None:
    output, trace = recorded("""
with psycopg.connect(url, autocommit=True) as c, psycopg.connect(url, autocommit=True) as o:
    c.execute("listen A")
    o.execute("notify a, 'é'")
    print([each.payload for each in c.notifies(timeout=1, stop_after=1)])
    print(list(c.notifies(timeout=0)))
    c.execute("notify a, 'own'")
    for each in c.notifies():
        print(each.payload)
        break
""")
    assert output.splitlines() == ["['é']", "[]", "own"]
    _, sent, came, silent, own, left = trace.exchanges
    connects = trace.by_id["connect"]
    pids = [one["backend_pid"] for one in connects.values()]
    assert came["parameters"] == left["parameters"] == ["a"]
    assert came["notifications"] == [
        {
            "exchange": came["id"],
            "channel": "a",
            "payload": "é",
            "pid": pids[1],
            "after": sent["id"],
        }
    ]
    assert came["results"][0]["complete"] and "partial" not in silent["results"][0]
    assert [each["payload"] for each in own["notifications"]] == ["own"]
    assert "after" not in own["notifications"][0]
    assert left["results"][0]["partial"] and "notifications" not in left


def test_use_of_wait_is_told(tmp_path: Path) -> None:
    script = """
from psycopg import generators
with psycopg.connect(url) as c:
    c.pgconn.send_query(b"select 'x'")
    print(c.wait(generators.execute(c.pgconn))[0].get_value(0, 0))
"""
    for text in (script, script.replace("c.pgconn", "c._real.pgconn")):
        trace = tmp_path / f"{len(text)}.jsonl"
        done = run(HEAD + text, {"MOCK_CURSOR_RECORD": str(trace)})
        assert done.stdout == "b'x'\n", done.stderr
    assert "Connection.wait() is used; what is sent with it is not in" in done.stderr
