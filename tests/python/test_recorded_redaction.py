"""Redacted recordings on a live server: nothing real is in them, and they replay."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from launcher_folder import run, shared
from recorded_scripts import HEAD, require_server
from trace_lines import TraceLines

require_server()

MODULE = shared("pseudonyms")
KEY = "a key of the tests, and long enough"
made = MODULE.Pseudonyms(KEY.encode())

RULES = """
[[redact]]
columns = ["email", "name", "born", "income", "seen", "home", "photo", "tags", "note"]
parameters = ["email", "name", "born", "income", "seen", "home", "photo", "tags", "note"]

[[redact]]
detectors = ["email", "card", "key", "password"]

[[redact]]
statement = "*from counters*"
columns = ["n"]
"""

# What must not be in the trace, in whatever form.
REAL = [
    "ada@example.org",
    "Ada Lovelace",
    "Ada King",
    "1815-12-10",
    "123456",
    "18:30:01",
    "10.20.30.40",
    "4242424242424242",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "mathematician",
    "hunter2hunter2",
    "secretly",
    "c0ffee11",
    "777001",
]

SCRIPT = """
import datetime as dt, ipaddress
from decimal import Decimal
c = psycopg.connect(url, autocommit=True)
c.add_notice_handler(lambda d: print("notice", d.message_primary))
c.execute('''create temp table people (
    email text primary key, name varchar(40) check (name <> 'nobody'), born date,
    income numeric(12,2), seen timestamptz, home inet, photo bytea, tags text[],
    note jsonb, card int8)''')
c.execute("create temp table counters (n int4)")
c.execute("insert into counters values (777001)")
ada = {
    "email": "ada@example.org", "name": "Ada Lovelace", "born": dt.date(1815, 12, 10),
    "income": Decimal("123456.78"),
    "seen": dt.datetime(2026, 5, 6, 18, 30, 1, 250000, tzinfo=dt.timezone.utc),
    "home": ipaddress.ip_address("10.20.30.40"), "photo": bytes.fromhex("c0ffee11"),
    "tags": ["mathematician", "poet"], "note": Jsonb({"said": "secretly", "n": 1}),
    "card": 4242424242424242,
}
insert = "insert into people values (" + ", ".join(f"%({k})s" for k in ada) + ")"
c.execute(insert, ada)
def ask(*asked, **options):
    with c.cursor(**options) as cur:
        print(cur.execute(*asked).fetchall())
ask("select * from people where email = %(email)s", {"email": "ada@example.org"})
ask("select email, name, photo from people", binary=True)
ask("select n from counters")
ask("select 'mail ada@example.org, sk_live_4eC39HqLyjWDarjtT1zdp7dc' as text")
ask("select %s::text as said", ["pay 4242 4242 4242 4242 by ada@example.org"])
ask("select %s::jsonb", [Jsonb({"password": "hunter2hunter2", "to": ["ada@example.org"]})])
for wrong in (ada, ada | {"email": "e", "name": "nobody"}):
    try:
        c.execute(insert, wrong)
    except psycopg.IntegrityError as error:
        print(type(error).__name__, error.diag.constraint_name, error.diag.message_detail)
c.execute("do $$ begin raise notice 'sent to ada@example.org'; end $$")
with c.transaction(), c.cursor("named") as cur:
    cur.execute("select email, name from people")
    print(cur.fetchone(), cur.fetchall())
with c.cursor() as cur:
    print(list(cur.stream("select name from people")))
    cur.executemany("update people set name = %(name)s where email = %(email)s returning name",
        [{"name": "Ada King", "email": "ada@example.org"}], returning=True)
    print(cur.fetchall())
