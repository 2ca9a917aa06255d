//! The span files of the Tusk Drift SDK, read as a trace of our own.
//!
//! The format keeps less than ours: what was lost is marked as a [`Loss`] on its exchange
//! and reported with the place of its span, and a span that contradicts itself is left
//! out. What leaves no span at all (statements that were iterated over or never fetched,
//! ends of transactions, connects) cannot be missed here; the replay misses it.
//!
//! Knows nothing of recordings and fixtures: what comes out is the text of a trace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, Warning};
use crate::stacks::trace_files;
use crate::trace::{Loss, Operation, Source};

mod facts;
mod files;
mod http;
mod json;
mod moment;
mod nested;
mod number;
mod outcome;
mod parameters;
mod request;
mod scopes;
mod span;
mod unseen;
mod value;
mod writer;

use files::{SpanFile, holds_spans, span_files, spans_of};
pub use http::HttpLines;
use json::{Fault, Json};
use outcome::{ColumnRecord, Reading};
use parameters::Parameters;
use scopes::Scopes;
use span::{Span, SpanKind};
use writer::{NewExchange, Writer};

/// Paths sorted into traces of our own and span files; a folder stands for what is in it.
pub fn sorted(paths: &[PathBuf]) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut own, mut spans) = (Vec::new(), Vec::new());
    for path in paths {
        if !path.is_dir() {
            if holds_spans(path)? { &mut spans } else { &mut own }.push(path.clone());
            continue;
        }
        let found = span_files(path)?;
        if found.is_empty() {
            own.push(path.clone());
        } else {
            own.extend(trace_files(path)?.into_iter().filter(|file| !found.contains(file)));
            spans.extend(found);
        }
    }
    Ok((own, spans))
}

/// The requests and responses of span files, or of folders of them.
pub fn requests(paths: &[PathBuf], warnings: &mut Vec<Warning>) -> Result<HttpLines> {
    let (_, files) = sorted(paths)?;
    match (paths.first(), files.is_empty()) {
        (Some(name), false) => http::http_lines(name, &files, warnings),
        (name, _) => {
            let name = name.map(|name| name.display().to_string()).unwrap_or_default();
            Err(Error::request(format!("{name}: no span files"), "name a folder that has some"))
        }
    }
}

/// Stands for each name.
const ERASED: &str = "%(__td_param__)s";
const LEFT_OUT: &str = "the statement is left out, so that asking for it at replay is a miss";
const BY_POSITION: &str =
    "where several exchanges of its text might answer, they do so in recorded order";
const LOOSER: &str = "such values are compared by their texts";

/// The trace that span files amount to; `name` stands for it in messages.
pub fn convert(name: &Path, files: &[PathBuf], warnings: &mut Vec<Warning>) -> Result<Source> {
    let files: Result<Vec<SpanFile>> = files.iter().map(|path| SpanFile::open(path)).collect();
    let files = files?;
    let spans = spans_of(&files, warnings)?;
    let Some(first) = spans.first() else {
        let what = format!("{}: span files without a span", name.display());
        return Err(Error::request(what, "record some requests first"));
    };
    let scopes = Scopes::of(&spans, warnings);
    let statements: Vec<&Span<'_>> =
        spans.iter().filter(|span| span.kind == SpanKind::Statement).collect();
    let known = known_columns(&statements);
    let mut by_scope: BTreeMap<usize, Vec<NewExchange>> = BTreeMap::new();
    by_scope.entry(0).or_default().extend(unseen::exchanges(&statements, warnings));
    for span in &statements {
        let scope = scopes.scope_of(span, warnings);
        let exchange = scope.and_then(|scope| Ok((scope, exchange(span, &known, warnings)?)));
        match exchange {
            Ok((scope, exchange)) => by_scope.entry(scope).or_default().push(exchange),
            Err(fault) => warnings.push(span.warning(&fault, LEFT_OUT)),
        }
    }
    let parameters = facts::server_parameters(&statements);
    let mut writer = Writer::new(&moment::utc(first.start), &parameters);
    for exchange in by_scope.remove(&0).unwrap_or_default() {
        writer.exchange(0, exchange)?;
    }
    for (index, scope) in scopes.names.iter().enumerate() {
        writer.scope(index + 1, scope, "request");
        for exchange in by_scope.remove(&(index + 1)).unwrap_or_default() {
            writer.exchange(index + 1, exchange)?;
        }
        writer.scope_end(index + 1);
    }
    Ok(Source::memory(name, writer.finish()))
}

