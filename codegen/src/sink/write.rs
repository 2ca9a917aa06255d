//! The sink that writes.
//!
//! Leaves a file alone whose content is the same, so that its time stays.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::stage::Stage;
use super::swap::{link, swap};
use super::{Change, ChangeKind, Sink, all_files, holds, orphans};
use crate::error::{Error, Result};

/// Makes a folder hold what is generated for it.
///
/// Changed files are written into a folder beside it. When all of them are there,
/// what stays as it is is linked to them, and the two folders change places in
/// one step: a run that fails or is killed changes nothing, and a reader sees the
/// old files or the new ones, never some of each.
#[derive(Debug)]
pub struct Write {
    root: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    stage: Option<Stage>,
    changed: Vec<(String, ChangeKind)>,
    files: BTreeSet<String>,
}

impl Write {
    /// A writer into this folder, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves at most a file too few, and ends the run.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Write {
    fn file(&self, path: &str, content: &str) -> Result<()> {
        let kind = match holds(&self.root.join(path), content.as_bytes())? {
            Some(true) => {
                self.state().files.insert(path.to_owned());
                return Ok(());
            }
            Some(false) => ChangeKind::Different,
            None => ChangeKind::Missing,
        };
        let staged = {
            let mut state = self.state();
            state.files.insert(path.to_owned());
            state.changed.push((path.to_owned(), kind));
            state.stage(&self.root)?.join(path)
        };
        make_parent(&staged)?;
        fs::write(&staged, content).map_err(Error::io(&staged))
    }

    fn finish(self: Box<Self>) -> Result<Vec<Change>> {
        let Self { root, state } = *self;
        let mut state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let orphans = orphans(&root, &state.files)?;
        let gone = orphans.into_iter().map(|path| (path, ChangeKind::Orphaned));
        state.changed.extend(gone);
        if state.changed.is_empty() {
            return Ok(Vec::new());
        }
        let new = state.stage(&root)?;
        let changed: BTreeSet<&String> = state.changed.iter().map(|(path, _)| path).collect();
        for path in all_files(&root)?.iter().filter(|path| !changed.contains(path)) {
            let staged = new.join(path);
            make_parent(&staged)?;
            link(&root.join(path), &staged)?;
        }
        swap(&new, &root)?;
        state.changed.sort_by(|(one, _), (other, _)| one.cmp(other));
        let change =
            |(path, kind)| Change { path: root.join::<String>(path), kind, diff: String::new() };
        Ok(state.changed.into_iter().map(change).collect())
    }
}

impl State {
    /// The new folder, beside the old one, as only a move within one file system is atomic.
    fn stage(&mut self, root: &Path) -> Result<PathBuf> {
        if let Some(stage) = &self.stage {
            return Ok(stage.new_folder());
        }
        // Beside the folder itself, if `root` is a link to it.
        let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
        let parent = match root.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let stage = self.stage.insert(Stage::beside(parent)?);
        Ok(stage.new_folder())
    }
}

fn make_parent(path: &Path) -> Result<()> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent).map_err(Error::io(parent)),
        None => Ok(()),
    }
}
