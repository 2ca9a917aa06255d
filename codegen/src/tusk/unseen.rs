//! What SQLAlchemy asks beneath all that is instrumented, so that no span tells of it.
//!
//! Answers only what cannot have been answered otherwise.

use super::json::{Fault, Json};
use super::outcome::{Outcome, ResultSet};
use super::span::Span;
use super::value::ColumnType;
use super::writer::NewExchange;
use crate::error::Warning;
use crate::trace::Operation;

/// What SQLAlchemy asks of a connection beneath all that is instrumented: whether `hstore`
/// is installed, and an empty query as a ping, of which there is nothing to fetch.
pub fn exchanges(spans: &[&Span<'_>], warnings: &mut Vec<Warning>) -> Vec<NewExchange> {
    let Some(span) = spans.iter().find(|span| span.package == "sqlalchemy") else {
        return Vec::new();
    };
    let mut asked = vec![NewExchange {
        operation: Operation::Execute,
        sql: ";".to_owned(),
        parameters: None,
        outcome: Some(Outcome::Results(vec![ResultSet::of_empty_query()])),
        lossy: Vec::new(),
    }];
    let lacks_hstore = lacks_hstore(spans);
    if lacks_hstore {
        asked.push(NewExchange {
            operation: Operation::TypeInfo,
            sql: "hstore".to_owned(),
            parameters: Some("[\"TypeInfo\"]".to_owned()),
            outcome: None,
            lossy: Vec::new(),
        });
    }
    let (what, hint) = if lacks_hstore {
        let what = "SQLAlchemy's pings and its look-up of hstore left no spans; they are \
                    answered, the look-up with \"not installed\"";
        (what, "no recorded value is an hstore, and no ping can differ")
    } else {
        let what = "SQLAlchemy's pings and its look-up of hstore left no spans; pings are answered";
        (what, "the look-up is a miss at replay: `create_engine(…, use_native_hstore=False)`")
    };
    let fault = Fault { at: 0, what: what.to_owned(), at_end: false };
    warnings.push(span.warning(&fault, hint));
    asked
}

/// Whether SQLAlchemy's look-up of `hstore` can be answered with "not installed": it left
/// no span, but had it found the type, a value of a user's type would be an object.
fn lacks_hstore(spans: &[&Span<'_>]) -> bool {
    !spans.iter().any(|span| {
        let columns = span.output.get("description").and_then(Json::list).unwrap_or_default();
        let rows = span.output.get("rows").and_then(Json::list).unwrap_or_default();
        columns.iter().enumerate().any(|(index, column)| {
            let oid = column.get("type_code").and_then(Json::integer);
            let user = oid.and_then(|oid| u64::try_from(oid).ok()).map(ColumnType::of)
                == Some(ColumnType::User);
            let mut cells = rows.iter().filter_map(|row| row.list()?.get(index));
            user && cells.any(Json::is_object)
        })
    })
}
