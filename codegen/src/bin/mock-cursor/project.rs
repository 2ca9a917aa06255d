//! The commands of a project that keeps a fixture: record, replay and generate.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use codegen::error::{Error, Result};
use codegen::generate::Request;
use codegen::keep::{kept, remove};
use codegen::project::Project;
use codegen::python::{Origin, launcher};
use codegen::recording::Recording;
use codegen::sink::{Change, Check, Sink, Write};
use codegen::split::split;
use codegen::stacks::{open_traces, package_name, scope_files};
use codegen::trace::Mode;
use ledger::{Entry, Summary};

use crate::{Said, child};

/// Chooses the mode of a recording, for all that take part in it.
const MODE: &str = "MOCK_CURSOR_MODE";
/// Names the fixture that a process replays.
pub const REPLAY: &str = "MOCK_CURSOR_REPLAY";
/// Names the file with rules of redaction, for the recorder.
const REDACTION: &str = "MOCK_CURSOR_REDACTION";
/// Says as `--in-ci` does that a recording in CI is meant.
const IN_CI: &str = "MOCK_CURSOR_IN_CI";

/// The project that the working directory lies in.
pub fn here() -> Result<Project> {
    let here = env::current_dir().map_err(Error::io(Path::new(".")))?;
    Project::around(&here)
}

/// The traces that were named, or those that the project keeps.
pub fn traces_or(named: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    if named.is_empty() { scope_files(&here()?.traces()) } else { Ok(named) }
}

/// Records a command, and keeps what its scopes asked; its exit code.
pub fn record(
    project: &Project,
    mode: Option<Mode>,
    in_ci: bool,
    command: &[OsString],
    said: &mut Said,
) -> Result<u8> {
    if is_ci() && !in_ci && !is_set(IN_CI) {
        let hint = "replay in CI, or say `--in-ci` to record there";
        return Err(Error::request("nothing is recorded where CI=true", hint));
    }
    let told = mode.or(mode_of_environment()?);
    let mode = told.or(project.mode).unwrap_or(Mode::All);
    if mode == Mode::None {
        let hint = "choose one of once, new_episodes, all and rewrite";
        return Err(Error::request("the mode `none` records nothing", hint));
    }
    let scratch = tempfile::tempdir().map_err(Error::io(&env::temp_dir()))?;
    let launcher = write_launcher(scratch.path())?;
    let traces = scratch.path().join("traces");
    fs::create_dir(&traces).map_err(Error::io(&traces))?;
    let trace = traces.join("trace.jsonl");
    let mut variables = vec![("MOCK_CURSOR_RECORD", trace.as_os_str())];
    if !project.rules.redact.is_empty() {
        variables.push((REDACTION, project.rules.path.as_os_str()));
    }
    let spelled = told.and_then(|mode| mode.to_possible_value());
    if let Some(spelled) = &spelled {
        // What was told comes before what tests say themselves.
        variables.push((MODE, OsStr::new(spelled.get_name())));
    }
    if project.deterministic {
        variables.push(("MOCK_CURSOR_DETERMINISTIC", OsStr::new("1")));
        variables.push(("PYTHONHASHSEED", OsStr::new("0")));
    }
    let code = child::run(command, &launcher, &variables)?;
    if trace_is_empty(&traces)? {
        eprintln!("mock-cursor: nothing was recorded: psycopg was asked for nothing");
        return Ok(if code == 0 { 2 } else { code });
    }
    keep(project, &traces, mode, said)?;
    Ok(code)
}

/// Replays a command on the fixture; its exit code, or 1 if it swallowed a miss.
pub fn replay(project: &Project, block_network: bool, command: &[OsString]) -> Result<u8> {
    if !project.is_recorded() {
        let what = format!("{}: nothing is recorded there", project.fixtures.display());
        return Err(Error::request(what, format!("record first: `{}`", project.record)));
    }
    let scratch = tempfile::tempdir().map_err(Error::io(&env::temp_dir()))?;
    let launcher = write_launcher(scratch.path())?;
    let own = scratch.path().join("ledger.jsonl");
    let ledger = env::var_os("MOCK_CURSOR_LEDGER").map_or(own, PathBuf::from);
    let fixtures = absolute(&project.fixtures)?;
    let mut variables =
        vec![(REPLAY, fixtures.as_os_str()), ("MOCK_CURSOR_LEDGER", ledger.as_os_str())];
    if block_network || project.block_network {
        variables.push(("MOCK_CURSOR_GUARD", OsStr::new("1")));
    }
    if project.deterministic {
        variables.push(("PYTHONHASHSEED", OsStr::new("0")));
    }
    let code = child::run(command, &launcher, &variables)?;
    let misses = misses(&ledger)?;
    if code == 0 && !misses.is_empty() {
        eprintln!("{}", misses.join("\n\n"));
        eprintln!("mock-cursor: {} without an answer", counted(misses.len(), "statement"));
        return Ok(1);
    }
    Ok(code)
}

