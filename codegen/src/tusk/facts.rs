//! What the spans happen to tell of the server.
//!
//! Adds nothing to it: what no statement asked for is not known.

use std::collections::BTreeMap;

use super::span::Span;

/// Parameters that the server reports at connect, of which a `SHOW` may tell. Those that
/// shape the texts of cells are left out, as the texts here have a shape of their own.
const REPORTED: [&str; 7] = [
    "TimeZone",
    "application_name",
    "integer_datetimes",
    "is_superuser",
    "server_encoding",
    "server_version",
    "standard_conforming_strings",
];

/// Server parameters by name, as far as statements asked for them.
pub fn server_parameters(spans: &[&Span<'_>]) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for span in spans {
        let (Some(query), Some((column, cell))) = (query(span), only_cell(span)) else { continue };
        let query = query.trim().trim_end_matches(';').to_ascii_lowercase();
        if let Some(shown) = query.strip_prefix("show ") {
            let name = REPORTED.iter().find(|name| {
                name.eq_ignore_ascii_case(shown.trim()) && name.eq_ignore_ascii_case(column)
            });
            if let Some(name) = name {
                parameters.insert((*name).to_owned(), cell.to_owned());
            }
        } else if matches!(&*query, "select pg_catalog.version()" | "select version()") {
            // `PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled …`
            let version = cell.strip_prefix("PostgreSQL ").and_then(|rest| rest.split_once(" on "));
            if let Some((version, _)) = version {
                parameters.insert("server_version".to_owned(), version.to_owned());
            }
        }
    }
    parameters
}

fn query<'s>(span: &'s Span<'_>) -> Option<&'s str> {
    span.input.get("query")?.text()
}

/// The column's name and the text of a result of one row and one column.
fn only_cell<'s>(span: &'s Span<'_>) -> Option<(&'s str, &'s str)> {
    let [column] = span.output.get("description")?.list()? else { return None };
    let [row] = span.output.get("rows")?.list()? else { return None };
    let [cell] = row.list()? else { return None };
    Some((column.get("name")?.text()?, cell.text()?))
}
