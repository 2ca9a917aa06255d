//! Writes events of a trace, each text and each row description once.
//!
//! Decides nothing; ids are given in the order of writing.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::outcome::{ColumnRecord, Outcome};
use crate::error::{Error, Result};
use crate::trace::{Loss, Operation, Status, Version};

/// The only connection of a converted trace: spans do not tell them apart.
const CONNECTION: u64 = 1;

/// The lines of a trace in the making.
#[derive(Debug, Default)]
pub struct Writer {
    lines: String,
    texts: BTreeMap<String, u64>,
    row_descriptions: Vec<Vec<ColumnRecord>>,
    exchanges: u64,
}

/// A statement and what came of it.
#[derive(Debug)]
pub struct NewExchange {
    /// What was asked of the driver.
    pub operation: Operation,
    /// With white space at the ends lost.
    pub sql: String,
    /// Tagged values as JSON.
    pub parameters: Option<String>,
    /// None if it was lost.
    pub outcome: Option<Outcome>,
    /// What the span did not keep.
    pub lossy: Vec<Loss>,
}

#[derive(Serialize)]
struct ExchangeLine {
    id: u64,
    scope: usize,
    connection: u64,
    operation: &'static str,
    text: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<ResultLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lossy: Vec<Loss>,
    status: &'static str,
}

#[derive(Serialize)]
struct ResultLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    row_description: Option<usize>,
    rowcount: i64,
    command_tag: Option<String>,
    rows: Vec<Box<RawValue>>,
    empty: bool,
}

impl Writer {
    /// A trace of psycopg whose packages no span names.
    pub fn new(started_at: &str, server_parameters: &BTreeMap<String, String>) -> Self {
        let mut writer = Self::default();
        writer.line(&json!({"trace": {
            "version": Version::CURRENT, "profile": "psycopg", "packages": {}, "started_at": started_at,
        }}));
        writer.scope(0, "start-up", "start-up");
        writer.line(&json!({"connect": {
            "id": CONNECTION, "scope": 0, "server_parameters": server_parameters, "status": "IDLE",
        }}));
        writer
    }

    /// Opens a scope.
    pub fn scope(&mut self, id: usize, name: &str, kind: &str) {
        self.line(&json!({"scope": {"id": id, "name": name, "kind": kind}}));
    }

    /// Closes a scope.
    pub fn scope_end(&mut self, id: usize) {
        self.line(&json!({"scope_end": {"id": id}}));
    }

    /// A statement in a scope that is open.
    pub fn exchange(&mut self, scope: usize, exchange: NewExchange) -> Result<()> {
        let status = exchange.status();
        let text = self.text(exchange.sql);
        let mut results = Vec::new();
        let mut error = None;
        match exchange.outcome {
            Some(Outcome::Results(sets)) => {
                for set in sets {
                    let rows: Result<Vec<_>> = set.rows.into_iter().map(raw).collect();
                    results.push(ResultLine {
                        row_description: set.columns.map(|columns| self.row_description(columns)),
                        rowcount: set.rowcount,
                        command_tag: set.command_tag,
                        rows: rows?,
                        empty: set.empty,
                    });
                }
            }
            Some(Outcome::Error(record)) => error = Some(raw(record)?),
            None => {}
        }
        self.exchanges += 1;
        let mut lossy = exchange.lossy;
        lossy.sort();
        lossy.dedup();
        let line = ExchangeLine {
            id: self.exchanges,
            scope,
            connection: CONNECTION,
            operation: exchange.operation.as_str(),
            text,
            parameters: exchange.parameters.map(raw).transpose()?,
            results,
            error,
            lossy,
            status: status.as_str(),
        };
        self.line(&BTreeMap::from([("exchange", line)]));
        Ok(())
    }

    /// The whole trace.
    pub fn finish(self) -> Vec<u8> {
        self.lines.into_bytes()
    }

    fn text(&mut self, sql: String) -> u64 {
        if let Some(&id) = self.texts.get(&sql) {
            return id;
        }
        let id = self.texts.len() as u64 + 1;
        self.line(&json!({"text": {"id": id, "sql": sql}}));
        self.texts.insert(sql, id);
        id
    }

    fn row_description(&mut self, columns: Vec<ColumnRecord>) -> usize {
        if let Some(index) = self.row_descriptions.iter().position(|each| *each == columns) {
            return index + 1;
        }
        let id = self.row_descriptions.len() + 1;
        self.line(&json!({"row_description": {"id": id, "columns": columns}}));
        self.row_descriptions.push(columns);
        id
    }

    fn line(&mut self, event: &impl Serialize) {
        // Maps with texts for keys can always be written.
        self.lines.push_str(&serde_json::to_string(event).unwrap_or_default());
        self.lines.push('\n');
    }
}

impl NewExchange {
    /// Where the client's own state machine does not decide: psycopg is in a transaction
    /// after a statement, unless the statement ended it.
    fn status(&self) -> Status {
        match &self.outcome {
            Some(Outcome::Error(_)) => Status::Inerror,
            Some(Outcome::Results(sets)) => {
                let ends = |tag: &str| {
                    matches!(tag, "COMMIT" | "ROLLBACK" | "PREPARE TRANSACTION")
                        // `ROLLBACK TO SAVEPOINT` has the same tag and ends nothing.
                        && !self.sql.to_ascii_lowercase().contains(" to ")
                };
                let tags = sets.iter().rev().find_map(|set| set.command_tag.as_deref());
                if tags.is_some_and(ends) { Status::Idle } else { Status::Intrans }
            }
            None => Status::Intrans,
        }
    }
}

fn raw(json: String) -> Result<Box<RawValue>> {
    RawValue::from_string(json)
        .map_err(|error| Error::Defect(format!("a converted value is no JSON: {error}")))
}
