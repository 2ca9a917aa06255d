"""What pytest waits for before it collects: `plugin_start.py FIXTURE`, in seconds.

That is the plugin, its settings and the index of the fixture. The stand-ins for the
driver are not counted, as a run without a fixture imports the driver.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

import pytest  # noqa: F401 - what is imported anyway is not measured


def main(fixture: Path) -> None:
    start = time.perf_counter()
    from mock_cursor_pytest.settings import settings_around

    settings = settings_around(fixture)
    sys.path.insert(0, str(fixture.parent))
    index = importlib.import_module(f"{fixture.name}.index")
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "scopes": len(index.SCOPES)}))
    assert settings.fixtures.name


main(Path(sys.argv[1]))
