from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session, selectinload

from .models import Author, Book, Kind, Loan

blueprint = Blueprint("library", __name__)


def session() -> scoped_session[Session]:
    found: scoped_session[Session] = current_app.config["SESSION"]
    return found


def shown(book: Book) -> dict[str, Any]:
    return {
        "id": book.id,
        "title": book.title,
        "year": book.year,
        "kind": book.kind.value,
        "subjects": book.subjects,
        "author": book.author.name,
    }


@blueprint.get("/books")
def books() -> ResponseReturnValue:
    query = select(Book).join(Author).order_by(Author.name, Book.title)
    if author := request.args.get("author"):
        query = query.where(Author.name == author)
    if subject := request.args.get("subject"):
        query = query.where(Book.subjects.any(subject))
    query = query.limit(int(request.args.get("limit", 100)))
    return jsonify([shown(book) for book in session().scalars(query)])


@blueprint.post("/books")
def add() -> ResponseReturnValue:
    given = dict(request.get_json())
    name = given.pop("author")
    author = session().scalar(select(Author).where(Author.name == name))
    kind = Kind(given.pop("kind", "novel"))
    book = Book(author=author or Author(name=name), kind=kind, **given)
    session().add(book)
    try:
        session().commit()
    except IntegrityError as error:
        session().rollback()
        assert error.orig is not None
        return {"error": getattr(error.orig, "sqlstate", None)}, 409
    return shown(book), 201


@blueprint.get("/books/<int:number>")
def book(number: int) -> ResponseReturnValue:
    return shown(session().get(Book, number) or abort(404))


@blueprint.patch("/books/<int:number>")
def change(number: int) -> ResponseReturnValue:
    found = session().get(Book, number) or abort(404)
    for name, value in request.get_json().items():
        setattr(found, name, value)
    session().commit()
    return shown(found)


@blueprint.delete("/books/<int:number>")
def remove(number: int) -> ResponseReturnValue:
    session().delete(session().get(Book, number) or abort(404))
    session().commit()
    return "", 204


@blueprint.get("/authors")
def authors() -> ResponseReturnValue:
    query = select(Author).options(selectinload(Author.books)).order_by(Author.name)
    found = session().scalars(query)
    return jsonify({each.name: sorted(b.title for b in each.books) for each in found})


@blueprint.get("/statistics")
def statistics() -> ResponseReturnValue:
    query = select(Book.kind, func.count(), func.min(Book.year)).group_by(Book.kind)
    rows = session().execute(query.order_by(Book.kind)).all()
    return jsonify({kind.value: [count, first] for kind, count, first in rows})


@blueprint.post("/books/<int:number>/loan")
def lend(number: int) -> ResponseReturnValue:
    loan = Loan(
        book_id=number, token=uuid.uuid4().hex, due=datetime.now() + timedelta(days=28)
    )
    session().add(loan)
    try:
        session().commit()
    except IntegrityError:
        session().rollback()
        return {"error": "lent"}, 409
    return {"token": loan.token, "due": loan.due.isoformat()}, 201


@blueprint.delete("/books/<int:number>/loan")
def bring(number: int) -> ResponseReturnValue:
    token = request.args["token"]
    query = select(Loan).where(Loan.book_id == number, Loan.token == token)
    session().delete(session().scalar(query) or abort(404))
    session().commit()
    return "", 204
