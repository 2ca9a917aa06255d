//! Finds the Python that virtual environments are made from.
//!
//! Installs none: a machine without a fitting one gets a message that says so.

use std::env;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// The oldest that the emitted code supports, and the newest that is looked for by name.
const OLDEST: (u32, u32) = (3, 11);
const NEWEST: (u32, u32) = (3, 13);

/// An interpreter and what tells its environments from another's.
#[derive(Clone, Debug)]
pub struct Python {
    pub executable: String,
    /// `3.13.1`, the platform included, as the wheels depend on both.
    pub version: String,
}

/// `$PYTHON`, else the newest of `python3.13` … `python3.11`, else `python3`.
pub fn find() -> Result<Python> {
    if let Ok(named) = env::var("PYTHON") {
        return probe(&named).ok_or_else(|| {
            Error::failed(format!(
                "PYTHON={named} is not a Python {}.{} or newer",
                OLDEST.0, OLDEST.1
            ))
            .hint("unset PYTHON, or name another interpreter")
        });
    }
    let names = (OLDEST.1..=NEWEST.1).rev().map(|minor| format!("python3.{minor}"));
    names.chain(["python3".to_owned()]).find_map(|name| probe(&name)).ok_or_else(|| {
        Error::failed(format!("found no Python {}.{} or newer", OLDEST.0, OLDEST.1))
            .hint("install one, or name it: PYTHON=/path/to/python cargo xtask …")
    })
}

/// Runs it, since a name on the path may be a shim that only prints an error.
fn probe(executable: &str) -> Option<Python> {
    const SCRIPT: &str = "import platform, sys; \
         print(*sys.version_info[:2]); print(platform.python_version(), platform.platform())";
    let output =
        Command::new(executable).args(["-I", "-c", SCRIPT]).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    let (numbers, version) = text.split_once('\n')?;
    let (major, minor) = numbers.split_once(' ')?;
    let found = (major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?);
    (found >= OLDEST)
        .then(|| Python { executable: executable.to_owned(), version: version.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_does_not_run_is_not_a_python() {
        assert!(probe("python3-that-nobody-installed").is_none());
        assert!(probe("true").is_none());
    }
}
