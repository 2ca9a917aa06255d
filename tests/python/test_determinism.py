"""The deterministic mode: what is repeated, in which scopes, and what stays as it is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from launcher_folder import run
from recorded_scripts import HEAD
from recordings import make_fixture
from trace_lines import TraceLines

# Loads the shared modules by themselves, as `launcher_folder.shared` does here.
MODE = """
import datetime as dt, json, os, pickle, random, secrets, sys, time, uuid
from datetime import datetime as name_of_its_own
import importlib, importlib.util

name_of_its_own.now(), dt.date.today()
package = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("shared", None, is_package=True))
package.__path__ = [os.environ["SHARED"]]
sys.modules["shared"] = package
scopes = importlib.import_module("shared.scopes")
determinism = importlib.import_module("shared.determinism")
EPOCH = 1_700_000_000_000_000
determinism.install(lambda scope, moment: EPOCH)
determinism.install(None)
"""

DRAWS = """
import random as module
def draws():
    return [
        random.random(), module.randint(1, 10**9), random.choice(range(10**9)),
        random.Random().random(), random.Random(7).random(),
        str(uuid.uuid4()), str(uuid.uuid1()),
        str(dt.datetime.now()), str(name_of_its_own.now(dt.UTC)),
        str(dt.datetime.utcnow()), str(dt.date.today()), str(dt.datetime.today()),
    ]
"""


def run_mode(script: str) -> Any:
    shared = Path(__file__).resolve().parents[2] / "templates" / "shared"
    done = run(MODE + DRAWS + script, {"SHARED": str(shared), "TZ": "UTC"})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


TWO_SCOPES = """
with scopes.open_scope(sys.argv[1] if len(sys.argv) > 1 else "a", "test"):
    first = draws()
with scopes.open_scope("b", "test"):
    second = draws()
print(json.dumps([first, second]))
"""


def test_a_scope_draws_the_same_again_whatever_came_before() -> None:
    first, second = run_mode(TWO_SCOPES)
    assert [first, second] == run_mode(TWO_SCOPES)
    (alone,) = run_mode("""
with scopes.open_scope("b", "test"):
    print(json.dumps([draws()]))
""")
    assert alone == second
    # All but the seeded one and the clocks, which start at one moment here.
    assert [one != other for one, other in zip(first, second, strict=True)] == [
        *(4 * [True]),
        False,
        *(2 * [True]),
        *(5 * [False]),
    ]


def test_scopes_that_take_turns_do_not_disturb_each_other() -> None:
    first, second = run_mode("""
a, b = (scopes.begin(name, "request") for name in "ab")
with scopes.entered(a):
    one = [random.random(), str(uuid.uuid4()), str(dt.datetime.now())]
with scopes.entered(b):
    draws()
with scopes.entered(a):
    one += [random.random(), str(uuid.uuid4()), str(dt.datetime.now())]
scopes._ordinals.clear()
with scopes.open_scope("a", "request"):
    other = []
    for _ in range(2):
        other += [random.random(), str(uuid.uuid4()), str(dt.datetime.now())]
print(json.dumps([one, other]))
""")
    assert first == second
    assert len(set(map(str, first))) == len(first)


def test_the_clock_ticks_and_keeps_its_forms() -> None:
    seen = run_mode("""
moments = [dt.datetime.now(dt.UTC) for _ in range(3)]
tokyo = dt.timezone(dt.timedelta(hours=9))
class Own(dt.datetime): pass
print(json.dumps({
    "steps": [str(b - a) for a, b in zip(moments, moments[1:])],
    "first": moments[0].isoformat(),
    "tokyo": dt.datetime.now(tokyo).isoformat(),
    "naive": str(dt.datetime.utcnow()),
    "own": [type(Own.now()).__name__, type(Own.today()).__name__],
    "class": [type(moments[0]) is dt.datetime, dt.datetime is name_of_its_own],
    "date": [str(dt.date.today()), type(dt.date.today()).__name__],
    "pickled": pickle.loads(pickle.dumps(moments[0])) == moments[0],
    "uuid1": (uuid.uuid1().time - 0x01B21DD213814000) // 10 - EPOCH,
    "fields": [uuid.uuid1(node=5, clock_seq=9).node, uuid.uuid1(5, 9).clock_seq],
}))
""")
    assert seen == {
        "steps": ["0:00:00.001000", "0:00:00.001000"],
        "first": "2023-11-14T22:13:20+00:00",
        "tokyo": "2023-11-15T07:13:20.003000+09:00",
        "naive": "2023-11-14 22:13:20.004000",
        "own": ["Own", "Own"],
        "class": [True, True],
        "date": ["2023-11-14", "date"],
        "pickled": True,
        "uuid1": 9000,
        "fields": [5, 9],
    }


def test_seeds_of_the_application_are_its_own() -> None:
    with_seed, without, uuids, again = run_mode("""
