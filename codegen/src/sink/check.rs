//! The sink that writes nothing and shows what differs.
//!
//! Never touches a file, not even to make a folder.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use similar::TextDiff;

use super::{Change, ChangeKind, Sink, orphans, read, read_lossy};
use crate::error::Result;

/// Compares a folder with what is generated for it.
#[derive(Debug)]
pub struct Check {
    root: PathBuf,
    files: BTreeSet<String>,
    changes: Vec<Change>,
}

impl Check {
    /// A check of this folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), files: BTreeSet::new(), changes: Vec::new() }
    }

    fn change(&mut self, path: &str, kind: ChangeKind, old: &str, new: &str) {
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
        self.changes.push(Change { path, kind, diff });
    }
}

impl Sink for Check {
    fn file(&mut self, path: &str, content: &str) -> Result<()> {
        self.files.insert(path.to_owned());
        match read(&self.root.join(path))? {
            Some(old) if old == content.as_bytes() => {}
            Some(old) => {
                let old = String::from_utf8_lossy(&old);
                self.change(path, ChangeKind::Different, &old, content);
            }
            None => self.change(path, ChangeKind::Missing, "", content),
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Change>> {
        for orphan in orphans(&self.root, &self.files)? {
            let old = read_lossy(&self.root.join(&orphan))?;
            self.change(&orphan, ChangeKind::Orphaned, &old, "");
        }
        Ok(self.changes)
    }
}
