//! The traces that a project keeps, a file a scope.
//!
//! Finds and removes files; what they hold is written elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::error::{Error, Result, Warning};
use crate::recording::{Recording, START_UP_INDEX};
use crate::split::Kept;
use crate::stacks::{open_traces, scope_files};

/// What a folder holds; None if there is none.
pub fn kept(folder: &Path, warnings: &mut Vec<Warning>) -> Result<Option<Kept>> {
    let paths = scope_files(folder)?;
    if paths.is_empty() {
        return Ok(None);
    }
    let recording = Recording::of(open_traces(&paths)?, warnings)?;
    let mut files = BTreeMap::new();
    for (index, scope) in recording.scopes.iter().enumerate() {
        let stem = recording.path_of(index).and_then(Path::file_stem);
        if let (Some(stem), false) = (stem, index == START_UP_INDEX) {
            files.insert(scope.name.clone(), stem.to_string_lossy().into_owned());
        }
    }
    Ok(Some(Kept { recording, files }))
}

/// Removes files of a folder; one that is not there is gone already.
pub fn remove(folder: &Path, names: &[String]) -> Result<()> {
    for name in names {
        let path = folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::Io { path, source: error });
            }
            _ => {}
        }
    }
    Ok(())
}
