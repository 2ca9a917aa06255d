"""Events of SQLAlchemy's engines and pools: which, in what order, with what arguments."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alchemy_core import address
from sqlalchemy import event
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

TERMINATE = sa.text("SELECT pg_terminate_backend(pg_backend_pid())")
OF_ENGINES = (
    "before_cursor_execute",
    "after_cursor_execute",
    "before_execute",
    "after_execute",
    "begin",
    "commit",
    "rollback",
    "savepoint",
    "rollback_savepoint",
    "release_savepoint",
    "begin_twophase",
    "prepare_twophase",
    "commit_twophase",
    "rollback_twophase",
    "engine_connect",
    "engine_disposed",
    "set_connection_execution_options",
)
OF_POOLS = (
    "connect",
    "first_connect",
    "checkout",
    "checkin",
    "reset",
    "invalidate",
    "soft_invalidate",
    "close",
    "close_detached",
    "detach",
)


def _heard(see: Any, engine: Any) -> None:
    """Show every event of an engine and its pool."""

    def listen(target: Any, name: str) -> None:
        def heard(*args: Any) -> None:
            see(name, *(_shown(arg) for arg in args))

        event.listen(target, name, heard)

    for name in OF_ENGINES:
        listen(engine, name)
    for name in OF_POOLS:
        listen(engine.pool, name)

    @event.listens_for(engine, "handle_error")
    def handle_error(context: Any) -> None:
        see(
            "handle_error",
            type(context.original_exception).__name__,
            type(context.sqlalchemy_exception).__name__,
            context.is_disconnect,
            context.is_pre_ping,
            context.invalidate_pool_on_disconnect,
            context.statement,
            context.parameters,
        )

    @event.listens_for(engine, "do_connect")
    def do_connect(dialect: Any, record: Any, args: Any, params: Any) -> None:
        see("do_connect", len(args), sorted(params))


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, sa.sql.Executable):
        return f"executable {str(value)[:60]}"
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    # Of the driver: by what it says it is.
    return value.__class__.__name__.removeprefix("Mock")


def of_statements(see: Any) -> None:
    engine = sa.create_engine(address(see.url))
    _heard(see, engine)
    with engine.connect() as connection:
        see("scalar", connection.scalar(sa.text("SELECT :a"), {"a": 1}))
        connection.exec_driver_sql("CREATE TEMP TABLE numbers (n integer)")
        connection.execute(
            sa.text("INSERT INTO numbers VALUES (:n)"), [{"n": 1}, {"n": 2}]
        )
        with connection.begin_nested():
            connection.execute(sa.text("SELECT 'nested'"))
        try:
            with connection.begin_nested():
                connection.execute(sa.text("SELECT 1/0"))
        except sa.exc.DataError:
            see.line("caught")
        connection.commit()
        connection.execute(sa.text("SELECT 'left open'"))
    engine.dispose()


def of_the_first_connection(see: Any) -> None:
    engine = sa.create_engine(address(see.url))
    _heard(see, engine)
    for _ in range(2):
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 'one'"))
    with engine.connect() as one, engine.connect() as two:
        one.execute(sa.text("SELECT 'one'"))
        two.execute(sa.text("SELECT 'two'"))
    engine.dispose()


def of_other_pools(see: Any) -> None:
    for pool in (NullPool, StaticPool):
        see.line(pool.__name__)
        engine = sa.create_engine(address(see.url), poolclass=pool)
        _heard(see, engine)
        for _ in range(2):
            with engine.begin() as connection:
                connection.execute(sa.text("SELECT 'one'"))
        engine.dispose()


def of_two_phases(see: Any) -> None:
    engine = sa.create_engine(address(see.url))
    _heard(see, engine)
    with engine.connect() as connection:
        with connection.begin_twophase("xid-3") as transaction:
            connection.execute(sa.text("SELECT 'both'"))
            transaction.prepare()
            transaction.commit()
        with connection.begin_twophase("xid-4") as transaction:
            connection.execute(sa.text("SELECT 'none'"))
            transaction.rollback()
    engine.dispose()


def of_a_lost_connection(see: Any) -> None:
    engine = sa.create_engine(address(see.url))
    _heard(see, engine)
    with engine.connect() as connection:
        see.does(connection.execute, TERMINATE)
        see("invalidated", connection.invalidated, connection.closed)
        see.does(connection.execute, sa.text("SELECT 'again'"))
        see.does(connection.rollback)
        see.does(connection.scalar, sa.text("SELECT 'on another'"))
    with engine.connect() as connection:
        see("next", connection.scalar(sa.text("SELECT 'next'")))
    see("pool", engine.pool.status())
    engine.dispose()


def pool_is_invalidated(see: Any) -> None:
    """One lost connection makes the pool open all others anew."""
    engine = sa.create_engine(address(see.url), pool_size=3)
    connections = [engine.connect() for _ in range(3)]
    for connection in connections[1:]:
        connection.close()
    see("pool", engine.pool.status())
    _heard(see, engine)
    see.does(connections[0].execute, TERMINATE)
    connections[0].close()
    for _ in range(2):
        with engine.connect() as connection:
            see("next", connection.scalar(sa.text("SELECT 'next'")))
    see("pool", engine.pool.status())
    engine.dispose()


def pre_ping(see: Any) -> None:
    engine = sa.create_engine(address(see.url), pool_pre_ping=True)
    with engine.connect() as connection:
        see("first", connection.scalar(sa.text("SELECT 'first'")))
        lost = connection.connection.dbapi_connection
    _heard(see, engine)
    with engine.connect() as connection:
        see("fine", connection.scalar(sa.text("SELECT 'fine'")))
    # The server ends it while it is in the pool.
    other = sa.create_engine(address(see.url), poolclass=NullPool)
    with other.begin() as connection:
        ended = sa.text(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state = 'idle' AND query LIKE '%fine%' OR query LIKE 'ROLLBACK%'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute(ended)
    with engine.connect() as connection:
        see("again", connection.scalar(sa.text("SELECT 'again'")))
        see("same", connection.connection.dbapi_connection is lost)
    engine.dispose()


def invalidated_by_hand(see: Any) -> None:
    engine = sa.create_engine(address(see.url))
    _heard(see, engine)
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 'before'"))
        connection.invalidate()
        see("invalidated", connection.invalidated)
        see.does(connection.execute, sa.text("SELECT 'after'"))
        connection.rollback()
        see("scalar", connection.scalar(sa.text("SELECT 'after'")))
        connection.detach()
    engine.dispose()


def pool_overflows(see: Any) -> None:
    engine = sa.create_engine(
        address(see.url),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=1,
        pool_timeout=0.05,
    )
    with engine.connect() as one, engine.connect() as two:
        see("pool", engine.pool.status())
        see.does(engine.connect)
        see("both", one.scalar(sa.text("SELECT 1")), two.scalar(sa.text("SELECT 2")))
    see("pool", engine.pool.status())
    engine.dispose()
    see("pool", engine.pool.status())


def recycled(see: Any) -> None:
    engine = sa.create_engine(address(see.url), pool_recycle=0, pool_size=1)
    _heard(see, engine)
    for _ in range(2):
        with engine.connect() as connection:
            see("scalar", connection.scalar(sa.text("SELECT 'recycled'")))
    engine.dispose()


def statements_rewritten(see: Any) -> None:
    engine = sa.create_engine(address(see.url))

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def comment(
        conn: Any, cursor: Any, statement: str, parameters: Any, *rest: Any
    ) -> Any:
        return f"{statement} -- rewritten", parameters

    @event.listens_for(engine, "connect")
    def connected(dbapi_connection: Any, record: Any) -> None:
        cursor = dbapi_connection.cursor()
        cursor.execute("SET application_name TO 'rewritten'")
        cursor.close()
        dbapi_connection.commit()

    with engine.connect() as connection:
        see("name", connection.scalar(sa.text("SHOW application_name")))
    engine.dispose()


def errors_replaced(see: Any) -> None:
    engine = sa.create_engine(address(see.url))

    class Replaced(Exception):
        pass

    @event.listens_for(engine, "handle_error")
    def replace(context: Any) -> None:
        if isinstance(context.sqlalchemy_exception, sa.exc.DataError):
            raise Replaced(f"instead of {context.original_exception}")

    with engine.connect() as connection:
        see.does(connection.execute, sa.text("SELECT 1/0"))
        connection.rollback()
        see.does(connection.execute, sa.text("SELECT no_such_column"))
    engine.dispose()


def disconnects_declared(see: Any) -> None:
    engine = sa.create_engine(address(see.url))

    @event.listens_for(engine, "handle_error")
    def declare(context: Any) -> None:
        context.is_disconnect = "division" in str(context.original_exception)

    with engine.connect() as connection:
        see.does(connection.execute, sa.text("SELECT 1/0"))
        see("invalidated", connection.invalidated)
    with engine.connect() as connection:
        see("next", connection.scalar(sa.text("SELECT 'next'")))
    engine.dispose()


def logged(see: Any) -> None:
    import logging

    see.hide(r"(cached since|generated in) [\d.]+s( ago)?", "timed")
    logger = logging.getLogger("sqlalchemy.engine")
    logger.setLevel(logging.INFO)
    try:
        engine = sa.create_engine(address(see.url))
        with engine.begin() as connection:
            connection.execute(sa.text("SELECT :a"), {"a": "logged"})
            connection.execute(sa.text("SELECT :a"), {"a": "logged again"})
        engine.dispose()
    finally:
        logger.setLevel(logging.NOTSET)
