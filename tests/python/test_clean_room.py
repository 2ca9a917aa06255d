"""What is emitted has the driver's names and behaviour, and none of its code (LGPL)."""

from __future__ import annotations

import importlib.util
import textwrap
from collections import defaultdict
from pathlib import Path

import pytest
from launcher_folder import launcher
from recordings import runtime_folder
from shapes import Function, are_similar, functions

STATEMENTS = 3
"""Shorter functions have the shape that their interface gives them."""

LONG = 6
"""So long a function is compared with those of other names as well."""

SIMILAR = 0.9

FORCED: dict[str, str] = {}
"""Functions, as ``Class.name``, that can have one shape only, and why that is so."""

THEIRS = """
    def occurrences(text: str, word: str) -> int:
        if not word:
            raise ValueError(f"no word in {text!r}")
        found = text.count(word)
        return found
"""
RENAMED = """
    def occurrences(haystack, needle):
        'How often a word occurs.'
        if not needle:
            raise KeyError(f"no word in {haystack!r}")
        count = haystack.count(needle)
        return count
"""
REWRITTEN = """
    def occurrences(text: str, word: str) -> int:
        if word:
            return len(text.split(word)) - 1
        raise ValueError(f"no word in {text!r}")
"""


@pytest.mark.parametrize("emitted", ["runtime", "recorder"])
def test_no_function_is_the_drivers(emitted: str) -> None:
    recorder = launcher() / "mock_cursor_recorder"
    ours = list(functions(runtime_folder() if emitted == "runtime" else recorder))
    copies = _copies(ours, _driver())
    assert ours and not copies, "\n" + "\n".join(copies)


def test_the_drivers_own_functions_are_found_out() -> None:
    theirs = _driver()
    long = [function for function in theirs if function.statements >= STATEMENTS]
    assert len(_copies(theirs, theirs)) >= len(long) > 500
    for function in [each for each in theirs if each.statements >= LONG][:50]:
        assert _copies([function._replace(name="renamed")], [function])


@pytest.mark.parametrize(("ours", "found"), [(RENAMED, True), (REWRITTEN, False)])
def test_other_names_do_not_hide_a_copy(tmp_path: Path, ours: str, found: bool) -> None:
    compared = []
    for name, source in (("ours", ours), ("theirs", THEIRS)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "module.py").write_text(textwrap.dedent(source))
        compared.append(list(functions(tmp_path / name)))
    assert bool(_copies(*compared)) is found


def _driver() -> list[Function]:
    theirs: list[Function] = []
    for package in ("psycopg", "psycopg_pool"):
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            pytest.skip(f"needs {package}")
        theirs += functions(Path(spec.submodule_search_locations[0]))
    return theirs


def _copies(ours: list[Function], theirs: list[Function]) -> list[str]:
    long = [function for function in theirs if function.statements >= LONG]
    by_name: dict[str, list[Function]] = defaultdict(list)
    for function in theirs:
        by_name[_key(function)].append(function)
    found = {
        f"{mine.place} {mine.owner}.{mine.name} is that of {other.place}"
        for mine in ours
        if mine.statements >= STATEMENTS and f"{mine.owner}.{mine.name}" not in FORCED
        for other in (*by_name[_key(mine)], *(long if mine.statements >= LONG else ()))
        if are_similar(mine, other, SIMILAR)
    }
    return sorted(found)


def _key(function: Function) -> str:
    # Many classes have an `__init__`: of those, the class of the name alone counts.
    name = function.name
    special = name.startswith("__") and name.endswith("__")
    return f"{function.owner.removeprefix('Mock')}.{name}" if special else name
