//! A stack's application, started unchanged under the recorder or under its fixture.
//!
//! Does not look into the trace or the ledger; whoever started it does.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::leash::Leash;
use crate::message::{Request, Response};
use crate::process::{self, Group};
use crate::stack::{READY, Stack};
use crate::{http, interrupt, traces};

const START: Duration = Duration::from_mins(1);
/// How long the application may think before it answers.
const ANSWER: Duration = Duration::from_mins(1);
/// Another process may take the free port before the application does.
const ATTEMPTS: usize = 5;
const LOG_LINES: usize = 40;

/// What the launcher does in the application's process.
pub enum Mode<'p> {
    Record { trace: &'p Path, redaction: Option<Redaction<'p>> },
    Replay { fixture: &'p Path, ledger: &'p Path },
}

/// What a recording is to replace by pseudonyms.
pub struct Redaction<'p> {
    /// The file with the rules.
    pub rules: &'p Path,
    /// Takes what was replaced, and by what, as a ledger does; it holds what is real.
    pub pairs: &'p Path,
}

/// Say where the key of redaction is, if there is one: to our commands, and by them.
const KEYS: [&str; 2] = ["MOCK_CURSOR_REDACTION_KEY", "MOCK_CURSOR_REDACTION_KEY_FILE"];

/// The variables that say where the key is, as we were given them or as the stack has them.
pub fn redaction_key(stack: &Stack) -> Vec<(&'static str, OsString)> {
    let of_stack = |name: &str| stack.settings.environment.get(name).map(OsString::from);
    let value = |name| of_stack(name).or_else(|| env::var_os(name));
    KEYS.into_iter().filter_map(|name| Some((name, value(name)?))).collect()
}

impl Mode<'_> {
    /// The variables that the launcher reads.
    pub fn variables(&self) -> Vec<(&'static str, &Path)> {
        match self {
            // All Pythons of the command are one recording, one after the other as well.
            Self::Record { trace, redaction } => {
                let mut variables =
                    vec![("MOCK_CURSOR_RECORD", *trace), ("MOCK_CURSOR_RECORDING", trace)];
                if let Some(Redaction { rules, pairs }) = redaction {
                    variables.push(("MOCK_CURSOR_REDACTION", rules));
                    variables.push(("MOCK_CURSOR_LEDGER", pairs));
                }
                variables
            }
            Self::Replay { fixture, ledger } => vec![
                ("MOCK_CURSOR_REPLAY", fixture),
                ("MOCK_CURSOR_LEDGER", ledger),
                ("MOCK_CURSOR_GUARD", Path::new("1")),
            ],
        }
    }

    /// Forgets what an attempt that found its port taken has written.
    fn start_over(&self) -> Result<()> {
        match self {
            Self::Record { trace, .. } => traces::clear(trace.parent().unwrap_or(trace)),
            Self::Replay { ledger, .. } if ledger.exists() => {
                fs::remove_file(ledger).map_err(Error::io("remove", ledger))
            }
            Self::Replay { .. } => Ok(()),
        }
    }
}

/// The variables of the deterministic mode. The recorder reads the first, and a fixture knows;
/// the order of sets is Python's own business, in both phases.
pub const DETERMINISTIC: [(&str, &str); 2] =
    [("MOCK_CURSOR_DETERMINISTIC", "1"), ("PYTHONHASHSEED", "0")];

/// All that a start needs.
pub struct Launch<'p> {
    pub stack: &'p Stack,
    pub environment: &'p Environment,
    pub launcher: &'p Path,
    pub database_url: &'p str,
    /// None leaves the application to itself, on the real driver.
    pub mode: Option<Mode<'p>>,
    /// What the order of Python's sets comes from; random if there is none.
    pub hash_seed: Option<u32>,
    /// Takes what the application prints.
    pub log: PathBuf,
}

pub struct Application {
    group: Group,
    _leash: Leash,
    port: u16,
    log: PathBuf,
}

impl Application {
    /// Returns once the port is open.
    pub fn start(launch: &Launch) -> Result<Self> {
        for _ in 1..ATTEMPTS {
            match Self::attempt(launch) {
                Err(Error::Application { log, .. }) if port_was_taken(&log) => {}
                outcome => return outcome,
            }
        }
        Self::attempt(launch)
    }

