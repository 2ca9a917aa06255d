"""COPY from the client live, recorded and replayed: the same calls see the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from copy_scripts import PRELUDE
from recorded_scripts import require_server
from replayed_scripts import Replayed

require_server()

USES = r"""
def nothing(copy): pass
def text(copy):
    copy.write("1\ta\t2020-01-01\n2\tb\t\\N\n")
    copy.write(b"3\tc\t2020-01-01\n")
    copy.write(memoryview(b"4\td\t")); copy.write(bytearray(b"2020-01-01\n"))
    copy.write(""); copy.write(b""); copy.write(None)
    attempt("int", copy.write, 4)
def rows(copy):
    copy.write_row((1, "a\tb\\\n\r\b\v\f\x01é", dt.date(2020, 1, 1)))
    copy.write_row([2, None, None])
    copy.write_row(x for x in (3, "", None))
    attempt("no row", copy.write_row, 4)
    attempt("bad value", copy.write_row, (5, object(), None))
def types(copy):
    copy.set_types(["int4", 25, "date"])
    copy.write_row((1, "a", dt.date(2020, 1, 1)))
    copy.write_row((2, None, None))
    attempt("two", copy.write_row, (3, "x"))
    attempt("unknown", copy.set_types, ["nosuch"])
def mixed(copy):
    # What is written as it is goes before rows that are kept.
    copy.write_row((1, "a", None)); copy.write("2\tb\t\\N\n"); copy.write_row((3, "c", None))
def fails(copy):
    copy.write("1\ta\t2020-01-01\n"); raise ValueError("of the application")
def fails_late(copy):
    bad_row(copy); raise ValueError("of the application")
def bad_row(copy):
    copy.write("1\ta\t2020-01-01\nx\ta\t2020-01-01\n2\tb\t\\N\n")
def duplicate(copy):
    copy.write_row((1, "a", None)); copy.write_row((1, "b", None))
def violation(copy): copy.write_row((1, "bad", None))
def few(copy): copy.write_row((1, "a"))
def many(copy): copy.write_row((1, "a", None, 4))
def open_end(copy): copy.write("1\ta\t2020-01-01")
def dot(copy): copy.write("1\ta\t2020-01-01\n\\.\n")
def undecodable(copy): copy.write(b"1\t\xff\t2020-01-01\n")
def surrogate(copy): copy.write("1\t\ud800\t2020-01-01\n")
def nul(copy): copy.write_row((1, "a\0b", None))
def reads(copy):
    for name in ("read", "read_row"): attempt(name, getattr(copy, name))
    attempt("rows", lambda: list(copy.rows())); attempt("blocks", lambda: list(copy))
    copy.write("1\ta\t2020-01-01\n")
def ends(copy):
    copy.write("1\ta\t2020-01-01\n"); copy.finish(None)
    attempt("write", copy.write, "2\n")
def goes_on(copy):
    attempt("bad value", copy.write_row, (1, object(), None))
    copy.write_row((2, "b", None))
def closes_cursor(copy):
    copy.write("1\ta\t2020-01-01\n"); copy.cursor.close(); copy.write("2\tb\t\\N\n")
def large(copy):
    for number in range(20000): copy.write_row((number, "x" * 20, None))
USES = (
    nothing, text, rows, types, mixed, fails, bad_row, duplicate, violation, few, many,
    open_end, dot, undecodable, surrogate, nul, reads, ends, goes_on, closes_cursor, large,
)
for autocommit in (False, True):
    c = connect(autocommit=autocommit)
    for use in USES:
        assert block(c, IN, use)
        if autocommit: c.execute("delete from t")
    block(c, "COPY t (id, name) FROM STDIN (FORMAT csv, HEADER)", lambda copy: copy.write('id,name\n1,"a\nb"\n'))
    block(c, b"COPY t (id) FROM STDIN", lambda copy: copy.write("2\n"))
    block(c, psycopg.sql.SQL("COPY {} FROM STDIN").format(psycopg.sql.Identifier("t")), lambda copy: copy.write_row((3, None, None)))
    block(c, "COPY t (id) FROM STDIN WHERE id > %s", lambda copy: copy.write("4\n5\n"), (4,))
    for sql in ("COPY nosuch FROM STDIN", "COPY t FROM STDIN (blah)", "SELECT 1", "CREATE TEMP TABLE u ()", "", "COPY t FROM '/nosuch'"):
        block(c, sql, nothing)
    attempt("no cursor", lambda: (x := c.cursor(), x.close(), x.copy(IN).__enter__()))
    c.close()
    attempt("no connection", lambda: psycopg.Cursor(c).copy(IN).__enter__())
