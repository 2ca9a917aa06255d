//! The second pass: the exchanges of one scope.
//!
//! Holds the bytes of that scope and of no other.

use std::collections::HashMap;

use super::index::FileIndex;
use super::resolve::{Resolve, append_rows, changed};
use super::{ExchangeNumber, ExchangeRecord, FilePlace};
use crate::error::Result;
use crate::profile::Profile;
use crate::trace::{Event, LineText, split_lines};

/// The lines of a scope.
#[derive(Debug)]
pub struct ScopeText<'r> {
    files: &'r [FileIndex],
    profile: &'static Profile,
    parts: Vec<Part>,
}

/// Lines that follow each other.
#[derive(Debug)]
struct Part {
    file: usize,
    line: usize,
    bytes: Vec<u8>,
}

impl<'r> ScopeText<'r> {
    pub(super) fn read(
        files: &'r [FileIndex],
        profile: &'static Profile,
        places: &[FilePlace],
    ) -> Result<Self> {
        let mut parts = Vec::with_capacity(places.len());
        for &FilePlace { file, place } in places {
            let bytes = files[file].source.read(place)?;
            parts.push(Part { file, line: place.line, bytes });
        }
        Ok(Self { files, profile, parts })
    }

    /// Its exchanges in the order in which they were sent. Lines stand in the order
    /// of completion, which varies where statements overlap.
    pub fn exchanges(&self) -> Result<Vec<ExchangeRecord<'_>>> {
        let mut exchanges = Vec::new();
        // Of the first exchanges, as few scopes have rows in lines of their own.
        let mut indexes: HashMap<ExchangeNumber, usize> = HashMap::new();
        for part in &self.parts {
            let index = &self.files[part.file];
            let resolve = Resolve::of(part.file, index, self.profile);
            for (number, bytes) in part.lines() {
                let at = LineText::of(index.source.path(), number, bytes)?;
                if let Some(record) = resolve.plain(at) {
                    exchanges.push(record);
                    continue;
                }
                let line = at.parse()?;
                if let Some(record) = resolve.exchange(&line)? {
                    exchanges.push(record);
                    continue;
                }
                let Event::Rows(rows) = &line.event else { return Err(changed(line.at)) };
                for (index, exchange) in exchanges.iter().enumerate().skip(indexes.len()) {
                    indexes.insert(exchange.number, index);
                }
                let index = indexes.get(&(part.file, rows.exchange));
                let Some(&index) = index else { return Err(changed(line.at)) };
                append_rows(&line, rows, &mut exchanges[index])?;
            }
        }
        exchanges.sort_by_key(|exchange: &ExchangeRecord<'_>| exchange.number);
        Ok(exchanges)
    }
}

impl Part {
    fn lines(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let lines = split_lines(&self.bytes);
        lines.enumerate().map(|(index, bytes)| (self.line + index, bytes))
    }
}
