"""Records what the replaying worker will ask: `record.py ROUNDS`, under the launcher.

`ROUNDS` is a JSON object: by contest the number of rounds and the calls of each.
"""

from __future__ import annotations

import json
import os
import sys

import calls
import psycopg
import selects_of_accounts as selects
from mock_cursor_recorder.scopes import open_scope
from sqlalchemy import create_engine


def main(rounds: dict[str, tuple[int, int]]) -> None:
    url = os.environ["DATABASE_URL"]
    engine_url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    connection = psycopg.connect(url)
    engine = create_engine(engine_url)
    engine.connect().close()
    selects.engine(engine_url)(1)
    contests = {
        "cursor": calls.cursor(connection),
        "cold_fetch": calls.cold_fetch(connection),
        "core": selects.core(engine),
        "orm": selects.orm(engine),
    }
    with open_scope("one of each", "test"):
        contests["cursor"](1)
        contests["core"](1)
    for name, contest in contests.items():
        number, count = rounds[name]
        with open_scope(name, "test"):
            for _ in range(number):
                contest(count)


main(json.loads(sys.argv[1]))
