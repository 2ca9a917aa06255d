//! The paths of this repository that generation touches.
//!
//! Only programs that work on the repository itself use them; nothing that is
//! generated names one.

use std::path::PathBuf;

/// The repository.
pub fn repository() -> PathBuf {
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    package.parent().map_or(package.clone(), PathBuf::from)
}

/// The stacks.
pub fn stacks() -> PathBuf {
    repository().join("tests/stacks")
}

/// The fixtures of the stacks.
pub fn generated_python() -> PathBuf {
    repository().join("generated/python")
}

/// The Rust tables.
pub fn generated_rust() -> PathBuf {
    repository().join("generated/rust")
}

/// A path as it is spelled from the working directory, if it lies below it, so
/// that messages read well and never depend on where the repository lies.
pub fn from_here(path: &std::path::Path) -> PathBuf {
    match std::env::current_dir() {
        Ok(here) => path.strip_prefix(here).unwrap_or(path).to_path_buf(),
        Err(_) => path.to_path_buf(),
    }
}