"""

OTHERS = r"""
class Tee(pc.Writer):
    def __init__(self, cursor): self.inner, self.calls = pc.LibpqWriter(cursor), []
    def write(self, data):
        self.calls.append((type(data).__name__, bytes(data))); self.inner.write(data)
    def finish(self, exc=None):
        self.calls.append(repr(exc)); self.inner.finish(exc)
class Upper(pc.LibpqWriter):
    def write(self, data): super().write(bytes(data).upper())
class Stubborn(Tee):
    def finish(self, exc=None): self.inner.finish(None)
class Failing(Tee):
    def finish(self, exc=None): raise KeyError("of the writer")
class Lazy(Tee):
    def finish(self, exc=None): pass
def run(writer, error=None):
    c = connect()
    cur = c.cursor()
    made = writer(cur)
    show("==", writer.__name__, error)
    def load():
        with cur.copy(IN, writer=made) as copy:
            copy.write("1\ta\t\\N\n"); copy.write_row((2, "b", None)); copy.write_row((3, "c", None))
            show(copy.writer is made)
            if error: raise error
    attempt("block", load)
    state(c, cur)
    show(getattr(made, "calls", None))
    attempt("execute", lambda: c.execute("select * from t").fetchall())
    c.close()
for writer in (pc.LibpqWriter, pc.QueuedLibpqWriter, Tee, Upper, Stubborn, Failing, Lazy):
    for error in (None, ValueError("of the application")): run(writer, error)
kept = io.BytesIO()
run(lambda cursor: pc.FileWriter(kept))
show(kept.getvalue())

# Beyond the text format of a table.
c = connect()
cur = c.cursor()
c.execute("create function pg_temp.f() returns trigger language plpgsql as $$begin raise notice 'row %', new.id; return new; end$$")
c.execute("create trigger tr before insert on t for each row execute function pg_temp.f()")
with cur.copy(IN) as copy: copy.write_row((1, "a", None)); copy.write_row((2, "b", None))
with cur.copy("COPY t (id) FROM STDIN (ON_ERROR ignore)") as copy: copy.write("11\nx\n12\n")
show(cur.rowcount)
c.execute("set client_encoding to latin1")
with cur.copy(IN) as copy: copy.write_row((3, "é", None)); copy.write("4\té\t\\N\n")
attempt("no latin", lambda: c.cursor().copy(IN).__enter__().write("€"))
c.close()
c = connect()
cur = c.cursor()
with cur.copy("COPY t (name) FROM STDIN (FORMAT BINARY)", writer=Lazy(cur)) as copy:
    copy.write_row(("é",)); copy.write(b"x"); attempt("text", copy.write, "x")
show(copy.writer.calls)
c.close()
c = connect()
c.execute("create temp table b (name text, data bytea)")
for use in (
    lambda copy: copy.write_row(("é\t", b"\x00\xff")),
    lambda copy: (copy.set_types(["text", "bytea"]), copy.write_row((None, b"x" * 100)), copy.write_row(("y", None))),
    lambda copy: copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff"),
    lambda copy: copy.write_row(("a",)),
    lambda copy: copy.write(b"no header"),
    lambda copy: None,
):
    attempt("binary", lambda: (x := c.cursor().copy("COPY b FROM STDIN (FORMAT BINARY)"), copy := x.__enter__(), use(copy), x.__exit__(None, None, None)) and None)
    attempt("rows", lambda: c.execute("select * from b").fetchall())
    c.rollback(); c.execute("create temp table if not exists b (name text, data bytea)")
class Value: pass
class Dumper(psycopg.adapt.Dumper):
    def dump(self, value): return b"77"
