//! The ledger that a replay keeps: what it bound, missed, denied and left unused.
//!
//! Judges nothing; the stack test does.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::tail::Tail;

/// One line. Externally tagged: the only key is the event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Event {
    ScopeOpen(IgnoredAny),
    ScopeEnd { scope: String },
    Unused { scope: String, exchanges: Vec<Left> },
    Taken { scope: String, exchange: u64 },
    Miss { scope: String, report: String },
    LostCommits { scope: String, report: String },
    Committed { scope: String },
    Unsupported { scope: String, what: String },
    Bound { scope: String, recorded: String, live: String },
    Denied(Denied),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Denied {
    event: String,
    address: String,
}

/// A recorded exchange that was not, or not often enough, asked for when it was listed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    /// Its number in its scope.
    exchange: u64,
    operation: String,
    sql: Option<String>,
    parameters: Value,
    #[serde(rename = "left")]
    times: u64,
}

/// A live text, and the recorded one that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub live: String,
    pub recorded: String,
}

pub struct Ledger {
    tail: Tail,
    events: Vec<Event>,
}

impl Ledger {
    pub fn of(path: &Path) -> Self {
        Self { tail: Tail::of(path), events: Vec::new() }
    }

    /// Reads what was entered since the last time.
    pub fn read(&mut self) -> Result<()> {
        for line in self.tail.lines()? {
            let event = serde_json::from_str(&line).map_err(|error| {
                Error::failed(format!("the ledger holds a line that is no entry: {error}\n{line}"))
            })?;
            self.events.push(event);
        }
        Ok(())
    }

    pub fn has_ended(&self, name: &str) -> bool {
        self.events
            .iter()
            .any(|event| matches!(event, Event::ScopeEnd { scope, .. } if scope == name))
    }

    /// Reports of the misses, with the names of their scopes.
    pub fn misses(&self) -> impl Iterator<Item = (&str, &str)> {
        self.events.iter().filter_map(|event| match event {
            Event::Miss { scope, report } => Some((scope.as_str(), report.as_str())),
            _ => None,
        })
    }

    /// Names and reports of scopes that committed when recorded and did not now. A task may outlive its
    /// scope and commit late, so this is for the end.
    pub fn lost_commits(&self) -> impl Iterator<Item = (&str, &str)> {
        let committed = |name: &str| {
            let late = |event: &Event| matches!(event, Event::Committed { scope } if scope == name);
            self.events.iter().any(late)
        };
        self.events.iter().filter_map(move |event| match event {
            Event::LostCommits { scope, report } if !committed(scope) => {
                Some((scope.as_str(), report.as_str()))
            }
            _ => None,
        })
    }

    /// What the application used and no fixture can replay, whatever became of the exception,
    /// with the names of the scopes.
    pub fn unsupported(&self) -> impl Iterator<Item = (&str, &str)> {
        self.events.iter().filter_map(|event| match event {
            Event::Unsupported { scope, what } => Some((scope.as_str(), what.as_str())),
            _ => None,
        })
    }

    pub fn bound(&self, name: &str) -> Vec<Bound> {
        let pairs = self.events.iter().filter_map(|event| match event {
            Event::Bound { scope, recorded, live } if scope == name => {
                Some(Bound { live: live.clone(), recorded: recorded.clone() })
            }
            _ => None,
        });
        pairs.collect()
    }

    /// What was refused: `socket.connect to ('127.0.0.1', 5432)`.
    pub fn denied(&self) -> Vec<String> {
        let denied = self.events.iter().filter_map(|event| match event {
            Event::Denied(denied) => Some(format!("{} to {}", denied.event, denied.address)),
            _ => None,
        });
        denied.collect()
    }

