"""Connections: how they begin, commit, roll back, close and break."""

from __future__ import annotations

import gc
from typing import Any

import psycopg
from observe import only_async
from psycopg import IsolationLevel
from psycopg.rows import dict_row

CREATE = "CREATE TEMP TABLE numbers (n integer PRIMARY KEY)"
INSERT = "INSERT INTO numbers VALUES (%s)"
COUNT = "SELECT count(*) FROM numbers"
SHOW = (
    "SELECT current_setting('transaction_isolation'),"
    " current_setting('transaction_read_only'),"
    " current_setting('transaction_deferrable')"
)


async def context_commits(see: Any) -> None:
    async with await see.connect() as connection:
        await see.does(connection.execute, CREATE)
        await see.does(connection.execute, INSERT, (1,))
        see.connection(connection)
    see.connection(connection)


async def context_rolls_back(see: Any) -> None:
    connection = await see.connect()
    try:
        async with connection:
            await connection.execute(CREATE)
            raise ValueError("on purpose")
    except ValueError as error:
        see.error(error)
    see.connection(connection)


async def context_after_a_failed_statement(see: Any) -> None:
    connection = await see.connect()
    async with connection:
        await see.does(connection.execute, CREATE)
        await see.does(connection.execute, "SELECT 1/0")
    see.connection(connection)


async def context_of_a_closed_connection(see: Any) -> None:
    connection = await see.connect()
    async with connection:
        await connection.close()
    see.connection(connection)
    async with connection:
        see("entered", connection.closed)


async def context_closed_within_and_left_with_an_error(see: Any) -> None:
    connection = await see.connect()
    try:
        async with connection:
            await connection.execute("SELECT 1")
            await connection.close()
            raise KeyError("on purpose")
    except KeyError as error:
        see.error(error)
    see.connection(connection)


async def context_of_a_broken_connection(see: Any) -> None:
    connection = await see.connect()
    try:
        async with connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    except psycopg.Error as error:
        see.error(error)
    see.connection(connection)


async def closed(see: Any) -> None:
    connection = await see.connect()
    cursor = connection.cursor()
    await see.does(connection.close)
    see.connection(connection)
    await see.does(connection.close)
    await see.does(connection.cursor)
    await see.does(connection.cursor, "named")
    await see.does(connection.execute, "SELECT 1")
    await see.does(cursor.execute, "SELECT 1")
    await see.does(cursor.executemany, "SELECT %s", [(1,)])
    await see.does(cursor.fetchone)
    await see.does(connection.commit)
    await see.does(connection.rollback)
    await see.does(connection.set_autocommit, True)
    await see.does(connection.set_isolation_level, IsolationLevel.SERIALIZABLE)
    await see.does(connection.set_read_only, True)
    await see.does(connection.set_deferrable, None)
    await see.does(connection.cancel)
    await see.does(connection.cancel_safe)
    see.cursor(cursor)


async def closed_with_results_left(see: Any) -> None:
    connection = await see.connect()
    cursor = await connection.execute("SELECT generate_series(1, 3)")
    await see.does(cursor.fetchone)
    await connection.close()
    see.cursor(cursor)
    await see.does(cursor.fetchone)
    await see.does(cursor.fetchall)
    await see.does(cursor.scroll, 0, "absolute")
    await see.does(cursor.fetchmany, 2)


async def transaction_of_a_closed_connection(see: Any) -> None:
    connection = await see.connect()
    await connection.close()

    async def block() -> None:
        async with connection.transaction():
            see("never entered")

    await see.does(block)


async def failed_transaction(see: Any) -> None:
    connection = await see.connect()
    await see.does(connection.execute, CREATE)
    await see.does(connection.execute, INSERT, (1,))
    await see.does(connection.execute, INSERT, (1,))
    await see.does(connection.execute, "SELECT 1")
    await see.does(connection.execute, COUNT)
    await see.does(connection.commit)
    await see.does(connection.execute, COUNT)
    await see.does(connection.rollback)
    await connection.close()


