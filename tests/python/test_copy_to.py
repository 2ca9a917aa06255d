"""COPY to the client live, recorded and replayed: the same calls see the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from copy_scripts import PRELUDE
from recorded_scripts import require_server
from replayed_scripts import Replayed

require_server()

USES = r"""
WIDE = "COPY (SELECT 1, 'a\tb\\\nné\b\f\v'::text, NULL::int, '{1,2}'::int[], date '2020-01-02', 1.50::numeric, true, '\\x00ff'::bytea, '{\"a\": 1}'::jsonb, %s::text, '\\N') TO STDOUT"
TYPES = ["int4", "text", "int4", "int4[]", "date", "numeric", "bool", "bytea", "jsonb", "varchar", "text"]
def blocks(copy):
    while block := copy.read(): show("   ", type(block), bytes(block))
    attempt("more", copy.read)
def iterates(copy): show("   ", [bytes(block) for block in copy])
def rows(copy): show("   ", list(copy.rows()), copy.read_row())
def row_by_row(copy):
    while row := copy.read_row(): show("   ", row)
def typed(copy):
    copy.set_types(TYPES); show("   ", list(copy.rows()))
def few_types(copy): copy.set_types(TYPES[:2]); list(copy.rows())
def unknown_type(copy): copy.set_types(["nosuch"])
def oids(copy): copy.set_types([23, 25, 0, 999999, *[0] * 7]); show("   ", list(copy.rows()))
def early(copy): attempt("read", copy.read)
def unread(copy): pass
def all_but_end(copy):
    for _ in range(3): copy.read()
def fails(copy): copy.read(); raise ValueError("of the application")
def fails_first(copy): raise ValueError("of the application")
def fails_last(copy): list(copy); raise ValueError("of the application")
def breaks(copy):
    for row in copy.rows():
        show("   ", row); break
    attempt("read", copy.read)
    list(copy)
def writes(copy):
    attempt("write", copy.write, "1\n"); attempt("row", copy.write_row, ("x",)); attempt("finish", copy.finish, None)
    attempt("read", copy.read); attempt("write", copy.write, b"1\n"); list(copy)
def mixed(copy): show("   ", bytes(copy.read()), copy.read_row(), list(copy.rows()))
def calls_cursor(copy):
    cur = copy.cursor
    for name in ("fetchone", "fetchall", "nextset"): attempt(name, getattr(cur, name))
    attempt("scroll", cur.scroll, 1); attempt("results", lambda: list(cur.results()))
    attempt("set", cur.set_result, 0); attempt("fetch", cur.fetchone)
    result = cur.pgresult
    show("   ", result.nfields, result.ntuples, [int(result.fformat(i)) for i in range(result.nfields)])
    list(copy)
def catches(copy):
    try:
        for row in copy.rows(): show("   ", row)
    except psycopg.Error as error: failed("inner", error)
    attempt("read", copy.read); attempt("row", copy.read_row)
def closes(copy):
    copy.read(); copy.connection.close(); attempt("read", copy.read)
def run(sql, *uses, params=None):
    global c
    for use in uses:
        if not block(c, sql, use, params):
            # It was left in the middle.
            c.close(); c = connect(autocommit=c.autocommit)