# A payload has no column, and comes to whoever listens.
c.execute("listen people")
c.execute("select pg_notify('people', %(name)s)", {"name": "Ada King"})
c.execute("select pg_notify('people', %s)", ["mail ada@example.org"])
c.execute("select pg_notify('people', 'new: ' || name) from people")
print([notify.payload for notify in c.notifies(timeout=0)])
# What came from a row and goes back.
((name,),) = c.execute("select name from people").fetchall()
print(c.execute("select 1 from people where name = %(name)s", {"name": name}).fetchall())
"""


class Redacted:
    """A script, recorded under rules and replayed."""

    def __init__(self, folder: Path, rules: str = RULES) -> None:
        self.folder = folder
        self.trace = folder / "trace.jsonl"
        (folder / "stack.toml").write_text(rules)

    def record(self, script: str, key: str = KEY) -> subprocess.CompletedProcess[str]:
        return run(
            HEAD + script,
            {
                "MOCK_CURSOR_RECORD": str(self.trace),
                "MOCK_CURSOR_REDACTION": str(self.folder / "stack.toml"),
                "MOCK_CURSOR_REDACTION_KEY": key,
                "MOCK_CURSOR_LEDGER": str(self.folder / "pairs.jsonl"),
            },
        )

    def generate(self) -> subprocess.CompletedProcess[str]:
        program = Path(os.environ["MOCK_CURSOR_XTASK"]).with_name("mock-cursor")
        command = [program, "gen", self.trace, "--out", self.folder / "fixture"]
        command += ["--stack-file", self.folder / "stack.toml"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def replay(self, script: str, **environment: str) -> Any:
        return run(
            HEAD + script,
            {
                "MOCK_CURSOR_REPLAY": str(self.folder / "fixture"),
                "MOCK_CURSOR_REDACTION_KEY": KEY,
                **environment,
            },
        )


def test_nothing_real_is_recorded_and_it_replays(tmp_path: Path) -> None:
    redacted = Redacted(tmp_path)
    plain = run(HEAD + SCRIPT, {})
    assert plain.returncode == 0, plain.stderr
    recorded = redacted.record(SCRIPT)
    assert recorded.returncode == 0, recorded.stderr
    # The application gets what is real.
    assert recorded.stdout == plain.stdout
    trace = redacted.trace.read_text()
    lines = TraceLines(redacted.trace)
    header = lines.events[0][1]
    assert header["redaction"]["key"] == made.fingerprint
    assert len(header["redaction"]["rules"]) == 3
    left = [real for real in REAL if real in trace]
    # What stands in the text of a statement is no column and no parameter.
    assert left == ["777001"] and trace.count("777001") == 1
    assert KEY not in trace
    done = redacted.generate()
    assert done.returncode == 0, done.stdout + done.stderr
    fixture = "".join(
        path.read_text() for path in (tmp_path / "fixture" / "scopes").iterdir()
    )
    assert [real for real in REAL if real in fixture] == ["777001"]
    replayed = redacted.replay(SCRIPT)
    assert replayed.returncode == 0, replayed.stderr
    was, now = plain.stdout.splitlines(), replayed.stdout.splitlines()
    assert len(was) == len(now)
    # What the script has sent itself it gets back, and pseudonyms of the rest: of what
    # only the database knew, and of what its errors said.
    differing = {
        one: other for one, other in zip(was, now, strict=True) if one != other
    }
    ada = made.text("ada@example.org")
    assert list(differing.values()) == [
        f"[({made.integer(777001)},)]",
        f"UniqueViolation people_pkey Key (email)=({ada}) already exists.",
        "CheckViolation people_name_check Failing row contains (redacted).",
        f"notice sent to {ada}",
    ]


def test_errors_say_pseudonyms(tmp_path: Path) -> None:
    redacted = Redacted(tmp_path)
    assert redacted.record(SCRIPT).returncode == 0
    details = [
        exchange["error"]["diagnostics"]["message_detail"]
        for exchange in TraceLines(redacted.trace).exchanges
        if exchange.get("error")
    ]
    unique, check = details
    assert unique == f"Key (email)=({made.text('ada@example.org')}) already exists."
    assert check == "Failing row contains (redacted)."


def test_pairs_are_told_for_who_compares_responses(tmp_path: Path) -> None:
    redacted = Redacted(tmp_path)
    assert redacted.record(SCRIPT).returncode == 0
    pairs = (tmp_path / "pairs.jsonl").read_text()
    assert (
        f'"recorded": "{made.text("ada@example.org")}", "live": "ada@example.org"'
        in pairs
    )
    assert f'"live": "{"2026-05-06T18:30:01.250000+00:00"}"' in pairs
    assert (tmp_path / "pairs.jsonl").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("rules", "key", "said"),
    [
        ("[[redact]]\nparameters = ['x']\n", "", "there is no key"),
        ("[[redact]]\nparameters = ['x']\n", "short", "shorter than 16 bytes"),
        ("[[redact]]\nparameter = ['x']\n", KEY, "unknown key 'parameter'"),
        ("[[redact\n", KEY, "stack.toml: "),
    ],
)
def test_a_recording_that_would_not_be_redacted_does_not_begin(
    tmp_path: Path, rules: str, key: str, said: str
) -> None:
    redacted = Redacted(tmp_path, rules)
    done = redacted.record("print('ran')", key)
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert "ran" not in done.stdout and not redacted.trace.exists()


def test_what_cannot_be_redacted_stops_the_recording(tmp_path: Path) -> None:
    redacted = Redacted(tmp_path, "[[redact]]\ncolumns = ['yes']\n")
    done = redacted.record("psycopg.connect(url).execute('select true as yes')")
    assert "column yes of type bool has no pseudonyms" in done.stderr
    assert "RecorderError" in done.stderr


def test_other_rules_than_those_of_the_recording_are_refused(tmp_path: Path) -> None:
    redacted = Redacted(tmp_path)
    assert redacted.record("psycopg.connect(url).execute('select 1')").returncode == 0
    more = RULES + "[[redact]]\ncolumns = ['more']\n"
    (tmp_path / "stack.toml").write_text(more)
    done = redacted.generate()
    assert done.returncode == 2
    assert "recorded with other rules of redaction" in done.stderr


def test_copy_is_refused_where_a_rule_may_mean_it(tmp_path: Path) -> None:
    script = """
with psycopg.connect(url) as c, c.cursor() as cur:
    with cur.copy("copy (select 'secret') to stdout") as copy:
        print(list(copy))
"""
    redacted = Redacted(tmp_path, "[[redact]]\ncolumns = ['x']\n")
    done = redacted.record(script)
    assert "RecorderUnsupported: COPY of what is redacted" in done.stderr
    assert "secret\\\\n" not in redacted.trace.read_text()
    redacted.trace.unlink()
    elsewhere = "[[redact]]\nstatement = 'SELECT *'\ncolumns = ['x']\n"
    (tmp_path / "stack.toml").write_text(elsewhere)
    assert redacted.record(script).returncode == 0


def test_names_of_types_are_no_parameters_of_the_application(tmp_path: Path) -> None:
    script = """
from psycopg.types import TypeInfo
with psycopg.connect(url) as c:
    print(TypeInfo.fetch(c, "text").name)
    print(c.execute("select %s::text", ["Ada"]).fetchall())
"""
    redacted = Redacted(
        tmp_path, "[[redact]]\nparameters = ['0']\ncolumns = ['text']\n"
    )
    done = redacted.record(script)
    assert done.returncode == 0, done.stderr
    parameters = [e["parameters"] for e in TraceLines(redacted.trace).exchanges[:2]]
    assert parameters == [["TypeInfo"], [made.text("Ada")]]
    assert redacted.generate().returncode == 0
    assert redacted.replay(script).stdout == done.stdout
