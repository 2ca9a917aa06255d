//! Exchanges as they are mostly written: rows are arrays of text and NULL, and
//! nothing is spelled in an unusual way.
//!
//! Finds no faults: what is None here may be right as well.

use std::borrow::Cow;

use super::cell::CellFormat;
use super::cursor::Cursor;
use super::event::Exchange;
use super::ids::{ConnectionId, ExchangeId, RowDescriptionId, ScopeId, TextId};
use super::line::LineText;
use super::operation::Operation;
use super::row::CellShape;
use super::text_form::TextForm;

/// What the cells under a row description must look like, if it is known.
type Shapes<'s> = &'s dyn Fn(RowDescriptionId) -> Option<Vec<CellShape>>;

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
}

impl<'a> PlainExchange<'a> {
    /// The exchange of a line, with every value checked; `shapes` are those of cells.
    pub fn of(at: LineText<'a>, shapes: Shapes<'_>) -> Option<Self> {
        let mut cursor = Cursor::new(at.text);
        cursor.eat("{\"exchange\":")?;
        let plain = exchange(&mut cursor, shapes)?;
        cursor.eat("}")?;
        cursor.end()?;
        at.check_exchange(&plain.exchange).ok()?;
        Some(plain)
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

fn exchange<'a>(cursor: &mut Cursor<'a>, shapes: Shapes<'_>) -> Option<PlainExchange<'a>> {
    let (mut id, mut scope, mut connection, mut operation) = (None, None, None, None);
    let (mut text, mut parameters, mut results, mut error) = (None, None, None, None);
    let (mut notices, mut server_parameters, mut out_parameters) = (None, None, None);
    let (mut transaction, mut status) = (None, None);
    cursor.object(|cursor, key| {
        match key {
            "id" => once!(id, cursor.integer().map(ExchangeId)),
            "scope" => once!(scope, cursor.integer().map(ScopeId)),
            "connection" => once!(connection, cursor.integer().map(ConnectionId)),
            "operation" => once!(operation, cursor.word()),
            "text" => once!(text, cursor.integer().map(TextId)),
            "parameters" => once!(parameters, cursor.value()),
            "transaction" => once!(transaction, cursor.plain_string()),
            "results" => once!(results, self::results(cursor, shapes)),
            "error" => once!(error, cursor.value()),
            "notices" => once!(notices, cursor.value()),
            "server_parameters" => once!(server_parameters, cursor.value()),
            "out_parameters" => once!(out_parameters, cursor.value()),
            "status" => once!(status, cursor.word()),
            _ => return None,
        }
        Some(())
    })?;
    // Rows of COPY have another shape than their columns.
    let operation = operation.filter(|operation: &Operation| !operation.copies())?;
    let exchange = Exchange {
        id: id?,
        scope: scope?,
        connection: connection?,
        operation,
        text,
        parameters,
        transaction: transaction.map(Cow::Borrowed),
        results: Vec::new(),
        error,
        notices,
        server_parameters,
        out_parameters,
        interrupted: false,
        lossy: Vec::new(),
        status: status?,
    };
    Some(PlainExchange { exchange, results: results.unwrap_or_default() })
}

fn results<'a>(cursor: &mut Cursor<'a>, shapes: Shapes<'_>) -> Option<Vec<PlainResult<'a>>> {
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
                "rows" => {
                    let shapes = row_description.and_then(shapes);
                    once!(rows, self::rows(cursor, rowcount, shapes.as_deref()));
                }
                _ => return None,
            }
            Some(())
        })?;
        let (rows, rowcount) = (rows.unwrap_or_default(), rowcount?);
        results.push(PlainResult { row_description, rowcount, command_tag, rows });
        Some(())
    })?;
    Some(results)
}

/// Rows, with room for as many as the count said, if it came before them.
fn rows<'a>(
    cursor: &mut Cursor<'a>,
    rowcount: Option<i64>,
    shapes: Option<&[CellShape]>,
) -> Option<Vec<&'a str>> {
    let expected = usize::try_from(rowcount.unwrap_or_default()).unwrap_or_default();
    let mut rows = Vec::with_capacity(expected.min(MOST_EXPECTED));
    if cursor.eat("[]").is_some() {
        return Some(rows);
    }
    let shapes = shapes?;
    if shapes.iter().any(|shape| shape.format != CellFormat::Text) {
        return None;
    }
    cursor.array(|cursor| {
        let start = cursor.clone();
        let mut cells = shapes.iter();
        cursor.array(|cursor| cell(cursor, cells.next()?.text))?;
        rows.push(start.until(cursor));
        cells.next().is_none().then_some(())
    })?;
    Some(rows)
}

fn cell(cursor: &mut Cursor<'_>, form: TextForm) -> Option<()> {
    if form == TextForm::Any {
        return cursor.string_or_null();
    }
    if cursor.eat("null").is_some() {
        return Some(());
    }
    let fits = if form == TextForm::Bytea && cursor.eat(r#""\\x"#).is_some() {
        let hex = cursor.plain_rest()?;
        hex.len().is_multiple_of(2) && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    } else {
        form.fits(cursor.plain_string()?)
    };
    fits.then_some(())
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