for autocommit in (False, True):
    c = connect(autocommit=autocommit)
    for suffix in ("", " (FORMAT BINARY)"):
        run(WIDE + suffix, blocks, iterates, rows, row_by_row, typed, few_types, unknown_type, oids, params=("it's",))
        run(MANY + suffix, blocks, rows, early, unread, all_but_end, fails, fails_first, fails_last, breaks, writes, mixed, calls_cursor)
        run("COPY (SELECT 1 WHERE false) TO STDOUT" + suffix, blocks, rows)
        run("COPY (SELECT 1/(3-i) FROM generate_series(1, 10) i) TO STDOUT" + suffix, catches, iterates, early)
    for sql in (
        "COPY (SELECT 1, 'a,\"b\nc'::text, NULL) TO STDOUT (FORMAT csv, HEADER)",
        "COPY (SELECT 1, 'a\tb') TO STDOUT (FORMAT csv)",
        "COPY (SELECT 'a\\b', E'x\\\\') TO STDOUT (FORMAT csv, DELIMITER E'\t')",
        "COPY (SELECT 'x', NULL) TO STDOUT (NULL 'NULL')",
        "COPY (SELECT 1/0) TO STDOUT",
        "COPY t TO STDOUT",
        "COPY (SELECT FROM generate_series(1, 3)) TO STDOUT",
    ):
        run(sql, iterates, rows)
    run("COPY (SELECT %(a)s, %(b)s) TO STDOUT", iterates, rows, params={"a": 1, "b": None, "c": 3})
    run("COPY (SELECT %s, %s) TO STDOUT", rows, params=(1,))
    block(c, MANY, closes)
"""

OTHERS = r"""
# A connection that was left in the middle, and what comes of it.
for autocommit in (False, True):
    c = connect(autocommit=autocommit)
    with c.cursor().copy(MANY) as copy: copy.read()
    attempt("execute", c.execute, "SELECT 1")
    attempt("closed", lambda: (x := c.cursor(), x.close(), x.execute("SELECT 1")))
    attempt("autocommit", setattr, c, "autocommit", not autocommit)
    attempt("commit", c.commit); attempt("rollback", c.rollback); attempt("cancel", c.cancel)
    attempt("copy", lambda: c.cursor().copy(MANY).__enter__())
    show(c.info.transaction_status.name)
    c.close()
    c = connect(autocommit=autocommit)
    with c.cursor().copy(MANY) as copy: copy.read()
    attempt("type", psycopg.types.TypeInfo.fetch, c, "text")
    c.close()
def leave(error, nested):
    with connect() as c:
        with c.transaction() if nested else c.cursor():
            with c.cursor().copy(MANY): pass
        if error: raise error
for error in (None, ValueError("of the application")): attempt("leave", leave, error, False)
attempt("leave", leave, None, True)
def fail(nested):
    with connect() as c:
        with c.transaction() if nested else c.cursor():
            with c.cursor().copy(MANY): raise ValueError("of the application")
for nested in (False, True): attempt("fail", fail, nested)
# In a failed transaction, and within blocks.
c = connect()
attempt("bad", c.execute, "selec")
attempt("copy", lambda: c.cursor().copy(MANY).__enter__())
c.rollback()
with c.transaction():
    with c.cursor().copy(MANY) as copy: show(list(copy.rows()))
    show(c.info.transaction_status.name)
c.commit()
# Loaders, encodings, kinds of cursors.
cur = c.cursor()
class Loader(psycopg.adapt.Loader):
    def load(self, data): return type(data).__name__, bytes(data)
class BinaryLoader(Loader): format = psycopg.pq.Format.BINARY
for suffix in ("", " (FORMAT BINARY)"):
    cur = c.cursor()
    for loader in (Loader, BinaryLoader): cur.adapters.register_loader("text", loader)
    with cur.copy("COPY (SELECT 1, 'a'::text, 2::oid) TO STDOUT" + suffix) as copy:
        copy.set_types(["int4", "text", "oid"]); show(list(copy.rows()))
    for loader in (Loader, BinaryLoader): cur.adapters.register_loader(0, loader)
    with cur.copy("COPY (SELECT 1, 'a'::text) TO STDOUT" + suffix) as copy: show(list(copy.rows()))
with c.cursor(row_factory=psycopg.rows.dict_row, binary=True) as d, d.copy(MANY) as copy: show(list(copy.rows()))
with c.cursor("named") as named, named.copy(MANY) as copy: show(list(copy.rows()), c.info.transaction_status.name)
c.execute("set client_encoding to latin1")
for suffix in ("", " (FORMAT BINARY)"):
    with c.cursor().copy("COPY (SELECT 'é') TO STDOUT" + suffix) as copy: show([bytes(b) for b in copy])
    with c.cursor().copy("COPY (SELECT 'é') TO STDOUT" + suffix) as copy:
        copy.set_types(["text"]); show(list(copy.rows()))
