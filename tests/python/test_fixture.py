"""A fixture as a package: what it loads and when, and how it takes the driver's place."""

from __future__ import annotations

import importlib
import runpy
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from recordings import REPOSITORY, exchange, make_fixture, runtime_folder

SELECT = "SELECT name FROM users"


def test_a_scope_is_loaded_once_when_it_is_opened_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"start-up": [], "one": [exchange(SELECT, None, [["Ada"]])], "two": []}
    name = make_fixture(tmp_path, rows).__name__
    api = importlib.import_module(f"{name}.runtime.api")
    scopes = importlib.import_module(f"{name}.runtime.scopes")

    fixture = importlib.import_module(f"{name}.runtime.fixture").Fixture
    load, loaded = fixture._load, list[str]()

    def noted(self: Any, module: str) -> Any:
        loaded.append(module)
        return load(self, module)

    monkeypatch.setattr(fixture, "_load", noted)
    connection = api.MockConnection.connect("")
    assert loaded == ["scope_0"]
    with scopes.open_scope("one", "test"):
        assert connection.execute(SELECT).fetchall() == [("Ada",)]
    assert loaded == ["scope_0", "scope_1"]


def test_a_scope_that_is_named_like_a_test_module_is_no_business_of_pytest(
    tmp_path: Path,
) -> None:
    name = make_fixture(tmp_path, {"one": [exchange(SELECT, None, [["Ada"]])]}).__name__
    folder = tmp_path / name
    (folder / "scopes" / "scope_0.py").rename(folder / "scopes" / "test_one.py")
    index = folder / "index.py"
    index.write_text(index.read_text().replace("scope_0", "test_one"))
    api = importlib.import_module(f"{name}.runtime.api")
    scopes = importlib.import_module(f"{name}.runtime.scopes")
    with scopes.open_scope("one", "test"):
        row = api.MockConnection.connect("").execute(SELECT).fetchone()
    assert row == ("Ada",)
    fixture = importlib.import_module(f"{name}.runtime.fixture")
    loader = fixture.Fixture(name)._load("test_one").__loader__
    assert type(loader) is SourceFileLoader


def test_long_data_stands_beside_its_module(tmp_path: Path) -> None:
    made = make_fixture(tmp_path, {"one": [exchange(SELECT, None, [["Ada"]])]})
    module = tmp_path / made.__name__ / "scopes" / "scope_0.py"
    data = runpy.run_path(str(module))["EXCHANGES"]
    (module.parent / "scope_0.jsonl").write_text(data)
    kept = [x for x in module.read_text().splitlines() if "EXCHANGES" not in x]
    module.write_text("\n".join([*kept, 'EXCHANGES_FILE = "scope_0.jsonl"', ""]))
    fixture = importlib.import_module(f"{made.__name__}.runtime.fixture")
    (read,) = fixture.Fixture(made.__name__).exchanges("one")
    assert read.results[0].rows == ['["Ada"]']


def test_a_row_may_have_more_columns_than_any_server_sends(tmp_path: Path) -> None:
    row = [str(number) for number in range(10_000)]
    made = make_fixture(tmp_path, {"start-up": [exchange(SELECT, None, [row])]})
    api = importlib.import_module(f"{made.__name__}.runtime.api")
    cursor = api.MockConnection.connect("").execute(SELECT)
    assert cursor.fetchone() == tuple(row)
    assert cursor.description[-1].name == "c9999"


def test_the_runtime_is_the_same_in_every_fixture() -> None:
    runtimes = sorted((REPOSITORY / "generated" / "python").glob("*/runtime"))
    assert len(runtimes) >= 2, "less than two stacks are generated"
    contents = [
        {
            str(path.relative_to(runtime)): path.read_bytes()
            for path in sorted(runtime.rglob("*"))
            if path.suffix in (".py", ".typed")
        }
        for runtime in runtimes
    ]
    assert all(content == contents[0] for content in contents)


def _run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script where the fixture under test can be imported, as by its user."""
    fixture = runtime_folder().parent
    prologue = f"""
        import sys
        sys.path.insert(0, {str(fixture.parent)!r})
        import {fixture.name} as fixture
    """
    return subprocess.run(
        [sys.executable, "-c", dedent(prologue) + dedent(script)],
        capture_output=True,
        text=True,
        check=False,
        env={},
    )


LACKING = "has no stand-in in this fixture, and the driver is not used"


def test_stand_ins_come_first_and_know_what_they_lack() -> None:
    done = _run(
        """
        fixture.activate()
        fixture.activate()
        import psycopg
        from psycopg.rows import dict_row
        from psycopg.types.json import Jsonb
        print(psycopg.Connection is fixture.MockConnection)
        print(psycopg.AsyncConnection is fixture.MockAsyncConnection)
        print(psycopg.__name__, psycopg.types.json.__name__)
        print(__import__(f"{psycopg.__name__}.errors").errors is psycopg.errors)
        for name in ("psycopg._cmodule", "psycopg_binary"):
            try:
                __import__(name)
            except ModuleNotFoundError as error:
                print(isinstance(error, psycopg.NotSupportedError), error)
        import psycopg.waiting
        from psycopg.generators import execute
        try:
            execute()
        except psycopg.NotSupportedError as error:
            print(error)
        """
    )
    assert done.stdout.splitlines() == [
        "True",
        "True",
        "psycopg psycopg.types.json",
        "True",
        "True import psycopg._cmodule is not replayed yet",
        f"False psycopg_binary {LACKING}",
        "psycopg.generators.execute is not replayed yet",
    ], done.stderr


def test_a_second_fixture_in_one_process_is_refused() -> None:
    done = _run(
        """
        from importlib.machinery import ModuleSpec
        from importlib.util import module_from_spec
        other = module_from_spec(ModuleSpec("other.runtime.psycopg", None))
        sys.modules["psycopg"] = other
        fixture.activate()
        """
    )
    assert "ActivationError: another fixture is active: other\n" in done.stderr


def test_a_driver_that_is_imported_already_is_refused() -> None:
    done = _run(
        """
        import types
        sys.modules["psycopg"] = types.ModuleType("psycopg")
        fixture.activate()
        """
    )
    assert "ActivationError: psycopg is already imported" in done.stderr
    assert "hint: activate the fixture before" in done.stderr


def test_a_process_ends_with_what_it_missed_even_if_nobody_noticed() -> None:
    script = """
        fixture.activate()
        import psycopg
        for number in range({count}):
            try:
                with psycopg.connect() as connection:
                    connection.execute(f"SELECT {{number}}, %s", [number])
            except fixture.ReplayMiss:
                pass
        """
    assert _run(script.format(count=0)).stderr == ""
    for count, title in ((1, "1 miss"), (22, "22 misses")):
        said = _run(script.format(count=count)).stderr
        assert said.startswith(f"mock-cursor: {title}\n\nno recorded exchange answers")
        assert said.count("\n    SELECT ") == said.count("  statement:") <= 20
        assert said.endswith("and 2 more\n") == (count == 22)
