//! The ledger of a replay that is under way.
//!
//! Judges nothing; the stack test does.

use std::path::Path;

use ledger::{Entry, Summary};

use crate::error::{Error, Result};
use crate::tail::Tail;

/// A live text, and the recorded one that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub live: String,
    pub recorded: String,
}

pub struct Ledger {
    tail: Tail,
    summary: Summary,
    /// Of the misses, the names of their scopes and their reports, as they happened.
    misses: Vec<(String, String)>,
}

impl Ledger {
    pub fn of(path: &Path) -> Self {
        Self { tail: Tail::of(path), summary: Summary::new(), misses: Vec::new() }
    }

    /// Reads what was entered since the last time.
    pub fn read(&mut self) -> Result<()> {
        for line in self.tail.lines()? {
            let entry = Entry::parse(&line).map_err(|error| {
                Error::failed(format!("the ledger holds a line that is no entry: {error}\n{line}"))
            })?;
            if let Entry::Miss { scope, report } = &entry {
                self.misses.push((scope.clone(), report.clone()));
            }
            self.summary.add(entry);
        }
        Ok(())
    }

    pub fn has_ended(&self, name: &str) -> bool {
        self.summary.scope(name).is_some_and(|scope| scope.ended > 0)
    }

    /// Reports of the misses, with the names of their scopes.
    pub fn misses(&self) -> impl Iterator<Item = (&str, &str)> {
        self.misses.iter().map(|(scope, report)| (scope.as_str(), report.as_str()))
    }

    /// Names and reports of scopes that committed when recorded and did not now. A task may outlive its
    /// scope and commit late, so this is for the end.
    pub fn lost_commits(&self) -> impl Iterator<Item = (&str, &str)> {
        self.summary.scopes().flat_map(|scope| {
            scope.lost_commits().iter().map(|report| (scope.name.as_str(), report.as_str()))
        })
    }

    /// What the application used and no fixture can replay, whatever became of the exception,
    /// with the names of the scopes.
    pub fn unsupported(&self) -> impl Iterator<Item = (&str, &str)> {
        self.summary.scopes().flat_map(|scope| {
            scope.unsupported.iter().map(|what| (scope.name.as_str(), what.as_str()))
        })
    }

    pub fn bound(&self, name: &str) -> Vec<Bound> {
        let pairs = self.summary.scope(name).map(ledger::Scope::bound).unwrap_or_default();
        let bound = |(live, recorded): &(String, String)| Bound {
            live: live.clone(),
            recorded: recorded.clone(),
        };
        pairs.iter().map(bound).collect()
    }

    /// What was refused: `socket.connect to ('127.0.0.1', 5432)`.
    pub fn denied(&self) -> Vec<String> {
        self.summary.denied().to_vec()
    }

    /// One line for each exchange that no statement asked for, with the name of its scope.
    pub fn unused(&self) -> Vec<(&str, String)> {
        let lines = self.summary.scopes().flat_map(|scope| {
            scope.unused().map(|each| (scope.name.as_str(), each.line(each.left())))
        });
        lines.collect()
    }

    pub fn is_empty(&self) -> bool {
        self.summary.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_entered_is_read_up_to_the_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let text = concat!(
            r#"{"scope_open":{"scope":"a"}}"#,
            "\n",
            r#"{"bound":{"scope":"a","recorded":"r","live":"l"}}"#,
            "\n",
            r#"{"miss":{"scope":"a","report":"x\ny"}}"#,
            "\n",
            r#"{"unused":{"scope":"a","exchanges":[{"exchange":1,"operation":"execute","sql":"SELECT\n 1","parameters":null,"left":3,"times":3}]}}"#,
            "\n",
            r#"{"scope_end":{"scope":"a"}}"#,
            "\n",
            r#"{"unsupported":{"scope":"b","what":"copy()"}}"#,
            "\n{\"torn"
        );
        let mut ledger = Ledger::of(&path);
        ledger.read().unwrap();
        assert!(ledger.is_empty());
        fs::write(&path, text).unwrap();
        ledger.read().unwrap();
        assert!(ledger.has_ended("a") && !ledger.has_ended("b"));
        assert_eq!(ledger.misses().collect::<Vec<_>>(), [("a", "x\ny")]);
        assert_eq!(ledger.bound("a"), [Bound { live: "l".into(), recorded: "r".into() }]);
        assert!(ledger.bound("b").is_empty());
        assert_eq!(ledger.unsupported().collect::<Vec<_>>(), [("b", "copy()")]);
        assert_eq!(ledger.unused(), [("a", "execute ×3 SELECT 1".to_owned())]);
    }

    #[test]
    fn a_line_that_is_no_entry_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        fs::write(&path, "{\"new\":{}}\n").unwrap();
        assert!(Ledger::of(&path).read().unwrap_err().to_string().contains("no entry"));
    }
}