c.execute("set client_encoding to sql_ascii")
with c.cursor().copy(b"COPY (SELECT '\xc3\xa9') TO STDOUT") as copy: show([bytes(b) for b in copy])
with c.cursor().copy(b"COPY (SELECT '\xc3\xa9', 'a') TO STDOUT") as copy: show(list(copy.rows()))
c.execute("set client_encoding to utf8")
c.execute("create function pg_temp.f(i int) returns int language plpgsql as $$begin raise notice 'row %', i; return i; end$$")
with c.cursor().copy("COPY (SELECT pg_temp.f(i) FROM generate_series(1, 2) i) TO STDOUT") as copy: rows = list(copy.rows())
show(rows)
c.commit()
with c.cursor().copy("COPY (SELECT set_config('TimeZone', 'Asia/Tokyo', false)) TO STDOUT") as copy: show(list(copy.rows()))
show(c.info.timezone)
with c.cursor().copy("COPY (SELECT i, repeat('y', 100) FROM generate_series(1, 5000) i) TO STDOUT") as copy: show(sum(map(len, copy)))
show(copy.cursor.rowcount)
with c.cursor() as cur:
    with cur.copy("COPY (SELECT i, repeat('y', 100) FROM generate_series(1, 500000) i) TO STDOUT") as copy:
        for _ in range(3000): copy.read()
        attempt("fail", lambda: (_ for _ in ()).throw(KeyError("k")))
    show(c.info.transaction_status.name)
c.close()
c = connect()
def give_up():
    with c.cursor().copy("COPY (SELECT i, repeat('y', 100) FROM generate_series(1, 500000) i) TO STDOUT") as copy:
        for _ in range(3000): copy.read()
        raise KeyError("of the application")
attempt("give up", give_up)
show(c.info.transaction_status.name)
attempt("execute", c.execute, "SELECT 1"); c.rollback()
lost = connect()
def lose():
    with lost.cursor().copy("COPY (SELECT i, repeat('y', 100), CASE WHEN i = 100 THEN pg_terminate_backend(pg_backend_pid()) END FROM generate_series(1, 100) i) TO STDOUT") as copy:
        show(len(list(copy)))
attempt("lose", lose)
show(lost.closed, lost.broken)
"""


@pytest.mark.parametrize("script", [USES, OTHERS])
def test_what_is_read(tmp_path: Path, script: str) -> None:
    replayed = Replayed(tmp_path, PRELUDE + script)
    assert "('3',)" in replayed.output
    assert replayed.entered("miss") == replayed.entered("unsupported") == []
    assert replayed.left() == []


def test_what_was_not_read_is_not_known(tmp_path: Path) -> None:
    script = PRELUDE + (
        "c = connect(autocommit=True)\n"
        "def run():\n"
        "    with c.cursor().copy(MANY) as copy:\n"
        "        for _ in range({}): copy.read()\n"
        "        {}\n"
        "try: run()\nexcept KeyError: show('key error')\n"
        "show(c.info.transaction_status.name)\n"
    )
    folder = tmp_path / "left"
    folder.mkdir()
    left = Replayed(folder, script.format(2, "raise KeyError"))
    assert "IDLE" in left.output
    # Less may be read, and no more; without an exception nothing is cancelled.
    assert left.again(script.format(1, "raise KeyError")).stdout == left.output
    assert left.again(script.format(1, "pass")).stdout == "ACTIVE\n"
    assert "answers this read" in left.again(script.format(3, "pass")).stderr
    folder = tmp_path / "read"
    folder.mkdir()
    read = Replayed(folder, script.format(4, "pass"))
    assert read.again(script.format(1, "pass")).stdout == "ACTIVE\n"
    # The server may be done before it is cancelled.
    assert (
        "answers this cancel" in read.again(script.format(1, "raise KeyError")).stderr
    )
    assert read.again(script.format(4, "raise KeyError")).stdout == "key error\nIDLE\n"
