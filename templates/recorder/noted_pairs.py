"""Real values and their pseudonyms, as a recording comes upon them.

They are told to the file that ``MOCK_CURSOR_LEDGER`` names, if one is named, in the way
of a replay: who records responses beside the trace can put the pseudonyms in them. That
file holds what is real, and is for nobody to keep.
"""

from __future__ import annotations

import json
import os
import threading
from typing import Any

from .parameters import Tagged
from .scopes import START_UP, Scope
from .shown_forms import shown_forms

LEDGER = "MOCK_CURSOR_LEDGER"

_MOST_KNOWN = 100_000


class NotedPairs:
    """``known`` are the latest of all scopes, by the real text, and ``pseudonyms`` theirs."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.pseudonyms: set[str] = set()
        self._told: set[tuple[str, str]] = set()
        self._descriptor: int | None = None
        self._lock = threading.Lock()
        path = os.environ.get(LEDGER)
        if path:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._descriptor = os.open(path, flags, 0o600)

    def note(
        self, scope: Scope | None, before: Tagged, after: Tagged
    ) -> dict[str, str]:
        """The texts in which a value may appear, and those of its pseudonym."""
        forms = dict(shown_forms(before, after))
        if len(self.known) > _MOST_KNOWN:
            self.known.clear()
            self.pseudonyms.clear()
        self.known |= forms
        self.pseudonyms.update(forms.values())
        if self._descriptor is not None:
            name = START_UP if scope is None else scope.name
            for live, recorded in forms.items():
                self._tell(name, live, recorded)
        return forms

    def _tell(self, scope: str, live: str, recorded: str) -> None:
        if (scope, live) in self._told:
            return
        self._told.add((scope, live))
        entry: dict[str, Any] = {"scope": scope, "recorded": recorded, "live": live}
        line = json.dumps({"bound": entry}, ensure_ascii=False) + "\n"
        assert self._descriptor is not None
        with self._lock:
            os.write(self._descriptor, line.encode("utf-8", "backslashreplace"))
