//! What connections were answered when they were set up or probed, by key.
//!
//! Keeps each distinct answer once, however often it was given.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::value::RawValue;

use super::{ExchangeNumber, ExchangeRecord, FilePlace, ResultRecord, START_UP_INDEX, ScopeIndex};

/// The answers to all keys.
#[derive(Debug, Default)]
pub struct Answers {
    given: BTreeMap<String, Given>,
    /// Scopes, start-up excepted, in which a key was once not answered.
    failed: BTreeMap<String, BTreeSet<ScopeIndex>>,
}

/// The answers to one key.
#[derive(Debug)]
struct Given {
    /// The one that stands for all: the last of start-up, else the first of all.
    repeated: Repeated,
    /// Scopes by the answers that they got; each stands once at an answer.
    scopes: BTreeMap<String, BTreeSet<ScopeIndex>>,
}

/// An exchange that is answered again.
#[derive(Debug, Clone)]
pub struct Repeated {
    /// Which one.
    pub number: ExchangeNumber,
    /// Where it ran.
    pub scope: ScopeIndex,
    /// Where it stands.
    pub at: FilePlace,
    /// All that it answers, as text.
    pub answer: String,
}

impl Answers {
    /// Adds an exchange that set up or probed a connection.
    pub fn add(&mut self, key: String, exchange: &ExchangeRecord<'_>, at: FilePlace) {
        let (number, scope) = (exchange.number, exchange.scope);
        if !exchange.has_outcome() {
            // In start-up what is repeated comes last, so that there are no turns to keep.
            if scope != START_UP_INDEX {
                self.failed.entry(key).or_default().insert(scope);
            }
            return;
        }
        let answer = answer_of(exchange);
        let new = Repeated { number, scope, at, answer: answer.clone() };
        let given = self
            .given
            .entry(key)
            .or_insert_with(|| Given { repeated: new.clone(), scopes: BTreeMap::new() });
        let old = &given.repeated;
        let replaces = match (scope == START_UP_INDEX, old.scope == START_UP_INDEX) {
            (true, was) => !was || number >= old.number,
            (false, was) => !was && number < old.number,
        };
        if replaces {
            given.repeated = new;
        }
        given.scopes.entry(answer).or_default().insert(scope);
    }

    /// The one answer to a key that stands for all.
    pub fn repeated_of(&self, key: &str) -> Option<&Repeated> {
        self.given.get(key).map(|given| &given.repeated)
    }

    /// Whether a scope got an answer other than the repeated one, or none.
    pub fn differ_in(&self, key: &str, scope: ScopeIndex) -> bool {
        self.given.get(key).is_some_and(|given| given.differs_in(scope))
            || self.failed.get(key).is_some_and(|scopes| scopes.contains(&scope))
    }

    /// Those that are answered again, by their keys.
    pub fn by_key(&self) -> impl Iterator<Item = (&str, &Repeated)> {
        self.given.iter().map(|(key, given)| (key.as_str(), &given.repeated))
    }

    /// Those that are answered again, in the order in which they were sent.
    pub fn repeated(&self) -> Vec<&Repeated> {
        let mut repeated: Vec<_> = self.given.values().map(|given| &given.repeated).collect();
        repeated.sort_by_key(|each| each.number);
        repeated
    }
}

impl Given {
    fn differs_in(&self, scope: ScopeIndex) -> bool {
        self.scopes
            .iter()
            .any(|(answer, scopes)| *answer != self.repeated.answer && scopes.contains(&scope))
    }
}

/// All that an exchange answers, as text: equal answers have equal texts.
pub fn answer_of(exchange: &ExchangeRecord<'_>) -> String {
    let mut text = String::new();
    let parts = [
        exchange.parameters,
        exchange.error,
        exchange.notices,
        exchange.server_parameters,
        exchange.out_parameters,
    ];
    for part in parts {
        // JSON has no NUL, so no part can run into the next.
        text.push_str(part.map_or("", RawValue::get));
        text.push('\0');
    }
    // Writing into a String cannot fail.
    let _ = write!(text, "{:?}", exchange.lossy);
    for result in &exchange.results {
        push_result(&mut text, result);
    }
    text
}

fn push_result(text: &mut String, result: &ResultRecord<'_>) {
    let ResultRecord { row_description, rowcount, command_tag, .. } = result;
    let ResultRecord { rows, lastrowid, empty, partial, .. } = result;
    let columns = row_description.as_ref().map(|description| &description.columns);
    // Writing into a String cannot fail.
    let _ = write!(text, "\0{rowcount} {command_tag:?} {empty} {partial} {columns:?} ");
    text.push_str(lastrowid.map_or("", RawValue::get));
    for row in rows {
        text.push('\0');
        text.push_str(row);
    }
}
