//! Writes one trace: a scope, and what its exchanges refer to.
//!
//! Knows no files and nothing that was recorded before.

use std::collections::BTreeMap;
use std::collections::HashMap;

use serde::Serialize;
use serde_json::value::RawValue;

use super::connect_of;
use crate::error::{Error, Result};
use crate::recording::{ConnectRecord, ExchangeRecord, Recording, START_UP};
use crate::trace::{Column, ConnectionId, Loss, Redaction, ScopeKind, Version};

/// Of what the exchanges of a file belong to.
pub const START_UP_ID: u64 = 0;
/// Of the one scope that a file has besides.
pub const SCOPE_ID: u64 = 1;

/// A trace as it grows. Ids count from 1 in the order of first use, so that the same
/// exchanges have the same text in whatever order they were recorded among others.
pub struct TraceText {
    text: String,
    texts: HashMap<String, u64>,
    columns: HashMap<String, u64>,
    connections: HashMap<(Owner, usize, ConnectionId), u64>,
    /// Those that have their turn, which is where they were asked for.
    placed: HashMap<*const ConnectRecord, u64>,
    made: u64,
    exchanges: u64,
    /// The exchanges that send notifications, by the names that these refer to them by.
    senders: HashMap<(Owner, String, usize), u64>,
    announced: u64,
    /// Numbers of server processes that notifications name; they differ each time.
    processes: HashMap<i64, u64>,
}

/// Tells apart the recordings that connections are of.
pub type Owner = bool;

impl TraceText {
    /// Begins a trace.
    pub fn new(of: &Recording, packages: &BTreeMap<String, String>, workers: bool) -> Result<Self> {
        let mut trace = Self {
            text: String::new(),
            texts: HashMap::new(),
            columns: HashMap::new(),
            connections: HashMap::new(),
            placed: HashMap::new(),
            made: 0,
            exchanges: 0,
            senders: HashMap::new(),
            announced: 0,
            processes: HashMap::new(),
        };
        trace.event(
            "trace",
            &Header {
                version: Version::CURRENT,
                profile: of.profile.name,
                packages,
                deterministic: of.deterministic,
                redaction: of.redaction.as_ref(),
                workers,
            },
        )?;
        trace.scope(START_UP_ID, START_UP, ScopeKind::StartUp, &[], &[])?;
        Ok(trace)
    }

    /// Opens a scope that consists of those exchanges that stand elsewhere, and its own.
    pub fn scope(
        &mut self,
        id: u64,
        name: &str,
        kind: ScopeKind,
        begins: &[String],
        ends: &[String],
    ) -> Result<()> {
        self.event("scope", &Scope { id, name, kind: kind.as_str(), begins, ends })
    }

    /// Starts the clock of the scope.
    pub fn clock(&mut self, scope: u64, starts_at: u64) -> Result<()> {
        self.event("clock", &Clock { scope, starts_at })
    }

    /// Ends the scope; `time` is when the recording of it began and ended, where that matters.
    pub fn end(mut self, scope: u64, time: Option<&(String, String)>) -> Result<String> {
        if scope != START_UP_ID {
            let (since, at) = time.map(|(since, at)| (since.as_str(), at.as_str())).unzip();
            self.event("scope_end", &ScopeEnd { id: scope, since, at })?;
        }
        Ok(self.text)
    }

    /// Says which exchanges are about to be written, in this order.
    pub fn announce(
        &mut self,
        owner: Owner,
        recording: &Recording,
        exchange: &ExchangeRecord<'_>,
    ) -> Result<()> {
        self.announced += 1;
        if let Some((scope, rank)) = exchange.sends {
            self.senders.insert((owner, scope.to_owned(), rank), self.announced);
        }
        if exchange.sends.is_some() || !exchange.notifications.is_empty() {
            let connect = connect_of(recording, exchange)?;
            self.connection(owner, exchange, connect, recording.backend_of(exchange))?;
        }
        Ok(())
    }

    /// A connection that was made or refused.
    pub fn connect(&mut self, scope: u64, connect: &ConnectRecord) -> Result<u64> {
        self.connect_to(scope, connect, None)
    }

