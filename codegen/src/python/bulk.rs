//! The recorded data as lines of JSON: columns, exchanges and their rows.
//!
//! Decides nothing; rows, parameters and errors are passed on as recorded.

use std::collections::hash_map::Entry;

use serde::Serialize;
use serde_json::value::RawValue;

use super::lines::{Items, Json, Lines, to_json};
use super::literal::Visible;
use super::template::Block;
use crate::error::Result;
use crate::plan::{PlannedConnect, PlannedExchange, PlannedScope};
use crate::recording::{
    ByNumber, ExchangeRecord, NewsRecord, NotificationRecord, Number, ResultRecord,
};
use crate::trace::RowDescription;

/// Data larger than this stand in a file of their own: Python holds the source
/// and the literal at once while it compiles a module.
const LARGEST_LITERAL: usize = 2 * 1024 * 1024;

/// A line of `CONNECTIONS`.
#[derive(Debug, Serialize)]
pub struct Bulk<'a> {
    /// That were asked for, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<&'a RawValue>,
    /// What the server reported, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    server_parameters: Option<&'a RawValue>,
    /// One a connection, in the order in which they were made.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    backend_pids: &'a [i64],
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
    /// In which scope it has its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    /// Of which place.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a RawValue>,
    /// After how many that were made there.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<usize>,
}

/// The data of one scope.
#[derive(Debug)]
pub struct ScopeBulk<'a> {
    /// Distinct texts, in the order of their first use.
    pub sql: Vec<&'a str>,
    /// Distinct row descriptions, one a line.
    pub columns: Visible,
    /// Exchanges, each followed by its rows.
    pub exchanges: Visible,
}

impl<'a> Bulk<'a> {
    /// The line of an outcome.
    fn connect(connect: &'a PlannedConnect<'_>) -> Self {
        let has_turn = connect.outcome.is_err() || connect.place.is_some();
        Self {
            settings: connect.settings,
            server_parameters: connect.outcome.ok(),
            backend_pids: &connect.backend_pids,
            error: connect.outcome.err(),
            scope: has_turn.then_some(connect.scope),
            place: connect.place,
            after: Some(connect.after).filter(|after| *after > 0),
        }
    }

    /// All lines, one below the other.
    pub fn lines(connects: &'a [PlannedConnect<'_>]) -> Result<Visible> {
        let mut lines = Lines::default();
        for each in connects {
            lines.push(&to_json(&Self::connect(each))?);
        }
        Ok(lines.finish())
    }
}

impl<'a> ScopeBulk<'a> {
    /// The data of a scope.
    pub fn new(scope: &'a PlannedScope<'_>) -> Result<Self> {
        let mut pool = Pool::default();
        let mut exchanges = Lines::of_size(scope.exchanges.iter().map(size).sum());
        for exchange in &scope.exchanges {
            pool.push_exchange(exchange, &mut exchanges)?;
        }
        Ok(Self { sql: pool.sql, columns: pool.columns.finish(), exchanges: exchanges.finish() })
    }

    /// Whether the exchanges stand in a file beside the module.
    pub fn has_file(&self) -> bool {
        self.exchanges.as_str().len() > LARGEST_LITERAL
    }

    /// What stands in the module's holes, in this order.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks: Vec<Block<'_>> = self.sql.iter().map(|sql| Block::Text(sql)).collect();
        blocks.push(Block::Visible(&self.columns));
        if !self.has_file() {
            blocks.push(Block::Visible(&self.exchanges));
        }
        blocks
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
struct Pool<'a> {
    sql: Vec<&'a str>,
    sql_by_text: ByNumber<usize>,
    columns: Lines,
    columns_by_number: ByNumber<usize>,
}

