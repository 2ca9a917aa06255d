"""Runs a program and says what it took: `child.py PROGRAM ARGUMENTS…`.

Prints its seconds, the most memory that it held (in bytes) and its exit code. A child
starts as a copy of this interpreter, so memory below some 10 MB is not seen.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(command: list[str]) -> None:
    silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=silence)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    print(
        json.dumps(
            {
                "seconds": seconds,
                "memory": usage.ru_maxrss * unit,
                "exit_code": os.waitstatus_to_exitcode(status),
            }
        )
    )


main(sys.argv[1:])
