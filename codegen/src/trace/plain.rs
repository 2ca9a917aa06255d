//! Exchanges as they are mostly written: rows are arrays of text and NULL, and
//! nothing is spelled in an unusual way.
//!
//! Finds no faults: what is None here may be right as well.

use super::cell::CellFormat;
use super::cursor::Cursor;
use super::event::{Exchange, RowDescription};
use super::ids::{ConnectionId, ExchangeId, RowDescriptionId, ScopeId, TextId};
use super::line::LineText;

/// For more rows than these no room is made before they are there.
const MOST_EXPECTED: usize = 64;

/// An exchange, read in one go.
#[derive(Debug)]
pub struct PlainExchange<'a> {
    /// Without its results.
    pub exchange: Exchange<'a>,
    /// One a result set.
    pub results: Vec<PlainResult<'a>>,
}

/// A result whose rows are arrays of text and NULL, if it has any.
#[derive(Debug)]
pub struct PlainResult<'a> {
    /// Absent if the statement returns no rows.
    pub row_description: Option<RowDescriptionId>,
    /// PEP 249: -1 if unknown.
    pub rowcount: i64,
    /// As the server sent it.
    pub command_tag: Option<&'a str>,
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
        let plain = exchange(&mut cursor)?;
        cursor.eat("}")?;
        cursor.end()?;
        at.check_exchange(&plain.exchange).ok()?;
        Some(plain)
    }
}

impl PlainResult<'_> {
    /// Whether its rows are those of such columns.
    pub fn fits(&self, description: Option<&RowDescription<'_>>) -> bool {
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

fn exchange<'a>(cursor: &mut Cursor<'a>) -> Option<PlainExchange<'a>> {
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
            "results" => once!(results, self::results(cursor)),
            "error" => once!(error, cursor.value()),
            "notices" => once!(notices, cursor.value()),
            "server_parameters" => once!(server_parameters, cursor.value()),
            "out_parameters" => once!(out_parameters, cursor.value()),
            "status" => once!(status, cursor.word()),
            _ => return None,
        }
        Some(())
    })?;
    let exchange = Exchange {
        id: id?,
        scope: scope?,
        connection: connection?,
        operation: operation?,
        text,
        parameters,
        results: Vec::new(),
        error,
        notices,
        server_parameters,
        out_parameters,
        status: status?,
    };
    Some(PlainExchange { exchange, results: results.unwrap_or_default() })
}

fn results<'a>(cursor: &mut Cursor<'a>) -> Option<Vec<PlainResult<'a>>> {
    let mut results = Vec::with_capacity(1);
    cursor.array(|cursor| {
        let (mut row_description, mut rowcount, mut command_tag) = (None, None, None);
        let mut rows = None;
        cursor.object(|cursor, key| {
            match key {
                "row_description" => {
                    once!(row_description, cursor.integer().map(RowDescriptionId));
                }
                "rowcount" => once!(rowcount, cursor.integer()),
                "command_tag" => once!(command_tag, cursor.plain_string()),
                "rows" => once!(rows, self::rows(cursor, rowcount)),
                _ => return None,
            }
            Some(())
        })?;
        let (rows, cells) = rows.unwrap_or_default();
        let rowcount = rowcount?;
        results.push(PlainResult { row_description, rowcount, command_tag, rows, cells });
        Some(())
    })?;
    Some(results)
}

/// Rows, as many as the count said if it came before them, and the number of cells
/// that each of them has.
fn rows<'a>(cursor: &mut Cursor<'a>, rowcount: Option<i64>) -> Option<(Vec<&'a str>, usize)> {
    let expected = usize::try_from(rowcount.unwrap_or_default()).unwrap_or_default();
    let mut rows = Vec::with_capacity(expected.min(MOST_EXPECTED));
    let mut width = 0;
    if cursor.eat("[]").is_some() {
        return Some((rows, width));
    }
    cursor.array(|cursor| {
        let start = cursor.clone();
        let mut cells = 0;
        cursor.array(|cursor| {
            cells += 1;
            cursor.string_or_null()
        })?;
        if rows.is_empty() {
            width = cells;
        }
        rows.push(start.until(cursor));
        (cells == width).then_some(())
    })?;
    Some((rows, width))
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
