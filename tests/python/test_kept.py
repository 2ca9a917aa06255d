"""What stays in memory of scopes, connections and columns, and what does not."""

from __future__ import annotations

import gc
import importlib
import json
import weakref
from pathlib import Path
from typing import Any

from recordings import exchange, make_fixture
from test_plugin import Replayed, one

SELECT = "SELECT name FROM users"

TESTS = """
import gc
import psycopg, pytest

@pytest.mark.parametrize("number", range(30))
def test_one(number):
    psycopg.connect("", autocommit=True).execute("SELECT")

def test_last():
    gc.collect()
    states = [each for each in gc.get_objects() if type(each).__name__ == "ScopeState"]
    # Its own is not open yet.
    assert [each.name for each in states] == ["start-up"]
"""


def test_nothing_is_kept_of_tests_that_are_done(tmp_path: Path) -> None:
    scopes = {f"test_it.py::test_one[{n}]": [one("SELECT")] for n in range(30)}
    project = Replayed(tmp_path, TESTS, {**scopes, "test_it.py::test_last": []})
    assert set(project.outcomes().values()) == {"PASSED"}, project.said


def _opened(folder: Path) -> Any:
    scopes = {"one": [exchange(SELECT, None, [["Ada"]])]}
    package = make_fixture(folder, scopes).__name__
    return importlib.import_module(f"{package}.runtime.api")


def test_what_decodes_rows_keeps_no_connection(tmp_path: Path) -> None:
    api = _opened(tmp_path)
    columns = importlib.import_module(f"{api.__package__}.columns")
    decoding = importlib.import_module(f"{api.__package__}.decoding")
    types = columns.global_types()
    connection = api.MockConnection.connect("")
    adapters, session = connection.adapters, connection.session
    loads = []
    for info in types:
        line = json.dumps([["c", info.name, info.oid, -1, -1, "text"]])
        description = columns.described_by(line, types)
        load = decoding.row_loader(description, adapters, session, connection)
        if description.loader is load:
            loads.append(load)
    assert len(loads) > 20
    connection.close()
    known = weakref.ref(connection)
    del connection
    gc.collect()
    assert known() is None


def test_equal_columns_are_one_until_a_type_is_registered(tmp_path: Path) -> None:
    api = _opened(tmp_path)
    types = importlib.import_module(f"{api.__package__}.types")
    columns = importlib.import_module(f"{api.__package__}.columns")
    lines = [
        '[["a", null, 70000, -1, -1, "text"]]',
        '[["a", null, 25, -1, -1, "text"]]',
    ]
    known = columns.global_types()
    first, second = (columns.described_by(line, known) for line in lines)
    assert columns.described_by(lines[0], known) is first
    assert first[0].type_display == "70000"
    known.add(types.TypeInfo("mood", 70000, 70001))
    after = columns.described_by(lines[0], known)
    assert after[0].type_display == "mood"
    # Whoever got it before has it as it was.
    assert first[0].type_display == "70000" and second[0].type_display == "text"
    assert columns.described_by(lines[0], known) is after


def test_a_decoder_serves_all_who_have_the_same_loaders(tmp_path: Path) -> None:
    api = _opened(tmp_path)
    module = {
        name: importlib.import_module(f"{api.__package__}.{name}")
        for name in ("adapt", "columns", "decoding")
    }
    types = module["columns"].global_types()
    line = '[["c", null, 23, -1, -1, "text"]]'
    description = module["columns"].described_by(line, types)
    first, second, third = (api.MockConnection.connect("") for _ in range(3))

    class Doubled(module["adapt"].Loader):  # type: ignore[misc]
        def load(self, data: Any) -> Any:
            return 2 * int(bytes(data))

    for each in (first, second, third):
        # A map of its own, as for a type that a connection is told of.
        each.adapters.register_loader(70000 if each is not third else 23, Doubled)
    load = module["decoding"].row_loader(
        description, first.adapters, first.session, first
    )
    assert load.is_pure and load.serves(first.adapters, first.session)
    assert load.serves(second.adapters, second.session)
    assert not load.serves(third.adapters, third.session)
