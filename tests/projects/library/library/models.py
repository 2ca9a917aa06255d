from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Kind(enum.Enum):
    NOVEL = "novel"
    ESSAY = "essay"


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    books: Mapped[list[Book]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "books"
    __table_args__ = (UniqueConstraint("author_id", "title", name="one_title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    title: Mapped[str]
    year: Mapped[int | None]
    kind: Mapped[Kind] = mapped_column(default=Kind.NOVEL)
    subjects: Mapped[list[str]] = mapped_column(ARRAY(String), default=list)
    notes: Mapped[dict[str, object]] = mapped_column(JSONB, default=dict)
    author: Mapped[Author] = relationship(back_populates="books")


class Loan(Base):
    __tablename__ = "loans"

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"), unique=True)
    token: Mapped[str] = mapped_column(String(32))
    due: Mapped[datetime]
    since: Mapped[datetime] = mapped_column(server_default=func.now())
