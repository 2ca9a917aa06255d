"""What scripts about COPY have in common: they print all that can be seen of one."""

from __future__ import annotations

PRELUDE = r"""
import datetime as dt, io, logging, re
from psycopg import copy as pc
OWN = re.compile(r" at 0x[0-9a-f]+| \((?:host|user|database)=[^)]*\)|Mock|(?<=<)(?:psycopg|__main__)\.")
MANY = "COPY (SELECT generate_series(1, 3)) TO STDOUT"
IN = "COPY t FROM STDIN"

def show(*values):
    text = " ".join(value if isinstance(value, str) else repr(value) for value in values)
    print(re.sub("pg_temp_[0-9]+", "pg_temp", OWN.sub("", text)))

class Log(logging.Handler):
    def emit(self, record):
        if "rollback of" not in record.getMessage():
            show("log", record.levelname, record.getMessage())

logging.getLogger("psycopg").addHandler(Log())

def connect(**options):
    c = psycopg.connect(url, **options)
    c.execute("create temp table t (id int primary key, name text check (name <> 'bad'), d date)")
    c.commit()
    c.add_notice_handler(lambda d: show("notice", d.severity, d.message_primary, d.context))
    return c

def state(c, cur):
    result, columns = cur.pgresult, cur.description
    status = result and psycopg.pq.ExecStatus(result.status).name
    show("   ", c.info.transaction_status.name, c.closed, c.broken, cur, status)
    show("   ", cur.rowcount, cur.statusmessage, cur.rownumber, columns and [tuple(x) for x in columns])

def failed(label, error):
    show("  ", label, "raised", type(error).__module__, type(error).__name__, str(error))
    diag = getattr(error, "diag", None)
    if getattr(error, "sqlstate", None):
        show("     ", error.sqlstate, diag.severity, diag.message_primary, diag.message_detail)
        show("     ", diag.context, diag.constraint_name, diag.table_name, diag.statement_position)

def attempt(label, call, *arguments):
    try:
        got = call(*arguments)
    except Exception as error:
        failed(label, error)
    else:
        show("  ", label, "->", ("memory", bytes(got)) if isinstance(got, memoryview) else got)

def block(c, sql, use, params=None):
    cur, kept = c.cursor(), []
    show("==", repr(sql), params, use.__name__)
    def run():
        with cur.copy(sql, params) as copy:
            kept.append(copy)
            show("   ", copy, copy.cursor is cur, copy.connection is c)
            state(c, cur)
            use(copy)
            state(c, cur)
    attempt("block", run)
    state(c, cur)
    attempt("fetch", cur.fetchone)
    for copy in kept if c.info.transaction_status.name != "ACTIVE" else ():
        attempt("read after", copy.read)
        attempt("read_row after", copy.read_row)
        attempt("write_row after", copy.write_row, ("x",))
        attempt("again", copy.__enter__)
    attempt("execute", lambda: c.execute("select count(*) from t", prepare=False).fetchone())
    attempt("rollback", c.rollback)
    return c.info.transaction_status.name == "IDLE"
"""
