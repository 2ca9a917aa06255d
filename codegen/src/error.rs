//! The one error of the crate and the one form of its messages.
//!
//! Deliberately decides nothing about exit codes; the programs do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What went wrong, in the form `path:line:column: what` with a `hint:` below.
#[derive(Debug)]
pub enum Error {
    /// Something in a file that was read.
    Input(Box<Finding>),
    /// A fault of the request as a whole, which has no place in a file.
    Request {
        /// What is wrong, in lower case, without a final stop.
        what: String,
        /// How to mend it.
        hint: String,
    },
    /// The operating system refused to read or write.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A template of ours that cannot be rendered.
    Template(minijinja::Error),
    /// A table or a template of ours that makes no sense.
    Defect(String),
}

/// One place in one file, with what is wrong there and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file as it was named by whoever asked.
    pub path: PathBuf,
    /// Counted from 1.
    pub line: usize,
    /// In bytes, counted from 1.
    pub column: usize,
    /// In lower case, without a final stop.
    pub what: String,
    /// Empty if there is nothing to advise.
    pub hint: String,
}

/// Something worth saying that does not stop the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning(pub Finding);

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Wraps an operating system's refusal, to be used with `map_err`.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }

    /// A request that cannot be fulfilled.
    pub fn request(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Request { what: what.into(), hint: hint.into() }
    }
}

impl From<Finding> for Error {
    fn from(finding: Finding) -> Self {
        Self::Input(Box::new(finding))
    }
}

impl From<minijinja::Error> for Error {
    fn from(error: minijinja::Error) -> Self {
        Self::Template(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(finding) => write_finding(f, finding, ""),
            Self::Request { what, hint } => {
                f.write_str(what)?;
                write_hint(f, hint)
            }
            Self::Io { path, source } => {
                write!(f, "{}: {source}", path.display())?;
                write_hint(f, io_hint(source.kind()))
            }
            Self::Template(error) => write!(f, "a template cannot be rendered: {error:#}"),
            Self::Defect(what) => f.write_str(what),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_finding(f, &self.0, "warning: ")
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Template(error) => Some(error),
            Self::Input(_) | Self::Request { .. } | Self::Defect(_) => None,
        }
    }
}

fn io_hint(kind: io::ErrorKind) -> &'static str {
    use io::ErrorKind as Kind;
    match kind {
        Kind::NotFound => "name a file or a folder that exists",
        Kind::NotADirectory => "a part of the path is a file; name another folder",
        Kind::IsADirectory => "a folder stands where a file is read or written; name another",
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => {
            "name a place that you may use, or change its permissions"
        }
        Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => {
            "make room, or name another place, and run it again"
        }
        Kind::InvalidData => "write it in UTF-8",
        _ => "mend what the system names, and run it again",
    }
}

fn write_finding(f: &mut fmt::Formatter<'_>, finding: &Finding, mark: &str) -> fmt::Result {
    let Finding { path, line, column, what, hint } = finding;
    write!(f, "{}:{line}:{column}: {mark}{what}", path.display())?;
    write_hint(f, hint)
}

fn write_hint(f: &mut fmt::Formatter<'_>, hint: &str) -> fmt::Result {
    if hint.is_empty() { Ok(()) } else { write!(f, "\n  hint: {hint}") }
}
