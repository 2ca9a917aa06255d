"""The worker with the real driver, on the server of `DATABASE_URL`."""

from __future__ import annotations

import os

import calls
import psycopg
import selects_of_accounts as selects
from timing import serve


def main() -> None:
    url = os.environ["DATABASE_URL"]
    connection = psycopg.connect(url)
    serve(
        {
            "cursor": calls.cursor(connection, prepare=True),
            "cold_fetch": calls.cold_fetch(connection, prepare=True),
            "engine": selects.engine(
                url.replace("postgresql://", "postgresql+psycopg://", 1)
            ),
        }
    )


main()
