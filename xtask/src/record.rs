//! `cargo xtask record`: one stack's requests on a live server, under the recorder.
//!
//! Knows nothing of what a trace holds; see `traces`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::application::{Application, Launch, Mode, Redaction};
use crate::compare;
use crate::database::Database;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::kept::Kept;
use crate::ledger::Ledger;
use crate::message::{self, Request, Response};
use crate::server::Server;
use crate::stack::{READY, Stack};
use crate::traces::{self, Run, Traces};
use crate::{paths, process, tool};

/// How long a scope may go on after its response, as a background task does.
pub const SCOPE_END: Duration = Duration::from_secs(30);

pub const RESPONSES: &str = "responses.jsonl";

/// A stack that is ready to be recorded: all that needs no server is done.
pub struct Recording<'s> {
    stack: &'s Stack,
    requests: Vec<Request>,
    environment: Environment,
}

impl<'s> Recording<'s> {
    pub fn of(stack: &'s Stack, pins: &[String]) -> Result<Self> {
        let requests = stack.requests()?;
        let environment = Environment::of(&stack.requirements(pins)?)?;
        Ok(Self { stack, requests, environment })
    }

    /// Records it; `out` receives the trace and the responses, both or neither. A second run
    /// keeps those of the first, and adds what it recorded itself.
    pub fn run(&self, server: &Server, out: &Path, run: Run) -> Result<()> {
        if run == Run::Again && Run::First.files(out)?.is_empty() {
            let what = format!("{}: nothing was recorded yet", paths::shown(out));
            return Err(Error::failed(what).hint("record it first without --again"));
        }
        let name = &self.stack.name;
        let partial = paths::partial(name);
        fs::create_dir_all(&partial).map_err(Error::io("create", &partial))?;
        let _lock = sole_recording(&partial)?;
        traces::clear(&partial)?;
        let responses = partial.join(RESPONSES);
        println!(
            "{name}: recording on {}",
            if server.is_ours() { "a new server" } else { "the given server" }
        );
        let outcome = self.attempt(server, &partial, &responses);
        let recorded = traces::trimmed(&partial)?;
        if let Err(error) = outcome {
            for (trace, lines) in recorded.iter().filter(|(_, lines)| *lines > 0) {
                eprintln!("{}: kept the {lines} complete lines of the trace", paths::shown(trace));
            }
            return Err(error);
        }
        if recorded.is_empty() {
            return Err(Error::failed("the recorder wrote no trace")
                .hint("the command of stack.toml must run a Python that reads PYTHONPATH"));
        }
        for (index, (trace, lines)) in recorded.iter().enumerate() {
            let to = out.join(run.name(index));
            put(trace, &to)?;
            println!("{}: {lines} lines", paths::shown(&to));
        }
        // Of a recording with more processes than this one.
        for old in run.files(out)? {
            if !(0..recorded.len()).any(|index| old.ends_with(run.name(index))) {
                fs::remove_file(&old).map_err(Error::io("remove", &old))?;
            }
        }
        if run == Run::Again {
            return Ok(());
        }
        for old in Run::Again.files(out)? {
            fs::remove_file(&old).map_err(Error::io("remove", &old))?;
            println!("{}: removed, as it goes with an older recording", paths::shown(&old));
        }
        put(&responses, &out.join(RESPONSES))
    }

    fn attempt(&self, server: &Server, partial: &Path, stored: &Path) -> Result<()> {
        let scratch = process::scratch("record")?;
        let launcher = tool::launcher(scratch.path())?;
        let database = Database::create(server, &self.stack.name)?;
        database.apply(&self.stack.file("schema.sql"))?;
        let pairs = scratch.path().join("pairs.jsonl");
        let rules = self.stack.file("stack.toml");
        let redaction = Redaction { rules: &rules, pairs: &pairs };
        let redaction = self.stack.is_redacted().then_some(redaction);
        let mut replaced = Ledger::of(&pairs);
        let mut application = Application::start(&Launch {
            stack: self.stack,
            environment: &self.environment,
            launcher: &launcher,
            database_url: &database.url,
            mode: Some(Mode::Record { trace: &partial.join(traces::FIRST), redaction }),
            hash_seed: None,
            log: scratch.path().join("application.log"),
        })?;
        let mut traces = Traces::of(partial);
        if application.ask_ready(self.stack)? {
            wait_for_end(&mut application, &mut traces, READY)?;
        }
        let mut responses = Vec::new();
        let mut kept = Kept::default();
        for request in &self.requests {
            let response = exchange(&mut application, &mut traces, &kept.filled(request))?;
            println!("  {} {}", response.status, request.name);
            if let Some(missing) = kept.take(request, &response).into_iter().next() {
                return Err(Error::failed(format!("{}: {missing}", request.name)));
            }
            replaced.read()?;
            responses.push(compare::redacted(response, &replaced.bound(&request.name)));
        }
        application.stop()?;
        message::write_lines(stored, &responses)
    }
}

fn exchange(
    application: &mut Application,
    traces: &mut Traces,
    request: &Request,
) -> Result<Response> {
    let outcome = application.send(request).and_then(|response| {
        wait_for_end(application, traces, &request.name)?;
        Ok(response)
    });
    outcome.map_err(|error| match error {
        Error::Application { what, log } => {
            Error::Application { what: format!("{}: {what}", request.name), log }
        }
        other => other,
    })
}

fn wait_for_end(application: &mut Application, traces: &mut Traces, name: &str) -> Result<()> {
    let purpose = format!("end the scope {name:?}, which a background task may keep open,");
    application.wait(SCOPE_END, &purpose, || Ok(traces.has_ended(name)?.then_some(())))
}

/// Two recordings of one stack at once would write into one file.
fn sole_recording(partial: &Path) -> Result<File> {
    let path = partial.with_extension("lock");
    let file = process::create(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            Err(Error::failed("this stack is being recorded by another command")
                .hint("wait for it to end"))
        }
        Err(fs::TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
    }
}

/// Copies beside the goal and renames, so that the goal is the old file or the whole new one.
fn put(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let mut beside = PathBuf::from(to);
    beside.as_mut_os_string().push(".part");
    fs::copy(from, &beside).map_err(Error::io("write", &beside))?;
    fs::rename(&beside, to).map_err(Error::io("replace", to))?;
    fs::remove_file(from).map_err(Error::io("remove", from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_put_in_its_place_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("new/b"));
        fs::write(&from, "text").unwrap();
        put(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "text");
        assert!(!from.exists());
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
    }

    #[test]
    fn a_second_recording_of_a_stack_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let partial = folder.path().join("stack");
        let _first = sole_recording(&partial).unwrap();
        assert!(sole_recording(&partial).unwrap_err().to_string().contains("another command"));
    }
}
