"""Exceptions made of recorded errors: what an application catches and reads."""

from __future__ import annotations

import pickle
import sys

import pytest
from fixture.runtime import errors as e

RECORD = {
    "class": "psycopg.errors.UniqueViolation",
    "sqlstate": "23505",
    "message": 'duplicate key value violates unique constraint "users_email_key"',
    "diagnostics": {
        "severity": "ERROR",
        "sqlstate": "23505",
        "constraint_name": "users_email_key",
    },
}


def test_recorded_error() -> None:
    error = e.from_record(RECORD)
    assert isinstance(error, e.lookup("23505"))
    assert isinstance(error, e.IntegrityError)
    assert str(error) == RECORD["message"]
    assert error.sqlstate == "23505"
    assert error.diag.constraint_name == "users_email_key"
    assert error.diag.message_detail is None
    assert error.pgconn is None
    assert error.pgresult.error_field(ord("n")) == b"users_email_key"
    assert error.pgresult.error_message == f"ERROR:  {RECORD['message']}\n".encode()


def test_names_are_the_drivers() -> None:
    assert f"{e.Error.__module__}.{e.Error.__qualname__}" == "psycopg.Error"
    cls = type(e.from_record(RECORD))
    assert (cls.__module__, cls.__qualname__) == ("psycopg.errors", "UniqueViolation")


def test_pickle(monkeypatch: pytest.MonkeyPatch) -> None:
    # As when the fixture is active: classes are found under the driver's names.
    for name in ("psycopg", "psycopg.errors"):
        monkeypatch.setitem(sys.modules, name, e)
    copy = pickle.loads(pickle.dumps(e.from_record(RECORD)))
    assert type(copy) is type(e.from_record(RECORD))
    assert copy.diag.constraint_name == "users_email_key"
    assert copy.sqlstate == "23505"


def test_sqlstate_that_nobody_knows() -> None:
    error = e.from_record(
        {"class": "psycopg.DatabaseError", "sqlstate": "U9999", "message": "x"}
    )
    assert type(error) is e.DatabaseError
    assert error.sqlstate == "U9999"


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("builtins.TypeError", TypeError),
        ("builtins.KeyError", KeyError),
        ("builtins.UnicodeEncodeError", UnicodeEncodeError),
        ("psycopg.errors.DataError", e.DataError),
        ("psycopg.ProgrammingError", e.ProgrammingError),
    ],
)
def test_errors_of_the_client(name: str, cls: type[BaseException]) -> None:
    error = e.from_record({"class": name, "sqlstate": None, "message": "why 'not'"})
    assert isinstance(error, cls)
    assert str(error) == "why 'not'"
    assert type(error).__name__ == cls.__name__


def test_lookup() -> None:
    assert e.lookup("unique_violation") is e.lookup("23505")
    with pytest.raises(KeyError):
        e.lookup("99999")


def test_no_result_of_a_class_without_one() -> None:
    error = e.DataError("x")
    assert error.sqlstate is None
    assert error.diag.message_primary is None
