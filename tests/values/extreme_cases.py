"""Results that are larger, deeper, wider or odder than an application's usual ones."""

from __future__ import annotations

from cases import Case

LONG = 10 * 1024 * 1024
"""Bytes of a cell; past a few MB the data stand in a file of their own."""

COLUMNS = 1664
"""As many as a server sends in one row (MaxTupleAttributeNumber)."""

EMOJI = "\U0001f389"
NAME = EMOJI * 15 + "abc"
"""Of 63 bytes, as long as a server keeps a name (NAMEDATALEN - 1)."""


def _nested(opening: str, closing: str) -> str:
    return f"repeat('{opening}', 500) || '0' || repeat('{closing}', 500)"


# In ASCII, which every client encoding can send.
_ENCODED = (
    "U&'\\00e9', U&'\\00e9'::varchar, ('{\"' || U&'\\00e9' || '\": 1}')::json, "
    "array[U&'\\00e9'], '\\xe9'::bytea"
)

EXTREME_CASES: list[Case] = [
    Case("extreme: 10 MB of text", f"SELECT repeat('x', {LONG})"),
    Case(
        "extreme: 10 MB of quotes",
        f"SELECT repeat(E'\"\\n\\\\', {LONG // 3}), 1",
        formats=("text",),
    ),
    Case(
        "extreme: 10 MB of bytea",
        f"SELECT decode(repeat('00ff', {LONG // 2}), 'hex')",
        formats=("binary",),
    ),
    Case("extreme: NUL in json", """SELECT '{"\\u0000": "a\\u0000b"}'::json"""),
    Case("extreme: NUL in bytea", "SELECT '\\x610062'::bytea, '\\x00'::bytea"),
    Case("extreme: line ends", "SELECT E'a\\r\\nb\\rc\\n', E'\\r', E'\\n'"),
    Case("extreme: line ends in the text", "SELECT 'a\r\nb\rc' -- \r\n"),
    Case("extreme: separators", "SELECT U&'\\2028\\2029\\0085\\FEFF\\202E\\200B'"),
    Case("extreme: last character", "SELECT U&'\\+10FFFF\\FFFF\\E000'"),
    Case("extreme: nested json", f"SELECT ({_nested('[', ']')})::json"),
    Case("extreme: nested jsonb", f"SELECT ({_nested('[', ']')})::jsonb"),
    Case("extreme: nested objects", "SELECT (" + _nested('{"a":', "}") + ")::json"),
    Case(
        "extreme: many columns",
        "SELECT " + ", ".join(f"{n} AS c{n}" for n in range(COLUMNS)),
    ),
    Case("extreme: one column too many", "SELECT " + ", ".join(["1"] * (COLUMNS + 1))),
    Case("extreme: equal names", 'SELECT 1 AS a, 2 AS a, 3 AS "A", 4 AS "a "'),
    Case("extreme: longest name", f'SELECT 1 AS "{NAME}"'),
    Case("extreme: name cut by the server", f'SELECT 1 AS "{EMOJI * 63}"'),
    Case(
        "extreme: rows of a catalog",
        "SELECT a, array[a] FROM pg_am a WHERE oid = 403",
    ),
    Case("extreme: no row of a catalog", "SELECT null::pg_am, null::pg_am[]"),
    *(
        Case(
            f"extreme: in {encoding}",
            f"SELECT {_ENCODED}",
            {"client_encoding": encoding},
        )
        for encoding in ("LATIN1", "LATIN9", "SQL_ASCII", "EUC_JP", "WIN1251")
    ),
    *(
        Case(
            f"extreme: a name in {encoding}",
            'SELECT 1 AS U&"n\\00e9"',
            {"client_encoding": encoding},
        )
        for encoding in ("LATIN1", "LATIN9", "EUC_JP", "WIN1251")
    ),
]
