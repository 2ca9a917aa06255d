"""Kill recorded processes at the moments that are asked for.

Reads a moment a line, in seconds after the process has connected.  Forks a process
that writes traffic and says which statements were answered, kills it, and prints what
that says and what is in its trace, a JSON object a line.
"""

import glob
import json
import os
import signal
import sys
import time
from typing import NoReturn

import psycopg

# A short line is written in one piece; only in a long one there is time to be killed.
LONG = 1_500_000
EVERY = 2


def traffic(answered: int) -> NoReturn:
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            number = 0
            os.write(answered, b"\n")
            while True:
                number += 1
                length = 10 if number % EVERY else LONG
                sql = "select %s::int, repeat('x', %s)"
                connection.execute(sql, (number, length)).fetchall()
                os.write(answered, b"%d\n" % number)
    finally:
        # Not the parent's way out: it has a round to go on with.
        os._exit(1)


def killed_after(moment: float) -> int:
    """The number of the last statement that was answered."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        traffic(writer)
    os.close(writer)
    os.read(reader, 1)
    time.sleep(moment)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status):
        sys.exit("the process ended before it was killed")
    with open(reader, "rb") as pipe:
        return len(pipe.read().splitlines())


def faults(data: bytes, answered: int) -> list[str]:
    """What is wrong with the complete lines of a trace."""
    lines = data.split(b"\n")
    cut = lines.pop()
    if not lines:
        return ["answered without a trace"] if answered else []
    found = []
    numbers = []
    for line in lines:
        ((event, content),) = json.loads(line).items()
        if event == "exchange":
            numbers.append(content["parameters"][0])
            ((number, text),) = content["results"][0]["rows"]
            wanted = 10 if numbers[-1] % EVERY else LONG
            if int(number) != numbers[-1] or text != "x" * wanted:
                found.append(f"statement {numbers[-1]} has another answer")
    if numbers != list(range(1, len(numbers) + 1)):
        found.append(f"statements are missing: {numbers}")
    # The last statement may be written before its answer is taken.
    most = answered if cut else answered + 1
    if not answered <= len(numbers) <= most:
        found.append(f"{answered} statements answered, {len(numbers)} recorded")
    return found


def main(folder: str) -> None:
    for line in sys.stdin:
        answered = killed_after(float(line))
        traces = glob.glob(os.path.join(folder, "trace*.jsonl"))
        data = b""
        if traces:
            (path,) = traces
            with open(path, "rb") as file:
                data = file.read()
        report = {
            "answered": answered,
            "trace": traces[0] if traces else None,
            "lines": data.count(b"\n"),
            "cut": bool(data) and not data.endswith(b"\n"),
            "faults": faults(data, answered),
        }
        print(json.dumps(report), flush=True)


main(sys.argv[1])