    fn attempt(launch: &Launch) -> Result<Self> {
        let port = free_port()?;
        let fill = |text: &str| {
            text.replace("{port}", &port.to_string()).replace("{database_url}", launch.database_url)
        };
        let settings = &launch.stack.settings;
        let words: Vec<String> = settings.command.iter().map(String::as_str).map(fill).collect();
        let mut command = launch.environment.command(&words[0]);
        command.args(&words[1..]).current_dir(&launch.stack.folder);
        let variables = launch.mode.iter().flat_map(Mode::variables);
        command.env("PYTHONPATH", launch.launcher).envs(variables);
        command.env("DATABASE_URL", launch.database_url);
        command.envs(redaction_key(launch.stack));
        if settings.deterministic {
            command.envs(DETERMINISTIC);
        }
        command.envs(launch.hash_seed.map(|seed| ("PYTHONHASHSEED", seed.to_string())));
        command.envs(settings.environment.iter().map(|(name, value)| (name, fill(value))));
        let log = process::create(&launch.log)?;
        let same = log.try_clone().map_err(Error::io("open", &launch.log))?;
        command.stdin(Stdio::null()).stdout(log).stderr(same);
        launch.mode.as_ref().map_or(Ok(()), Mode::start_over)?;
        let group = Group::start(&mut command)?;
        let leash = Leash::on(&group)?;
        let mut application = Self { group, _leash: leash, port, log: launch.log.clone() };
        application.wait(START, "open its port", || {
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok().map(|_| ()))
        })?;
        Ok(application)
    }

    /// Where it listens, for whoever can't afford the watch that `send` keeps.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Asks the path that answers once the application is ready, if the stack names one.
    /// Returns whether there was anything to ask, and with it a scope to wait for.
    pub fn ask_ready(&mut self, stack: &Stack) -> Result<bool> {
        let Some(path) = &stack.settings.ready else { return Ok(false) };
        let request = Request {
            name: READY.to_owned(),
            method: "GET".to_owned(),
            path: path.clone(),
            headers: std::collections::BTreeMap::new(),
            body: None,
            messages: None,
            keep: std::collections::BTreeMap::new(),
            names_scope: true,
        };
        let response = self.send(&request)?;
        if response.status < 400 {
            Ok(true)
        } else {
            Err(self.trouble(format!("{path} answered {}", response.status)))
        }
    }

    /// Sends a request and waits for the whole response.
    pub fn send(&mut self, request: &Request) -> Result<Response> {
        let (sender, receiver) = mpsc::channel();
        let (port, owned) = (self.port, request.clone());
        // In a thread of its own, so that the wait for it can be interrupted.
        thread::spawn(move || sender.send(http::send(port, &owned)));
        let answered = interrupt::wait_for(ANSWER, || Ok(receiver.try_recv().ok()))?;
        match answered {
            Some(Ok(response)) => Ok(response),
            Some(Err(error)) => {
                let ended = interrupt::wait_for(Duration::from_secs(1), || self.group.exited())?;
                let what = ended.map_or_else(|| "the request failed".to_owned(), ended_with);
                Err(self.trouble(format!("{what}: {error}")))
            }
            None => Err(self.trouble(format!("no response within {} s", ANSWER.as_secs()))),
        }
    }

    /// Waits for something that the application is to do; an error if it ends before.
    pub fn wait(
        &mut self,
        limit: Duration,
        purpose: &str,
        mut ask: impl FnMut() -> Result<Option<()>>,
    ) -> Result<()> {
        let mut last_status = None;
        let done = interrupt::wait_for(limit, || {
            // The status first: what it did just before its end counts.
            last_status = self.group.exited()?;
            let done = ask()?;
            Ok(if done.is_some() { Some(true) } else { last_status.map(|_| false) })
        })?;
        match (done, last_status) {
            (Some(true), _) => Ok(()),
            (_, Some(status)) => Err(self.trouble(ended_with(status))),
            _ => Err(self.trouble(format!(
                "the application did not {purpose} within {} s",
                limit.as_secs()
            ))),
        }
    }

    /// Ends it; an error unless it ended as asked.
    pub fn stop(mut self) -> Result<()> {
        if let Some(status) = self.group.exited()? {
            return Err(self.trouble(ended_with(status)));
        }
        let status = self.group.stop()?;
        if as_asked(status) {
            return Ok(());
        }
        Err(self.trouble(format!("when it was told to end, {}", ended_with(status))))
    }

    fn trouble(&self, what: String) -> Error {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let log = lines[lines.len().saturating_sub(LOG_LINES)..].join("\n");
        Error::Application { what, log }
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        // Politely, for the sake of the connections it holds; the group kills what remains.
        let _ = self.group.stop();
    }
}

/// Exit code 0, or SIGTERM or SIGINT, as the signal itself or as a shell writes it.
fn as_asked(status: ExitStatus) -> bool {
    status.success()
        || matches!(status.signal(), Some(2 | 15))
        || matches!(status.code(), Some(130 | 143))
}

fn ended_with(status: ExitStatus) -> String {
    format!("the application ended with {status}")
}

fn port_was_taken(log: &str) -> bool {
    let log = log.to_ascii_lowercase();
    log.contains("address already in use") || log.contains("eaddrinuse")
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| listener.local_addr());
    address
        .map(|address| address.port())
        .map_err(|error| Error::failed(format!("found no free port: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_by_the_signals_we_send_is_no_crash() {
        for (raw, expected) in
            [(0, true), (15, true), (2, true), (143 << 8, true), (9, false), (1 << 8, false)]
        {
            assert_eq!(as_asked(ExitStatus::from_raw(raw)), expected, "{raw}");
        }
    }

    #[test]
    fn only_a_taken_port_is_tried_again() {
        assert!(port_was_taken(
            "ERROR: [Errno 98] error while attempting to bind: Address already in use"
        ));
        assert!(!port_was_taken("ImportError: no module named app"));
    }
}