c.adapters.register_dumper(Value, Dumper)
with c.cursor().copy("COPY t (id) FROM STDIN") as copy: copy.write_row((Value(),))
with c.cursor("named") as named, named.copy("COPY t (id) FROM STDIN") as copy: copy.write("78\n")
show(c.execute("select id from t order by id").fetchall())
# Transactions around it.
with c.transaction():
    with c.cursor().copy(IN) as copy: copy.write_row((9, "z", None))
    try:
        with c.transaction():
            with c.cursor().copy(IN) as copy: copy.write_row((9, "z", None))
    except psycopg.IntegrityError as error: failed("inner", error)
    show(c.info.transaction_status.name)
def leave():
    with psycopg.connect(url) as other:
        with other.cursor().copy("COPY (SELECT 1) TO STDOUT") as copy: raise KeyError("of the application")
attempt("leave", leave)
lost = connect()
def close():
    with lost.cursor().copy(IN) as copy: copy.write("1\n"); lost.close(); attempt("write", copy.write, "2\n")
attempt("closed", close)
show(lost.closed, lost.broken)
"""

FORMS = r"""
import decimal, enum, ipaddress, uuid
from psycopg.types.range import Range, Int4Range
from psycopg.types.multirange import Multirange
D, zone = decimal.Decimal, dt.timezone(dt.timedelta(hours=2))
class Kind(enum.Enum): A = "a"
class Keep(pc.LibpqWriter):
    # The server gets nothing, and the connection can be used again.
    data = b""
    def write(self, data): self.data += bytes(data)
    def finish(self, exc=None): super().finish(exc or ValueError("kept"))
c = connect(autocommit=True)
def dumped(suffix, *rows, types=None, write=()):
    cur = c.cursor()
    keep = Keep(cur)
    with cur.copy("COPY t FROM STDIN" + suffix, writer=keep) as copy:
        if types: copy.set_types(types)
        for data in write: copy.write(data)
        for row in rows:
            try: copy.write_row(row)
            except Exception as error: show("  ", type(error).__name__, str(error))
    show(suffix, repr(rows) if "memory" not in repr(rows) else "memory", types, write, keep.data)
VALUES = (
    *(1, -1, 32767, 32768, -32769, 2**31, 2**63 - 1, 2**70, -(10**40), True, False, 1.5, -0.0),
    *(float("nan"), float("inf"), D("1.50"), D("-0.000123"), D("1E+10"), D("NaN"), D("12345678901234567890.12")),
    *("é\t\n\\", "", b"\x00\xff\\", bytearray(b"x"), memoryview(b"y"), psycopg.Binary(b"z"), None, "\0", "\ud800"),
    *(dt.date(2020, 1, 1), dt.date(1, 1, 1), dt.datetime(2020, 1, 1, 2, 3, 4, 5), dt.datetime(2020, 1, 1, tzinfo=zone)),
    *(dt.time(1, 2, 3, 4), dt.time(1, 2, tzinfo=zone), dt.timedelta(1, 2, 3), dt.timedelta(-1, 2), uuid.UUID(int=5)),
    *([1, None], [[1], [2]], ["a,b", None, "NULL", ""], [1.5], [2**40, 1], [], [None], [D("1.5")], [True], [b"x"]),
    *(Json({"a": "é\n"}), Jsonb([1]), Range(1, 2), Range(None, 5, "(]"), Range(empty=True), Int4Range(1, 2)),
    *(Range(dt.date(2020, 1, 1), None), Multirange([Range(1, 2), Range(5, 6)]), (1, None, ""), Kind.A, {"a": 1}),
    *map(ipaddress.ip_address, ("1.2.3.4", "::1")), ipaddress.ip_interface("1.2.3.4/24"), ipaddress.ip_network("1.2.3.0/24"),
)
for suffix in ("", " (FORMAT BINARY)"):
    for value in VALUES: dumped(suffix, (value, 1))
    for rows in (
        [(1,), (70000,), (None,), (True,)], [(None,), (70000,)], [(1.5,), (1,)], [([],), ([1],)], [([1],), ([70000],), ([],)],
        [(1, 2), (1,), (1, 2, 3)], [(1,), ("a",)], [(dt.datetime(2020, 1, 1),), (dt.datetime(2020, 1, 1, tzinfo=zone),)],
    ): dumped(suffix, *rows)
    for types, row in (
        (["int8", "text", "date", "int4[]"], (1, "a", dt.date(2020, 1, 1), [1, None])), (["int8", "text"], (1,)),
        (["jsonb", "json"], ({"a": 1}, [1])), (["numeric", "numeric"], (1, D("1.5"))), (["timestamptz"], (dt.datetime(2020, 1, 1, tzinfo=zone),)),
    ): dumped(suffix, row, types=types)
    for write in ((b"abc",), (b"",), (None,)):
        dumped(suffix, write=write); dumped(suffix, ("x",), write=write)
