"""Greenlets, made by hand and by gevent, which belong to the scope that made them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from launcher_folder import shared

greenlet = pytest.importorskip("greenlet")


@pytest.fixture
def scopes() -> Any:
    """The scopes of a package whose hooks are in place."""
    greenlets = shared("greenlets")
    greenlets.install()
    greenlets.install()
    package = greenlets.__name__.rpartition(".")[0]
    return sys.modules[f"{package}.scopes"]


def test_a_greenlet_belongs_to_its_makers(scopes: Any) -> None:
    seen: list[Any] = []

    def name() -> None:
        seen.append(scopes.current() and scopes.current().name)

    def nested() -> None:
        name()
        greenlet.greenlet(name).switch()

    greenlet.greenlet(name).switch()
    with scopes.open_scope("a", "test"):
        greenlet.greenlet(name).switch()
        greenlet.greenlet(nested).switch()
    greenlet.greenlet(name).switch()
    assert seen == [None, "a", "a", "a", None]


def test_a_greenlet_s_own_scope_is_its_own(scopes: Any) -> None:
    seen: list[Any] = []

    def own() -> None:
        with scopes.open_scope("b", "test"):
            greenlet.getcurrent().parent.switch()
            seen.append(scopes.current().name)
            greenlet.greenlet(lambda: seen.append(scopes.current().name)).switch()
        with scopes.entered(None):
            seen.append(scopes.current())

    with scopes.open_scope("a", "test"):
        made = greenlet.greenlet(own)
        made.switch()
        seen.append(scopes.current().name)
        made.switch()
    assert seen == ["a", "b", "b", None]


HEAD = """
import json, sys
sys.path[:0] = [{folder!r}]
from launcher_folder import shared
greenlets = shared("greenlets")
scopes = sys.modules[greenlets.__name__.rpartition(".")[0] + ".scopes"]
greenlets.install()
import gevent, gevent.pool, gevent.event
seen = []
def note(*_):
    scope = scopes.current()
    seen.append(scope and scope.name)
"""

Seen: TypeAlias = Callable[[str], Any]


@pytest.fixture
def seen() -> Seen:
    """What a script that uses gevent has noted."""
    pytest.importorskip("gevent")

    def run(script: str) -> Any:
        head = HEAD.format(folder=str(__file__).rpartition("/")[0])
        done = subprocess.run(
            [sys.executable, "-c", head + script + "\nprint(json.dumps(seen))"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_what_gevent_spawns_belongs_to_its_spawner(seen: Seen) -> None:
    script = """
def handler(name):
    with scopes.open_scope(name, "request"):
        gevent.sleep(0)
        late = gevent.spawn_later(0.01, note)
        gevent.joinall([gevent.spawn(note), gevent.Greenlet.spawn(note)])
        pool = gevent.pool.Pool(1)
        pool.spawn(note)
        pool.map(note, [1])
        gevent.get_hub().threadpool.spawn(note).get()
        gevent.get_hub().threadpool.apply(note)
    late.join()
gevent.spawn(note).join()
for name in "ab":
    gevent.spawn(handler, name).join()
    gevent.get_hub().threadpool.spawn(note).get()
"""
    assert seen(script) == [None, *["a"] * 7, None, *["b"] * 7, None]


def test_handlers_that_take_turns_do_not_mix(seen: Seen) -> None:
    script = """
def handler(name):
    with scopes.open_scope(name, "request"):
        for _ in range(3):
            gevent.sleep(0)
            job = gevent.spawn(lambda: (scopes.current().name, gevent.sleep(0)))
            seen.append(job.get()[0] == name)
gevent.joinall([gevent.spawn(handler, str(number)) for number in range(50)])
"""
    assert seen(script) == [True] * 150


def test_patched_threads_carry_their_scope(seen: Seen) -> None:
    script = """
from gevent import monkey
monkey.patch_all()
import threading
shared_threads = sys.modules["importlib"].import_module(
    greenlets.__name__.rpartition(".")[0] + ".threads")
shared_threads.install()
def handler(name):
    with scopes.open_scope(name, "request"):
        thread = threading.Thread(target=note)
        thread.start()
        thread.join()
gevent.joinall([gevent.spawn(handler, name) for name in "ab"])
seen.sort()
"""
    assert seen(script) == ["a", "b"]
