"""The ledger: what a replay used, missed and denied, one JSON object a line.

A miss is entered as it is raised, so that an application which swallows the
exception still fails.  It is written to the file named by
`MOCK_CURSOR_LEDGER` where that is set, and kept in memory besides; misses are said
once more when the process ends.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

_SHOWN = 20
"""More misses than these are counted: most follow from the first ones."""


class Ledger:
    """Append-only; each entry reaches the file in one write of a whole line.

    `told` are reports that somebody else shows, such as a test runner.
    """

    def __init__(self, path: str | None = None) -> None:
        self.entries: list[dict[str, Any]] = []
        self.told: set[str] = set()
        self.after_fork()
        self._descriptor = (
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            if path
            else None
        )

    @property
    def is_written(self) -> bool:
        """Whether there is a file of it."""
        return self._descriptor is not None

    def begin(self, stack: str, scopes: Sequence[str]) -> None:
        """Say in the file what this process replays.

        The names of all recorded scopes are said once a file, by who finds it empty:
        so a report knows what never opened, and needs no fixture besides.
        """
        if self._descriptor is None:
            return
        fields: dict[str, Any] = {"stack": stack, "process": os.getpid()}
        if os.fstat(self._descriptor).st_size == 0:
            fields["scopes"] = list(scopes)
        self.enter("replay", fields, keep=False)

    def enter(
        self, event: str, fields: Mapping[str, Any], *, keep: bool = True
    ) -> None:
        """Enter one event, e.g. `enter("miss", {"scope": …, "report": …})`.

        Without `keep` in the file alone: what may be entered without end.
        """
        entry = {event: dict(fields)}
        with self._lock:
            if keep:
                self.entries.append(entry)
            if self._descriptor is not None:
                line = json.dumps(entry, ensure_ascii=False) + "\n"
                os.write(self._descriptor, line.encode("utf-8", "backslashreplace"))

    def after_fork(self) -> None:
        """Go on in a forked process: another thread of its parent may hold the lock."""
        self._lock = threading.Lock()

    def misses(self) -> list[str]:
        """The reports of all misses so far, commits that stay away included."""
        late = [e["committed"]["scope"] for e in self.entries if "committed" in e]
        lost = [e["lost_commits"] for e in self.entries if "lost_commits" in e]
        missed = [e["miss"] for e in self.entries if "miss" in e]
        missed += [entry for entry in lost if entry["scope"] not in late]
        return [entry["report"] for entry in missed]

    def summary(self) -> str:
        """What a process that ends has to say: its misses, or nothing."""
        misses = self.misses()
        if not misses:
            return ""
        count = len(misses)
        lines = [f"mock-cursor: {count} {'miss' if count == 1 else 'misses'}"]
        shown = misses[:_SHOWN]
        lines += [_first_line(each) if each in self.told else each for each in shown]
        if count > _SHOWN:
            lines.append(f"and {count - _SHOWN} more")
        return "\n\n".join(lines) + "\n"


def _first_line(report: str) -> str:
    """The scope of a miss, and the beginning of its statement."""
    lines = [line.strip() for line in report.split("\n")]
    scope = lines[1].removeprefix("scope: ")
    return f"{scope}: {lines[3]}" if len(lines) > 3 else scope