# What comes of it on the server.
c.execute("create temp table typed (i int8, n numeric, u uuid, d timestamptz, a int4[], r int4range, j jsonb)")
TYPES = ["int8", "numeric", "uuid", "timestamptz", "int4[]", "int4range", "jsonb"]
ROW = (2**40, D("1.50"), uuid.UUID(int=7), dt.datetime(2020, 1, 1, tzinfo=zone), [1, None], Range(1, 5), {"a": [1]})
for suffix in ("", " (FORMAT BINARY)"):
    with c.cursor().copy("COPY typed FROM STDIN" + suffix) as copy:
        copy.set_types(TYPES); copy.write_row(ROW); copy.write_row([None] * 7)
    show(copy.cursor.statusmessage, c.execute("select * from typed").fetchall())
    with c.cursor().copy("COPY typed TO STDOUT" + suffix) as copy:
        copy.set_types(TYPES); show(list(copy.rows()))
"""


@pytest.mark.parametrize(
    ("script", "tag"), [(USES, "COPY 4"), (OTHERS, "COPY 3"), (FORMS, "COPY 2")]
)
def test_what_is_sent(tmp_path: Path, script: str, tag: str) -> None:
    replayed = Replayed(tmp_path, PRELUDE + script)
    assert tag in replayed.output
    assert replayed.entered("miss") == replayed.entered("unsupported") == []
    assert replayed.left() == []


def test_data_are_compared_as_one_stream(tmp_path: Path) -> None:
    script = PRELUDE + "c = connect()\n" + "with c.cursor().copy(IN) as copy: {}\n"
    sent = r'copy.write("1\ta\t\\N\n2\tb\t\\N\n3\t"); copy.write("c\t\\N\n")'
    replayed = Replayed(tmp_path, script.format(sent))
    for pieces in (
        r'[copy.write(x) for x in "1\ta\t\\N\n2\tb\t\\N\n3\tc\t\\N\n"]',
        'copy.write_row((1, "a", None)); copy.write_row("2b" + "x"[1:] and (2, "b", None)); copy.write_row((3, "c", None))',
    ):
        done = replayed.again(script.format(pieces))
        assert done.returncode == 0, done.stderr
        assert replayed.left() == []
    for pieces, said in (
        (
            r'copy.write("1\ta\t\\N\n2\tB\t\\N\n3\tc\t\\N\n")',
            ("2", r'"2\tb\t\\N\n"', r'"2\tB\t\\N\n"'),
        ),
        (r'copy.write("1\ta\t\\N\n2\tb\t\\N\n")', ("3", r'"3\tc\t\\N\n"', "nothing")),
        (sent + r'; copy.write("4\td\t\\N\n")', ("4", "nothing", r'"4\td\t\\N\n"')),
        (sent.replace(r'\n")', '")'), ("3", r'"3\tc\t\\N\n"', r'"3\tc\t\\N"')),
        ("pass", ("1", r'"1\ta\t\\N\n"', "nothing")),
    ):
        done = replayed.again(script.format(pieces))
        assert "ReplayMiss: no recorded exchange answers this copy_in" in done.stderr
        line, then, now = said
        assert f"data, line {line}: recorded {then}, asked {now}\n" in done.stderr
        (miss,) = replayed.entered("miss")
        assert f"asked {now}" in miss["report"]
