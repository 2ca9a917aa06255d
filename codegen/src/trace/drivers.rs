//! How drivers enter the trace through a profile, none with a new event.
//!
//! The format knows *connections* that are asked for *operations* with a *text*
//! and *parameters*, and that answer with *results* (columns, rows, a row count)
//! or an *error*. Whatever a driver adds to that has a field that others leave
//! out. A profile says which packages belong to the driver, which statements
//! are connection set-up, and nothing that the trace could say itself.
//!
//! # Tagged values
//!
//! Where a driver shows no wire form, and for all parameters, the trace keeps
//! the Python value. JSON null, booleans, integers of 64 bits, finite floats,
//! strings and arrays stand for themselves; an object has exactly one key, its tag:
//!
//! | tag | content |
//! |---|---|
//! | `int` | beyond 64 bits: decimal text, or hexadecimal (`0x…`) where Python refuses that |
//! | `float` | `"nan"`, `"inf"`, `"-inf"` |
//! | `decimal`, `uuid`, `date` | `str()` or ISO text |
//! | `bytes`, `bytearray`, `memoryview`, `binary` | base64; `binary` is the driver's `Binary` |
//! | `time`, `datetime` | ISO text, or `{"value":"…","zone":"Europe/Berlin","fold":1}` |
//! | `timedelta` | `[days, seconds, microseconds]` |
//! | `ip` | `["IPv4Address","10.0.0.1"]` |
//! | `json`, `jsonb` | the text that the wrapper dumps |
//! | `range`, `multirange` | `"empty"` or `["[)", lower, upper]`; an array of ranges |
//! | `tuple`, `dict` | an array of values; an array of pairs |
//! | `enum` | `["app.Color","RED", value]` |
//! | `subclass` | `["app.Name", value of the base type]` |
//! | `object` | `["module.Class", "the text that the driver dumped"]` |
//! | `surrogates` | base64 of a string that has lone surrogates |
//! | `lost` | null: a value that another recorder did not keep |
//!
//! # COPY
//! `copy_out` and `copy_in` have the parameters of their statement, and one result
//! unless the statement itself failed. Its row description has the columns of the
//! data, which have no type; their format is that of all of it. Its rows are the
//! data, each with one cell of that format that is not null: of `copy_out` the blocks
//! as the server sent them, of `copy_in` what was sent to it as one stream, cut into
//! lines, or into pieces of 57 bytes where it is binary. The data of a `copy_in` are
//! part of what is asked.
//!
//! ```jsonl
//! {"row_description":{"id":2,"columns":[{"name":"column_1","type":null,"type_oid":0,"typmod":0,"size":0,"format":"text"},{"name":"column_2","type":null,"type_oid":0,"typmod":0,"size":0,"format":"text"}]}}
//! {"exchange":{"id":5,"scope":1,"connection":1,"operation":"copy_in","text":3,"results":[{"row_description":2,"rowcount":2,"command_tag":"COPY 2","rows":[["1\tAda\n"],["2\t\\N\n"]]}],"status":"INTRANS"}}
//! ```
//!
//! A result that is `partial` was not read, or not sent, to its end: the application
//! left, and the status says what became of the connection. `ACTIVE` is one that the
//! driver left in the middle of it, which no statement can be sent on again. A large
//! copy goes on in `rows` events.
//!
//! # Pipeline mode
//! A statement is an exchange all the same. Its id is given when it is sent, and its line
//! is written when its outcome has arrived, which may be after the lines of statements
//! that were sent later. Its status is `ACTIVE`, and its server parameters are never its
//! own: the server tells both when it is synchronised. What it says then, if anything, is
//! a `sync`, or the `commit` or `rollback` that waited for it. What the server skipped
//! behind an error has the error that the driver gives it.
//!
//! ```jsonl
//! {"exchange":{"id":7,"scope":1,"connection":1,"operation":"execute","text":3,"error":{"class":"psycopg.errors.DivisionByZero","sqlstate":"22012","message":"division by zero"},"status":"ACTIVE"}}
//! {"exchange":{"id":8,"scope":1,"connection":1,"operation":"execute","text":4,"error":{"class":"psycopg.errors.PipelineAborted","sqlstate":null,"message":"pipeline aborted"},"interrupted":true,"status":"ACTIVE"}}
//! {"exchange":{"id":9,"scope":1,"connection":1,"operation":"sync","server_parameters":{"TimeZone":"UTC"},"status":"IDLE"}}
//! ```
//!
//! # asyncpg
//! Speaks the binary protocol and decodes before Python sees a byte, so its
//! columns have format `python` (or `binary` if recorded below its codecs); the
//! type's name and OID come from the attributes of the prepared statement.
//! There is no cursor: `fetch`, `fetchrow`, `fetchval` and `execute` are
//! `execute`; `executemany` is itself; a cursor within a transaction is
//! `stream`, with its portions as `rows` events. A prepared statement is its
//! text; preparing is an `execute` without results if it fails, and nothing
//! otherwise. `get_statusmsg()` is the command tag. The type look-ups of
//! `set_type_codec` and the introspection queries are `type_info`.
//! Errors carry `sqlstate` and diagnostics as psycopg's do.
//!
//! # psycopg2
//! Has no public access to the wire text of a cell unless a typecaster is
//! registered: format `text` when recorded through a typecaster that passes the
//! text on, else `python`. `cursor.lastrowid` is `lastrowid`; notices are those
//! that were appended to `connection.notices`; `execute_batch` and
//! `execute_values` are the `execute`s that they send; a named cursor is
//! `declare`.
//!
//! # pymysql, mysqlclient
//! Cells have format `text` as the protocol's text rows bring them, with
//! `type_oid` the protocol's `FIELD_TYPE` and `type` its name; `typmod` holds
//! the flags. `cursor.lastrowid` is `lastrowid` (a tagged value, so that an
//! unsigned 64-bit one fits). An error has `"sqlstate":"23000"` and
//! `"arguments":[1062,"Duplicate entry …"]`, as applications read `e.args[0]`.
//! `"command_tag":null`. Warnings are notices. `SSCursor` is `stream`. Several
//! result sets of `CALL` are several results.
//!
//! # aiomysql, asyncmy
//! As pymysql, whose exceptions aiomysql raises: the class in the error record
//! says so. `ping` is an `execute` with the text that the profile gives it.
//!
//! # sqlite3
//! No wire: columns of format `python` with `"type":null,"type_oid":0`. The
//! text and the bytes that a converter got are those of a `python` cell of the
//! same statement without converters. `lastrowid`; `total_changes` is a server
//! parameter that changes. `executescript` is an `execute` whose results are
//! empty. Errors have `"sqlstate":null` and, in `arguments`, the text; the
//! numeric code is the diagnostic `message_detail`. User functions run inside
//! the engine and are answered by the row that they led to.
//!
//! # aiosqlite
//! As sqlite3; its thread is no part of the trace, the scope is that of the task
//! that asked.
//!
//! # oracledb
//! Out parameters (`cursor.var`, `callproc`) are `out_parameters` of the
//! exchange; LOBs are tagged `object`s whose reads are `rows` events.
//!
//! # pyodbc
//! `getinfo` answers are server parameters of the connect event; `arguments` of
//! an error hold the SQLSTATE and the text; `nextset` walks over `results`.
//!
//! Knows nothing of how any of them is replayed.