async def failed_transaction_is_rolled_back(see: Any) -> None:
    connection = await see.connect()
    await connection.execute(CREATE)
    await connection.commit()
    await see.does(connection.execute, INSERT, (1,))
    await see.does(connection.execute, "SELECT nothing")
    await see.does(connection.rollback)
    await see.does(connection.execute, COUNT)
    await connection.commit()
    cursor = await connection.execute(COUNT)
    see("count", await cursor.fetchone())
    await connection.close()


async def commit_by_hand_in_a_failed_transaction(see: Any) -> None:
    connection = await see.connect()
    await see.does(connection.execute, "SELECT 1/0")
    cursor = await see.does(connection.execute, "COMMIT")
    see.cursor(cursor)
    await see.does(connection.execute, "SELECT 1")
    cursor = await see.does(connection.execute, "ROLLBACK")
    see.cursor(cursor)
    await connection.close()


async def transactions_by_hand(see: Any) -> None:
    connection = await see.connect(autocommit=True)
    for statement in (
        "BEGIN",
        CREATE,
        "SAVEPOINT a",
        "INSERT INTO numbers VALUES (1)",
        "ROLLBACK TO SAVEPOINT a",
        COUNT,
        "RELEASE a",
        "SELECT x",
        "ROLLBACK TO a",
        "ROLLBACK",
        "START TRANSACTION READ ONLY",
        CREATE,
        "END",
        "COMMIT",
        "BEGIN; SELECT 1; COMMIT",
        "ABORT",
    ):
        await see.does(connection.execute, statement)
    see.connection(connection)
    await connection.close()


async def statements_in_a_failed_transaction_by_hand(see: Any) -> None:
    connection = await see.connect(autocommit=True)
    for statement in (
        "BEGIN",
        "SAVEPOINT a",
        "SELECT 1/0",
        "SELECT 1",
        "SAVEPOINT b",
        "RELEASE a",
        "ROLLBACK TO a",
        "SELECT 1",
        "SELECT 1/0",
        "",
        "COMMIT",
        "SELECT 1",
    ):
        await see.does(connection.execute, statement)
    await connection.close()


async def autocommit(see: Any) -> None:
    connection = await see.connect(autocommit=True)
    see.connection(connection)
    await see.does(connection.execute, CREATE)
    await see.does(connection.execute, INSERT, (1,))
    await see.does(connection.execute, INSERT, (1,))
    await see.does(connection.execute, COUNT)
    await see.does(connection.commit)
    await see.does(connection.rollback)
    await see.does(connection.set_autocommit, False)
    await see.does(connection.execute, COUNT)
    await see.does(connection.set_autocommit, True)
    await see.does(connection.rollback)
    await see.does(connection.set_autocommit, 1)
    see("autocommit", connection.autocommit)
    await see.does(connection.set_autocommit, 0)
    see("autocommit", connection.autocommit)
    await connection.close()


async def autocommit_in_a_failed_transaction(see: Any) -> None:
    connection = await see.connect()
    await see.does(connection.execute, "SELECT 1/0")
    await see.does(connection.set_autocommit, True)
    async with connection.cursor() as cursor:
        await see.does(cursor.execute, "SELECT 1")
    await connection.close()


async def transaction_settings(see: Any) -> None:
    connection = await see.connect()
    for level in IsolationLevel:
        await see.does(connection.set_isolation_level, level)
        cursor = await connection.execute(SHOW)
        see(level.name, await cursor.fetchone())
        await connection.rollback()
    await see.does(connection.set_isolation_level, 4)
    await see.does(connection.set_isolation_level, 17)
    await see.does(connection.set_isolation_level, "SERIALIZABLE")
    await see.does(connection.set_read_only, True)
    await see.does(connection.set_deferrable, True)
    see.connection(connection)
    cursor = await connection.execute(SHOW)
    see("all", await cursor.fetchone())
    await see.does(connection.execute, CREATE)
    await connection.rollback()
    await see.does(connection.set_isolation_level, None)
    await see.does(connection.set_read_only, None)
    await see.does(connection.set_deferrable, None)
    cursor = await connection.execute(SHOW)
    see("none", await cursor.fetchone())
    await see.does(connection.set_isolation_level, None)
    await see.does(connection.set_read_only, False)
    await see.does(connection.set_deferrable, False)
    await connection.rollback()
    await see.does(connection.set_read_only, "yes")
    await see.does(connection.set_deferrable, 0)
    see.connection(connection)
    await connection.close()


