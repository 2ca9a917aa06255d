//! What a set of trace files says, and where in them it stands.
//!
//! A first pass, [`Recording::of`], resolves what concerns all scopes and keeps
//! places; a second one, [`Recording::read`], reads one scope at a time, so that
//! memory is bounded by the largest scope. Decides nothing about replay:
//! everything stands in recorded order and in the scope that it ran in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde_json::value::RawValue;

use crate::error::{Error, Result, Warning};
use crate::profile::Profile;
use crate::trace::{
    ConnectionId, ExchangeId, Loss, Mode, Operation, Place, Redaction, RowDescription, ScopeKind,
    Source, Status,
};

mod answers;
mod by_id;
mod cells;
mod distinct;
mod index;
mod join;
mod kept;
pub mod key;
mod numbered;
mod resolve;
mod scope;
mod senders;

pub use answers::{Answers, Repeated, answer_of};
pub use cells::text_form;
use distinct::Distinct;
pub use distinct::{ByNumber, Number};
use index::FileIndex;
pub use scope::ScopeText;
pub use senders::Sender;
use senders::Senders;

/// Everything that was recorded of one application.
#[derive(Debug)]
pub struct Recording {
    /// The driver.
    pub profile: &'static Profile,
    /// Versions of the packages that shape the traffic.
    pub packages: BTreeMap<String, String>,
    /// Randomness and clocks can be repeated.
    pub deterministic: bool,
    /// Workers of pytest-xdist ran.
    pub workers: bool,
    /// In the order in which they opened, start-up first.
    pub scopes: Vec<ScopeRecord>,
    /// In the order in which they were asked for; of those that succeeded, each
    /// distinct one once a file.
    pub connects: Vec<ConnectRecord>,
    /// What was replaced by pseudonyms.
    pub redaction: Option<Redaction>,
    /// What connections were answered when they were set up.
    pub answers: Answers,
    /// Who sent the notifications that came to others.
    senders: Senders,
    files: Vec<FileIndex>,
    texts: Distinct,
    columns: Distinct,
    /// Of all scopes, as they are here and as they were recorded; each stands for the
    /// last one of its name.
    names: BTreeMap<String, ScopeIndex>,
}

/// A scope that was opened.
#[derive(Debug)]
pub struct ScopeRecord {
    /// Unique in the recording.
    pub name: String,
    /// As its process knew it.
    pub own_name: String,
    /// What opened it.
    pub kind: ScopeKind,
    /// When its clock started, in microseconds since the epoch; None if it was never
    /// looked at.
    pub clock: Option<u64>,
    /// Whether it came to its end, whatever that was.
    pub ended: bool,
    /// Whether it ended with a failure.
    pub failed: bool,
    /// What is to be kept of it, where it says so itself.
    pub mode: Option<Mode>,
    /// Names of shared scopes whose exchanges came first.
    pub begins: Vec<String>,
    /// Names of shared scopes whose exchanges came last.
    pub ends: Vec<String>,
    /// The first file that has it.
    file: usize,
    /// Its exchanges and rows, in the order of files and lines.
    places: Vec<FilePlace>,
}

impl ScopeRecord {
    fn new(name: String, own_name: String, kind: ScopeKind) -> Self {
        Self {
            name,
            own_name,
            kind,
            clock: None,
            ended: false,
            failed: false,
            mode: None,
            begins: Vec::new(),
            ends: Vec::new(),
            file: 0,
            places: Vec::new(),
        }
    }
}

/// The index of a scope in [`Recording::scopes`]; 0 is start-up.
pub type ScopeIndex = usize;

/// A place in one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePlace {
    file: usize,
    place: Place,
}

/// A connection that was asked for.
#[derive(Debug)]
pub struct ConnectRecord {
    /// Where it was asked for.
    pub scope: ScopeIndex,
    /// The connection parameters that shape the session.
    pub settings: Option<Box<RawValue>>,
    /// The server's processes: of all connections that are equal to this one.
    pub backend_pids: Vec<i64>,
    /// What the server reported, or the error.
    pub outcome: std::result::Result<Box<RawValue>, Box<RawValue>>,
    /// What tells a place that was refused from others.
    pub place: Option<Box<RawValue>>,
    /// Of a refusal without a place: how many connections the scope had been given before.
    pub after: usize,
}

/// Tells the exchanges of all files apart and orders them as they were sent, the
/// files one after the other.
pub type ExchangeNumber = (usize, ExchangeId);

