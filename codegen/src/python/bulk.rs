//! The recorded data as lines of JSON: columns, exchanges and their rows.
//!
//! Decides nothing; rows, parameters and errors are passed on as recorded.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::literal;
use crate::error::{Error, Result};
use crate::plan::{PlannedConnect, PlannedExchange, PlannedScope, VolatileName};
use crate::trace::{Column, Loss};

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
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    lossy: &'a [Loss],
    status: &'static str,
    #[serde(skip_serializing_if = "is_one")]
    times: usize,
    #[serde(skip_serializing_if = "is_false")]
    repeatable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<EndHead<'a>>,
}

/// How the transaction of an exchange ended.
#[derive(Serialize)]
struct EndHead<'a> {
    operation: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notices: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_parameters: Option<&'a RawValue>,
    status: &'static str,
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
        let mut text = String::from("\n");
        for each in all {
            push_line(&mut text, each)?;
        }
        Ok(text)
    }
}

impl ScopeBulk {
    /// The data of a scope.
    pub fn new(scope: &PlannedScope<'_>) -> Result<Self> {
        let mut pool = Pool::default();
        let mut exchanges = String::from("\n");
        for exchange in &scope.exchanges {
            pool.push_exchange(exchange, &mut exchanges)?;
        }
        Ok(Self { sql: pool.sql, columns: pool.columns, exchanges })
    }
}

/// What the exchanges of a scope share.
struct Pool {
    sql: Vec<String>,
    sql_index: BTreeMap<Arc<str>, usize>,
    columns: String,
    columns_index: BTreeMap<String, usize>,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            sql: Vec::new(),
            sql_index: BTreeMap::new(),
            columns: "\n".to_owned(),
            columns_index: BTreeMap::new(),
        }
    }
}

impl Pool {
    fn push_exchange(&mut self, planned: &PlannedExchange<'_>, text: &mut String) -> Result<()> {
        let exchange = &planned.exchange;
        let mut results = Vec::with_capacity(exchange.results.len());
        for result in &exchange.results {
            let columns = match &result.row_description {
                Some(description) => Some(self.columns_of(&description.columns)?),
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
            lossy: &exchange.lossy,
            status: exchange.status.as_str(),
            times: planned.times,
            repeatable: planned.repeatable,
            end: planned.end.as_ref().map(|end| EndHead {
                operation: end.operation.as_str(),
                error: end.error,
                notices: end.notices,
                server_parameters: end.server_parameters,
                status: end.status.as_str(),
            }),
        };
        push_line(text, &line)?;
        for row in exchange.results.iter().flat_map(|result| &result.rows) {
            text.push_str(&literal::visible_json(row.get()));
            text.push('\n');
        }
        Ok(())
    }

    fn sql_of(&mut self, sql: &Arc<str>) -> usize {
        let next = self.sql.len();
        *self.sql_index.entry(Arc::clone(sql)).or_insert_with(|| {
            self.sql.push(sql.to_string());
            next
        })
    }

    fn columns_of(&mut self, columns: &[Column<'_>]) -> Result<usize> {
        let cells: Vec<_> = columns
            .iter()
            .map(|column| {
                (
                    &*column.name,
                    column.type_name.as_deref().map(Cow::Borrowed),
                    column.type_oid,
                    column.typmod,
                    column.size,
                    column.format.as_str(),
                )
            })
            .collect();
        let mut line = String::new();
        push_line(&mut line, &cells)?;
        if let Some(&index) = self.columns_index.get(&line) {
            return Ok(index);
        }
        let index = self.columns_index.len();
        self.columns.push_str(&line);
        self.columns_index.insert(line, index);
        Ok(index)
    }
}

fn push_line(text: &mut String, value: &impl Serialize) -> Result<()> {
    let line = serde_json::to_string(value)
        .map_err(|error| Error::Defect(format!("a line of data cannot be written: {error}")))?;
    text.push_str(&literal::visible_json(&line));
    text.push('\n');
    Ok(())
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