def settings_are_attributes(see: Any) -> None:
    with see.connect() as connection:
        for name, value in (
            ("autocommit", True),
            ("autocommit", False),
            ("isolation_level", IsolationLevel.READ_COMMITTED),
            ("isolation_level", 3),
            ("isolation_level", 12),
            ("read_only", True),
            ("deferrable", None),
            ("closed", True),
            ("broken", True),
            ("info", None),
            ("adapters", None),
        ):
            see.sets(connection, name, value)
        connection.execute("SELECT 1")
        see.sets(connection, "autocommit", True)
        see.sets(connection, "isolation_level", None)
        see.sets(connection, "read_only", None)
        see.connection(connection)


@only_async
async def settings_are_no_attributes(see: Any) -> None:
    connection = await psycopg.AsyncConnection.connect(see.url)
    for name in ("autocommit", "isolation_level", "read_only", "deferrable", "closed"):
        see.sets(connection, name, True)
    see.connection(connection)
    await connection.close()


async def options_of_connect(see: Any) -> None:
    connection = await see.connect(
        see.url,
        row_factory=dict_row,
        autocommit=True,
        prepare_threshold=None,
        application_name="a script",
        options="-c statement_timeout=4321 -c search_path=pg_catalog",
    )
    see.reads(connection, "row_factory", "prepare_threshold", "prepared_max")
    see("application", connection.info.parameter_status("application_name"))
    for name in ("application_name", "statement_timeout", "search_path"):
        cursor = await connection.execute("SELECT current_setting(%s) AS it", (name,))
        see(name, await cursor.fetchone())
    await connection.close()


async def refused(see: Any) -> None:
    await see.does(see.connect, see.url, dbname="no_such_database")
    await see.does(see.connect, see.url, user="nobody_at_all")
    await see.does(see.connect, "host=/no/such/folder dbname=x user=y")
    await see.does(see.connect, "nonsense")
    await see.does(see.connect, see.url, no_such_option=1)
    await see.does(see.connect, "postgresql://h:port/x")
    await see.does(see.connect, see.url, options="-c no_such_setting=1")


async def shortcut(see: Any) -> None:
    connection = await see.connect()
    cursor = await see.does(connection.execute, "SELECT %s + 1, %s", (1, "x"))
    see.cursor(cursor)
    await see.does(cursor.fetchone)
    cursor = await connection.execute("SELECT %(a)s::int8", {"a": 5}, binary=True)
    see.cursor(cursor)
    await see.does(cursor.fetchall)
    cursor = await connection.execute("SELECT 1", prepare=True)
    await see.does(cursor.fetchall)
    await see.does(connection.execute, "SELECT %s", (1, 2))
    await see.does(connection.execute, "SELECT %s")
    await connection.close()


async def info(see: Any) -> None:
    # Of the libpq that the driver was built with.
    see.hide(" sslcertmode=allow|, 'sslcertmode': 'allow'", "")
    connection = await see.connect()
    names = (
        "vendor",
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "options",
        "dsn",
        "status",
        "transaction_status",
        "pipeline_status",
        "server_version",
        "full_protocol_version",
        "error_message",
        "encoding",
        "timezone",
    )
    see.reads(connection.info, *names)
    see("parameters", connection.info.get_parameters())
    see("pid", type(connection.info.backend_pid).__name__)
    for name in ("TimeZone", "server_encoding", "no_such_parameter", "in_hot_standby"):
        see(name, connection.info.parameter_status(name))
    await connection.execute("SET TimeZone TO 'Europe/Berlin'")
    see.reads(connection.info, "timezone")
    await connection.rollback()
    see.reads(connection.info, "timezone")
    await connection.execute("SET client_encoding TO LATIN1")
    see.reads(connection.info, "encoding")
    await see.does(connection.execute, "SET client_encoding TO nonsense")
    see.reads(connection.info, "encoding", "error_message")
    await connection.close()
    see.reads(connection.info, *names, "backend_pid")
    await see.does(connection.info.get_parameters)
    await see.does(connection.info.parameter_status, "TimeZone")


