"""Texts that try to be code, in every field that an application or a server fills.

Each is only a text: what comes out of every field must be what went in.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg

TEXTS = (
    "'''",
    '"""',
    'r"""x',
    'x"""; import os; r"""y',
    "a'",
    'a"',
    "a\\",
    "\\",
    '\\"""',
    "a\nb",
    "a\r\nb\rc",
    "\n\nimport os\n",
    "{{ 7 * 7 }}",
    "{% endraw %}",
    "#: endfor",
    "__import__('os').abort()",
    "\\N{BULLET}",
    "\\x41\\u0041",
    "f{x}",
    "\u2028\u2029\x85",
    "\ufeff",
    "\u202ex",
    "a\ud800b",
    "../../x",
    "con",
    "class",
)

Outcome = Iterator[tuple[str, str, Any]]


def outcomes(url: str) -> Outcome:
    """The name of a field, the text, and what came out."""
    with psycopg.connect(url, autocommit=True) as connection:
        for text in TEXTS:
            with _scope()(text, "test"):
                for name, field in FIELDS.items():
                    yield name, text, _outcome(field, connection, text)
                yield "connection setting", text, _outcome(_connected, url, text)


def _outcome(field: Callable[[Any, str], Any], *arguments: Any) -> Any:
    try:
        return field(*arguments)
    except (psycopg.Error, UnicodeError) as error:
        return type(error).__name__, str(error)


def _scope() -> Callable[[str, str], AbstractContextManager[Any]]:
    """How a scope is opened in this process; without a recorder or a fixture not at all."""
    for name, module in sys.modules.items():
        if name.endswith(("recorder.scopes", ".runtime.scopes")):
            return module.open_scope  # type: ignore[no-any-return]
    return lambda name, kind: contextlib.nullcontext()


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _statement(connection: Any, text: str) -> Any:
    comment = text.replace("*/", "")
    return connection.execute(f"SELECT {_literal(text)} /* {comment} */").fetchone()


def _column(connection: Any, text: str) -> Any:
    cursor = connection.execute(f"SELECT 1 AS {_name(text)}")
    return cursor.description[0].name, cursor.fetchone()


def _type(connection: Any, text: str) -> Any:
    name = _name(f"type {text}")
    connection.execute(f"CREATE TYPE {name} AS ENUM ({_literal(text)})")
    found = psycopg.types.TypeInfo.fetch(connection, name)
    row = connection.execute(f"SELECT {_literal(text)}::{name}").fetchone()
    return found and found.name, row


def _positional(connection: Any, text: str) -> Any:
    cursor = connection.execute("SELECT %s::text, %b::text", (text, text))
    return cursor.fetchone()


def _named(connection: Any, text: str) -> Any:
    # psycopg ends the name at the first bracket.
    name = text.replace(")", "")
    return connection.execute(f"SELECT %({name})s::text", {name: text}).fetchone()


def _wrapped(connection: Any, text: str) -> Any:
    values = (psycopg.types.json.Jsonb({text: [text]}), [text], text.encode())
    cursor = connection.execute("SELECT %s::jsonb, %s::text[], %s::bytea", values)
    return cursor.fetchone()


def _many(connection: Any, text: str) -> Any:
    cursor = connection.cursor()
    cursor.executemany("SELECT %s::text", [(text,), (text + text,)], returning=True)
    rows = [cursor.fetchone()]
    while cursor.nextset():
        rows.append(cursor.fetchone())
    return rows


def _error(connection: Any, text: str) -> Any:
    raised = ", ".join(
        f"{field} = {_literal(text)}"
        for field in ("MESSAGE", "DETAIL", "HINT", "CONSTRAINT", "TABLE", "COLUMN")
    )
    try:
        connection.execute(f"DO $do$ BEGIN RAISE USING {raised}; END $do$")
    except psycopg.Error as error:
        diag = error.diag
        names = (diag.constraint_name, diag.table_name, diag.column_name)
        message = (diag.message_primary, diag.message_detail, diag.message_hint)
        return type(error).__name__, str(error), message, names
    return "no error"


def _notice(connection: Any, text: str) -> Any:
    seen: list[Any] = []

    def handler(diag: Any) -> None:
        seen.append((diag.severity, diag.message_primary, diag.message_detail))

    connection.add_notice_handler(handler)
    raised = f"NOTICE USING MESSAGE = {_literal(text)}, DETAIL = {_literal(text)}"
    connection.execute(f"DO $do$ BEGIN RAISE {raised}; END $do$")
    connection.remove_notice_handler(handler)
    return seen


def _server_parameter(connection: Any, text: str) -> Any:
    connection.execute(f"SET application_name TO {_literal(text)}")
    connection.execute(f"SET search_path TO {_name(text)}")
    values = [
        connection.info.parameter_status(name)
        for name in ("application_name", "search_path")
    ]
    connection.execute("RESET search_path")
    return values


def _server_cursor(connection: Any, text: str) -> Any:
    with connection.transaction(), connection.cursor(text) as cursor:
        cursor.execute("SELECT %s::text", (text,))
        return cursor.name, cursor.fetchall()


def _connected(url: str, text: str) -> Any:
    with psycopg.connect(url, application_name=text) as connection:
        return connection.info.parameter_status("application_name")


FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "statement": _statement,
    "column name": _column,
    "type name": _type,
    "positional parameter": _positional,
    "named parameter": _named,
    "wrapped parameter": _wrapped,
    "executemany": _many,
    "error": _error,
    "notice": _notice,
    "server parameter": _server_parameter,
    "server-side cursor": _server_cursor,
}
