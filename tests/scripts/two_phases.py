"""Two-phase transactions of the driver's connections."""

from __future__ import annotations

from typing import Any

import psycopg


async def prepared_and_committed(see: Any) -> None:
    connection = await see.connect()
    xid = connection.xid(7, "global", "branch")
    see("xid", str(xid), list(xid), xid.format_id, xid.gtrid, xid.bqual)
    await see.does(connection.tpc_begin, xid)
    await see.does(connection.execute, "CREATE TABLE tpc (n integer)")
    await see.does(connection.commit)
    await see.does(connection.tpc_prepare)
    await see.does(connection.execute, "SELECT 2")
    await connection.rollback() if not connection.info.transaction_status else None
    other = await see.connect(autocommit=True)
    found = await other.tpc_recover()
    see("found", [(str(each), each.owner) for each in found])
    await see.does(other.tpc_commit, xid)
    await see.does(other.execute, "DROP TABLE tpc")
    await connection.close()
    await other.close()


async def in_one_phase(see: Any) -> None:
    connection = await see.connect()
    for end in (connection.tpc_commit, connection.tpc_rollback):
        await see.does(connection.tpc_begin, "just a text")
        await see.does(connection.execute, "SELECT 'one phase'")
        await see.does(end)
        see.connection(connection)
    await connection.close()


async def rolled_back_once_prepared(see: Any) -> None:
    connection = await see.connect()
    await connection.tpc_begin("to be rolled back")
    await connection.execute("SELECT 'prepared'")
    await see.does(connection.tpc_prepare)
    await see.does(connection.tpc_rollback)
    see.connection(connection)
    await connection.close()


async def not_allowed(see: Any) -> None:
    connection = await see.connect()
    await see.does(connection.tpc_prepare)
    await see.does(connection.tpc_commit)
    await see.does(connection.tpc_rollback, "nobody prepared it")
    await connection.rollback()
    await connection.execute("SELECT 2")
    await see.does(connection.tpc_begin, "in a transaction")
    await connection.rollback()
    await connection.set_autocommit(True)
    await see.does(connection.tpc_begin, "in autocommit")
    await connection.set_autocommit(False)
    await connection.tpc_begin("failing")
    await see.does(connection.execute, "SELECT 1/0")
    await see.does(connection.tpc_prepare)
    await see.does(connection.tpc_rollback)
    await connection.close()


async def of_another_xid(see: Any) -> None:
    connection = await see.connect()
    await connection.tpc_begin("mine")
    await see.does(connection.tpc_begin, "another")
    await see.does(connection.tpc_commit, "another")
    await see.does(connection.tpc_rollback)
    xid = psycopg.Xid.from_string("a text")
    see("xid", str(xid), xid.format_id, xid.gtrid)
    await connection.close()
