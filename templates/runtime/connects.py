"""What became of connections when they were recorded, and who gets which at replay.

Those that came about are given as often as they are asked for. What was refused has its
turn: by its place, where no other connection was made to that, else by how many its
scope had been given before.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from .matching import ScopeState
from .session import SHAPING

Outcome = Mapping[str, Any]
"""`server_parameters` or `error`, and what tells when it has its turn.

Of those that came about, `backend_pids` are one a connection.
"""


class Ambiguous(Exception):
    """Connections of the settings that are asked for are not all alike."""


class Connects:
    """The outcomes of connecting that are left."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._made = [each for each in outcomes if "scope" not in each]
        self._in_turn = [each for each in outcomes if "scope" in each]
        pids = [pid for each in outcomes for pid in each.get("backend_pids", ())]
        self._last_pid = max(pids, default=0)
        self._lock = threading.Lock()

    def outcome(
        self,
        state: ScopeState,
        settings: Mapping[str, str],
        place: Mapping[str, str],
    ) -> Outcome | None:
        """The outcome for who asks in a scope; None if no such connection was made.

        One that comes about has a `backend_pid`.
        """
        with self._lock:
            in_turn = self._turn(state, place)
            if in_turn is None:
                state.connected += 1
            equal = [in_turn] if in_turn is not None else self._kept(settings)
            if not equal or "error" in equal[0]:
                return equal[0] if equal else None
            return {**equal[0], "backend_pid": self._backend_pid(equal)}

    def _turn(self, state: ScopeState, place: Mapping[str, str]) -> Outcome | None:
        placed = [each for each in self._in_turn if _is_of(each, place)]
        own = [each for each in placed if each["scope"] == state.name]
        if own:
            # The last one stays: whoever waits tries again as often as time allows.
            if len(own) > 1:
                self._in_turn.remove(own[0])
            return own[0]
        if placed:
            return placed[-1]
        for each in self._in_turn:
            if each["scope"] != state.name or "place" in each:
                continue
            if each.get("after", 0) <= state.connected:
                self._in_turn.remove(each)
                return each
        return None

    def _backend_pid(self, equal: Sequence[Outcome]) -> int:
        """The next one of these connections, or one that none had when recorded."""
        for outcome in equal:
            if outcome.get("backend_pids"):
                pid: int = outcome["backend_pids"].pop(0)
                return pid
        self._last_pid += 1
        return self._last_pid

    def _kept(self, settings: Mapping[str, str]) -> list[Outcome]:
        """The connections of equal settings, which are all alike.

        Where all had the same, they may have come with the URL, and don't matter.
        """
        kinds = [each.get("settings", {}) for each in self._made]
        if settings not in kinds and all(kind == kinds[0] for kind in kinds):
            settings = kinds[0] if kinds else settings
        equal = [
            each
            for each, kind in zip(self._made, kinds, strict=True)
            if kind == settings
        ]
        if any(_shaping(each) != _shaping(equal[0]) for each in equal):
            raise Ambiguous
        return equal


def _is_of(outcome: Outcome, place: Mapping[str, str]) -> bool:
    """Whether an outcome is that of a place, and of no other."""
    own = outcome.get("place")
    return own is not None and own.items() <= place.items()


def _shaping(outcome: Outcome) -> list[str | None]:
    """The server parameters on which values depend."""
    parameters = outcome["server_parameters"]
    return [parameters.get(name) for name in SHAPING]
