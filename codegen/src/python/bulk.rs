//! The recorded data as lines of JSON: columns, exchanges and their rows.
//!
//! Decides nothing; rows, parameters and errors are passed on as recorded.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::literal;
use crate::error::{Error, Result};
use crate::interned::Interned;
use crate::plan::{PlannedConnect, PlannedExchange, PlannedScope, VolatileName};
use crate::trace::{Column, RowDescription, RowDescriptionId};

/// A line of `CONNECTIONS`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Bulk<'a> {
    /// What the server reported.
    Made {
        /// That were asked for, by name.
        #[serde(skip_serializing_if = "Option::is_none")]
        settings: Option<&'a RawValue>,
        /// By name.
        server_parameters: &'a RawValue,
    },
    /// That it was refused.
    Refused {
        /// The error.
        error: &'a RawValue,
        /// In which scope.
        scope: &'a str,
    },
}

/// The data of one scope.
#[derive(Debug)]
pub struct ScopeBulk {
    /// Distinct texts, in the order of their first use.
    pub sql: Vec<String>,
    /// Distinct row descriptions, one a line.
    pub columns: String,
    /// Exchanges, each followed by its rows.
    pub exchanges: String,
}

#[derive(Serialize)]
struct ExchangeLine<'a> {
    operation: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    volatile: &'a [VolatileName],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<ResultHead<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notices: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_parameters: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_parameters: Option<&'a RawValue>,
    status: &'static str,
    #[serde(skip_serializing_if = "is_one")]
    times: usize,
    #[serde(skip_serializing_if = "is_false")]
    repeatable: bool,
}

#[derive(Serialize)]
struct ResultHead<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<usize>,
    rowcount: i64,
    tag: Option<&'a str>,
    #[serde(skip_serializing_if = "is_zero")]
    rows: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    lastrowid: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "is_false")]
    empty: bool,
    #[serde(skip_serializing_if = "is_false")]
    partial: bool,
}

impl<'a> Bulk<'a> {
    /// The line of an outcome.
    pub fn connect(connect: &'a PlannedConnect<'_>) -> Self {
        match connect {
            PlannedConnect::Made(settings, server_parameters) => {
                Self::Made { settings: *settings, server_parameters }
            }
            PlannedConnect::Refused(error, scope) => Self::Refused { error, scope },
        }
    }

    /// All lines, one below the other.
    pub fn lines(all: &[Self]) -> Result<String> {
        let mut lines = Lines::default();
        for each in all {
            lines.push(each)?;
        }
        Ok(lines.finish())
    }
}

impl ScopeBulk {
    /// The data of a scope.
    pub fn new(scope: &PlannedScope<'_>) -> Result<Self> {
        let mut pool = Pool::default();
        let mut exchanges = Lines::of_size(scope.exchanges.iter().map(size).sum());
        for exchange in &scope.exchanges {
            pool.push_exchange(exchange, &mut exchanges)?;
        }
        Ok(Self { sql: pool.sql, columns: pool.columns.finish(), exchanges: exchanges.finish() })
    }
}

/// About how many bytes an exchange has on its lines.
fn size(planned: &PlannedExchange<'_>) -> usize {
    let rows = planned.exchange.results.iter().flat_map(|result| &result.rows);
    let head = 250 + planned.exchange.parameters.map_or(0, |raw| raw.get().len());
    head + rows.map(|row| row.len() + 1).sum::<usize>()
}

/// What the exchanges of a scope share.
#[derive(Default)]
struct Pool {
    sql: Vec<String>,
    texts: Interned,
    columns: Lines,
    columns_by_line: HashMap<String, usize>,
    /// By file and id.
    columns_by_id: HashMap<(usize, RowDescriptionId), usize>,
}

impl Pool {
    fn push_exchange(&mut self, planned: &PlannedExchange<'_>, lines: &mut Lines) -> Result<()> {
        let exchange = &planned.exchange;
        let mut results = Vec::with_capacity(exchange.results.len());
        for result in &exchange.results {
            let columns = match &result.row_description {
                Some(description) => Some(self.columns_of(exchange.number.0, description)?),
                None => None,
            };
            results.push(ResultHead {
                columns,
                rowcount: result.rowcount,
                tag: result.command_tag.as_deref(),
                rows: result.rows.len(),
                lastrowid: result.lastrowid,
                empty: result.empty,
                partial: result.partial,
            });
        }
        let line = ExchangeLine {
            operation: exchange.operation.as_str(),
            sql: exchange.sql.as_ref().map(|sql| self.sql_of(sql)),
            parameters: exchange.parameters,
            volatile: &planned.volatile,
            results,
            error: exchange.error,
            notices: exchange.notices,
            server_parameters: exchange.server_parameters,
            out_parameters: exchange.out_parameters,
            status: exchange.status.as_str(),
            times: planned.times,
            repeatable: planned.repeatable,
        };
        lines.push(&line)?;
        for row in exchange.results.iter().flat_map(|result| &result.rows) {
            lines.push_json(row);
        }
        Ok(())
    }

    fn sql_of(&mut self, sql: &Arc<str>) -> usize {
        let number = self.texts.number(sql);
        if number == self.sql.len() {
            self.sql.push(sql.to_string());
        }
        number
    }

    fn columns_of(&mut self, file: usize, description: &RowDescription<'_>) -> Result<usize> {
        let id = (file, description.id);
        if let Some(&index) = self.columns_by_id.get(&id) {
            return Ok(index);
        }
        let line = json(&description.columns.iter().map(column).collect::<Vec<_>>())?;
        let next = self.columns_by_line.len();
        let index = *self.columns_by_line.entry(line).or_insert_with_key(|line| {
            self.columns.push_json(line);
            next
        });
        self.columns_by_id.insert(id, index);
        Ok(index)
    }
}

fn column<'c>(column: &'c Column<'_>) -> impl Serialize + 'c {
    (
        &*column.name,
        column.type_name.as_deref(),
        column.type_oid,
        column.typmod,
        column.size,
        column.format.as_str(),
    )
}

/// JSON, one value a line, below an empty line.
struct Lines(String);

impl Default for Lines {
    fn default() -> Self {
        Self::of_size(0)
    }
}

impl Lines {
    fn of_size(size: usize) -> Self {
        let mut text = String::with_capacity(size + 1);
        text.push('\n');
        Self(text)
    }

    fn push(&mut self, value: &impl Serialize) -> Result<()> {
        self.push_json(&json(value)?);
        Ok(())
    }

    fn push_json(&mut self, json: &str) {
        self.0.push_str(json);
        self.0.push('\n');
    }

    fn finish(self) -> String {
        literal::visible_json(self.0)
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::Defect(format!("a line of data cannot be written: {error}")))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(number: &usize) -> bool {
    *number == 1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}