    fn connect_to(
        &mut self,
        scope: u64,
        connect: &ConnectRecord,
        process: Option<i64>,
    ) -> Result<u64> {
        self.made += 1;
        let id = self.made;
        let backend_pid = process.map(|process| *self.processes.entry(process).or_insert(id));
        let event = Connect {
            id,
            scope,
            backend_pid,
            settings: connect.settings.as_deref(),
            server_parameters: connect.outcome.as_deref().ok(),
            error: connect.outcome.as_ref().err().map(|error| &**error),
            status: connect.outcome.is_ok().then_some("IDLE"),
            place: connect.place.as_deref(),
            after: connect.after,
        };
        self.event("connect", &event)?;
        if connect.place.is_some() {
            self.placed.insert(std::ptr::from_ref(connect), id);
        }
        Ok(id)
    }

    /// One exchange on the connection that it ran on.
    pub fn exchange(
        &mut self,
        scope: u64,
        owner: Owner,
        exchange: &ExchangeRecord<'_>,
        connect: &ConnectRecord,
    ) -> Result<()> {
        let connection = self.connection(owner, exchange, connect, None)?;
        let text = match exchange.sql.as_deref() {
            Some(sql) => Some(self.sql(sql)?),
            None => None,
        };
        let mut results = Vec::with_capacity(exchange.results.len());
        for (index, result) in exchange.results.iter().enumerate() {
            let later = exchange.later.first().filter(|_| index + 1 == exchange.results.len());
            let rows = &result.rows[..later.map_or(result.rows.len(), |later| later.after)];
            let row_description = match &result.row_description {
                Some(description) => Some(self.row_description(&description.columns)?),
                None => None,
            };
            let rows = raws(rows)?;
            results.push(QueryResult {
                row_description,
                rowcount: result.rowcount,
                command_tag: result.command_tag.as_deref(),
                rows: Some(rows).filter(|rows| row_description.is_some() || !rows.is_empty()),
                lastrowid: result.lastrowid,
                empty: result.empty,
                partial: result.partial || later.is_some(),
            });
        }
        self.exchanges += 1;
        let event = Exchange {
            id: self.exchanges,
            scope,
            connection,
            operation: exchange.operation.as_str(),
            text,
            parameters: exchange.parameters,
            transaction: exchange.transaction.as_deref(),
            results,
            error: exchange.error,
            notices: exchange.notices,
            server_parameters: exchange.server_parameters,
            out_parameters: exchange.out_parameters,
            interrupted: exchange.interrupted,
            lossy: &exchange.lossy,
            status: exchange.status.as_str(),
        };
        self.event("exchange", &event)?;
        self.notifications(owner, connection, exchange)?;
        self.later(exchange)
    }

    fn connection(
        &mut self,
        owner: Owner,
        exchange: &ExchangeRecord<'_>,
        connect: &ConnectRecord,
        process: Option<i64>,
    ) -> Result<u64> {
        let placed = self.placed.get(&std::ptr::from_ref(connect));
        let key = (owner, exchange.number.0, exchange.connection);
        if let Some(&known) = placed.or_else(|| self.connections.get(&key)) {
            return Ok(known);
        }
        let id = self.connect_to(START_UP_ID, connect, process)?;
        self.connections.insert(key, id);
        Ok(id)
    }

    /// What came with an exchange beside its results.
    fn notifications(
        &mut self,
        owner: Owner,
        connection: u64,
        exchange: &ExchangeRecord<'_>,
    ) -> Result<()> {
        for each in &exchange.notifications {
            let known = |pid: i64| self.processes.get(&pid).copied().map_or(pid, u64::cast_signed);
            let after = each.after.and_then(|(scope, rank)| {
                self.senders.get(&(owner, scope.to_owned(), rank)).copied()
            });
            let event = Notify {
                exchange: self.exchanges,
                channel: &each.channel,
                payload: &each.payload,
                pid: each.pid.map_or(connection.cast_signed(), known),
                after,
            };
            self.event("notify", &event)?;
        }
        Ok(())
    }

    /// Rows with what the server said when they were read.
    fn later(&mut self, exchange: &ExchangeRecord<'_>) -> Result<()> {
        let Some(last) = exchange.results.last() else { return Ok(()) };
        for (index, news) in exchange.later.iter().enumerate() {
            let next = exchange.later.get(index + 1);
            let end = next.map_or(last.rows.len(), |next| next.after);
            let event = Rows {
                exchange: self.exchanges,
                content: raws(&last.rows[news.after..end])?,
                complete: next.is_none() && !last.partial,
                notices: news.notices,
                server_parameters: news.server_parameters,
            };
            self.event("rows", &event)?;
        }
        Ok(())
    }