random.seed(3)
seeded = [random.random(), random.Random(3).random()]
uuids = len({uuid.uuid4() for _ in range(3)})
random.seed(3)
uuids += len({uuid.uuid4() for _ in range(3)})
before = [secrets.token_hex(8), os.urandom(8).hex()]
print(json.dumps([seeded, before, uuids, abs(time.time() - time.time_ns() / 1e9)]))
""")
    assert with_seed[0] == with_seed[1]
    assert uuids == 6
    assert again < 60
    assert without != run_mode(
        "print(json.dumps([secrets.token_hex(8), os.urandom(8).hex()]))"
    )


def test_garbage_is_collected_between_scopes_alone() -> None:
    enabled, collected = run_mode("""
import gc, weakref
class Cycle:
    def __init__(self): self.own = self
def seen():
    enabled.append(gc.isenabled())
enabled, collected = [], []
seen()
outer = scopes.begin("fixture", "fixture")
seen()
with scopes.open_scope("a", "test"):
    with scopes.open_scope("b", "request"):
        seen()
        cycle = weakref.ref(Cycle())
        garbage = [[] for _ in range(10**5)]
        collected.append(cycle() is None)
    seen()
seen()
garbage = [[] for _ in range(10**5)]
collected.append(cycle() is None)
scopes.end(outer)
gc.disable()
with scopes.open_scope("c", "test"):
    pass
seen()
print(json.dumps([enabled, collected]))
""")
    assert enabled == [True, True, False, False, True, False]
    assert collected == [False, True]


RECORDED = """
import datetime as dt, random, uuid
from mock_cursor_recorder import scopes
scope = scopes.open_scope("a", "test")
with scope:
    c = psycopg.connect(url)
    now = dt.datetime.now(dt.UTC)
    c.execute("select %s", [now])
    print(now.isoformat(), random.random(), uuid.uuid4())
with scopes.open_scope("b", "test"):
    print(dt.datetime.now(dt.UTC) > now)
"""


@pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="needs a server")
def test_a_recording_says_when_clocks_started(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    environment = {"MOCK_CURSOR_RECORD": str(trace), "MOCK_CURSOR_DETERMINISTIC": "1"}
    done = run(HEAD + RECORDED, environment)
    assert done.returncode == 0, done.stderr
    (moment, *drawn), (later,) = map(str.split, done.stdout.splitlines())
    assert later == "True", "time goes on from scope to scope"
    lines = TraceLines(trace)
    assert lines.events[0][1]["deterministic"] is True
    starts = [content for event, content in lines.events if event == "clock"]
    names = [lines.by_id["scope"][start["scope"]]["name"] for start in starts]
    assert names == ["a", "b"]
    (asked,) = lines.executed()
    assert asked == "select %s"
    assert lines.of("a")[0]["parameters"] == [{"datetime": moment}]
    assert replayed(tmp_path, {"a": starts[0]["starts_at"]}, "a") == [moment, *drawn]


def replayed(folder: Path, clocks: dict[str, int], scope: str) -> list[str]:
    """What a replay draws in a scope whose clock started when recorded."""
    package = make_fixture(folder, {name: [] for name in clocks})
    fixture = Path(package.__file__ or "").parent
    (fixture / "__init__.py").write_text("from .runtime.api import activate\n")
    with (fixture / "index.py").open("a") as index:
        index.write("DETERMINISTIC = True\n")
    for number, starts_at in enumerate(clocks.values()):
        with (fixture / "scopes" / f"scope_{number}.py").open("a") as module:
            module.write(f"CLOCK = {starts_at}\n")
    script = """
import datetime as dt, importlib, random, sys, uuid
scopes = sys.modules["mock_cursor_scopes"]
with scopes.open_scope(sys.argv[1], "test"):
    print(dt.datetime.now(dt.UTC).isoformat(), random.random(), uuid.uuid4())
"""
    done = run(script, {"MOCK_CURSOR_REPLAY": str(fixture)}, scope)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_replay_starts_its_clocks_as_recorded(tmp_path: Path) -> None:
    starts_at = 1_600_000_000_000_000
    moment, *drawn = replayed(tmp_path, {"x": 0, "a": starts_at}, "a")
    assert moment == "2020-09-13T12:26:40+00:00"
    again = replayed(tmp_path, {"a": starts_at}, "a")
    assert again == [moment, *drawn]
    # A scope that never looked at the clock when recorded has that of this day.
    assert replayed(tmp_path, {"a": starts_at}, "new")[0] > "2026"
