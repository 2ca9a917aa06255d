//! A Python process that runs rounds when asked: `NAME COUNT` in, a line of JSON out.
//!
//! Knows no contest; `tests/bench/timing.py` is the other end.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::interrupt;
use crate::process::{self, Group};

pub struct Worker {
    name: &'static str,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    log: PathBuf,
    /// Ends the process when dropped.
    _group: Group,
}

/// One turn of one contestant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Of one call.
    pub seconds: f64,
    /// What the last call gave, as a hash.
    pub given: String,
}

impl Worker {
    pub fn start(name: &'static str, command: &mut Command, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(process::create(&log)?);
        let mut group = Group::start(command)?;
        let (stdin, stdout) = (group.child.stdin.take(), group.child.stdout.take());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
            return Err(Error::failed(format!("the {name} worker has no pipes")));
        };
        Ok(Self { name, stdin, stdout: BufReader::new(stdout), log, _group: group })
    }

    pub fn turn(&mut self, contest: &str, count: usize) -> Result<Turn> {
        interrupt::check()?;
        let mut answer = String::new();
        let asked = writeln!(self.stdin, "{contest} {count}")
            .and_then(|()| self.stdin.flush())
            .and_then(|()| self.stdout.read_line(&mut answer));
        match (asked, serde_json::from_str(&answer)) {
            (Ok(_), Ok(turn)) => Ok(turn),
            _ => Err(self.trouble(contest)),
        }
    }

    fn trouble(&self, contest: &str) -> Error {
        Error::Application {
            what: format!("the {} worker did not end its round of {contest}", self.name),
            log: fs::read_to_string(&self.log).unwrap_or_default(),
        }
    }
}
