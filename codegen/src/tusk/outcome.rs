//! What a span says came of its statement: results, an error, or nothing that holds.
//!
//! Trusts no span that contradicts itself: such an outcome is a fault.

use serde::Serialize;
use serde_json::json;

use super::json::{Fault, Json, Value};
use super::parameters::quoted;
use super::span::Span;
use super::value::{ColumnType, text};
use crate::sqlstate::CONDITIONS;
use crate::trace::Loss;

/// Of a size or a type modifier.
const UNKNOWN: i64 = -1;

/// PEP 249's exceptions that psycopg raises without the server.
const CLIENT_CLASSES: [&str; 8] = [
    "DataError",
    "DatabaseError",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
];

/// What came of a statement.
#[derive(Debug)]
pub enum Outcome {
    /// One a result set.
    Results(Vec<ResultSet>),
    /// An error record as JSON.
    Error(String),
}

/// One result set.
#[derive(Debug)]
pub struct ResultSet {
    /// The columns; none for a statement without rows.
    pub columns: Option<Vec<ColumnRecord>>,
    /// PEP 249: -1 if unknown.
    pub rowcount: i64,
    /// None if it was lost.
    pub command_tag: Option<String>,
    /// Arrays of cells as JSON.
    pub rows: Vec<String>,
    /// The statement was empty.
    pub empty: bool,
}

impl ResultSet {
    /// What every server answers to an empty query (`EmptyQueryResponse`).
    pub fn of_empty_query() -> Self {
        Self { columns: None, rowcount: -1, command_tag: None, rows: Vec::new(), empty: true }
    }
}

/// A column as the trace writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnRecord {
    name: String,
    #[serde(rename = "type")]
    type_name: Option<String>,
    type_oid: u64,
    typmod: i64,
    size: i64,
    format: &'static str,
}

impl ColumnRecord {
    /// A column of which no more is known than name and type.
    fn new(name: &str, type_oid: u64) -> Self {
        Self {
            name: name.to_owned(),
            type_name: ColumnType::of(type_oid).name(),
            type_oid,
            typmod: UNKNOWN,
            size: UNKNOWN,
            format: "text",
        }
    }
}

/// How a statement was read, as far as its outcome tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// At once.
    Whole,
    /// Row by row: no description.
    Stream,
    /// By a server-side cursor: rows without a count.
    Declare,
}

/// How it was read.
pub fn reading(output: &Json<'_>) -> Reading {
    let has = |key: &str| output.get(key).is_some();
    if has("rows") && !has("description") {
        Reading::Stream
    } else if has("description")
        && !has("statusmessage")
        && output.get("rowcount").and_then(Json::integer) == Some(-1)
    {
        Reading::Declare
    } else {
        Reading::Whole
    }
}

/// The outcome of a span; `known` are the columns of its text from elsewhere, and what
/// was lost goes to `losses`.
pub fn outcome(
    span: &Span<'_>,
    known: Option<&[ColumnRecord]>,
    losses: &mut Vec<Loss>,
) -> Result<Outcome, Fault> {
    let output = &span.output;
    if let Some(name) = output.get("errorName") {
        losses.extend([Loss::Diagnostics, Loss::Status]);
        return error(name, output).map(Outcome::Error);
    }
    if span.failed {
        return Err(output.fault("a failure of the recorder: an error without a class"));
    }
    if let Some(blocks) = output.get("data") {
        return copied(blocks).map(|set| Outcome::Results(vec![set]));
    }
    if let Some(sets) = output.get("result_sets") {
        let sets = sets.list().ok_or_else(|| sets.fault("`result_sets` is no array"))?;
        losses.push(Loss::CommandTag);
        let sets: Result<Vec<ResultSet>, Fault> =
            sets.iter().map(|each| result_set(each, None, losses)).collect();
        return sets.map(Outcome::Results);
    }
    let set = result_set(output, known, losses)?;
    if set.command_tag.is_none() && reading(output) == Reading::Whole {
        losses.push(Loss::CommandTag);
    }
    Ok(Outcome::Results(vec![set]))
}

