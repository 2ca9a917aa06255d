//! The events of a trace and their fields.
//!
//! Rows, parameters and errors stay the raw JSON that the recorder wrote: they
//! are passed on as they are. Checking them is the reader's business.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::cell::CellFormat;
use super::clock::Clock;
use super::connect::Connect;
use super::ids::{ConnectionId, ExchangeId, RowDescriptionId, ScopeId, TextId};
use super::loss::Loss;
use super::notify::Notify;
use super::operation::Operation;
use super::redaction::Redaction;
use super::scope::{Scope, ScopeEnd};
use super::unique::members;
use crate::profile::Profile;

/// One line of a trace.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event<'a> {
    /// The first line.
    Trace(Header),
    /// A SQL text, written once, before its first use.
    #[serde(borrow)]
    Text(Text<'a>),
    /// The columns of a result, each distinct one once.
    #[serde(borrow)]
    RowDescription(RowDescription<'a>),
    /// A scope opens.
    #[serde(borrow)]
    Scope(Scope<'a>),
    /// The clock of a scope starts.
    Clock(Clock),
    /// A connection was made, or was refused.
    #[serde(borrow)]
    Connect(Connect<'a>),
    /// A statement and its outcome.
    #[serde(borrow)]
    Exchange(Box<Exchange<'a>>),
    /// More rows of an exchange that is read bit by bit.
    #[serde(borrow)]
    Rows(Rows<'a>),
    /// A notification that came with an exchange.
    #[serde(borrow)]
    Notify(Notify<'a>),
    /// A scope closes.
    ScopeEnd(ScopeEnd),
}

impl Event<'_> {
    /// Its key.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Trace(_) => "trace",
            Self::Text(_) => "text",
            Self::RowDescription(_) => "row_description",
            Self::Scope(_) => "scope",
            Self::Clock(_) => "clock",
            Self::Connect(_) => "connect",
            Self::Exchange(_) => "exchange",
            Self::Rows(_) => "rows",
            Self::Notify(_) => "notify",
            Self::ScopeEnd(_) => "scope_end",
        }
    }
}

/// The first line: `{"trace":{"version":1,"profile":"psycopg","packages":{…},"started_at":"…"}}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Of the format, not of the recorder.
    pub version: Version,
    /// The driver's profile by its name.
    pub profile: ProfileName,
    /// Versions of the packages that shape the traffic, by name.
    #[serde(deserialize_with = "members")]
    pub packages: BTreeMap<String, String>,
    /// In UTC, as ISO text. Puts the files of one application in order; it does not
    /// show in what is generated, which must not vary from one recording to the next.
    /// Traces that are kept one a scope have none, and are ordered by their names.
    #[serde(default)]
    pub started_at: Option<String>,
    /// What was replaced by pseudonyms; absent if nothing was.
    #[serde(default)]
    pub redaction: Option<Redaction>,
    /// Randomness and clocks were made such that a replay can repeat them.
    #[serde(default)]
    pub deterministic: bool,
    /// Workers of pytest-xdist ran; what they name for themselves, the first one named.
    #[serde(default)]
    pub workers: bool,
}

/// The version of the format that this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct Version(u64);

impl Version {
    /// The newest version that is read.
    pub const CURRENT: u64 = 1;
}

impl TryFrom<u64> for Version {
    type Error = String;

    fn try_from(version: u64) -> Result<Self, String> {
        match version {
            Self::CURRENT => Ok(Self(version)),
            0 => Err("trace format version 0 does not exist".to_owned()),
            _ => Err(format!(
                "trace format version {version} is newer than {}, the newest that is read",
                Self::CURRENT
            )),
        }
    }
}

/// The name of a profile that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ProfileName(pub &'static Profile);

impl TryFrom<String> for ProfileName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Profile::named(&name)
            .map(Self)
            .ok_or_else(|| format!("unknown profile `{name}`, known are: {}", Profile::names()))
    }
}

/// `{"text":{"id":1,"sql":"SELECT 1"}}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text<'a> {
    /// Referred to by exchanges.
    pub id: TextId,
    /// As the application sent it, placeholders included.
    #[serde(borrow)]
    pub sql: Cow<'a, str>,
}

/// `{"row_description":{"id":1,"columns":[{"name":"id","type":"int4","type_oid":23,"typmod":-1,"size":4,"format":"text"}]}}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowDescription<'a> {
    /// Referred to by results.
    pub id: RowDescriptionId,
    /// In the order of the cells of a row.
    #[serde(borrow)]
    pub columns: Vec<Column<'a>>,
}

impl RowDescription<'_> {
    /// The same, without a hold on the line.
    pub fn into_owned(self) -> RowDescription<'static> {
        let columns = self.columns.into_iter().map(|column| Column {
            name: Cow::Owned(column.name.into_owned()),
            type_name: column.type_name.map(|name| Cow::Owned(name.into_owned())),
            type_oid: column.type_oid,
            typmod: column.typmod,
            size: column.size,
            format: column.format,
        });
        RowDescription { id: self.id, columns: columns.collect() }
    }
}

/// One column of a row description.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column<'a> {
    /// May be empty, and may occur more than once.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// The type's name, as OIDs of user types differ from database to database;
    /// null if the recorder could not find it out.
    #[serde(rename = "type", borrow)]
    pub type_name: Option<Cow<'a, str>>,
    /// The driver's number of the type: an OID for PostgreSQL, `FIELD_TYPE` for
    /// `MySQL`, 0 where the driver has none.
    pub type_oid: u64,
    /// As in the protocol's `RowDescription`; -1 for none.
    pub typmod: i64,
    /// In bytes, negative for a variable width.
    pub size: i64,
    /// The form of this column's cells.
    pub format: CellFormat,
}

