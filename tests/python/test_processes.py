"""Processes that are started within a scope, and go on with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from launcher_folder import run
from recordings import exchange, make_fixture

WORKER = """
import os, sys
import psycopg

def ask(number=0):
    connection = psycopg.connect("", autocommit=True)
    return connection.execute("SELECT %s", [number]).fetchone()[0]

def ask_and_print(number=0):
    print(ask(number), flush=True)

if __name__ == "__main__":
    ask_and_print()
"""

HEAD = """
import asyncio, multiprocessing, os, subprocess, sys
from concurrent.futures import ProcessPoolExecutor
from {package}.runtime.scopes import open_scope
import worker
"""

Replayed: TypeAlias = Callable[..., list[str]]


@pytest.fixture
def replayed(tmp_path: Path) -> Replayed:
    """What a script prints on a fixture whose scopes answer with their own names."""

    def answers(name: str) -> list[dict[str, Any]]:
        return [exchange("SELECT %s", [number], [[name]]) for number in range(4)]

    scopes = {name: answers(name) for name in ("start-up", "a", "b")}
    package = make_fixture(tmp_path, scopes).__name__
    activates = "from .runtime.api import activate as activate\n"
    (tmp_path / package / "__init__.py").write_text(activates)
    (tmp_path / "worker.py").write_text(WORKER)

    def printed(script: str, **environment: str) -> list[str]:
        # A file, as a spawned process imports the main module.
        main = tmp_path / "main.py"
        main.write_text(HEAD.format(package=package) + script)
        done = run(
            f"import runpy; runpy.run_path({str(main)!r}, run_name='__main__')",
            {
                "MOCK_CURSOR_REPLAY": str(tmp_path / package),
                "MOCK_CURSOR_LEDGER": str(tmp_path / "ledger.jsonl"),
                **environment,
            },
            path=(tmp_path,),
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return printed


def taken(folder: Path) -> list[tuple[str, int]]:
    lines = (folder / "ledger.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    found = [entry["taken"] for entry in entries if "taken" in entry]
    return [(each["scope"], each["exchange"]) for each in found]


def test_a_child_goes_on_with_the_scope(replayed: Replayed, tmp_path: Path) -> None:
    script = """
command = [sys.executable, "worker.py"]
os.chdir(os.path.dirname(os.path.abspath(worker.__file__)))
subprocess.run(command)
with open_scope("a", "request"):
    subprocess.run(command)
    subprocess.run(command, env={**os.environ, "X": "1"})
    subprocess.run(command, -1, None, None, None, None, None, True, False, None, None)
with open_scope("b", "request"):
    async def main():
        process = await asyncio.create_subprocess_exec(*command)
        await process.wait()
    asyncio.run(main())
subprocess.run(command)
"""
    assert replayed(script) == ["start-up", "a", "a", "a", "b", "start-up"]
    # Each has been told, for whoever merges the processes.
    assert taken(tmp_path) == [
        ("start-up", 1),
        *[("a", 1)] * 3,
        ("b", 1),
        ("start-up", 1),
    ]


def test_a_grandchild_belongs_to_its_own_parent_s_scope(replayed: Replayed) -> None:
    script = """
command = [sys.executable, "worker.py"]
os.chdir(os.path.dirname(os.path.abspath(worker.__file__)))
subprocess.run(command)
with open_scope("b", "test"):
    subprocess.run(command)
worker.ask_and_print()
"""
    assert replayed(script, MOCK_CURSOR_SCOPE="request a") == ["a", "b", "a"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_multiprocessing(replayed: Replayed, method: str) -> None:
    script = f"""
if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    def start():
        process = context.Process(target=worker.ask_and_print)
        process.start()
        process.join()
    start()
    with open_scope("a", "request"):
        start()
    with open_scope("b", "request"):
        start()
    start()
"""
    assert replayed(script) == ["start-up", "a", "b", "start-up"]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_each_job_belongs_to_its_submitter(replayed: Replayed, method: str) -> None:
    script = f"""
if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        with open_scope("a", "request"):
            print(executor.submit(worker.ask).result())
            async def main():
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(executor, worker.ask, 1)
            print(asyncio.run(main()))
        print(executor.submit(worker.ask).result())
        with open_scope("b", "request"):
            print(*executor.map(worker.ask, range(2)))
"""
    assert replayed(script) == ["a", "a", "start-up", "b", "b"]


def test_each_job_of_a_pool_belongs_to_its_sender(replayed: Replayed) -> None:
    script = """
if __name__ == "__main__":
    with open_scope("a", "request"):
        pool = multiprocessing.get_context("fork").Pool(1)
    threads = multiprocessing.pool.ThreadPool(1)
    for made in (pool, threads):
        with made:
            print(made.apply(worker.ask))
            with open_scope("b", "request"):
                print(made.apply_async(func=worker.ask).get())
                print(*made.map(worker.ask, [1]), *made.imap(worker.ask, [2]))
                print(*made.starmap(worker.ask, [(3,)]))
"""
    outside = ["start-up", "b", "b", "b", "b"]
    # Each in a run of its own, as a scope answers once.
    for one in ("(pool,)", "(threads,)"):
        assert replayed(script.replace("(pool, threads)", one)) == outside


def test_a_name_that_no_variable_may_hold_is_not_handed_on(replayed: Replayed) -> None:
    script = """
with open_scope("a\\0", "request"):
    done = subprocess.run([sys.executable, worker.__file__])
    print(done.returncode)
"""
    assert replayed(script) == ["start-up", "0"]


def test_a_wrong_call_is_refused_by_python_itself(replayed: Replayed) -> None:
    script = """
with open_scope("a", "request"):
    try:
        subprocess.Popen([], nonsense=1)
    except TypeError as error:
        print("nonsense" in str(error))
"""
    assert replayed(script) == ["True"]