    /// One line for each exchange that no statement asked for, with the name of its scope.
    pub fn unused(&self) -> Vec<(&str, String)> {
        let mut left: BTreeMap<(usize, u64), (&str, &Left, u64)> = BTreeMap::new();
        let mut scopes: Vec<&str> = Vec::new();
        for event in &self.events {
            let Event::Unused { scope, exchanges } = event else { continue };
            // Each process lists start-up; what one of them asked has been asked.
            if scopes.contains(&scope.as_str()) {
                continue;
            }
            let keyed = exchanges
                .iter()
                .map(|each| ((scopes.len(), each.exchange), (scope.as_str(), each, each.times)));
            left.extend(keyed);
            scopes.push(scope);
        }
        for event in &self.events {
            let Event::Taken { scope, exchange } = event else { continue };
            let place = scopes.iter().position(|name| name == scope);
            if let Some((.., times)) = place.and_then(|place| left.get_mut(&(place, *exchange))) {
                *times = times.saturating_sub(1);
            }
        }
        let unused = left.into_values().filter(|(.., times)| *times > 0);
        unused.map(|(scope, each, times)| (scope, each.shown(times))).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

impl Left {
    fn shown(&self, times: u64) -> String {
        const WIDTH: usize = 100;
        let mut words = vec![self.operation.clone()];
        if times > 1 {
            words.push(format!("×{times}"));
        }
        if let Some(sql) = &self.sql {
            let statement = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            let cut = statement.char_indices().nth(WIDTH).map(|(place, _)| place);
            words.push(cut.map_or(statement.clone(), |place| format!("{}…", &statement[..place])));
        }
        if !self.parameters.is_null() {
            words.push(self.parameters.to_string());
        }
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn each_event_is_read_from_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let text = concat!(
            r#"{"scope_open":{"scope":"a"}}"#,
            "\n",
            r#"{"bound":{"scope":"a","recorded":"r","live":"l"}}"#,
            "\n",
            r#"{"miss":{"scope":"a","report":"x\ny"}}"#,
            "\n",
            r#"{"denied":{"event":"socket.connect","address":"('127.0.0.1', 1)"}}"#,
            "\n",
            r#"{"unused":{"scope":"start-up","exchanges":[{"exchange":1,"operation":"commit","sql":null,"parameters":[1],"left":1},{"exchange":2,"operation":"execute","sql":"SELECT 2","parameters":null,"left":1}]}}"#,
            "\n",
            r#"{"unused":{"scope":"a","exchanges":[{"exchange":1,"operation":"execute","sql":"SELECT\n 1","parameters":null,"left":3}]}}"#,
            "\n",
            r#"{"scope_end":{"scope":"a"}}"#,
            "\n",
            r#"{"taken":{"scope":"start-up","exchange":2}}"#,
            "\n",
            r#"{"taken":{"scope":"a","exchange":1}}"#,
            "\n",
            r#"{"lost_commits":{"scope":"a","report":"early"}}"#,
            "\n",
            r#"{"lost_commits":{"scope":"b","report":"lost"}}"#,
            "\n",
            r#"{"committed":{"scope":"a"}}"#,
            "\n",
            r#"{"unsupported":{"scope":"b","what":"copy()"}}"#,
            "\n{\"torn"
        );
        fs::write(&path, text).unwrap();
        let mut ledger = Ledger::of(&path);
        ledger.read().unwrap();
        assert!(ledger.has_ended("a") && !ledger.has_ended("b"));
        assert_eq!(ledger.misses().collect::<Vec<_>>(), [("a", "x\ny")]);
        assert_eq!(ledger.bound("a"), [Bound { live: "l".into(), recorded: "r".into() }]);
        assert!(ledger.bound("b").is_empty());
        assert_eq!(ledger.lost_commits().collect::<Vec<_>>(), [("b", "lost")]);
        assert_eq!(ledger.unsupported().collect::<Vec<_>>(), [("b", "copy()")]);
        assert_eq!(ledger.denied(), ["socket.connect to ('127.0.0.1', 1)"]);
        let unused =
            [("start-up", "commit [1]".to_owned()), ("a", "execute ×2 SELECT 1".to_owned())];
        assert_eq!(ledger.unused(), unused);
    }
}