impl<'a> Pool<'a> {
    fn push_exchange(&mut self, planned: &'a PlannedExchange<'_>, lines: &mut Lines) -> Result<()> {
        let exchange = &planned.exchange;
        let mut line = lines.object();
        line.key("operation").text(exchange.operation.as_str())?;
        if let (Some(sql), Some(text)) = (exchange.sql.as_deref(), exchange.text) {
            line.key("sql").number(self.sql_of(sql, text));
        }
        line.optional("parameters", exchange.parameters);
        if let Some(transaction) = &exchange.transaction {
            line.key("transaction").text(transaction)?;
        }
        if !planned.volatile.is_empty() {
            line.key("volatile").value(&planned.volatile)?;
        }
        if !exchange.results.is_empty() {
            let mut results = line.key("results").array();
            for result in &exchange.results {
                self.push_result(result, results.item())?;
            }
            results.end();
        }
        line.optional("error", exchange.error);
        line.optional("notices", exchange.notices);
        line.optional("server_parameters", exchange.server_parameters);
        line.optional("out_parameters", exchange.out_parameters);
        if !exchange.later.is_empty() {
            push_later(&exchange.later, line.key("later"));
        }
        push_notifications(&exchange.notifications, &mut line)?;
        if let Some(sends) = &exchange.sends {
            line.key("sends").value(sends)?;
        }
        line.flag("interrupted", exchange.interrupted);
        if !exchange.lossy.is_empty() {
            line.key("lossy").value(&exchange.lossy)?;
        }
        line.key("status").text(exchange.status.as_str())?;
        if planned.times != 1 {
            line.key("times").number(planned.times);
        }
        line.flag("repeatable", planned.repeatable);
        if !planned.controls.is_empty() {
            let mut controls = line.key("controls").array();
            for control in &planned.controls {
                push_control(control, controls.item())?;
            }
            controls.end();
        }
        line.end();
        lines.end_line();
        for row in exchange.results.iter().flat_map(|result| &result.rows) {
            lines.push(row);
        }
        Ok(())
    }

    fn push_result(&mut self, result: &ResultRecord<'_>, out: Json<'_>) -> Result<()> {
        let mut head = out.object();
        if let (Some(description), Some(columns)) = (&result.row_description, result.columns) {
            head.key("columns").number(self.columns_of(columns, description)?);
        }
        head.key("rowcount").number(result.rowcount);
        match &result.command_tag {
            Some(tag) => head.key("tag").text(tag)?,
            None => head.key("tag").raw("null"),
        }
        if !result.rows.is_empty() {
            head.key("rows").number(result.rows.len());
        }
        head.optional("lastrowid", result.lastrowid);
        head.flag("empty", result.empty);
        head.flag("partial", result.partial);
        head.end();
        Ok(())
    }

    fn sql_of(&mut self, sql: &'a str, text: Number) -> usize {
        *self.sql_by_text.entry(text).or_insert_with(|| {
            self.sql.push(sql);
            self.sql.len() - 1
        })
    }

    fn columns_of(&mut self, columns: Number, description: &RowDescription<'_>) -> Result<usize> {
        let next = self.columns_by_number.len();
        match self.columns_by_number.entry(columns) {
            Entry::Occupied(index) => Ok(*index.get()),
            Entry::Vacant(entry) => {
                push_columns(description, &mut self.columns)?;
                Ok(*entry.insert(next))
            }
        }
    }
}

/// A begin or end of a transaction, which the driver sent.
fn push_control(control: &ExchangeRecord<'_>, out: Json<'_>) -> Result<()> {
    let mut head = out.object();
    head.key("operation").text(control.operation.as_str())?;
    head.optional("error", control.error);
    head.optional("notices", control.notices);
    head.optional("server_parameters", control.server_parameters);
    push_notifications(&control.notifications, &mut head)?;
    head.key("status").text(control.status.as_str())?;
    head.end();
    Ok(())
}

/// What came with rows that were read later.
fn push_later(later: &[NewsRecord<'_>], out: Json<'_>) {
    let mut items = out.array();
    for news in later {
        let mut head = items.item().object();
        head.key("after").number(news.after);
        head.optional("notices", news.notices);
        head.optional("server_parameters", news.server_parameters);
        head.end();
    }
    items.end();
}

fn push_notifications(
    notifications: &[NotificationRecord<'_>],
    line: &mut Items<'_>,
) -> Result<()> {
    if notifications.is_empty() {
        return Ok(());
    }
    let mut items = line.key("notifications").array();
    for notification in notifications {
        let mut head = items.item().object();
        head.key("channel").text(&notification.channel)?;
        head.key("payload").text(&notification.payload)?;
        if let Some(pid) = notification.pid {
            head.key("pid").number(pid);
        }
        if let Some(after) = &notification.after {
            head.key("after").value(after)?;
        }
        head.end();
    }
    items.end();
    Ok(())
}

fn push_columns(description: &RowDescription<'_>, lines: &mut Lines) -> Result<()> {
    let mut columns = lines.array();
    for column in &description.columns {
        let mut fields = columns.item().array();
        fields.item().text(&column.name)?;
        match &column.type_name {
            Some(name) => fields.item().text(name)?,
            None => fields.item().raw("null"),
        }
        fields.item().number(column.type_oid);
        fields.item().number(column.typmod);
        fields.item().number(column.size);
        fields.item().text(column.format.as_str())?;
        fields.end();
    }
    columns.end();
    lines.end_line();
    Ok(())
}
