"""Contests through SQLAlchemy: Core and ORM selects, and a new engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    Date,
    DateTime,
    Double,
    Engine,
    Integer,
    Numeric,
    String,
    Text,
    bindparam,
    create_engine,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from timing import Contest, timed


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(60))
    active: Mapped[bool] = mapped_column(Boolean)
    score: Mapped[float] = mapped_column(Double)
    balance: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    joined_on: Mapped[dt.date] = mapped_column(Date)
    updated_at: Mapped[dt.datetime] = mapped_column(DateTime)


TABLE = Base.metadata.tables["accounts"]
BY_ID = {"account": 7}
CORE = select(TABLE).where(TABLE.c.id == bindparam("account"))
ORM = select(Account).where(Account.id == bindparam("account"))


def core(engine: Engine) -> Contest:
    """One row by its key, on one connection for the round."""

    def contest(count: int) -> tuple[float, Any]:
        with engine.connect() as connection:
            return timed(count, lambda: connection.execute(CORE, BY_ID).all())

    return contest


def orm(engine: Engine) -> Contest:
    """The same as an object, which is made anew each time as nobody keeps it."""

    def contest(count: int) -> tuple[float, Any]:
        with Session(engine) as session:

            def call() -> str:
                return session.execute(ORM, BY_ID).scalars().one().email

            # Else the first call would check it out of the pool.
            session.connection()
            seconds, _ = timed(count, call)
            found = session.execute(ORM, BY_ID).scalars().one()
            values = [getattr(found, column.name) for column in TABLE.columns]
            return seconds, values

    return contest


def engine(url: str) -> Contest:
    """A new engine and its first connection, with all that the dialect asks."""

    def call() -> Any:
        engine = create_engine(url)
        engine.connect().close()
        dialect: Any = engine.dialect
        engine.dispose()
        return dialect.server_version_info, dialect.default_schema_name

    return lambda count: timed(count, call)


def in_scope(enter: Callable[[], Any], contest: Contest) -> Contest:
    """The contest in a scope that stays open from round to round."""

    def scoped(count: int) -> tuple[float, Any]:
        with enter():
            return contest(count)

    return scoped