/// The transaction status after a step, in libpq's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Not in a transaction.
    Idle,
    /// In a transaction.
    Intrans,
    /// In a transaction that has failed.
    Inerror,
    /// A command is under way. Of a statement in pipeline mode: the server tells no
    /// status before the next sync.
    Active,
    /// The connection is closed or broken.
    Unknown,
}

impl Status {
    /// As the trace spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "IDLE",
            Self::Intrans => "INTRANS",
            Self::Inerror => "INERROR",
            Self::Active => "ACTIVE",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// One statement and its outcome; fields that are empty are absent.
///
/// ```jsonl
/// {"exchange":{"id":1,"scope":0,"connection":1,"operation":"execute","text":1,"results":[{"row_description":1,"rowcount":1,"command_tag":"SELECT 1","rows":[["1"]]}],"status":"INTRANS"}}
/// {"exchange":{"id":2,"scope":0,"connection":1,"operation":"commit","status":"IDLE"}}
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange<'a> {
    /// Given when the statement is sent, so that it orders statements that overlap;
    /// the line is written when the outcome is there. Referred to by later rows.
    pub id: ExchangeId,
    /// Where it belongs.
    pub scope: ScopeId,
    /// On which connection it ran; replay is not tied to it.
    pub connection: ConnectionId,
    /// What was asked of the driver.
    pub operation: Operation,
    /// Absent for what has no SQL, such as a commit.
    #[serde(default)]
    pub text: Option<TextId>,
    /// [Tagged values](super::drivers#tagged-values): null or absent if none
    /// were passed, an array by position, an object by name; for `executemany`
    /// an array of those.
    #[serde(borrow, default)]
    pub parameters: Option<&'a RawValue>,
    /// The mode that the client begins the transaction with, if it is not the server's own
    /// (`SERIALIZABLE READ ONLY`); what the server answers may depend on it.
    #[serde(borrow, default)]
    pub transaction: Option<Cow<'a, str>>,
    /// One a result set; beside an error, those that came before it.
    #[serde(borrow, default)]
    pub results: Vec<QueryResult<'a>>,
    /// An [`ErrorRecord`](super::ErrorRecord).
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
    /// [`Diagnostics`](super::Diagnostics), one a notice.
    #[serde(borrow, default)]
    pub notices: Option<&'a RawValue>,
    /// Those that the server reported as changed.
    #[serde(borrow, default)]
    pub server_parameters: Option<&'a RawValue>,
    /// Tagged values of out parameters and bind variables, by the name or the
    /// position of the parameter (oracledb's `var`, `callproc`).
    #[serde(borrow, default)]
    pub out_parameters: Option<&'a RawValue>,
    /// Its call, in pipeline mode, raised the error of an earlier statement, or of itself,
    /// that had arrived by then. Any other error of a pipeline is raised where results are
    /// asked for first.
    #[serde(default)]
    pub interrupted: bool,
    /// What another recorder did not keep; our own loses nothing.
    #[serde(default)]
    pub lossy: Vec<Loss>,
    /// After the step.
    pub status: Status,
}

/// One result set, or the outcome of a statement without rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryResult<'a> {
    /// Absent if the statement returns no rows.
    #[serde(default)]
    pub row_description: Option<RowDescriptionId>,
    /// PEP 249: -1 if unknown.
    pub rowcount: i64,
    /// As the server sent it; null for an empty query and where a server has none.
    #[serde(default, borrow)]
    pub command_tag: Option<Cow<'a, str>>,
    /// Arrays of cells; see [`CellFormat`].
    #[serde(default, borrow)]
    pub rows: Vec<&'a RawValue>,
    /// PEP 249's optional extension; a tagged value.
    #[serde(default, borrow)]
    pub lastrowid: Option<&'a RawValue>,
    /// The statement was empty.
    #[serde(default)]
    pub empty: bool,
    /// The rows, or the rest of them, follow in `rows` events.
    #[serde(default)]
    pub partial: bool,
}

/// More rows of the last result of an exchange that was written as partial:
/// `{"rows":{"exchange":17,"rows":[["1"],["2"]],"complete":true}}`.
///
/// If none of them is the complete one, the application stopped reading, and
/// nobody knows what would have come.
///
/// Of COPY, the last of them has what the exchange could not say yet: `rowcount`,
/// `command_tag` and `status`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows<'a> {
    /// The exchange that they belong to.
    pub exchange: ExchangeId,
    /// Arrays of cells; see [`CellFormat`].
    #[serde(borrow, default)]
    pub rows: Vec<&'a RawValue>,
    /// Nothing follows.
    #[serde(default)]
    pub complete: bool,
    /// What ended them, an [`ErrorRecord`](super::ErrorRecord).
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
    /// [`Diagnostics`](super::Diagnostics) of notices that came with them; at replay they
    /// come when the first of these rows is read, or the end of them.
    #[serde(borrow, default)]
    pub notices: Option<&'a RawValue>,
    /// Those that the server reported as changed by then.
    #[serde(borrow, default)]
    pub server_parameters: Option<&'a RawValue>,
    /// The result's, now that it is known.
    #[serde(default)]
    pub rowcount: Option<i64>,
    /// The result's, likewise.
    #[serde(borrow, default)]
    pub command_tag: Option<Cow<'a, str>>,
    /// The transaction status after an error, or after the step.
    #[serde(default)]
    pub status: Option<Status>,
}
