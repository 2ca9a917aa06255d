"""Parameters and SQL under the recorder: written without loss, and not touched."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from recorded_scripts import Recorded, require_server, run_both

require_server()


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return functools.partial(run_both, tmp_path)


def test_json_functions_are_called_as_often(recorded: Recorded) -> None:
    output, trace = recorded("""
from psycopg.types.json import set_json_dumps, set_json_loads
calls = []
set_json_dumps(lambda value: calls.append("dumps") or json.dumps(value))
set_json_loads(lambda text: calls.append("loads") or json.loads(text))
own = lambda value: calls.append("own") or b"[7]"
with psycopg.connect(url) as c:
    for binary in (False, True):
        cur = c.cursor(binary=binary)
        cur.execute("select %s::jsonb, %b::json", (Jsonb({"a": 1}), Json([2])))
        print(cur.fetchone())
    print(c.execute("select %(x)s::jsonb", {"x": Jsonb(None, dumps=own)}).fetchone())
    cur.executemany("select %s::jsonb[]", ([[Jsonb(i)]] for i in range(3)), returning=True)
    try:
        c.execute("select %s", [Jsonb(object())])
    except TypeError as error:
        print(error, c.info.transaction_status.name)
print(calls)
""")
    assert output.count("'dumps'") == 8
    first, _, own, many, failed = trace.exchanges[:5]
    assert first["parameters"] == [{"jsonb": '{"a": 1}'}, {"json": "[2]"}]
    assert own["parameters"] == {"x": {"jsonb": "[7]"}}
    assert many["parameters"] == [[[{"jsonb": str(i)}]] for i in range(3)]
    assert failed["error"]["class"] == "builtins.TypeError"
    assert failed["parameters"] == [
        {"object": ["psycopg.types.json.Jsonb", "TypeError"]}
    ]


def test_a_mapping_stays_what_it_is(recorded: Recorded) -> None:
    _, trace = recorded("""
import collections
class Given(dict):
    def __missing__(self, name):
        return Jsonb([name])
with psycopg.connect(url) as c:
    query = "select %(a)s::jsonb, %(b)s::text"
    held = collections.defaultdict(lambda: "made", a=Jsonb(1))
    print(c.execute(query, held).fetchone(), list(held))
    print(c.execute("select %(a)s::jsonb, %(b)s::jsonb", Given(a=Jsonb(1))).fetchone())
    try:
        c.execute(query, {"a": Jsonb(1)})
    except psycopg.ProgrammingError as error:
        print(error)
""")
    executed = [one for one in trace.exchanges if one["operation"] == "execute"]
    assert [one["parameters"] for one in executed] == [{"a": {"jsonb": "1"}}] * 3


def test_odd_values_leave_the_trace_readable(recorded: Recorded) -> None:
    _, trace = recorded("""
with psycopg.connect(url) as c:
    for query, parameters in (
        ("select '\\ud800'", None),
        ("select %(\\ud800)s", {"\\ud800": 1}),
        ("select %s::text", ["\\ud800"]),
        (b"select '\\xff'", None),
        ("select %s", [10**400]),
        ("select %s", [-(2**63) - 1]),
        ("select %s", [16**4000]),
    ):
        try:
            print(c.execute(query, parameters).fetchone()[0] == parameters[0])
        except (ValueError, psycopg.Error) as error:
            print(type(error), error)
            c.rollback()
""")
    executed = [one for one in trace.exchanges if one["operation"] == "execute"]
    assert [one["sql"] for one in executed[:4]] == [
        "select '\\ud800'",
        "select %(\\ud800)s",
        "select %s::text",
        "select '\\xff'",
    ]
    assert [one["parameters"] for one in executed[4:]] == [
        [{"int": str(10**400)}],
        [{"int": str(-(2**63) - 1)}],
        [{"int": hex(16**4000)}],
    ]
