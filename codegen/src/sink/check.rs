//! The sink that writes nothing and shows what differs.
//!
//! Never touches a file, not even to make a folder.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use similar::TextDiff;

use super::{Change, ChangeKind, Sink, holds, orphans, read_lossy};
use crate::error::Result;

/// Compares a folder with what is generated for it.
#[derive(Debug)]
pub struct Check {
    root: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeSet<String>,
    changes: Vec<Change>,
}

impl Check {
    /// A check of this folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), state: Mutex::default() }
    }

    fn change(&self, path: &str, kind: ChangeKind, old: &str, new: &str) -> Change {
        let path = self.root.join(path);
        let name = path.display().to_string().trim_start_matches('/').to_owned();
        let (before, after) = match kind {
            ChangeKind::Missing => ("/dev/null".to_owned(), format!("b/{name}")),
            ChangeKind::Different => (format!("a/{name}"), format!("b/{name}")),
            ChangeKind::Orphaned => (format!("a/{name}"), "/dev/null".to_owned()),
        };
        let diff = TextDiff::configure()
            // Past this the diff is coarser, never wrong.
            .timeout(Duration::from_secs(5))
            .diff_lines(old, new)
            .unified_diff()
            .header(&before, &after)
            .to_string();
        Change { path, kind, diff }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves at most a change too few, and ends the run.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Check {
    fn file(&self, path: &str, content: &str) -> Result<()> {
        let there = self.root.join(path);
        let change = match holds(&there, content.as_bytes())? {
            Some(true) => None,
            Some(false) => {
                Some(self.change(path, ChangeKind::Different, &read_lossy(&there)?, content))
            }
            None => Some(self.change(path, ChangeKind::Missing, "", content)),
        };
        let mut state = self.state();
        state.files.insert(path.to_owned());
        state.changes.extend(change);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Change>> {
        let mut changes = std::mem::take(&mut self.state().changes);
        let orphans = orphans(&self.root, &self.state().files)?;
        for orphan in orphans {
            let old = read_lossy(&self.root.join(&orphan))?;
            changes.push(self.change(&orphan, ChangeKind::Orphaned, &old, ""));
        }
        changes.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(changes)
    }
}
