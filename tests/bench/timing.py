"""Contests: how long a call takes, and what it gave, asked for round by round.

A worker serves contests by name. Each line on standard input, `NAME COUNT`, is one
round; its answer is a line of JSON with the seconds of one call and what the last
call gave, by which the rows of different workers are compared.
"""

from __future__ import annotations

import gc
import hashlib
import itertools
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

Contest = Callable[[int], tuple[float, Any]]


def timed(count: int, call: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds of one call, and what the last of them gave."""
    given: Any = None
    gc.collect()
    # A collection would fall into one round and not into another.
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in itertools.repeat(None, count):
            given = call()
        seconds = time.perf_counter() - start
    finally:
        gc.enable()
    return seconds / count, given


def serve(contests: Mapping[str, Contest]) -> None:
    """Run rounds as they are asked for, until standard input ends."""
    for line in sys.stdin:
        name, count = line.split()
        seconds, given = contests[name](int(count))
        digest = hashlib.sha256(repr(given).encode()).hexdigest()
        print(json.dumps({"seconds": seconds, "given": digest}), flush=True)
