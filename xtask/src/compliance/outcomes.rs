//! What became of each test, as `tests/compliance/outcomes.py` writes it.
//!
//! Compares nothing.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::message::read_lines;
use crate::paths;

/// In the order in which the tests ran.
#[derive(Debug, Default)]
pub struct Outcomes {
    order: Vec<String>,
    by_name: HashMap<String, Outcome>,
}

#[derive(Debug)]
pub struct Outcome {
    /// `passed`, `failed` or `skipped`.
    pub word: String,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    test: String,
    outcome: String,
    reason: String,
}

impl Outcomes {
    pub fn read(path: &Path) -> Result<Self> {
        let outcomes = Self::of(read_lines(path)?);
        if outcomes.order.is_empty() {
            return Err(Error::failed(format!("{}: no test ran", paths::shown(path))));
        }
        Ok(outcomes)
    }

    fn of(entries: Vec<Entry>) -> Self {
        let mut outcomes = Self::default();
        for Entry { test, outcome: word, reason } in entries {
            // Classes that are made while they are collected may have one name.
            let same = |name: &String| outcomes.by_name.contains_key(name);
            let numbered = (2_usize..).map(|ordinal| format!("{test} ({ordinal})"));
            let free = std::iter::once(test.clone()).chain(numbered).find(|name| !same(name));
            let name = free.unwrap_or(test);
            outcomes.order.push(name.clone());
            outcomes.by_name.insert(name, Outcome { word, reason });
        }
        outcomes
    }

    pub fn get(&self, name: &str) -> Option<&Outcome> {
        self.by_name.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Outcome)> {
        self.order.iter().map(|name| (name.as_str(), &self.by_name[name]))
    }
}

impl Outcome {
    pub fn passed(&self) -> bool {
        self.word == "passed"
    }
}
