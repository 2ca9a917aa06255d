from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from library import session_of
from library.models import Author, Book, Loan
from sqlalchemy import event, func, select
from sqlalchemy.exc import DataError


def lend(client: FlaskClient, number: int) -> dict[str, Any]:
    found: dict[str, Any] = client.post(f"/books/{number}/loan").get_json()
    return found


class TestLoans:
    def test_a_loan_has_a_token(self, client: FlaskClient, austen: list[int]) -> None:
        assert len(lend(client, austen[0])["token"]) == 32

    def test_a_loan_ends_in_four_weeks(
        self, client: FlaskClient, austen: list[int]
    ) -> None:
        due = datetime.fromisoformat(lend(client, austen[0])["due"])
        assert timedelta(days=27) < due - datetime.now() < timedelta(days=29)

    def test_a_book_is_lent_once(self, client: FlaskClient, austen: list[int]) -> None:
        lend(client, austen[0])
        assert lend(client, austen[0]) == {"error": "lent"}

    def test_the_token_brings_it_back(
        self, client: FlaskClient, austen: list[int]
    ) -> None:
        token = lend(client, austen[1])["token"]
        path = f"/books/{austen[1]}/loan"
        assert client.delete(path, query_string={"token": token}).status_code == 204
        assert client.delete(path, query_string={"token": token}).status_code == 404

    def test_another_token_does_not(
        self, client: FlaskClient, austen: list[int]
    ) -> None:
        lend(client, austen[1])
        path = f"/books/{austen[1]}/loan"
        assert client.delete(path, query_string={"token": "x"}).status_code == 404


@pytest.fixture
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that the engine executes."""
    statements: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        statements.append(statement)

    engine = app.config["ENGINE"]
    event.listen(engine, "before_cursor_execute", count)
    yield statements
    event.remove(engine, "before_cursor_execute", count)


def test_authors_take_two_statements(
    client: FlaskClient, austen: list[int], counted: list[str]
) -> None:
    client.get("/authors")
    assert [statement.split()[0] for statement in counted] == ["SELECT", "SELECT"]


def test_a_session_works_without_a_request(app: Flask) -> None:
    with app.app_context():
        session = session_of(app)
        session.add(
            Author(name="Sei", books=[Book(title="Pillow Book", notes={"a": 1})])
        )
        session.commit()
        found = session.scalars(select(Book)).one()
        assert (found.notes, found.author.name) == ({"a": 1}, "Sei")


def test_many_are_added_at_once(app: Flask) -> None:
    with app.app_context():
        session = session_of(app)
        session.add_all([Author(name=f"Author {number}") for number in range(50)])
        session.commit()
        assert session.scalar(select(func.count()).select_from(Author)) == 50


def test_a_savepoint_is_undone(app: Flask) -> None:
    with app.app_context():
        session = session_of(app)
        session.add(Author(name="kept"))
        session.flush()
        with pytest.raises(DataError), session.begin_nested():
            session.add(Author(name="x" * 81))
        session.commit()
        assert session.scalars(select(Author.name)).all() == ["kept"]


def test_the_server_dates_loans(
    app: Flask, client: FlaskClient, austen: list[int]
) -> None:
    lend(client, austen[0])
    with app.app_context():
        assert session_of(app).scalars(select(Loan.since)).one() is not None
