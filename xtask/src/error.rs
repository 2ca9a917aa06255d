//! The one error type of the commands, and what it means for the exit code.
//!
//! Knows no test results: a test that fails is counted, not raised.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::paths;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug)]
pub enum Error {
    /// A file that could not be read, written, moved …
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    /// A mistake in a file that somebody wrote.
    Input { path: PathBuf, line: usize, column: usize, what: String, hint: Option<String> },
    /// The application under test ended, hung or refused; with the end of what it printed.
    Application { what: String, log: String },
    /// Anything else that keeps a command from going on.
    Failed { what: String, hint: Option<String> },
    /// Ctrl-C or a request to terminate.
    Interrupted,
}

impl Error {
    pub fn failed(what: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), hint: None }
    }

    /// Adds the command that mends it.
    #[must_use]
    pub fn hint(self, text: impl Into<String>) -> Self {
        let hint = Some(text.into());
        match self {
            Self::Failed { what, .. } => Self::Failed { what, hint },
            Self::Input { path, line, column, what, .. } => {
                Self::Input { path, line, column, what, hint }
            }
            other => other,
        }
    }

    /// `map_err(Error::io("read", &path))`
    pub fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { doing, path, source }
    }

    /// 2 for usage or I/O; 130 as a shell says that a command was interrupted.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Interrupted => 130,
            _ => 2,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, path, .. } => write!(f, "{}: cannot {doing}", paths::shown(path)),
            Self::Input { path, line, column, what, hint } => {
                write!(f, "{}:{line}:{column}: {what}", paths::shown(path))?;
                write_hint(f, hint.as_deref())
            }
            Self::Failed { what, hint } => {
                f.write_str(what)?;
                write_hint(f, hint.as_deref())
            }
            Self::Application { what, log } => {
                f.write_str(what)?;
                log.lines().try_for_each(|line| write!(f, "\n  | {line}"))
            }
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

fn write_hint(f: &mut fmt::Formatter<'_>, hint: Option<&str>) -> fmt::Result {
    hint.map_or(Ok(()), |hint| write!(f, "\n  hint: {hint}"))
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The message with its causes, as `main` prints it.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_place_from_the_root_and_indents_its_hint() {
        let path = paths::stacks().join("a/stack.toml");
        let error =
            Error::Input { path, line: 3, column: 7, what: "unknown key \"x\"".into(), hint: None };
        let text = error.hint("remove it").to_string();
        assert_eq!(text, "tests/stacks/a/stack.toml:3:7: unknown key \"x\"\n  hint: remove it");
    }

    #[test]
    fn the_chain_ends_with_the_cause() {
        let error = Error::io("read", Path::new("/nowhere"))(io::Error::other("no such disk"));
        assert_eq!(chain(&error), "/nowhere: cannot read: no such disk");
    }
}
