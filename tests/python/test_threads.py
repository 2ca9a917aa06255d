"""Threads and jobs of pools, which carry the scope that they came from."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from launcher_folder import shared
from recordings import exchange, make_fixture


@pytest.fixture
def scopes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The scopes of a package whose hooks are in place for one test."""
    threads = shared("threads")
    package = threads.__name__.rpartition(".")[0]
    for cls, method in ((threading.Thread, "start"), (ThreadPoolExecutor, "submit")):
        # Noted, so that it is put back.
        monkeypatch.setattr(cls, method, getattr(cls, method))
    threads.install()
    threads.install()
    yield sys.modules[f"{package}.scopes"]


def test_a_thread_belongs_to_the_scope_that_started_it(scopes: Any) -> None:
    seen: list[Any] = []

    def note() -> None:
        seen.append(scopes.current() and scopes.current().name)

    class Own(threading.Thread):
        def run(self) -> None:
            note()
            seen.append("run" in vars(self))

    outside = threading.Thread(target=note)
    outside.start()
    outside.join()
    with scopes.open_scope("a", "test"):
        inside = threading.Thread(target=note)
        inside.start()
        own = Own()
        timer = threading.Timer(0, note)
        for thread in (inside, own, timer):
            if thread is not inside:
                thread.start()
            thread.join()
    assert seen == [None, "a", "a", False, "a"]


def test_a_refused_start_leaves_the_thread_as_it_was(scopes: Any) -> None:
    with scopes.open_scope("a", "test"):
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        with pytest.raises(RuntimeError, match="once"):
            thread.start()
    assert "run" not in vars(thread)


def test_each_job_of_a_pool_belongs_to_its_submitter(scopes: Any) -> None:
    started: list[Any] = []

    def name(_: Any = None) -> Any:
        return scopes.current() and scopes.current().name

    async def jobs(executor: ThreadPoolExecutor) -> Any:
        return await asyncio.get_running_loop().run_in_executor(executor, name)

    def note() -> None:
        started.append(name())

    with ThreadPoolExecutor(1, initializer=note) as executor:
        with scopes.open_scope("a", "test"):
            assert executor.submit(name).result() == "a"
            assert list(executor.map(name, range(2))) == ["a", "a"]
        assert executor.submit(name).result() is None
        with scopes.open_scope("b", "test"):
            assert asyncio.run(jobs(executor)) == "b"
            # A thread of a job belongs to the job's scope in turn.
            job = executor.submit(lambda: in_thread(name))
            assert job.result() == ["b"]
    assert started == [None]


def in_thread(function: Any) -> list[Any]:
    seen: list[Any] = []
    thread = threading.Thread(target=lambda: seen.append(function()))
    thread.start()
    thread.join()
    return seen


def test_threads_of_a_scope_are_answered_from_it(tmp_path: Path) -> None:
    made = make_fixture(
        tmp_path,
        {
            "start-up": [exchange("SELECT 1", None, [["outside"]])],
            "a": [exchange("SELECT 1", None, [["inside"]])] * 2,
        },
    )
    script = f"""
import {made.__name__}.runtime.activate as activate
activate.activate()
import threading, psycopg
from concurrent.futures import ThreadPoolExecutor
from {made.__name__}.runtime.scopes import open_scope
def ask(): print(psycopg.connect("").execute("SELECT 1").fetchone())
with ThreadPoolExecutor() as executor:
    with open_scope("a", "test"):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        executor.submit(ask).result()
    executor.submit(ask).result()
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["('inside',)", "('inside',)", "('outside',)"], (
        done.stderr
    )
