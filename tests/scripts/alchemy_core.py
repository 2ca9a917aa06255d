"""SQLAlchemy Core through the psycopg dialect."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.pool import NullPool

METADATA = sa.MetaData()
AUTHORS = sa.Table(
    "authors",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("born", sa.Date),
)
BOOKS = sa.Table(
    "books",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("author", sa.ForeignKey("authors.id"), nullable=False),
    sa.Column("title", sa.String(20), nullable=False),
    sa.Column("price", sa.Numeric(6, 2)),
)
NUMBERS = sa.Table(
    "numbers",
    sa.MetaData(),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("word", sa.Text),
    prefixes=["TEMPORARY"],
)


def address(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def _engine(see: Any, **options: Any) -> Iterator[sa.Engine]:
    engine = sa.create_engine(address(see.url), **options)
    try:
        yield engine
    finally:
        engine.dispose()


def _rows(see: Any, label: str, result: Any) -> None:
    see(label, list(result.keys()), [tuple(row) for row in result])


def selecting(see: Any) -> None:
    with _engine(see) as engine, engine.connect() as connection:
        see("dialect", engine.dialect.name, engine.dialect.driver)
        see("version", engine.dialect.server_version_info)
        see("schema", engine.dialect.default_schema_name)
        joined = (
            sa.select(AUTHORS.c.name, BOOKS.c.title, BOOKS.c.price)
            .join(BOOKS)
            .order_by(BOOKS.c.id)
        )
        _rows(see, "joined", connection.execute(joined))
        _rows(see, "where", connection.execute(joined.where(BOOKS.c.price > 20)))
        chosen = sa.select(AUTHORS).where(AUTHORS.c.id.in_([1, 2, 3]))
        _rows(see, "in", connection.execute(chosen.order_by(AUTHORS.c.id)))
        _rows(see, "none", connection.execute(sa.select(BOOKS).where(sa.false())))
        see("scalar", connection.scalar(sa.select(sa.func.count()).select_from(BOOKS)))
        see("scalars", connection.scalars(sa.select(BOOKS.c.title)).all())
        see("one", connection.execute(sa.select(AUTHORS).limit(1)).mappings().one())
        _rows(see, "text", connection.execute(sa.text("SELECT :a AS a"), {"a": 5}))
        see("driver", connection.exec_driver_sql("SELECT %s + 1", (5,)).scalar())
        statement = sa.select(sa.literal("x"), sa.literal(dt.date(2020, 1, 2)))
        _rows(see, "literals", connection.execute(statement))
        result = connection.execute(sa.select(BOOKS).order_by(BOOKS.c.id))
        see("rowcount", result.rowcount, result.returns_rows, result.closed)
        see("first", tuple(result.fetchone() or ()), len(result.fetchmany(5)))
        see("closed", result.closed, result.fetchall())
        see.does(connection.execute(sa.select(BOOKS.c.id)).one)
        see.does(connection.execute(sa.select(BOOKS).where(sa.false())).one)
        see.does(connection.execute(sa.select(BOOKS).where(sa.false())).scalar_one)


def inserting(see: Any) -> None:
    with _engine(see) as engine, engine.connect() as connection:
        NUMBERS.create(connection)
        result = connection.execute(NUMBERS.insert().values(word="a"))
        see("key", tuple(result.inserted_primary_key), result.rowcount)
        result = connection.execute(NUMBERS.insert(), {"n": 10, "word": "b"})
        see("key", tuple(result.inserted_primary_key))
        result = connection.execute(
            NUMBERS.insert(), [{"n": n, "word": f"w{n}"} for n in (20, 21, 22)]
        )
        see("many", result.rowcount, result.returns_rows)
        returning = NUMBERS.insert().returning(NUMBERS.c.n, NUMBERS.c.word)
        _rows(see, "returning", connection.execute(returning, {"word": "c", "n": 30}))
        _rows(
            see,
            "sorted",
            connection.execute(
                NUMBERS.insert().returning(NUMBERS.c.n, sort_by_parameter_order=True),
                [{"n": n, "word": "s"} for n in (42, 41, 40)],
            ),
        )
        upsert = pg.insert(NUMBERS).values(n=10, word="again")
        upsert = upsert.on_conflict_do_update(
            index_elements=["n"], set_={"word": upsert.excluded.word}
        )
        see("upsert", connection.execute(upsert).rowcount)
        nothing = pg.insert(NUMBERS).values(n=10).on_conflict_do_nothing()
        see("nothing", connection.execute(nothing).rowcount)
        copy = NUMBERS.insert().from_select(
            ["n", "word"], sa.select(NUMBERS.c.n + 100, NUMBERS.c.word)
        )
        see("from select", connection.execute(copy).rowcount)
        _rows(see, "all", connection.execute(sa.select(NUMBERS).order_by(NUMBERS.c.n)))


def insertmanyvalues(see: Any) -> None:
    with _engine(see, insertmanyvalues_page_size=4) as engine:
        statements: list[Any] = []

        @event.listens_for(engine, "before_cursor_execute")
        def executed(
            conn: Any, cursor: Any, statement: str, parameters: Any, *rest: Any
        ) -> None:
            statements.append((statement.split("(")[0], len(parameters), rest[1]))

        with engine.connect() as connection:
            NUMBERS.create(connection)
            for size in (1, 3, 4, 11):
                connection.execute(NUMBERS.delete())
                rows = connection.execute(
                    NUMBERS.insert().returning(
                        NUMBERS.c.n, NUMBERS.c.word, sort_by_parameter_order=True
                    ),
                    [{"n": size - n, "word": f"w{n}"} for n in range(size)],
                )
                _rows(see, f"{size}", rows)
            connection.execute(NUMBERS.delete())
            twice = [{"n": n % 6, "word": "x"} for n in range(8)]
            see.does(connection.execute, NUMBERS.insert().returning(NUMBERS.c.n), twice)
            connection.rollback()
        see("statements", statements)


def updating_and_deleting(see: Any) -> None:
    with _engine(see) as engine, engine.connect() as connection:
        NUMBERS.create(connection)
        connection.execute(
            NUMBERS.insert(), [{"n": n, "word": "x"} for n in range(1, 6)]
        )
        update = NUMBERS.update().where(NUMBERS.c.n < 3).values(word="small")
        see("update", connection.execute(update).rowcount)
        see("none", connection.execute(update.where(NUMBERS.c.n > 9)).rowcount)
        bound = NUMBERS.update().where(NUMBERS.c.n == sa.bindparam("which"))
        many = connection.execute(
            bound.values(word=sa.bindparam("to")),
            [{"which": 1, "to": "one"}, {"which": 2, "to": "two"}],
        )
        see("many", many.rowcount)
        delete = NUMBERS.delete().where(NUMBERS.c.n == 5).returning(NUMBERS)
        _rows(see, "delete", connection.execute(delete))
        _rows(see, "all", connection.execute(sa.select(NUMBERS).order_by(NUMBERS.c.n)))


def transactions(see: Any) -> None:
    with _engine(see) as engine:
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE kept (n integer PRIMARY KEY)"))
            connection.execute(sa.text("INSERT INTO kept VALUES (1)"))
        count = sa.text("SELECT count(*) FROM kept")
        with engine.connect() as connection:
            see("kept", connection.scalar(count))
            connection.execute(sa.text("INSERT INTO kept VALUES (2)"))
            see("in", connection.in_transaction(), connection.in_nested_transaction())
            connection.rollback()
            see("rolled back", connection.scalar(count))
            connection.execute(sa.text("INSERT INTO kept VALUES (3)"))
            connection.commit()
            see("committed", connection.scalar(count))
            connection.rollback()
            with connection.begin():
                connection.execute(sa.text("INSERT INTO kept VALUES (4)"))
            see.does(connection.begin)
            see.does(connection.begin)
            connection.execute(sa.text("INSERT INTO kept VALUES (5)"))
        try:
            with engine.begin() as connection:
                connection.execute(sa.text("INSERT INTO kept VALUES (6)"))
                raise ValueError("on purpose")
        except ValueError as error:
            see.error(error)
        with engine.begin() as connection:
            see("last", connection.scalar(count))
            connection.execute(sa.text("DROP TABLE kept"))


def savepoints(see: Any) -> None:
    with _engine(see) as engine, engine.connect() as connection:
        NUMBERS.create(connection)
        insert = NUMBERS.insert()
        with connection.begin_nested() as nested:
            connection.execute(insert, {"n": 1})
            see("nested", nested.is_active, connection.in_nested_transaction())
        outer = connection.begin_nested()
        connection.execute(insert, {"n": 2})
        inner = connection.begin_nested()
        connection.execute(insert, {"n": 3})
        inner.rollback()
        outer.commit()
        failed = connection.begin_nested()
        see.does(connection.execute, insert, {"n": 1})
        see("active", failed.is_active, connection.in_transaction())
        failed.rollback()
        try:
            with connection.begin_nested():
                connection.execute(insert, {"n": 4})
                connection.execute(insert, {"n": 4})
        except sa.exc.IntegrityError as error:
            see.error(error)
        _rows(see, "all", connection.execute(sa.select(NUMBERS).order_by(NUMBERS.c.n)))
        see.does(connection.execute, sa.text("SELECT 1/0"))
        see.does(connection.execute, sa.select(NUMBERS))
        connection.rollback()
        see.does(connection.execute, sa.select(NUMBERS))


def two_phase(see: Any) -> None:
    with _engine(see) as engine:
        with engine.connect() as connection:
            with connection.begin_twophase("xid-1") as transaction:
                connection.execute(sa.text("CREATE TABLE phases (n integer)"))
                transaction.prepare()
                with engine.connect() as other:
                    see("recover", other.recover_twophase())
                transaction.commit()
            with connection.begin_twophase("xid-2") as transaction:
                connection.execute(sa.text("INSERT INTO phases VALUES (1)"))
                transaction.rollback()
            see("left", connection.scalar(sa.text("SELECT count(*) FROM phases")))
        with engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE phases"))


def autocommit(see: Any) -> None:
    options = {"isolation_level": "AUTOCOMMIT"}
    with _engine(see, **options) as engine, engine.connect() as connection:
        see("level", connection.get_isolation_level())
        connection.execute(sa.text("CREATE TEMP TABLE auto (n integer)"))
        connection.execute(sa.text("INSERT INTO auto VALUES (1)"))
        connection.rollback()
        see("kept", connection.scalar(sa.text("SELECT count(*) FROM auto")))
    with _engine(see) as engine, engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        see("level", connection.get_isolation_level())
        see("raw", connection.connection.dbapi_connection.autocommit)
        connection.execute(sa.text("SELECT 7"))
        see.does(connection.execution_options, isolation_level="READ COMMITTED")
        see("level", connection.get_isolation_level())


def isolation_levels(see: Any) -> None:
    with _engine(see) as engine:
        show = sa.text("SELECT current_setting('transaction_isolation')")
        for level in (
            "SERIALIZABLE",
            "REPEATABLE READ",
            "READ COMMITTED",
            "READ UNCOMMITTED",
            "AUTOCOMMIT",
        ):
            options = engine.execution_options(isolation_level=level)
            with options.connect() as connection:
                see(level, connection.get_isolation_level(), connection.scalar(show))
                see("default", connection.default_isolation_level)
            with engine.connect() as connection:
                see("after", connection.get_isolation_level())
        with engine.connect() as connection:
            see.does(connection.execution_options, isolation_level="NONSENSE")
            chosen = connection.execution_options(
                postgresql_readonly=True, postgresql_deferrable=True
            )
            values = "SELECT current_setting('transaction_read_only')"
            see("read only", chosen.scalar(sa.text(values)))
            see.does(chosen.execute, sa.text("CREATE TABLE never (n integer)"))
    level = {"isolation_level": "REPEATABLE READ"}
    with _engine(see, **level) as engine, engine.connect() as connection:
        see("engine", connection.get_isolation_level())


def streaming(see: Any) -> None:
    series = sa.text("SELECT n FROM generate_series(1, 25) AS n")
    with _engine(see) as engine, engine.connect() as connection:
        result = connection.execution_options(stream_results=True).execute(series)
        see("first", result.fetchone(), result.fetchmany(3), len(result.fetchall()))
        options = {"yield_per": 10}
        with connection.execute(series, execution_options=options) as result:
            see("partitions", [len(part) for part in result.partitions()])
        with connection.execute(series, execution_options=options) as result:
            for row in result:
                if row.n == 12:
                    break
        options = {"stream_results": True, "max_row_buffer": 5}
        with connection.execute(series, execution_options=options) as result:
            see("scalars", sum(result.scalars()))
        failing = sa.text("SELECT 10 / (15 - n) AS x FROM generate_series(1, 25) AS n")
        result = connection.execution_options(yield_per=5).execute(failing)
        see.does(result.fetchall)
        connection.rollback()
        see("after", connection.execute(series).fetchone())


def errors(see: Any) -> None:
    with _engine(see) as engine, engine.connect() as connection:
        for statement in (
            sa.text("SELECT 1/0"),
            sa.text("SELECT * FROM no_such_table"),
            sa.text("SELEC"),
            AUTHORS.insert().values(email="ada@example.org", name="x"),
            AUTHORS.insert().values(email=None, name="x"),
            AUTHORS.insert().values(email="new@example.org", name=""),
            BOOKS.insert().values(author=99, title="x"),
            BOOKS.insert().values(author=1, title="x" * 21),
            sa.select(sa.cast("x", sa.Integer)),
            sa.select(AUTHORS).where(AUTHORS.c.id == "x"),
            sa.text("SELECT :a").bindparams(a=object()),
        ):
            see.does(connection.execute, statement)
            connection.rollback()
        see.does(connection.execute, sa.text("SELECT :a"))
        see.does(connection.exec_driver_sql, "SELECT %s", (1, 2))
        connection.rollback()
        insert = AUTHORS.insert()
        see.does(
            connection.execute,
            insert,
            [
                {"email": "one@example.org", "name": "x"},
                {"email": "ada@example.org", "name": "y"},
            ],
        )
    with _engine(see, hide_parameters=True) as engine, engine.connect() as connection:
        see.does(connection.execute, sa.text("SELECT 1 / :a"), {"a": 0})
    with _engine(see) as engine:
        bad = engine.url.set(database="no_such_database")
        see.does(sa.create_engine(bad).connect)


def typed_values(see: Any) -> None:
    class Colour(enum.Enum):
        red = "r"
        blue = "b"

    calls: list[Any] = []

    class Shouted(sa.TypeDecorator[str]):
        impl = sa.Text
        cache_ok = True

        def process_bind_param(self, value: Any, dialect: Any) -> Any:
            calls.append(("bind", value))
            return value and value.upper()

        def process_result_value(self, value: Any, dialect: Any) -> Any:
            calls.append(("result", value))
            return value and f"{value}!"

    table = sa.Table(
        "typed",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uuid", sa.Uuid),
        sa.Column("uuid_text", sa.Uuid(as_uuid=False)),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("naive", sa.DateTime),
        sa.Column("clock", sa.Time),
        sa.Column("span", sa.Interval),
        sa.Column("money", sa.Numeric(10, 2)),
        sa.Column("real", sa.Float),
        sa.Column("big", sa.BigInteger),
        sa.Column("yes", sa.Boolean),
        sa.Column("data", sa.LargeBinary),
        sa.Column("colour", sa.Enum(Colour, name="colour_of_scripts")),
        sa.Column("plain", sa.Enum("a", "b", native_enum=False)),
        sa.Column(
            "mood", pg.ENUM("sad", "ok", "very happy", name="mood", create_type=False)
        ),
        sa.Column("json", sa.JSON),
        sa.Column("jsonb", pg.JSONB),
        sa.Column("numbers", pg.ARRAY(sa.Integer)),
        sa.Column("words", pg.ARRAY(sa.Text, dimensions=2)),
        sa.Column("shouted", Shouted),
        sa.Column("inet", pg.INET),
        sa.Column("cidr", pg.CIDR),
        sa.Column("bits", pg.BIT(3)),
        sa.Column("range", pg.INT4RANGE),
        sa.Column("dates", pg.DATERANGE),
        sa.Column("multi", pg.INT4MULTIRANGE),
        sa.Column("hstore", pg.HSTORE),
        sa.Column("tsv", pg.TSVECTOR),
    )
    full = {
        "id": 1,
        "uuid": uuid.UUID(int=5),
        "uuid_text": str(uuid.UUID(int=6)),
        "at": dt.datetime(2020, 1, 2, 3, 4, 5, 6, dt.UTC),
        "naive": dt.datetime(2020, 1, 2, 3, 4),
        "clock": dt.time(10, 20),
        "span": dt.timedelta(days=2, seconds=5),
        "money": Decimal("12.50"),
        "real": 1.25,
        "big": 2**40,
        "yes": True,
        "data": b"\x00\xff",
        "colour": Colour.blue,
        "plain": "a",
        "mood": "very happy",
        "json": {"a": [1, 2.5, None]},
        "jsonb": {"b": {"c": "d"}},
        "numbers": [1, None, 3],
        "words": [["a", "b"], ["c", "d"]],
        "shouted": "quiet",
        "inet": "10.0.0.1",
        "cidr": "10.0.0.0/8",
        "bits": "101",
        "range": pg.Range(1, 5),
        "dates": pg.Range(dt.date(2020, 1, 1), None, bounds="[)"),
        "multi": pg.MultiRange([pg.Range(1, 2), pg.Range(5, 9)]),
        "hstore": {"k": "v", "n": None},
        "tsv": "a fat cat",
    }
    with _engine(see) as engine, engine.connect() as connection:
        table.create(connection)
        connection.execute(table.insert(), full)
        connection.execute(table.insert().values(id=2))
        connection.execute(table.insert().values(id=3, json=sa.null(), jsonb=None))
        for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings():
            for name, value in row.items():
                see(name, value)
        see("json", connection.scalars(sa.select(table.c.jsonb["b"]["c"])).all())
        found = sa.select(table.c.id).where(table.c.numbers.contains([1]))
        see("array", connection.scalars(found).all())
        found = sa.select(table.c.id).where(table.c.range.contains(3))
        see("range", connection.scalars(found).all())
        found = sa.select(table.c.hstore["k"]).where(table.c.hstore.has_key("k"))
        see("hstore", connection.scalars(found).all())
        found = sa.select(table.c.id).where(table.c.colour == Colour.blue)
        see("enum", connection.scalars(found).all())
        see.does(
            connection.execute, sa.select(table.c.id).where(table.c.colour == "green")
        )
        see("calls", calls)


def json_functions_of_the_engine(see: Any) -> None:
    import json

    calls: list[Any] = []

    def dumps(value: Any) -> str:
        calls.append(("dumps", value))
        return json.dumps(value)

    def loads(text: Any) -> Any:
        calls.append(("loads", type(text).__name__))
        return json.loads(text)

    table = sa.Table(
        "documents",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("json", sa.JSON),
        sa.Column("jsonb", pg.JSONB),
        prefixes=["TEMPORARY"],
    )
    functions = {"json_serializer": dumps, "json_deserializer": loads}
    with _engine(see, **functions) as engine, engine.connect() as connection:
        table.create(connection)
        connection.execute(
            table.insert(),
            [{"id": n, "json": {"n": n}, "jsonb": [n]} for n in range(3)],
        )
        see("calls", list(calls))
        calls.clear()
        result = connection.execute(sa.select(table).order_by(table.c.id))
        see("first", tuple(result.fetchone() or ()), list(calls))
        see("rest", [tuple(row) for row in result], len(calls))
        calls.clear()
        found = sa.select(table.c.id).where(table.c.jsonb.contains([1]))
        see("found", connection.scalars(found).all(), list(calls))


def reflection(see: Any) -> None:
    with _engine(see) as engine:
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE SCHEMA reflected"))
            connection.execute(
                sa.text(
                    "CREATE TABLE reflected.things ("
                    " id serial PRIMARY KEY, code varchar(10) NOT NULL DEFAULT 'x',"
                    " price numeric(6, 2) CHECK (price > 0), parent integer"
                    " REFERENCES reflected.things (id) ON DELETE SET NULL,"
                    " twice integer GENERATED ALWAYS AS (id * 2) STORED,"
                    " numbered integer GENERATED ALWAYS AS IDENTITY (START 5),"
                    " mood mood, tags text[], data jsonb, at timestamptz(3),"
                    " CONSTRAINT unique_code UNIQUE (code, price))"
                )
            )
            connection.execute(
                sa.text("CREATE INDEX lowered ON reflected.things (lower(code))")
            )
            connection.execute(
                sa.text("COMMENT ON TABLE reflected.things IS 'all the things'")
            )
            connection.execute(
                sa.text(
                    "CREATE VIEW reflected.cheap AS SELECT id FROM reflected.things"
                )
            )
            connection.execute(sa.text("CREATE SEQUENCE reflected.counter"))
        inspector = sa.inspect(engine)
        see("schemas", inspector.get_schema_names())
        see(
            "tables",
            inspector.get_table_names(),
            inspector.get_table_names("reflected"),
        )
        see("views", inspector.get_view_names("reflected"))
        see("view", inspector.get_view_definition("cheap", "reflected"))
        see("sequences", inspector.get_sequence_names("reflected"))
        see("has", inspector.has_table("things", "reflected"), inspector.has_table("x"))
        for column in inspector.get_columns("things", "reflected"):
            see(column["name"], {k: str(v) for k, v in column.items()})
        see("key", inspector.get_pk_constraint("things", "reflected"))
        see("foreign", inspector.get_foreign_keys("things", "reflected"))
        see("unique", inspector.get_unique_constraints("things", "reflected"))
        see("check", inspector.get_check_constraints("things", "reflected"))
        see("indexes", inspector.get_indexes("things", "reflected"))
        see("comment", inspector.get_table_comment("things", "reflected"))
        see("enums", inspector.get_enums())
        see("domains", [domain["name"] for domain in inspector.get_domains()])
        table = sa.Table(
            "things", sa.MetaData(), schema="reflected", autoload_with=engine
        )
        see("table", [f"{c.name} {c.type!r} {c.nullable}" for c in table.columns])
        everything = sa.MetaData()
        everything.reflect(engine, only=["authors", "books"])
        see("reflected", sorted(everything.tables))
        see.does(sa.Table, "no_such", sa.MetaData(), autoload_with=engine)
        with engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA reflected CASCADE"))


def ddl(see: Any) -> None:
    metadata = sa.MetaData()
    sa.Table(
        "made_one",
        metadata,
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("kind", sa.Enum("a", "b", name="kind_of_scripts")),
        sa.Index("on_kind", "kind"),
    )
    sa.Table(
        "made_two",
        metadata,
        sa.Column("one", sa.ForeignKey("made_one.id")),
        sa.Column("at", sa.DateTime, server_default=sa.func.now()),
    )
    with _engine(see) as engine:
        metadata.create_all(engine)
        metadata.create_all(engine)
        see("there", sa.inspect(engine).has_table("made_two"))
        metadata.drop_all(engine)
        see("there", sa.inspect(engine).has_table("made_two"))
        metadata.drop_all(engine)
        with engine.connect() as connection:
            see.does(metadata.tables["made_two"].drop, connection)


def connections_of_the_driver(see: Any) -> None:
    with _engine(see, poolclass=NullPool) as engine:
        raw = engine.raw_connection()
        cursor = raw.cursor()
        cursor.execute("SELECT %s", (1,))
        see(
            "raw",
            cursor.fetchall(),
            isinstance(raw.dbapi_connection, psycopg.Connection),
        )
        cursor.close()
        raw.close()
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            see("closed", driver.closed, driver.autocommit)
            with driver.cursor() as cursor:
                cursor.execute("SELECT 2")
                see("driver", cursor.fetchone())


def statements_cached(see: Any) -> None:
    with _engine(see) as engine, engine.connect() as connection:
        statement = sa.select(AUTHORS.c.name).where(AUTHORS.c.id == sa.bindparam("id"))
        for number in (1, 2, 3, 1):
            see("name", connection.scalar(statement, {"id": number}))
        see("cached", len(engine._compiled_cache or ()))


def server_settings(see: Any) -> None:
    options = {"options": "-c TimeZone=Asia/Tokyo", "application_name": "scripts"}
    with _engine(see, connect_args=options) as engine, engine.connect() as connection:
        for name in ("TimeZone", "application_name"):
            see(name, connection.scalar(sa.text(f"SHOW {name}")))
        at = sa.text("SELECT '2020-01-01 00:00+00'::timestamptz")
        see("at", connection.scalar(at))
