"""What is bound in the scopes around a scope, and at start-up, is bound in it as well."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange

OLD, NEW, OTHER = (uuid.UUID(int=n << 100, version=4) for n in (1, 2, 3))
BIND = "INSERT INTO t VALUES (%s)"
USE = "SELECT name FROM t WHERE id = %s"


def _bind() -> dict[str, Any]:
    return exchange(BIND, [{"uuid": str(OLD)}], inferred={"/0": "uuid"})


def _use() -> dict[str, Any]:
    return exchange(USE, [{"uuid": str(OLD)}], [[f"user {OLD}"]])


def _used(opened: Opened, value: uuid.UUID) -> str | None:
    try:
        text: str = opened.execute(USE, [value]).fetchone()[0]
    except opened.api.ReplayMiss:
        return None
    return text


@recorded(**{"start-up": [_bind()], "s": [_use()]})
def test_start_up_is_around_every_scope(opened: Opened) -> None:
    assert _used(opened, NEW) is None
    with opened.scopes.entered(None):
        opened.execute(BIND, [NEW])
    assert _used(opened, NEW) == f"user {NEW}"


@recorded(fixture=[_bind()], test=[_use(), _use()], alone=[_use()])
def test_a_fixture_is_around_the_test_that_needs_it(opened: Opened) -> None:
    around: list[Any] = []
    test = opened.scopes.begin("test", "test", around)
    with opened.scopes.entered(test):
        assert _used(opened, NEW) is None
    # Set up only now, as a test may ask for a fixture in the midst of it.
    fixture = opened.scopes.begin("fixture", "fixture")
    with opened.scopes.entered(fixture):
        opened.execute(BIND, [NEW])
    around.append(fixture)
    with opened.scopes.entered(test):
        assert _used(opened, NEW) == f"user {NEW}"
        assert _used(opened, OLD) == f"user {NEW}"
    with opened.scopes.open_scope("alone", "test"):
        assert _used(opened, NEW) is None
        assert _used(opened, OLD) == f"user {OLD}"


@pytest.mark.parametrize(("value", "answered"), [(NEW, True), (OTHER, False)])
@recorded(
    **{
        "start-up": [_bind()],
        "s": [exchange(USE, [{"uuid": str(OLD)}], [["1"]], inferred={"/0": "uuid"})],
    }
)
def test_what_is_bound_around_stays_bound_within(
    opened: Opened, value: uuid.UUID, answered: bool
) -> None:
    with opened.scopes.entered(None):
        opened.execute(BIND, [NEW])
    assert (_used(opened, value) is not None) is answered