/// The exchange of a span; one whose outcome is of no use is a miss when it is asked for.
/// A fault if not even its text is known.
fn exchange(
    span: &Span<'_>,
    known: &BTreeMap<&str, Option<Vec<ColumnRecord>>>,
    warnings: &mut Vec<Warning>,
) -> std::result::Result<NewExchange, Fault> {
    if span.input.is_empty_object() {
        return Err(span.input.fault("a failure of the recorder: a span without its statement"));
    }
    let Some(query) = span.input.get("query").and_then(Json::text) else {
        return Err(span.input.fault("a span without `query`"));
    };
    let is_copy = span.input.get("operation").is_some() || span.name == "psycopg.copy";
    if is_copy && span.output.get("data").is_none() {
        return Err(span.input.fault("a COPY to the server, which is not replayed"));
    }
    let passed = span.input.get("parameters");
    let read = if span.package == "sqlalchemy" {
        Parameters::of_sqlalchemy(passed)
    } else {
        Parameters::of_driver(passed)
    };
    let columns = known.get(query).and_then(Option::as_deref);
    let mut lossy = vec![Loss::WhiteSpace];
    let (parameters, came) = match read {
        Ok(parameters) => (parameters, outcome::outcome(span, columns, &mut lossy)),
        Err(fault) => (Parameters::unknown(), Err(fault)),
    };
    let operation = |otherwise| match outcome::reading(&span.output) {
        _ if is_copy => Operation::CopyOut,
        Reading::Whole => otherwise,
        Reading::Stream => Operation::Stream,
        Reading::Declare => Operation::Declare,
    };
    let outcome = match came {
        Ok(outcome) => {
            lossy.extend(&parameters.losses);
            report(span, &lossy, &parameters.lost, warnings);
            Some(outcome)
        }
        Err(fault) => {
            warnings.push(span.warning(&fault, LEFT_OUT));
            lossy = vec![Loss::WhiteSpace, Loss::Outcome];
            lossy.extend(&parameters.losses);
            None
        }
    };
    // A text says by itself whether its names are erased, with or without parameters.
    let by_name = parameters.json.as_deref().is_none_or(|json| json.starts_with('{'));
    if span.package == "sqlalchemy" && by_name && query.contains(ERASED) {
        lossy.push(Loss::BindNames);
    }
    Ok(NewExchange {
        operation: operation(parameters.operation()),
        sql: query.to_owned(),
        parameters: parameters.json,
        outcome,
        lossy,
    })
}

/// Says what a span has lost, white space at the ends of its text apart: every text may
/// have lost that, and hardly any has.
fn report(span: &Span<'_>, lossy: &[Loss], lost: &[String], warnings: &mut Vec<Warning>) {
    let input = span.input.get("parameters").unwrap_or(&span.input);
    let mut parts = Vec::new();
    let mut hint = "what is left of it is replayed";
    let has = |loss| lossy.contains(&loss);
    if has(Loss::Types) {
        parts.push("the types of texts and lists among its parameters".to_owned());
        hint = LOOSER;
    }
    if has(Loss::BindNames) {
        parts.push("the names of its placeholders".to_owned());
        hint = BY_POSITION;
    }
    if has(Loss::Parameters) {
        parts.push(format!("the values of {}", lost.join(", ")));
        hint = BY_POSITION;
    }
    if has(Loss::Description) {
        parts.push("its description, which is taken from a span of the same text".to_owned());
    }
    if has(Loss::CommandTag) {
        parts.push("its command tag".to_owned());
    }
    if has(Loss::Diagnostics) {
        parts.push("the diagnostics of its error".to_owned());
        hint = "its SQLSTATE is that of its class";
    }
    if !parts.is_empty() {
        let fault = input.fault(format!("the span has lost {}", parts.join("; ")));
        warnings.push(span.warning(&fault, hint));
    }
}

/// The columns of each text whose spans agree on them.
fn known_columns<'s>(spans: &[&'s Span<'_>]) -> BTreeMap<&'s str, Option<Vec<ColumnRecord>>> {
    let mut known: BTreeMap<&str, Option<Vec<ColumnRecord>>> = BTreeMap::new();
    for span in spans {
        let query = span.input.get("query").and_then(Json::text);
        let description = span.output.get("description").map(outcome::columns);
        let (Some(query), Some(Ok(columns))) = (query, description) else { continue };
        known
            .entry(query)
            .and_modify(|before| {
                if before.as_ref() != Some(&columns) {
                    *before = None;
                }
            })
            .or_insert(Some(columns));
    }
    known
}
