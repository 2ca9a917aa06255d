"""A shop that keeps what must not be kept in a repository: its traffic is redacted."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import sys
import urllib.parse
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

Answer = tuple[str, Any]


def connect() -> psycopg.Connection[dict[str, Any]]:
    return psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row)


def hashed(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def register(given: dict[str, Any]) -> Answer:
    """Insert a customer; what is answered comes from the request and from the row."""
    try:
        with connect() as connection:
            row = connection.execute(
                "INSERT INTO customers (email, name, born, card, password)"
                " VALUES (%(email)s, %(name)s, %(born)s, %(card)s, %(password)s)"
                " RETURNING id, email, name, born",
                {
                    "email": given["email"],
                    "name": given["name"],
                    "born": dt.date.fromisoformat(given["born"]),
                    "card": given.get("card"),
                    "password": hashed(given["password"]),
                },
            ).fetchone()
    except psycopg.IntegrityError as error:
        return "409 Conflict", {"detail": error.diag.message_detail}
    assert row is not None
    if row["email"] != given["email"]:
        return "500 Internal Server Error", {"detail": "another's row"}
    return "201 Created", row


def log_in(given: dict[str, Any]) -> Answer:
    with connect() as connection:
        row = connection.execute(
            "SELECT id, name FROM customers WHERE email = %s AND password = %s",
            (given["email"], hashed(given["password"])),
        ).fetchone()
    return ("401 Unauthorized", None) if row is None else ("200 OK", row)


def customers(_: dict[str, Any]) -> Answer:
    with connect() as connection:
        rows = connection.execute(
            "SELECT id, email, name, born, card FROM customers ORDER BY id"
        ).fetchall()
    return "200 OK", rows


def order(given: dict[str, Any]) -> Answer:
    """Two statements: what the first gave goes into the second."""
    with connect() as connection:
        found = connection.execute(
            "SELECT email FROM customers WHERE name = %(name)s", {"name": given["name"]}
        ).fetchone()
        if found is None:
            return "404 Not Found", None
        row = connection.execute(
            "INSERT INTO orders (email, amount, details)"
            " VALUES (%(email)s, %(amount)s, %(details)s) RETURNING email, amount, details",
            {
                "email": found["email"],
                "amount": given["amount"],
                "details": Jsonb(given["details"]),
            },
        ).fetchone()
    return "201 Created", row


def report(_: dict[str, Any]) -> Answer:
    """Joined in the application: each order's address is looked up among customers."""
    with connect() as connection:
        orders = connection.execute(
            "SELECT email, amount, details FROM orders ORDER BY id"
        ).fetchall()
        by_email = {
            row["email"]: row["name"]
            for row in connection.execute(
                "SELECT email, name FROM customers WHERE email = ANY(%(emails)s)",
                # Not sorted: pseudonyms come in another order than what they stand for.
                {"emails": list(dict.fromkeys(order["email"] for order in orders))},
            )
        }
    lines = [{"to": by_email[order["email"]], **order} for order in orders]
    return "200 OK", lines


def search(given: dict[str, Any]) -> Answer:
    with connect() as connection:
        rows = connection.execute(
            f"SELECT name FROM customers WHERE email = '{given['email']}'"
        ).fetchall()
    return "200 OK", [row["name"] for row in rows]


ROUTES: dict[tuple[str, str], Callable[[dict[str, Any]], Answer]] = {
    ("POST", "/customers"): register,
    ("GET", "/customers"): customers,
    ("POST", "/sessions"): log_in,
    ("POST", "/orders"): order,
    ("GET", "/report"): report,
    ("GET", "/search"): search,
}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    given = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length:
        given = json.loads(environ["wsgi.input"].read(length))
    route = ROUTES.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
    status, answer = ("404 Not Found", None) if route is None else route(given)
    body = json.dumps(answer, default=str, ensure_ascii=False).encode()
    headers = [
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
    ]
    start_response(status, headers)
    return [body]


class Handler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing: addresses of customers stand in the requests."""


if __name__ == "__main__":
    with make_server(
        "127.0.0.1", int(sys.argv[1]), app, handler_class=Handler
    ) as server:
        server.serve_forever()
