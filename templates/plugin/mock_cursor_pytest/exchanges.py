"""The fixture ``mock_cursor``: what a test has asked its database so far."""

from __future__ import annotations

from typing import Any

import pytest

from .test_scopes import scope_of


class Exchanges:
    """What was asked in the scope of one test, live, recorded or replayed alike.

    Nothing is listed where neither a recording nor a replay is under way.
    """

    def __init__(self, scope: Any) -> None:
        self._scope = scope

    @property
    def scope(self) -> str | None:
        """The scope's name."""
        return None if self._scope is None else str(self._scope.name)

    @property
    def asked(self) -> list[Any]:
        """Tuples of ``operation``, ``sql`` and ``parameters``, in order."""
        return [] if self._scope is None else list(self._scope.asked or ())

    @property
    def statements(self) -> list[str]:
        """The SQL texts alone."""
        return [each.sql for each in self.asked]

    @property
    def misses(self) -> list[str]:
        """Reports of what had no answer, which fail the test at the end of its phase."""
        return [] if self._scope is None else list(self._scope.faults)


@pytest.fixture
def mock_cursor(request: pytest.FixtureRequest) -> Exchanges:
    """What this test has asked its database, set-up included."""
    return Exchanges(scope_of(request.node))