/// Generates the package from the traces that are kept.
pub fn generate(project: &Project, check: bool, said: &mut Said) -> Result<Vec<Change>> {
    let traces = project.traces();
    let name = project.fixtures.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if package_name(&name)? != name {
        let what = format!("`{name}` cannot name a package");
        return Err(Error::request(what, "use lower-case letters, digits and underscores"));
    }
    let origin = Origin {
        stack: name,
        command: "mock-cursor gen".to_owned(),
        source: "traces/*.jsonl".to_owned(),
        record_command: project.record.clone(),
    };
    let sink: Box<dyn Sink> = if check {
        Box::new(Check::new(&project.fixtures))
    } else {
        Box::new(Write::new(&project.fixtures))
    };
    let traces = scope_files(&traces)?;
    if traces.is_empty() {
        let what = format!("{}: no traces", project.traces().display());
        return Err(Error::request(what, format!("record first: `{}`", project.record)));
    }
    let request = Request { traces, again: Vec::new(), stack_file: None, origin };
    said.generate(&request, &project.rules, sink.as_ref())?;
    sink.finish()
}

/// Keeps what was recorded, and generates.
fn keep(project: &Project, traces: &Path, mode: Mode, said: &mut Said) -> Result<()> {
    if std::io::stderr().is_terminal() {
        // Of a large suite this takes as long as one of its tests.
        eprintln!("mock-cursor: sorting what was recorded …");
    }
    // Names that processes share are told apart here, and need no warning.
    let mut unsaid = Vec::new();
    let new = Recording::of(open_traces(&[traces.to_path_buf()])?, &mut unsaid)?;
    let folder = project.traces();
    let old = kept(&folder, &mut said.warnings)?;
    let sink: Box<dyn Sink> = Box::new(Write::new(&folder));
    let outcome = split(old.as_ref(), &new, mode, &project.rules, sink.as_ref())?;
    sink.finish()?;
    remove(&folder, &outcome.gone)?;
    generate(project, false, said)?;
    let shown = project.fixtures.strip_prefix(&project.root).unwrap_or(&project.fixtures);
    eprintln!(
        "mock-cursor: {} added, {} recorded again, {} unchanged, {} removed, {} not kept; see {}",
        outcome.added,
        outcome.updated,
        outcome.same,
        outcome.removed.len(),
        counted(outcome.failed, "failed test"),
        shown.display()
    );
    Ok(())
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn trace_is_empty(folder: &Path) -> Result<bool> {
    let mut entries = fs::read_dir(folder).map_err(Error::io(folder))?;
    Ok(entries.next().is_none())
}

fn misses(ledger: &Path) -> Result<Vec<String>> {
    let text = match fs::read_to_string(ledger) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::Io { path: ledger.to_path_buf(), source }),
    };
    let mut summary = Summary::new();
    for entry in text.lines().filter_map(|line| Entry::parse(line).ok()) {
        summary.add(entry);
    }
    Ok(summary.scopes().flat_map(|scope| scope.misses.iter().cloned()).collect())
}

/// Writes what goes on Python's path.
pub fn write_launcher(scratch: &Path) -> Result<PathBuf> {
    let folder = scratch.join("launcher");
    let sink: Box<dyn Sink> = Box::new(Write::new(&folder));
    launcher(sink.as_ref())?;
    sink.finish()?;
    Ok(folder)
}

fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| value.eq_ignore_ascii_case("true"))
}

fn is_set(name: &str) -> bool {
    env::var(name).is_ok_and(|value| value == "1")
}

fn mode_of_environment() -> Result<Option<Mode>> {
    let Ok(text) = env::var(MODE) else { return Ok(None) };
    let mode = <Mode as clap::ValueEnum>::from_str(&text, false);
    mode.map(Some).map_err(|_| {
        let hint = "modes are none, once, new_episodes, all and rewrite";
        Error::request(format!("{MODE}: no mode `{text}`"), hint)
    })
}

/// A path for processes in other folders.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(Error::io(path))
}
