//! One span: the fields of it that matter, and where they stand.
//!
//! Interprets neither input nor output, and ignores the schemas, which say nothing that
//! the values do not.

use std::path::Path;

use super::json::{Fault, Json, Value};
use crate::error::{Finding, Warning};

const RECORD_AGAIN: &str = "record these requests again; a span file is not meant to be edited";

/// A span of a request or of a statement.
#[derive(Debug)]
pub struct Span<'a> {
    /// Stands in every message.
    pub path: &'a Path,
    /// Counted from 1.
    pub line: usize,
    /// All spans of a request have one, if the recorder kept the context.
    pub trace_id: String,
    /// Unique.
    pub id: String,
    /// Empty for what has no parent.
    pub parent: String,
    /// `psycopg.query`, `GET /users` …
    pub name: String,
    /// Which library was instrumented.
    pub package: String,
    /// What was asked.
    pub input: Json<'a>,
    /// What was answered.
    pub output: Json<'a>,
    /// What it is of.
    pub kind: SpanKind,
    /// Its status is an error.
    pub failed: bool,
    /// It ran before the application said that it was ready.
    pub is_start_up: bool,
    /// Nanoseconds since the epoch.
    pub start: i128,
    /// Nanoseconds since the epoch.
    pub end: i128,
}

/// What a span is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// A request that the application served.
    Request,
    /// A statement.
    Statement,
    /// Database traffic that is not read here.
    OtherDriver,
    /// Anything else, such as a request that the application made.
    Other,
}

impl SpanKind {
    fn of(package: &str, kind: i64, json: &Json<'_>) -> Self {
        // OpenTelemetry's SpanKind SERVER, and the recorder's own number of PostgreSQL.
        let postgres = json.get("packageType").and_then(Json::integer) == Some(4);
        match package {
            _ if kind == 2 => Self::Request,
            "psycopg" | "sqlalchemy" => Self::Statement,
            _ if postgres || package == "psycopg2" => Self::OtherDriver,
            _ => Self::Other,
        }
    }
}

impl<'a> Span<'a> {
    /// The span of a line.
    pub fn new(path: &'a Path, line: usize, json: &Json<'a>) -> Result<Self, Fault> {
        let text = |key: &str| {
            let value = field(json, key)?;
            value
                .text()
                .map(str::to_owned)
                .ok_or_else(|| value.fault(format!("`{key}` is no text")))
        };
        let status = field(json, "status")?;
        let start = moment(json, "timestamp")?;
        let is_start_up = matches!(field(json, "isPreAppStart")?.value, Value::Bool(true));
        let package = text("packageName")?;
        Ok(Self {
            path,
            line,
            trace_id: text("traceId")?,
            id: text("spanId")?,
            parent: text("parentSpanId")?,
            name: text("name")?,
            kind: SpanKind::of(&package, number(json, "kind")?, json),
            package,
            // OpenTelemetry's StatusCode ERROR.
            failed: number(status, "code")? == 2,
            is_start_up,
            start,
            end: start + moment(json, "duration")?,
            input: object(json, "inputValue")?,
            output: object(json, "outputValue")?,
        })
    }

    /// Worth saying about this span.
    pub fn warning(&self, fault: &Fault, hint: &str) -> Warning {
        Warning(self.finding(fault, hint))
    }

    /// What is wrong in this span.
    pub fn finding(&self, fault: &Fault, hint: &str) -> Finding {
        finding(self.path, self.line, fault, hint)
    }
}

/// What is wrong in a line.
pub fn faulty(path: &Path, line: usize, fault: &Fault) -> Finding {
    finding(path, line, fault, RECORD_AGAIN)
}

fn finding(path: &Path, line: usize, fault: &Fault, hint: &str) -> Finding {
    Finding {
        path: path.to_path_buf(),
        line,
        column: fault.at + 1,
        what: fault.what.clone(),
        hint: hint.to_owned(),
    }
}

fn field<'j, 'a>(json: &'j Json<'a>, key: &str) -> Result<&'j Json<'a>, Fault> {
    json.get(key).ok_or_else(|| json.fault(format!("missing field `{key}`")))
}

fn object<'a>(json: &Json<'a>, key: &str) -> Result<Json<'a>, Fault> {
    let value = field(json, key)?;
    match value.value {
        Value::Object(_) => Ok(value.clone()),
        _ => Err(value.fault(format!("`{key}` is no object"))),
    }
}

fn number(json: &Json<'_>, key: &str) -> Result<i64, Fault> {
    let value = field(json, key)?;
    value.integer().ok_or_else(|| value.fault(format!("`{key}` is no integer")))
}

fn moment(json: &Json<'_>, key: &str) -> Result<i128, Fault> {
    let value = field(json, key)?;
    let (seconds, nanos) = (number(value, "seconds")?, number(value, "nanos")?);
    Ok(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
}
