"""The launcher: what starts with the interpreter, and what a wrong setting says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from launcher_folder import run

RECORD = "MOCK_CURSOR_RECORD"
REPLAY = "MOCK_CURSOR_REPLAY"


def test_nothing_happens_without_the_variables() -> None:
    done = run("import sys; print('mock_cursor_recorder' in sys.modules)", {})
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_process_without_traffic_leaves_no_file(tmp_path: Path) -> None:
    done = run("print(1)", {RECORD: str(tmp_path / "trace.jsonl")})
    assert (done.stdout, done.stderr, done.returncode) == ("1\n", "", 0)
    assert not list(tmp_path.iterdir())


def test_the_driver_is_not_imported_for_the_application(tmp_path: Path) -> None:
    script = "import sys; print('psycopg' in sys.modules, 'asyncio' in sys.modules)"
    done = run(script, {RECORD: str(tmp_path / "trace.jsonl")})
    assert done.stdout == "False False\n"


def test_another_sitecustomize_still_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.other = __name__\n")
    done = run("import sys; print(sys.other)", {}, path=(tmp_path,))
    assert done.stdout == "sitecustomize\n", done.stderr


def test_a_fixture_is_activated_under_its_folder_name(tmp_path: Path) -> None:
    fixture = tmp_path / "my_stack"
    fixture.mkdir()
    (fixture / "__init__.py").write_text(
        "from .inner import line\ndef activate(): print(line, __name__)\n"
    )
    (fixture / "inner.py").write_text("line = 'active'\n")
    done = run("import my_stack, sys; print(sys.path[0])", {REPLAY: str(fixture)})
    assert done.stdout == "active my_stack\n\n", done.stderr


def test_children_join_the_recording_wherever_they_run(tmp_path: Path) -> None:
    script = """
import os, subprocess, sys
from mock_cursor_recorder import _recording
print(_recording.path, flush=True)
_recording.refused(OSError(), {})
if len(sys.argv) == 1:
    child = [sys.executable, "-c", os.environ["SCRIPT"], "child"]
    subprocess.run(child, cwd="/", check=True)
"""
    relative = os.path.relpath(tmp_path / "trace.jsonl")
    done = run(script, {RECORD: relative, "SCRIPT": script})
    assert done.stdout == f"{tmp_path}/trace.jsonl\n" * 2, done.stderr
    first, second = sorted(path.name for path in tmp_path.iterdir())
    assert re.fullmatch(r"trace-\d+\.jsonl", first) and second == "trace.jsonl"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({RECORD: "{tmp}/none/t.jsonl"}, "no such folder: {tmp}/none"),
        ({REPLAY: "{tmp}/none"}, "{tmp}/none: no fixture package"),
        ({REPLAY: "{tmp}/a-b"}, "{tmp}/a-b: 'a-b' is no package name"),
        ({REPLAY: "{tmp}/broken"}, "cannot be replayed: ZeroDivisionError"),
        ({REPLAY: "{tmp}/empty"}, "cannot be replayed: AttributeError"),
        ({RECORD: "{tmp}/old.jsonl"}, "{tmp}/old.jsonl: is there already"),
        ({RECORD: "{tmp}/forked.jsonl"}, "{tmp}/forked-17.jsonl: is there already"),
        ({RECORD: "x", REPLAY: "y"}, f"{RECORD} and {REPLAY} are both set"),
    ],
)
def test_a_wrong_setting_ends_the_process(
    tmp_path: Path, environment: dict[str, str], message: str
) -> None:
    for name, source in (("a-b", ""), ("broken", "1 / 0"), ("empty", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(source)
    for name in ("old.jsonl", "forked-17.jsonl"):
        (tmp_path / name).touch()
    filled = {k: v.replace("{tmp}", str(tmp_path)) for k, v in environment.items()}
    done = run("print('the application ran')", filled)
    first, second = done.stderr.splitlines()
    assert first.startswith("mock-cursor: ")
    assert message.replace("{tmp}", str(tmp_path)) in first
    assert second.startswith("  hint: ")
    assert (done.stdout, done.returncode) == ("", 2)
