//! Exchanges as they are mostly written: rows are arrays of text and NULL, and
//! nothing is spelled in an unusual way.
//!
//! Finds no faults: what is None here may be right as well.

use std::borrow::Cow;

use super::cell::CellFormat;
use super::cursor::Cursor;
use super::event::{Event, Exchange, QueryResult, RowDescription};
use super::ids::{ConnectionId, ExchangeId, RowDescriptionId, ScopeId, TextId};
use super::line::{Line, LineText};

/// The line of an exchange, read in one go.
#[derive(Debug)]
pub struct PlainExchange<'a> {
    /// The line; its results have no rows.
    pub line: Line<'a>,
    /// Those of each result.
    pub rows: Vec<PlainRows<'a>>,
}

/// Arrays of text and NULL.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PlainRows<'a> {
    /// As they are written.
    pub rows: Vec<&'a str>,
    /// How many cells each row has.
    cells: usize,
}

impl<'a> PlainExchange<'a> {
    /// The exchange of a line, with every value checked.
    pub fn of(at: LineText<'a>) -> Option<Self> {
        let mut cursor = Cursor::new(at.text);
        cursor.eat("{\"exchange\":")?;
        let mut rows = Vec::new();
        let exchange = exchange(&mut cursor, &mut rows)?;
        cursor.eat("}")?;
        cursor.end()?;
        let line = Line { at, event: Event::Exchange(Box::new(exchange)) };
        line.check_values().ok()?;
        Some(Self { line, rows })
    }
}

impl PlainRows<'_> {
    /// Whether these are rows of such columns.
    pub fn fit(&self, description: Option<&RowDescription<'_>>) -> bool {
        self.rows.is_empty()
            || description.is_some_and(|RowDescription { columns, .. }| {
                columns.len() == self.cells
                    && columns.iter().all(|column| column.format == CellFormat::Text)
            })
    }
}

/// Reads a field for the first time.
macro_rules! once {
    ($field:ident, $value:expr) => {{
        if $field.is_some() {
            return None;
        }
        $field = Some($value?);
    }};
}

fn exchange<'a>(cursor: &mut Cursor<'a>, rows: &mut Vec<PlainRows<'a>>) -> Option<Exchange<'a>> {
    let (mut id, mut scope, mut connection, mut operation) = (None, None, None, None);
    let (mut text, mut parameters, mut results, mut error) = (None, None, None, None);
    let (mut notices, mut server_parameters, mut out_parameters) = (None, None, None);
    let mut status = None;
    cursor.object(|cursor, key| {
        match key {
            "id" => once!(id, cursor.integer().map(ExchangeId)),
            "scope" => once!(scope, cursor.integer().map(ScopeId)),
            "connection" => once!(connection, cursor.integer().map(ConnectionId)),
            "operation" => once!(operation, cursor.word()),
            "text" => once!(text, cursor.integer().map(TextId)),
            "parameters" => once!(parameters, cursor.value()),
            "results" => once!(results, self::results(cursor, rows)),
            "error" => once!(error, cursor.value()),
            "notices" => once!(notices, cursor.value()),
            "server_parameters" => once!(server_parameters, cursor.value()),
            "out_parameters" => once!(out_parameters, cursor.value()),
            "status" => once!(status, cursor.word()),
            _ => return None,
        }
        Some(())
    })?;
    Some(Exchange {
        id: id?,
        scope: scope?,
        connection: connection?,
        operation: operation?,
        text,
        parameters,
        results: results.unwrap_or_default(),
        error,
        notices,
        server_parameters,
        out_parameters,
        status: status?,
    })
}

fn results<'a>(
    cursor: &mut Cursor<'a>,
    rows: &mut Vec<PlainRows<'a>>,
) -> Option<Vec<QueryResult<'a>>> {
    let mut results = Vec::with_capacity(1);
    cursor.array(|cursor| {
        let (mut row_description, mut rowcount, mut command_tag) = (None, None, None);
        let mut plain = None;
        cursor.object(|cursor, key| {
            match key {
                "row_description" => {
                    once!(row_description, cursor.integer().map(RowDescriptionId));
                }
                "rowcount" => once!(rowcount, cursor.integer()),
                "command_tag" => once!(command_tag, cursor.plain_string().map(Cow::Borrowed)),
                "rows" => once!(plain, self::rows(cursor)),
                _ => return None,
            }
            Some(())
        })?;
        rows.push(plain.unwrap_or_default());
        results.push(QueryResult {
            row_description,
            rowcount: rowcount?,
            command_tag,
            rows: Vec::new(),
            lastrowid: None,
            empty: false,
            partial: false,
        });
        Some(())
    })?;
    Some(results)
}

fn rows<'a>(cursor: &mut Cursor<'a>) -> Option<PlainRows<'a>> {
    let mut plain = PlainRows::default();
    if cursor.eat("[]").is_some() {
        return Some(plain);
    }
    cursor.array(|cursor| {
        let start = cursor.clone();
        let mut cells = 0;
        cursor.array(|cursor| {
            cells += 1;
            cursor.eat("null").or_else(|| cursor.string())
        })?;
        let first = plain.rows.is_empty();
        plain.rows.push(start.until(cursor));
        if first {
            plain.cells = cells;
        }
        (plain.cells == cells).then_some(())
    })?;
    Some(plain)
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
