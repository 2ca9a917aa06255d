"""Reads files and all files of folders, and does nothing with them: `plain_read.py PATH…`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main(paths: list[Path]) -> None:
    size = 0
    start = time.perf_counter()
    for path in paths:
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file():
                size += len(file.read_bytes())
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "bytes": size}))


main([Path(argument) for argument in sys.argv[1:]])
