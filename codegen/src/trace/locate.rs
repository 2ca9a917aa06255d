//! Finds the column of a field within a line.
//!
//! Only used once a fault is known, so it may parse the line again; it reports
//! no faults of its own.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// One step into a JSON value.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// The value of a key.
    Key(&'a str),
    /// An element.
    Index(usize),
}

/// Where `part` starts within `line`, in bytes from 1. `part` must be a slice
/// of `line`, as the raw values of an event are.
pub fn column_of(line: &str, part: &str) -> usize {
    (part.as_ptr() as usize).wrapping_sub(line.as_ptr() as usize).min(line.len()) + 1
}

/// Where the value at `path` starts, or 1 if there is none.
pub fn column_at(line: &str, path: &[Step<'_>]) -> usize {
    let mut here = line;
    for step in path {
        let next = match step {
            Step::Key(key) => serde_json::from_str::<BTreeMap<String, &RawValue>>(here)
                .ok()
                .and_then(|map| map.get(*key).copied()),
            Step::Index(index) => serde_json::from_str::<Vec<&RawValue>>(here)
                .ok()
                .and_then(|list| list.get(*index).copied()),
        };
        match next {
            Some(raw) => here = raw.get(),
            None => return 1,
        }
    }
    column_of(line, here)
}
