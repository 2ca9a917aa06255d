"""SQLAlchemy's ORM."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any, ClassVar

import sqlalchemy as sa
from alchemy_core import address
from sqlalchemy import event, orm
from sqlalchemy.dialects import postgresql as pg


class Base(orm.DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    email: orm.Mapped[str]
    name: orm.Mapped[str]
    born: orm.Mapped[dt.date | None]
    books: orm.Mapped[list[Book]] = orm.relationship(
        back_populates="writer", cascade="all, delete-orphan", order_by="Book.id"
    )

    def __repr__(self) -> str:
        return f"Author({self.id}, {self.name!r})"


class Book(Base):
    __tablename__ = "books"

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    author: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("authors.id"))
    title: orm.Mapped[str]
    price: orm.Mapped[Any] = orm.mapped_column(sa.Numeric(6, 2))
    writer: orm.Mapped[Author] = orm.relationship(back_populates="books")

    def __repr__(self) -> str:
        return f"Book({self.id}, {self.title!r})"


class Versioned(Base):
    __tablename__ = "versioned"
    __table_args__: ClassVar = {"prefixes": ["TEMPORARY"]}

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    version: orm.Mapped[int] = orm.mapped_column(default=1)
    at: orm.Mapped[dt.datetime] = orm.mapped_column(server_default=sa.func.now())
    data: orm.Mapped[Any] = orm.mapped_column(pg.JSONB, default=dict)
    __mapper_args__: ClassVar = {"version_id_col": version}


def _session(see: Any, **options: Any) -> orm.Session:
    return orm.Session(sa.create_engine(address(see.url)), **options)


def _ended(session: orm.Session) -> None:
    session.close()
    session.get_bind().engine.dispose()


def querying(see: Any) -> None:
    session = _session(see)
    see("get", session.get(Author, 1))
    see("again", session.get(Author, 1))
    see("missing", session.get(Author, 99))
    see("all", session.scalars(sa.select(Author).order_by(Author.id)).all())
    joined = sa.select(Author, Book).join(Author.books).order_by(Book.id)
    see("joined", [tuple(row) for row in session.execute(joined)])
    see("lazy", session.get(Author, 1).books)
    session.expunge_all()
    for load in (orm.selectinload, orm.joinedload, orm.subqueryload, orm.lazyload):
        query = sa.select(Author).options(load(Author.books)).order_by(Author.id)
        found = session.scalars(query).unique().all()
        see(load.__name__, [(author, author.books) for author in found])
        session.expunge_all()
    count = sa.select(Author.name, sa.func.count()).join(Author.books)
    counted = session.execute(count.group_by(Author.name).order_by(Author.name))
    see("counted", [tuple(row) for row in counted])
    see("legacy", session.query(Book).filter(Book.price > 20).order_by(Book.id).all())
    see("exists", session.scalar(sa.select(sa.exists().where(Author.name == "Ada"))))
    see("one", see.does(session.scalars(sa.select(Author)).one))
    aliased = orm.aliased(Book)
    query = sa.select(Author.name).where(
        sa.exists().where(aliased.author == Author.id, aliased.title.like("N%"))
    )
    see("aliased", session.scalars(query).all())
    _ended(session)


def writing(see: Any) -> None:
    session = _session(see)
    author = Author(email="new@example.org", name="New")
    author.books = [Book(title="First"), Book(title="Second", price=3)]
    session.add(author)
    session.flush()
    see("ids", author.id is not None, [book.title for book in author.books])
    author.name = "Newer"
    author.books[0].title = "Changed"
    session.commit()
    see("expired", author.name, [book.title for book in author.books])
    author.books.pop()
    session.delete(author.books[0])
    session.flush()
    session.refresh(author)
    see("left", author.books)
    session.delete(author)
    session.commit()
    see("gone", session.scalar(sa.select(sa.func.count()).select_from(Author)))
    _ended(session)


def many_at_once(see: Any) -> None:
    session = _session(see)
    session.add_all(
        Author(email=f"{n}@example.org", name=f"N{n}", born=dt.date(2000, 1, n))
        for n in range(1, 8)
    )
    session.flush()
    names = sa.select(Author.name).where(Author.email.like("_@%")).order_by(Author.id)
    see("names", session.scalars(names).all())
    found = session.scalars(sa.select(Author).where(Author.name.like("N%"))).all()
    for author in found:
        author.name += "!"
    session.flush()
    see("renamed", session.scalars(names).all())
    session.execute(
        sa.update(Author),
        [{"id": author.id, "name": f"bulk {n}"} for n, author in enumerate(found)],
    )
    session.expire_all()
    see("bulk", session.scalars(names).all())
    inserted = session.scalars(
        sa.insert(Author).returning(Author.name, sort_by_parameter_order=True),
        [{"email": f"x{n}@example.org", "name": f"X{n}"} for n in (3, 1, 2)],
    )
    see("inserted", inserted.all())
    updated = session.execute(
        sa.update(Author).where(Author.name.like("X%")).values(name="same")
    )
    see("updated", updated.rowcount)
    deleted = sa.delete(Author).where(Author.name == "same").returning(Author.email)
    see("deleted", sorted(session.scalars(deleted).all()))
    session.rollback()
    see("after", session.scalar(sa.select(sa.func.count()).select_from(Author)))
    _ended(session)


def failing(see: Any) -> None:
    session = _session(see)
    session.add(Author(email="ada@example.org", name="again"))
    see.does(session.flush)
    see.does(session.get, Author, 1)
    session.rollback()
    see("after", session.get(Author, 1))
    session.add(Book(title="no author"))
    see.does(session.commit)
    session.rollback()
    with session.begin_nested():
        session.add(Author(email="kept@example.org", name="kept"))
    try:
        with session.begin_nested():
            session.add(Author(email="kept@example.org", name="twice"))
    except sa.exc.IntegrityError as error:
        see("caught", type(error.orig).__name__, error.orig.diag.constraint_name)
    kept = sa.select(Author.name).where(Author.email == "kept@example.org")
    see("kept", session.scalars(kept).all())
    session.rollback()
    see("not kept", session.scalars(kept).all())
    _ended(session)


def versions(see: Any) -> None:
    session = _session(see)
    Versioned.__table__.create(session.connection())
    one = Versioned(data={"a": 1})
    session.add(one)
    session.flush()
    see("version", one.version, one.data, isinstance(one.at, dt.datetime))
    one.data = {"a": 2}
    session.flush()
    see("version", one.version)
    session.execute(sa.update(Versioned).values(version=9))
    one.data = {"a": 3}
    see.does(session.flush)
    session.rollback()
    _ended(session)


def locking(see: Any) -> None:
    session = _session(see)
    locked = sa.select(Author).where(Author.id == 1).with_for_update()
    see("locked", session.scalars(locked).one())
    other = _session(see)
    see.does(other.scalars, locked.with_for_update(nowait=True))
    other.rollback()
    skipping = sa.select(Author.id).with_for_update(skip_locked=True)
    see("skipped", other.scalars(skipping.order_by(Author.id)).all())
    _ended(other)
    _ended(session)


def sessions(see: Any) -> None:
    engine = sa.create_engine(address(see.url))
    maker = orm.sessionmaker(engine, expire_on_commit=False)
    with maker.begin() as session:
        author = Author(email="made@example.org", name="made")
        session.add(author)
    see("kept", author.name)
    scoped = orm.scoped_session(maker)
    see("scoped", scoped.scalar(sa.select(Author.name).where(Author.id == 2)))
    scoped.remove()
    with maker() as session, session.begin():
        session.delete(session.merge(author))
    with orm.Session(engine, autobegin=False) as session:
        see.does(session.get, Author, 1)
        with session.begin():
            see("begun", session.get(Author, 1))
    with orm.Session(engine) as session:
        session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
        level = sa.text("SELECT current_setting('transaction_isolation')")
        see("level", session.scalar(level))
    with orm.Session(engine, twophase=True) as session:
        see("two phases", session.get(Author, 2))
        session.commit()
    engine.dispose()


def events_of_sessions(see: Any) -> None:
    session = _session(see)
    for name in (
        "before_flush",
        "after_flush",
        "after_flush_postexec",
        "before_commit",
        "after_commit",
        "after_rollback",
        "after_soft_rollback",
        "after_begin",
        "after_transaction_create",
        "after_transaction_end",
        "pending_to_persistent",
        "persistent_to_deleted",
        "loaded_as_persistent",
        "do_orm_execute",
    ):

        def heard(*args: Any, name: str = name) -> None:
            see(name, len(args))

        event.listen(session, name, heard)
    author = Author(email="events@example.org", name="events")
    session.add(author)
    session.commit()
    session.scalars(sa.select(Author).where(Author.id == 1)).all()
    session.delete(author)
    session.flush()
    session.commit()
    session.add(Author(email="ada@example.org", name="again"))
    see.does(session.flush)
    session.rollback()
    _ended(session)


def streamed_by_parts(see: Any) -> None:
    session = _session(see)
    query = sa.select(Book).order_by(Book.id).execution_options(yield_per=2)
    for part in session.scalars(query).partitions():
        see("part", part)
    for book in session.scalars(query):
        see("book", book)
    _ended(session)


def pickled(see: Any) -> None:
    session = _session(see)
    author = session.scalars(
        sa.select(Author).options(orm.selectinload(Author.books)).where(Author.id == 1)
    ).one()
    twin = pickle.loads(pickle.dumps(author))
    see("twin", twin, twin.books)
    merged = session.merge(twin)
    see("merged", merged is author)
    try:
        session.execute(sa.text("SELECT 1/0"))
    except sa.exc.DBAPIError as error:
        see.error(pickle.loads(pickle.dumps(error)))
    _ended(session)
