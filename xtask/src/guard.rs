//! `cargo xtask guard`: shows that a replay reaches no network, but is reached by its client.
//!
//! Trusts neither side alone: an attempt must fail, and the ledger must say why.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;

use crate::application::Mode;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::process::{self, Group};
use crate::requirements::Requirements;
use crate::stack::Stack;
use crate::tail::Tail;
use crate::tally::Tally;
use crate::{interrupt, paths, tool};

/// What the exception is called by which the guard refuses.
const REFUSAL: &str = "NetworkDenied";
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Attempt { attempt: String, error: Option<String> },
    Port { port: u16 },
}

pub fn run() -> Result<Tally> {
    let environment = Environment::of(&Requirements::default())?;
    let scratch = process::scratch("guard")?;
    let launcher = tool::launcher(scratch.path())?;
    let (said, path) = (scratch.path().join("stdout"), scratch.path().join("ledger.jsonl"));
    let log = scratch.path().join("stderr");
    let fixture = any_fixture()?;
    let mode = Mode::Replay { fixture: &fixture, ledger: &path };
    let mut command = environment.script(include_str!("guard.py"), &[]);
    command.env("PYTHONPATH", &launcher).envs(mode.variables());
    command.stdin(Stdio::null()).stdout(process::create(&said)?).stderr(process::create(&log)?);
    let mut group = Group::start(&mut command)?;
    let mut tail = Tail::of(&said);
    let mut attempts = Vec::new();
    let port = interrupt::wait_for(PATIENCE, || {
        let ended = group.exited()?;
        for line in tail.lines()? {
            match serde_json::from_str(&line).map_err(|error| Error::failed(error.to_string()))? {
                Line::Attempt { attempt, error } => attempts.push((attempt, error)),
                Line::Port { port } => return Ok(Some(Some(port))),
            }
        }
        Ok(ended.map(|_| None))
    })?;
    let Some(port) = port.flatten() else {
        let log = fs::read_to_string(&log).unwrap_or_default();
        return Err(Error::failed(format!(
            "guard.py did not come to its end:\n{}",
            log.trim_end()
        )));
    };
    let mut ledger = Ledger::of(&path);
    ledger.read()?;
    let mut tally = Tally::default();
    for (attempt, error) in &attempts {
        let failure = (error.as_deref() != Some(REFUSAL))
            .then(|| format!("not refused, but {}", error.as_deref().unwrap_or("done")));
        tally.enter(&format!("{attempt} is refused"), failure.as_slice());
    }
    let denied = ledger.denied().len();
    let unequal = (denied != attempts.len()).then(|| {
        format!(
            "{} attempts, but {denied} entries:\n{}",
            attempts.len(),
            ledger.denied().join("\n")
        )
    });
    tally.enter("each refusal is in the ledger", unequal.as_slice());
    let failure = served(port).err().map(|error| error.to_string());
    tally.enter("a client of this machine is served", failure.as_slice());
    Ok(tally)
}

fn served(port: u16) -> std::io::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"hello")?;
    let mut echo = [0; 5];
    stream.read_exact(&mut echo)?;
    if &echo == b"hello" { Ok(()) } else { Err(std::io::Error::other("another answer came back")) }
}

/// The runtime is the same in all of them.
pub fn any_fixture() -> Result<PathBuf> {
    let stacks = Stack::chosen(&[])?;
    let mut fixtures = stacks.iter().map(|stack| paths::generated_python().join(stack.package()));
    fixtures.find(|fixture| fixture.join("__init__.py").is_file()).ok_or_else(|| {
        Error::failed(format!("{}: no fixture", paths::shown(&paths::generated_python())))
            .hint("cargo xtask gen")
    })
}
