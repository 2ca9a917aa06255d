"""Connections that were asked for: where, how many each scope has got, what was refused.

A refusal answers the same attempt at replay. If it concerns a place that no connection
was made to, by its database for one, it is known by that; else by its turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from .scopes import Scope
from .settings import place

Place = Mapping[str, str]


def asked_place(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Place:
    """Where the arguments of ``connect()`` lead; nowhere if they cannot be read."""
    # Only now: nothing may import the driver before the application does.
    from psycopg.conninfo import conninfo_to_dict

    conninfo = args[0] if args else kwargs.get("conninfo", "")
    try:
        return place({**conninfo_to_dict(conninfo), **kwargs})
    except Exception:  # noqa: BLE001 - the driver is about to refuse them
        return {}


class Connects:
    """What has become of all attempts so far."""

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[Scope, int] = WeakKeyDictionary()
        self._made_in_start_up = 0
        self._reached: list[Place] = []
        self._refused: list[Place] = []

    def made(self, asked: Place, scope: Scope | None) -> Place | None:
        """One came about; what tells it from others if it was refused before."""
        if scope is None:
            self._made_in_start_up += 1
        else:
            self._made[scope] = self._made_in(scope) + 1
        if asked not in self._reached:
            self._reached.append(asked)
        for refused in self._refused:
            if refused.items() <= asked.items():
                return refused
        return None

    def refused(self, asked: Place, scope: Scope | None) -> dict[str, Any]:
        """One was refused; the fields by which a replay knows it again."""
        for refused in self._refused:
            if refused.items() <= asked.items():
                return {"place": refused}
        others = [reached.get for reached in self._reached]
        own = {
            name: value
            for name, value in asked.items()
            if others and all(get(name) != value for get in others)
        }
        if own:
            self._refused.append(own)
            return {"place": own}
        made = self._made_in(scope)
        return {"after": made} if made else {}

    def _made_in(self, scope: Scope | None) -> int:
        if scope is None:
            return self._made_in_start_up
        return self._made.get(scope, 0)