    fn sql(&mut self, sql: &str) -> Result<u64> {
        if let Some(&id) = self.texts.get(sql) {
            return Ok(id);
        }
        let id = self.texts.len() as u64 + 1;
        self.texts.insert(sql.to_owned(), id);
        self.event("text", &Text { id, sql })?;
        Ok(id)
    }

    fn row_description(&mut self, columns: &[Column<'_>]) -> Result<u64> {
        let key = format!("{columns:?}");
        if let Some(&id) = self.columns.get(&key) {
            return Ok(id);
        }
        let id = self.columns.len() as u64 + 1;
        self.columns.insert(key, id);
        let columns = columns.iter().map(ColumnText::of).collect();
        self.event("row_description", &RowDescription { id, columns })?;
        Ok(id)
    }

    fn event(&mut self, name: &'static str, content: &impl Serialize) -> Result<()> {
        let line = serde_json::to_string(&HashMap::from([(name, content)]))
            .map_err(|error| Error::Defect(format!("an event cannot be written: {error}")))?;
        self.text.push_str(&line);
        self.text.push('\n');
        Ok(())
    }
}

fn raws<'a>(rows: &[&'a str]) -> Result<Vec<&'a RawValue>> {
    let parsed: serde_json::Result<_> = rows.iter().map(|&row| serde_json::from_str(row)).collect();
    parsed.map_err(|error| Error::Defect(format!("a row passed its check but: {error}")))
}

#[derive(Serialize)]
struct Header<'a> {
    version: u64,
    profile: &'a str,
    packages: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "is_false")]
    deterministic: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    redaction: Option<&'a Redaction>,
    #[serde(skip_serializing_if = "is_false")]
    workers: bool,
}

#[derive(Serialize)]
struct Scope<'a> {
    id: u64,
    name: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    begins: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    ends: &'a [String],
}

#[derive(Serialize)]
struct ScopeEnd<'a> {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a str>,
}

#[derive(Serialize)]
struct Clock {
    scope: u64,
    starts_at: u64,
}

#[derive(Serialize)]
struct Text<'a> {
    id: u64,
    sql: &'a str,
}

#[derive(Serialize)]
struct RowDescription<'a> {
    id: u64,
    columns: Vec<ColumnText<'a>>,
}

#[derive(Serialize)]
struct ColumnText<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    type_name: Option<&'a str>,
    type_oid: u64,
    typmod: i64,
    size: i64,
    format: &'static str,
}

impl<'a> ColumnText<'a> {
    fn of(column: &'a Column<'_>) -> Self {
        Self {
            name: &column.name,
            type_name: column.type_name.as_deref(),
            type_oid: column.type_oid,
            typmod: column.typmod,
            size: column.size,
            format: column.format.as_str(),
        }
    }
}

#[derive(Serialize)]
struct Connect<'a> {
    id: u64,
    scope: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    backend_pid: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_parameters: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "is_zero")]
    after: usize,
}

#[derive(Serialize)]
struct Exchange<'a> {
    id: u64,
    scope: u64,
    connection: u64,
    operation: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<QueryResult<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notices: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_parameters: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_parameters: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "is_false")]
    interrupted: bool,
    #[serde(skip_serializing_if = "<[Loss]>::is_empty")]
    lossy: &'a [Loss],
    status: &'static str,
}

#[derive(Serialize)]
struct Notify<'a> {
    exchange: u64,
    channel: &'a str,
    payload: &'a str,
    pid: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<u64>,
}

#[derive(Serialize)]
struct Rows<'a> {
    exchange: u64,
    #[serde(rename = "rows")]
    content: Vec<&'a RawValue>,
    #[serde(skip_serializing_if = "is_false")]
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    notices: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_parameters: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct QueryResult<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    row_description: Option<u64>,
    rowcount: i64,
    command_tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<&'a RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lastrowid: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "is_false")]
    empty: bool,
    #[serde(skip_serializing_if = "is_false")]
    partial: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_false(value: &bool) -> bool {
    !value
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_zero(value: &usize) -> bool {
    *value == 0
}
