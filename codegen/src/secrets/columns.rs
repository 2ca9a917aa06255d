//! Cells of columns that are named for secrets, as a trace has them.
//!
//! A row says nothing of its columns, so that no look at lines alone finds these. A
//! trace is read again only if it has such columns.

use std::collections::BTreeMap;
use std::path::Path;

use super::Secret;
use super::look::{is_pseudonym, is_secret_like};
use super::patterns::patterns;
use crate::error::Result;
use crate::trace::{Event, ExchangeId, LineText, QueryResult, RowDescriptionId, Source};

/// The places of such columns in rows, by the row description.
#[derive(Debug, Default)]
pub struct Columns(BTreeMap<RowDescriptionId, Vec<usize>>);

impl Columns {
    /// Takes note of a line that describes columns. What cannot be read is for the
    /// generator to say.
    pub fn note(&mut self, line: &[u8]) -> Result<()> {
        let secret_name = &patterns()?.secret_name;
        let Ok(line) = LineText::of(Path::new(""), 0, line) else { return Ok(()) };
        if let Ok(Event::RowDescription(description)) = line.event() {
            let columns = description.columns.iter().enumerate();
            let named = columns.filter(|(_, column)| secret_name.is_match(column.name.as_bytes()));
            let places: Vec<usize> = named.map(|(place, _)| place).collect();
            if !places.is_empty() {
                self.0.insert(description.id, places);
            }
        }
        Ok(())
    }

    /// Takes over what was noted of another part of the same file.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// What looks like a secret in their cells.
    pub fn secrets(&self, path: &Path) -> Result<Vec<Secret>> {
        let mut found = Vec::new();
        if self.0.is_empty() {
            return Ok(found);
        }
        // Of exchanges whose rows follow: the places of their columns.
        let mut open: BTreeMap<ExchangeId, &[usize]> = BTreeMap::new();
        Source::open(path)?.each_line(|place, bytes| {
            let Ok(line) = LineText::of(path, place.line, bytes) else { return Ok(()) };
            let offset = usize::try_from(place.offset).unwrap_or(usize::MAX);
            match line.event() {
                Ok(Event::Exchange(exchange)) => {
                    for result in &exchange.results {
                        let Some(secret) = self.of_result(result) else { continue };
                        if result.partial {
                            open.insert(exchange.id, secret);
                        }
                        let rows = result.rows.iter().map(|row| row.get());
                        take(rows, secret, line.text, offset, &mut found);
                    }
                }
                Ok(Event::Rows(rows)) => {
                    if let Some(secret) = open.get(&rows.exchange) {
                        let rows = rows.rows.iter().map(|row| row.get());
                        take(rows, secret, line.text, offset, &mut found);
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn of_result(&self, result: &QueryResult<'_>) -> Option<&[usize]> {
        self.0.get(&result.row_description?).map(Vec::as_slice)
    }
}

fn take<'l>(
    rows: impl Iterator<Item = &'l str>,
    secret: &[usize],
    line: &'l str,
    offset: usize,
    found: &mut Vec<Secret>,
) {
    for row in rows {
        let Ok(cells) = serde_json::from_str::<Vec<serde_json::Value>>(row) else { continue };
        for cell in secret.iter().filter_map(|at| cells.get(*at)?.as_str()) {
            if is_secret_like(cell) && !is_pseudonym(cell) {
                // Both are of one line, so this is the row's place in it.
                let place = row.as_ptr() as usize - line.as_ptr() as usize;
                found.push(Secret {
                    offset: offset + place,
                    what: "a secret, by the name of its column",
                    value: cell.to_owned(),
                });
            }
        }
    }
}