/// A statement and its outcome.
#[derive(Debug, Clone)]
pub struct ExchangeRecord<'a> {
    /// In the order in which statements were sent.
    pub number: ExchangeNumber,
    /// Where it belongs.
    pub scope: ScopeIndex,
    /// On which connection of its file it ran.
    pub connection: ConnectionId,
    /// What was asked of the driver.
    pub operation: Operation,
    /// As the application sent it.
    pub sql: Option<Cow<'a, str>>,
    /// Of its text.
    pub text: Option<Number>,
    /// Whether it sets up or probes a connection, by what it asks.
    pub sets_up: bool,
    /// Tagged values.
    pub parameters: Option<&'a RawValue>,
    /// The mode that the client begins the transaction with, if it says any.
    pub transaction: Option<Cow<'a, str>>,
    /// One a result set.
    pub results: Vec<ResultRecord<'a>>,
    /// What was raised.
    pub error: Option<&'a RawValue>,
    /// Diagnostics.
    pub notices: Option<&'a RawValue>,
    /// Those that changed.
    pub server_parameters: Option<&'a RawValue>,
    /// Tagged values of out parameters.
    pub out_parameters: Option<&'a RawValue>,
    /// What came with rows that were read later.
    pub later: Vec<NewsRecord<'a>>,
    /// What came with it, or to it.
    pub notifications: Vec<NotificationRecord<'a>>,
    /// The name by which notifications refer to it, if it sends any.
    pub sends: Option<Sender<'a>>,
    /// Its call raised an error that had arrived.
    pub interrupted: bool,
    /// What another recorder did not keep.
    pub lossy: Vec<Loss>,
    /// After the step.
    pub status: Status,
}

/// What the server said with later rows.
#[derive(Debug, Clone)]
pub struct NewsRecord<'a> {
    /// How many rows came before these.
    pub after: usize,
    /// Diagnostics.
    pub notices: Option<&'a RawValue>,
    /// Those that changed.
    pub server_parameters: Option<&'a RawValue>,
}

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationRecord<'a> {
    /// As the server has it.
    pub channel: Cow<'a, str>,
    /// May be empty.
    pub payload: Cow<'a, str>,
    /// The sender's process; None for the connection that got it itself.
    pub pid: Option<i64>,
    /// The recorded statement that sent it, if one did.
    pub after: Option<Sender<'a>>,
}

impl ExchangeRecord<'_> {
    /// Whether an answer is known that could be given again.
    pub fn has_outcome(&self) -> bool {
        self.error.is_none() && !self.lossy.contains(&Loss::Outcome)
    }
}

/// One result set with all its rows, those of later events included.
#[derive(Debug, Clone)]
pub struct ResultRecord<'a> {
    /// None if the statement returns no rows.
    pub row_description: Option<Cow<'a, RowDescription<'static>>>,
    /// Of its columns.
    pub columns: Option<Number>,
    /// PEP 249: -1 if unknown.
    pub rowcount: i64,
    /// As the server sent it.
    pub command_tag: Option<Cow<'a, str>>,
    /// Arrays of cells.
    pub rows: Vec<&'a str>,
    /// A tagged value.
    pub lastrowid: Option<&'a RawValue>,
    /// The statement was empty.
    pub empty: bool,
    /// The application stopped reading before the end.
    pub partial: bool,
}

impl Recording {
    /// Joins the files of one application.
    pub fn of(sources: Vec<Source>, warnings: &mut Vec<Warning>) -> Result<Self> {
        let mut sources = sources.into_iter();
        let Some(first) = sources.next() else {
            return Err(Error::request("no trace was given", "name a trace file or a folder"));
        };
        let mut recording = join::first(first, warnings)?;
        for source in sources {
            join::append(&mut recording, source, warnings)?;
        }
        Ok(recording)
    }

    /// The connection of an exchange, as it was made.
    pub fn connect_of(&self, exchange: &ExchangeRecord<'_>) -> Option<&ConnectRecord> {
        let ids = &self.files.get(exchange.number.0)?.ids;
        self.connects.get(*ids.connections.get(exchange.connection.0)?)
    }

    /// The server's process of an exchange's connection, if it is known.
    pub fn backend_of(&self, exchange: &ExchangeRecord<'_>) -> Option<i64> {
        self.files.get(exchange.number.0)?.ids.backends.get(&exchange.connection).copied()
    }

    /// The file in which a scope was opened.
    pub fn path_of(&self, scope: ScopeIndex) -> Option<&Path> {
        self.files.get(self.scopes[scope].file).map(|file| file.source.path())
    }

    /// The scope of a name, as it is here or as it was recorded.
    pub fn scope_of(&self, name: &str) -> Option<ScopeIndex> {
        self.names.get(name).copied()
    }

    /// How many bytes a scope's exchanges have in the files.
    pub fn size(&self, scope: ScopeIndex) -> usize {
        self.scopes[scope].places.iter().map(|each| each.place.length).sum()
    }

    /// Reads a line of each of these places, and no more.
    pub fn read_places(&self, places: &[FilePlace]) -> Result<ScopeText<'_>> {
        let mut places = places.to_vec();
        places.sort_by_key(|each| (each.file, each.place.line));
        ScopeText::read(self, &places)
    }

    /// Reads the lines of a scope, and of `more` exchanges of other scopes.
    pub fn read(&self, scope: ScopeIndex, more: &[FilePlace]) -> Result<ScopeText<'_>> {
        let mut places = self.scopes[scope].places.clone();
        places.extend_from_slice(more);
        self.read_places(&places)
    }
}

/// The name of the scope that every recording has.
pub const START_UP: &str = "start-up";

/// Its index.
pub const START_UP_INDEX: ScopeIndex = 0;

#[cfg(test)]
mod tests;
