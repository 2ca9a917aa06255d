from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient


def test_there_are_no_books(client: FlaskClient) -> None:
    assert client.get("/books").get_json() == []


def test_a_book_is_added(client: FlaskClient) -> None:
    book = {"author": "Woolf", "title": "Orlando", "year": 1928, "subjects": ["time"]}
    response = client.post("/books", json=book)
    assert response.status_code == 201
    assert response.get_json() == {"id": 1, "kind": "novel", **book}


def test_books_have_an_order(client: FlaskClient, austen: list[int]) -> None:
    client.post("/books", json={"author": "Achebe", "title": "Arrow of God"})
    titles = [book["title"] for book in client.get("/books").get_json()]
    assert titles == ["Arrow of God", "Emma", "Persuasion", "Sanditon"]


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
def test_a_limit_is_kept(client: FlaskClient, austen: list[int], limit: int) -> None:
    assert len(client.get(f"/books?limit={limit}").get_json()) == limit


def test_a_book_is_found(client: FlaskClient, austen: list[int]) -> None:
    assert client.get(f"/books/{austen[0]}").get_json()["title"] == "Emma"


@pytest.mark.parametrize("method", ["get", "delete"])
def test_an_unknown_book_is_not_found(client: FlaskClient, method: str) -> None:
    assert client.open("/books/99", method=method).status_code == 404


def test_a_book_is_changed(client: FlaskClient, austen: list[int]) -> None:
    change = {"title": "Emma", "year": 1815}
    response = client.patch(f"/books/{austen[2]}", json=change | {"title": "Emma 2"})
    assert response.get_json()["title"] == "Emma 2"
    assert response.get_json()["year"] == change["year"]


def test_a_book_is_removed(client: FlaskClient, austen: list[int]) -> None:
    assert client.delete(f"/books/{austen[1]}").status_code == 204
    assert client.get(f"/books/{austen[1]}").status_code == 404


def test_a_title_is_there_once(client: FlaskClient, austen: list[int]) -> None:
    response = client.post("/books", json={"author": "Austen", "title": "Emma"})
    assert response.status_code == 409
    assert response.get_json() == {"error": "23505"}


def test_others_may_have_the_title(client: FlaskClient, austen: list[int]) -> None:
    response = client.post("/books", json={"author": "Wallfisch", "title": "Emma"})
    assert response.status_code == 201


@pytest.mark.parametrize(
    "query, count", [("author=Austen", 3), ("author=X", 0), ("subject=love", 1)]
)
def test_books_are_chosen(
    client: FlaskClient, austen: list[int], query: str, count: int
) -> None:
    book = {"author": "Ovid", "title": "Ars amatoria", "subjects": ["love", "art"]}
    client.post("/books", json=book)
    assert len(client.get(f"/books?{query}").get_json()) == count


def test_authors_have_books(client: FlaskClient, austen: list[int]) -> None:
    assert client.get("/authors").get_json() == {
        "Austen": ["Emma", "Persuasion", "Sanditon"]
    }


@pytest.mark.parametrize(
    "added, expected",
    [
        ([], {}),
        ([("novel", 1900)], {"novel": [1, 1900]}),
        (
            [("essay", 1), ("novel", 3), ("essay", 2)],
            {"novel": [1, 3], "essay": [2, 1]},
        ),
    ],
    ids=["nothing", "one", "some"],
)
def test_books_are_counted(
    client: FlaskClient, added: list[tuple[str, int]], expected: dict[str, Any]
) -> None:
    for kind, year in added:
        book = {"author": "A", "title": f"T {year}", "year": year, "kind": kind}
        client.post("/books", json=book)
    assert client.get("/statistics").get_json() == expected