/// What a `COPY … TO STDOUT` sent, one block a row of the table, as the protocol's
/// `CopyData` has it. Psycopg shows no command tag of a COPY.
fn copied(blocks: &Json<'_>) -> Result<ResultSet, Fault> {
    let list = blocks.list().ok_or_else(|| blocks.fault("`data` is no array"))?;
    let mut rows = Vec::with_capacity(list.len());
    for block in list {
        let text = block.text().ok_or_else(|| block.fault("a block of a COPY that is no text"))?;
        rows.push(format!("[{}]", quoted(text)));
    }
    let rowcount = i64::try_from(rows.len()).unwrap_or(UNKNOWN);
    Ok(ResultSet { columns: None, rowcount, command_tag: None, rows, empty: false })
}

/// The columns that a description names.
pub fn columns(description: &Json<'_>) -> Result<Vec<ColumnRecord>, Fault> {
    let wrong = || description.fault("a description that is no array of names and type codes");
    let mut columns = Vec::new();
    for each in description.list().ok_or_else(wrong)? {
        let name = each.get("name").and_then(Json::text).ok_or_else(wrong)?;
        let oid = each.get("type_code").and_then(Json::integer).ok_or_else(wrong)?;
        let type_oid = u64::try_from(oid).map_err(|_| wrong())?;
        columns.push(ColumnRecord::new(name, type_oid));
    }
    Ok(columns)
}

fn result_set(
    output: &Json<'_>,
    known: Option<&[ColumnRecord]>,
    losses: &mut Vec<Loss>,
) -> Result<ResultSet, Fault> {
    let Some(rowcount) = output.get("rowcount").and_then(Json::integer) else {
        return Err(output.fault("an outcome without `rowcount`"));
    };
    let command_tag = output.get("statusmessage").and_then(Json::text).map(str::to_owned);
    let recorded = output.get("rows");
    let columns = match (output.get("description"), recorded) {
        (Some(description), _) => Some(columns(description)?),
        (None, None) => None,
        (None, Some(rows)) => {
            losses.push(Loss::Description);
            let known = known.map(<[ColumnRecord]>::to_vec);
            Some(known.ok_or_else(|| {
                rows.fault("rows without a description, which no other span of this text has")
            })?)
        }
    };
    let Some(described) = &columns else {
        return Ok(ResultSet { columns, rowcount, command_tag, rows: Vec::new(), empty: false });
    };
    let list = match recorded {
        Some(rows) => rows.list().ok_or_else(|| rows.fault("`rows` is no array"))?,
        None => &[],
    };
    if usize::try_from(rowcount).is_ok_and(|count| count != list.len()) {
        let what = format!("{} rows where `rowcount` is {rowcount}", list.len());
        return Err(recorded.unwrap_or(output).fault(what));
    }
    let rows: Result<Vec<String>, Fault> = list.iter().map(|each| row(each, described)).collect();
    Ok(ResultSet { rowcount, command_tag, rows: rows?, columns, empty: false })
}

fn row(row: &Json<'_>, columns: &[ColumnRecord]) -> Result<String, Fault> {
    let Value::List(cells) = &row.value else {
        return Err(row.fault("a row as a row factory made it, not in the order of its columns"));
    };
    if cells.len() != columns.len() {
        let what = format!("a row of {} cells for {} columns", cells.len(), columns.len());
        return Err(row.fault(what));
    }
    let mut texts = Vec::with_capacity(cells.len());
    for (cell, column) in cells.iter().zip(columns) {
        let text = text(cell, ColumnType::of(column.type_oid))?;
        texts.push(text.map_or_else(|| "null".to_owned(), |text| quoted(&text)));
    }
    Ok(format!("[{}]", texts.join(",")))
}

fn error(name: &Json<'_>, output: &Json<'_>) -> Result<String, Fault> {
    let class = name.text().ok_or_else(|| name.fault("`errorName` is no text"))?;
    let message = output.get("errorMessage").and_then(Json::text).unwrap_or_default();
    if let Some(condition) = CONDITIONS.iter().find(|each| each.class == class) {
        return Ok(json!({
            "class": format!("psycopg.errors.{class}"),
            "sqlstate": condition.sqlstate,
            "message": message,
        })
        .to_string());
    }
    if CLIENT_CLASSES.contains(&class) {
        let class = format!("psycopg.{class}");
        return Ok(json!({"class": class, "sqlstate": null, "message": message}).to_string());
    }
    Err(name.fault(format!("an error of the unknown class {class}")))
}
