"""Imports a fixture in a new process, its index included: `first_import.py FIXTURE`."""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path


def main(fixture: Path) -> None:
    sys.path.insert(0, str(fixture.parent))
    start = time.perf_counter()
    package = importlib.import_module(fixture.name)
    index = importlib.import_module(f"{fixture.name}.index")
    seconds = time.perf_counter() - start
    assert callable(package.activate)
    print(json.dumps({"seconds": seconds, "scopes": len(index.SCOPES)}))


main(Path(sys.argv[1]))
