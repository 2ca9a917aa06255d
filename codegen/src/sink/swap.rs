//! Two folders change places in one step.
//!
//! Knows nothing of what they hold.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::error::{Error, Result};

/// Puts `new` in the place of `old`, and `old`, if it exists, in the place of `new`.
pub fn swap(new: &Path, old: &Path) -> Result<()> {
    // A link to a folder stays one.
    let old = &fs::canonicalize(old).unwrap_or_else(|_| old.to_path_buf());
    if !old.exists() {
        return fs::rename(new, old).map_err(Error::io(old));
    }
    let permissions = fs::metadata(old).map_err(Error::io(old))?.permissions();
    fs::set_permissions(new, permissions).map_err(Error::io(new))?;
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // Some file systems can't; a reader may then find no folder for a moment.
        Err(Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP) => in_turn(new, old),
        Err(error) => Err(Error::io(old)(error.into())),
    }
}

fn in_turn(new: &Path, old: &Path) -> Result<()> {
    let aside = new.with_extension("old");
    fs::rename(old, &aside).map_err(Error::io(old))?;
    if let Err(error) = fs::rename(new, old) {
        fs::rename(&aside, old).map_err(Error::io(old))?;
        return Err(Error::io(old)(error));
    }
    fs::rename(&aside, new).map_err(Error::io(new))
}

/// Makes a file appear at a second place, with the time that it has.
pub fn link(from: &Path, to: &Path) -> Result<()> {
    // Whether a link to a link is the same link depends on the system.
    if let Ok(target) = fs::read_link(from) {
        return symlink(target, to).map_err(Error::io(from));
    }
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::io(from)(error)),
        // Not every file system has links.
        Err(_) => fs::copy(from, to).map(drop).map_err(Error::io(from)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{in_turn, swap};

    #[test]
    fn folders_change_places_either_way() {
        let folder = tempfile::tempdir().expect("a folder");
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        for path in [&new, &old] {
            fs::create_dir(path).expect("writable");
            fs::write(path.join("x"), path.as_os_str().as_encoded_bytes()).expect("writable");
        }
        let text = |path: &std::path::Path| fs::read_to_string(path.join("x")).expect("readable");
        swap(&new, &old).expect("they change places");
        assert!(text(&new).ends_with("old") && text(&old).ends_with("new"));
        in_turn(&new, &old).expect("they change places");
        assert!(text(&new).ends_with("new") && text(&old).ends_with("old"));
        fs::remove_dir_all(&old).expect("removable");
        swap(&new, &old).expect("it moves");
        assert!(!new.exists() && text(&old).ends_with("new"));
    }
}
