//! Where new files lie until all of them are there.
//!
//! Knows nothing of what they are.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{Error, Result};

const PREFIX: &str = ".mock-cursor-";

/// Held by the run that the stage belongs to, for as long as it lives.
const LOCK: &str = "lock";

const NEW: &str = "new";

/// A folder that goes with the run, unless that is killed; then the next one takes it away.
#[derive(Debug)]
pub struct Stage {
    folder: TempDir,
    _lock: File,
}

impl Stage {
    /// In a folder, which is made if need be.
    pub fn beside(parent: &Path) -> Result<Self> {
        fs::create_dir_all(parent).map_err(Error::io(parent))?;
        remove_abandoned(parent)?;
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(parent)
            .map_err(Error::io(parent))?;
        let path = folder.path().join(LOCK);
        let lock = File::create(&path).map_err(Error::io(&path))?;
        // Where there are no locks, what is abandoned stays.
        let _ = lock.try_lock();
        let new = folder.path().join(NEW);
        fs::create_dir(&new).map_err(Error::io(&new))?;
        Ok(Self { folder, _lock: lock })
    }

    /// Where the new files go.
    pub fn new_folder(&self) -> PathBuf {
        self.folder.path().join(NEW)
    }
}

/// Removes the stages of runs that were killed, which hold their locks no more. One
/// without a lock may just be in the making.
fn remove_abandoned(parent: &Path) -> Result<()> {
    for entry in fs::read_dir(parent).map_err(Error::io(parent))? {
        let entry = entry.map_err(Error::io(parent))?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let lock = File::open(entry.path().join(LOCK));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            // Another run may be at the same.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{LOCK, Stage};

    #[test]
    fn abandoned_stages_are_removed_and_others_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = |name: &str, with_lock: bool| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.join("new")).expect("writable");
            if with_lock {
                fs::write(path.join(LOCK), "").expect("writable");
            }
            path
        };
        let (abandoned, young) = (made(".mock-cursor-a", true), made(".mock-cursor-b", false));
        let foreign = made("mock-cursor-c", true);
        let first = Stage::beside(folder.path()).expect("a stage");
        assert!(!abandoned.exists() && young.exists() && foreign.exists());
        let second = Stage::beside(folder.path()).expect("a stage");
        assert!(first.new_folder().exists() && second.new_folder().exists());
        let path = first.new_folder();
        drop(first);
        assert!(!path.exists());
    }
}
