"""Scripts that run a third time, on the fixture that is generated from their trace."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from launcher_folder import run
from recorded_scripts import HEAD, demand_same, run_both


class Replayed:
    """What a script printed all three times, its trace, and its replay's ledger."""

    def __init__(self, folder: Path, script: str) -> None:
        self.output, self.trace = run_both(folder, script)
        self.fixture = folder / "replayed"
        self._generate(folder / "trace.jsonl")
        self.ledger_path = folder / "ledger.jsonl"
        done = self.again(script)
        assert done.returncode == 0, done.stderr
        demand_same(self.output, done.stdout)

    def again(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script, this one or another, on the fixture; the ledger begins anew."""
        self.ledger_path.unlink(missing_ok=True)
        environment = {
            "MOCK_CURSOR_REPLAY": str(self.fixture),
            "MOCK_CURSOR_GUARD": "1",
            "MOCK_CURSOR_LEDGER": str(self.ledger_path),
        }
        return run(HEAD + script, environment)

    def entered(self, event: str) -> list[dict[str, Any]]:
        """The entries of one kind."""
        lines = self.ledger_path.read_text().splitlines()
        return [entry[event] for entry in map(json.loads, lines) if event in entry]

    def left(self) -> list[tuple[str, str | None]]:
        """Operation and text of what was recorded and not asked again."""
        taken = {(e["scope"], e["exchange"]) for e in self.entered("taken")}
        return [
            (each["operation"], each["sql"])
            for entry in self.entered("unused")
            for each in entry["exchanges"]
            if (entry["scope"], each["exchange"]) not in taken
        ]

    def _generate(self, trace: Path) -> None:
        # It is built beside the command that runs these tests.
        program = Path(os.environ["MOCK_CURSOR_XTASK"]).with_name("mock-cursor")
        command = [program, "gen", trace, "--out", self.fixture]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