async def info_of_a_broken_connection(see: Any) -> None:
    connection = await see.connect()
    await see.does(connection.execute, "SELECT pg_terminate_backend(pg_backend_pid())")
    see.connection(connection)
    see.reads(
        connection.info,
        "host",
        "dbname",
        "status",
        "transaction_status",
        "server_version",
        "encoding",
        "timezone",
        "backend_pid",
    )
    await see.does(connection.execute, "SELECT 1")
    await see.does(connection.cursor)
    await see.does(connection.commit)
    await see.does(connection.rollback)
    await see.does(connection.set_autocommit, True)
    await see.does(connection.close)
    see.connection(connection)


async def own_pgconn(see: Any) -> None:
    connection = await see.connect()
    see.reads(
        connection.pgconn,
        "db",
        "host",
        "user",
        "port",
        "status",
        "transaction_status",
        "server_version",
        "pipeline_status",
        "error_message",
    )
    see("status", connection.pgconn.parameter_status(b"client_encoding"))
    await connection.close()


async def forgotten(see: Any) -> None:
    see.hide("connection .*? was deleted", "connection … was deleted")
    connection = await psycopg.AsyncConnection.connect(see.url)
    await connection.execute("SELECT 1")
    del connection
    gc.collect()
    see.line("collected")


async def two_at_once(see: Any) -> None:
    first = await see.connect()
    second = await see.connect()
    await see.does(first.execute, "CREATE TABLE at_once (n integer PRIMARY KEY)")
    await see.does(second.execute, "SELECT to_regclass('at_once')::text")
    await see.does(first.commit)
    await see.does(second.execute, "INSERT INTO at_once VALUES (1)")
    cursor = await first.execute("SELECT count(*) FROM at_once")
    see("before the commit", await cursor.fetchone())
    await see.does(second.commit)
    cursor = await first.execute("SELECT count(*) FROM at_once")
    see("after it", await cursor.fetchone())
    await see.does(first.execute, "DROP TABLE at_once")
    await first.commit()
    await first.close()
    await second.close()


async def notices(see: Any) -> None:
    connection = await see.connect(autocommit=True)

    def handle(diagnostic: Any) -> None:
        see(
            "notice",
            diagnostic.severity,
            diagnostic.sqlstate,
            diagnostic.message_primary,
        )
        see(
            "more",
            diagnostic.message_detail,
            diagnostic.message_hint,
            diagnostic.context,
        )

    def fail(diagnostic: Any) -> None:
        raise RuntimeError("on purpose")

    connection.add_notice_handler(handle)
    await see.does(connection.execute, "DROP TABLE IF EXISTS no_such_table")
    connection.add_notice_handler(fail)
    connection.add_notice_handler(handle)
    await see.does(
        connection.execute,
        "DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two' USING DETAIL = 'd',"
        " HINT = 'h', ERRCODE = '01F00'; END $$",
    )
    connection.remove_notice_handler(fail)
    connection.remove_notice_handler(handle)
    await see.does(connection.execute, "COMMIT")
    await see.does(connection.remove_notice_handler, fail)
    await see.does(connection.execute, "SET LOCAL work_mem TO '1MB'")
    await see.does(connection.execute, "SET client_min_messages TO error")
    await see.does(connection.execute, "ROLLBACK")
    await connection.close()


async def cancel_with_nothing_running(see: Any) -> None:
    connection = await see.connect()
    await see.does(connection.cancel)
    await see.does(connection.cancel_safe, timeout=5.0)
    await see.does(connection.execute, "SELECT 1")
    await see.does(connection.cancel_safe)
    await connection.close()


async def subclass_of_the_application(see: Any) -> None:
    class Connection(psycopg.AsyncConnection[Any]):
        async def count(self) -> Any:
            cursor = await self.execute("SELECT count(*) FROM authors")
            return await cursor.fetchone()

        async def commit(self) -> None:
            see.line("commit of the application")
            await super().commit()

    async with await Connection.connect(see.url) as connection:
        see("is one", isinstance(connection, Connection))
        see("count", await connection.count())
    see.connection(connection)
