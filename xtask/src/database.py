"""Create, drop and fill databases: `create NAME [TEMPLATE]`, `drop NAME`, `apply FILE`.

The connection is the one of `DATABASE_URL`.
"""

import os
import pathlib
import sys

import psycopg
from psycopg import sql


def main(action: str, name: str, template: str = "template1") -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        if action == "apply":
            # Without parameters several statements may be sent as one text.
            connection.execute(pathlib.Path(name).read_bytes())
            return
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(drop.format(sql.Identifier(name)))
        if action == "create":
            names = sql.Identifier(name), sql.Identifier(template)
            connection.execute(create.format(*names))


try:
    main(*sys.argv[1:])
except psycopg.Error as error:
    sys.exit(f"{type(error).__name__}: {error}")
