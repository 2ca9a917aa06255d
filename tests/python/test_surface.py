"""The table of the driver's names: true of the driver, and true of the stand-ins."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from recordings import PLAIN, make_fixture
from stand_ins import StandIns
from surface_table import Row, read

PACKAGES = ("psycopg", "psycopg_pool")
MEND = "run `cargo xtask surface` and read what it changes"
TABLE = {package: read(package) for package in PACKAGES}
REFUSED = [row for table in TABLE.values() for row in table if row.status == "refused"]
THERE = [row for table in TABLE.values() for row in table if row.status != "refused"]


class Client:
    """A fixture's stand-ins, and what refuses to import what has none."""

    def __init__(self, folder: Path) -> None:
        runtime = f"{make_fixture(folder, {}, [PLAIN]).__name__}.runtime"
        self.stand_ins = StandIns(runtime)
        self.driver: Any = self.stand_ins.modules["psycopg"]
        self.finder = importlib.import_module(f"{runtime}.activate")._Refusal()

    def use(self, name: str) -> None:
        """Import a module, call what can be called, and read all else."""
        owner, _, last = name.rpartition(".")
        if name.partition(".")[0] not in self.stand_ins.modules:
            self.finder.find_spec(name, None)
        elif name in self.stand_ins.modules:
            self.stand_ins.modules[name].anything()
        elif owner in self.stand_ins.modules:
            getattr(self.stand_ins.modules[owner], last)()
        else:
            static = inspect.getattr_static(self.stand_ins.find(owner)[1], last)
            found = static.__get__(object())
            found()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(tmp_path_factory.mktemp("surface"))


@pytest.mark.parametrize("package", PACKAGES)
def test_the_table_is_of_the_driver_that_is_installed(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip("needs the driver")
    # On its own, as the driver changes with what is registered.
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("surface_table.py"), package],
        capture_output=True,
        text=True,
        check=True,
    )
    now = [Row(*row) for row in csv.reader(done.stdout.splitlines())][1:]
    assert sorted(set(now) ^ set(TABLE[package])) == [], MEND
    assert now == TABLE[package], MEND


def test_the_tables_are_whole() -> None:
    assert len(TABLE["psycopg"]) > 2000 and len(TABLE["psycopg_pool"]) > 60
    names = [row.name for table in TABLE.values() for row in table]
    assert len(names) == len(set(names))
    assert {row.status for row in (*REFUSED, *THERE)} == {"refused", "replayed", "same"}


def test_what_is_not_refused_is_there_and_of_the_same_form(client: Client) -> None:
    differences = {
        row.name: differs
        for row in THERE
        if (differs := client.stand_ins.differs(row.name, row.form)) is not None
    }
    assert not differences, "\n".join(map(" ".join, differences.items()))


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.name)
def test_what_is_refused_says_its_name(client: Client, row: Row) -> None:
    with pytest.raises(client.driver.NotSupportedError) as refused:
        client.use(row.name)
    assert row.name in str(refused.value) and "is not replayed yet" in str(
        refused.value
    )


def test_template_strings_are_refused(client: Client) -> None:
    template = type("Template", (), {"__module__": "string.templatelib"})()
    refused = pytest.raises(client.driver.NotSupportedError, match="a template string")
    sql, connection = client.driver.sql, client.driver.connect("")
    for call in (
        connection.execute,
        client.driver.ClientCursor(connection).mogrify,
        sql.as_string,
        sql.as_bytes,
    ):
        with refused:
            call(template)


def test_what_nobody_knows_is_no_attribute(client: Client) -> None:
    for module in ("psycopg", "psycopg.adapt", "psycopg.errors", "psycopg.pq"):
        with pytest.raises(AttributeError, match=f"{module}.Other has no stand-in"):
            client.stand_ins.modules[module].Other  # noqa: B018 - reading is the test
    with pytest.raises(ModuleNotFoundError, match="psycopg_c has no stand-in"):
        client.finder.find_spec("psycopg_c", None)
    with pytest.raises(client.driver.NotSupportedError) as refused:
        client.finder.find_spec("psycopg._cmodule", None)
    assert isinstance(refused.value, ImportError)
    assert refused.value.name == "psycopg._cmodule"


def test_what_is_refused_can_be_named(client: Client) -> None:
    refused = client.driver.pq.PGcancel
    assert refused[int] is refused and refused.__name__ == "PGcancel"
    assert not isinstance(3, refused)
    assert not hasattr(refused, "cancel")
    assert not hasattr(client.driver.types.numeric, "MAX_WEIGHT")
