//! The trace: its format, documented on the types that read it, and its reader.
//!
//! A trace is a file of JSON Lines in UTF-8, one event a line, appended and
//! flushed as things happen. Each line is an object with exactly one key, the
//! [`Event`]; fields that are not documented are rejected.
//!
//! ```jsonl
//! {"trace":{"version":1,"profile":"psycopg","packages":{"psycopg":"3.3.9"},"started_at":"2026-11-23T20:47:39.817353+00:00"}}
//! {"scope":{"id":0,"name":"start-up","kind":"start-up"}}
//! {"connect":{"id":1,"scope":0,"server_parameters":{"server_version":"18.6"},"status":"IDLE"}}
//! {"text":{"id":1,"sql":"select id from users where name = %s"}}
//! {"row_description":{"id":1,"columns":[{"name":"id","type":"int4","type_oid":23,"typmod":-1,"size":4,"format":"text"}]}}
//! {"scope":{"id":1,"name":"GET /users/ada","kind":"request"}}
//! {"exchange":{"id":1,"scope":1,"connection":1,"operation":"execute","text":1,"parameters":["ada"],"results":[{"row_description":1,"rowcount":1,"command_tag":"SELECT 1","rows":[["7"]]}],"status":"INTRANS"}}
//! {"scope_end":{"id":1}}
//! ```
//!
//! Ids are small integers chosen by the recorder, one series an event type and
//! a file; a text or a row description stands before its first use. Several
//! processes of one application write several files, `trace*.jsonl`.
//!
//! How drivers other than psycopg 3 enter without a new event is written in
//! [`drivers`].
//!
//! Knows nothing of Python source and nothing of files that are written.

mod cell;
mod clock;
mod connect;
mod cursor;
pub mod drivers;
mod error_record;
mod event;
mod head;
mod ids;
mod line;
mod locate;
mod loss;
mod mode;
mod notify;
mod operation;
mod plain;
mod redaction;
mod row;
mod scope;
mod source;
mod tagged;
mod text_form;
mod unique;

pub use cell::CellFormat;
pub use clock::{Clock, Moment};
pub use connect::Connect;
pub use error_record::{Diagnostics, ErrorRecord};
pub use event::{
    Column, Event, Exchange, Header, ProfileName, QueryResult, RowDescription, Rows, Status, Text,
    Version,
};
pub use head::{ExchangeHead, Head};
pub use ids::{ConnectionId, ExchangeId, RowDescriptionId, ScopeId, TextId};
pub use line::{Line, LineText, at, truncated};
pub use locate::Step;
pub use loss::Loss;
pub use mode::Mode;
pub use notify::Notify;
pub use operation::Operation;
pub use plain::PlainExchange;
pub use redaction::{Detector, RedactRule, Redaction};
pub use row::{BlockShape, CellShape, RowShape};
pub use scope::{Scope, ScopeEnd, ScopeKind};
pub use source::{Place, Source, split_lines};
pub use text_form::TextForm;
