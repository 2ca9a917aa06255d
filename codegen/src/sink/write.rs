//! The sink that writes.
//!
//! Leaves a file alone whose content is the same, so that its time stays.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Change, ChangeKind, Sink, orphans, read};
use crate::error::{Error, Result};

/// Makes a folder hold what is generated for it.
///
/// Files are first written into a folder beside it and moved when all of them
/// are there: a run that fails changes nothing, and a reader never sees half a
/// file.
#[derive(Debug)]
pub struct Write {
    root: PathBuf,
    stage: Option<TempDir>,
    staged: Vec<(String, ChangeKind)>,
    files: BTreeSet<String>,
}

impl Write {
    /// A writer into this folder, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), stage: None, staged: Vec::new(), files: BTreeSet::new() }
    }

    /// Beside the folder, as only a move within one file system is atomic.
    fn stage(&mut self) -> Result<PathBuf> {
        if let Some(stage) = &self.stage {
            return Ok(stage.path().to_path_buf());
        }
        let parent = match self.root.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(Error::io(parent))?;
        let stage = tempfile::Builder::new()
            .prefix(".mock-cursor-")
            .tempdir_in(parent)
            .map_err(Error::io(parent))?;
        let path = stage.path().to_path_buf();
        self.stage = Some(stage);
        Ok(path)
    }
}

impl Sink for Write {
    fn file(&mut self, path: &str, content: &str) -> Result<()> {
        self.files.insert(path.to_owned());
        let kind = match read(&self.root.join(path))? {
            Some(old) if old == content.as_bytes() => return Ok(()),
            Some(_) => ChangeKind::Different,
            None => ChangeKind::Missing,
        };
        let staged = self.stage()?.join(path);
        make_parent(&staged)?;
        fs::write(&staged, content).map_err(Error::io(&staged))?;
        self.staged.push((path.to_owned(), kind));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Change>> {
        // Looked up before anything moves: a data file is known by its module.
        let orphans = orphans(&self.root, &self.files)?;
        let mut changes = Vec::new();
        if let Some(stage) = &self.stage {
            for (path, kind) in self.staged {
                let target = self.root.join(&path);
                make_parent(&target)?;
                fs::rename(stage.path().join(&path), &target).map_err(Error::io(&target))?;
                changes.push(Change { path: target, kind, diff: String::new() });
            }
        }
        for orphan in orphans {
            let path = self.root.join(&orphan);
            fs::remove_file(&path).map_err(Error::io(&path))?;
            remove_empty_parents(&self.root, &path);
            changes.push(Change { path, kind: ChangeKind::Orphaned, diff: String::new() });
        }
        Ok(changes)
    }
}

fn make_parent(path: &Path) -> Result<()> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent).map_err(Error::io(parent)),
        None => Ok(()),
    }
}

/// Removes the folders that held nothing else. One that still holds something,
/// if only Python's cache, cannot be removed and stays.
fn remove_empty_parents(root: &Path, path: &Path) {
    let mut folder = path.parent();
    while let Some(parent) = folder.filter(|parent| parent.starts_with(root)) {
        if fs::remove_dir(parent).is_err() {
            break;
        }
        folder = parent.parent();
    }
}
