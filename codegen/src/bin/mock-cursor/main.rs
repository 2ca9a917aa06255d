//! `mock-cursor`: from traces to fixtures, for this repository and for projects
//! elsewhere.
//!
//! Reads its arguments and prints; everything else is the library's.

mod child;
mod inspect;
mod project;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::stdout;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::slice;
use std::thread;

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::{Shell, generate as generate_completions};
use codegen::error::{Error, Finding, Result, Warning};
use codegen::generate::{Request, generate_with};
use codegen::ledger_report;
use codegen::profile::Profile;
use codegen::python::{Origin, launcher};
use codegen::report::Format;
use codegen::secrets;
use codegen::sink::{Change, Check, Sink, Write};
use codegen::stack_file::StackFile;
use codegen::stacks::{again_files, discover, package_name, read_stack_file};
use codegen::trace::Mode;
use codegen::tusk;

/// Records database traffic, and turns it into Python packages that replay it.
///
/// Exit codes: 0 ok, 1 a difference or a miss, 2 usage or I/O; `record` and `replay` pass
/// on that of the command.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// How messages and changes are printed.
    #[arg(long, value_enum, global = true, default_value_t)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a command against its database, and keep what it asks, scope by scope.
    Record {
        /// What is kept of scopes that are recorded already; `all` if nothing says otherwise.
        #[arg(long, value_enum)]
        mode: Option<Mode>,
        /// Record although CI=true.
        #[arg(long)]
        in_ci: bool,
        /// Any command: pytest, uvicorn, gunicorn, a script …
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Run a command on the fixture, without its database and its driver.
    Replay {
        /// Refuse connections to anywhere, by Python's sockets.
        #[arg(long)]
        block_network: bool,
        /// Any command.
        #[arg(last = true, required = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Print what scopes ask and are answered.
    Show {
        /// The name of a scope, or a part of several: a test's node id, a request.
        scope: String,
    },
    /// Say what differs between two fixtures, scope by scope; 1 if anything does.
    Diff {
        /// The folder of a fixture, or of its traces.
        one: PathBuf,
        /// Another one.
        other: PathBuf,
    },
    /// Remove what was recorded of tests that exist no more.
    Prune {
        /// Only say what would be removed.
        #[arg(long)]
        dry_run: bool,
        /// Prints the node ids of all tests; `pytest --collect-only -q` if none is given.
        #[arg(last = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Print the completions of a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Make one fixture package from traces; without any, the project's from those it keeps.
    Gen {
        /// Trace files, folders with `trace*.jsonl`, or span files and folders of them.
        #[arg(value_name = "TRACE", requires = "out")]
        traces: Vec<PathBuf>,
        /// Traces of the same scenario recorded once more: what differs is volatile. Of a
        /// folder these are its `again*.jsonl`.
        #[arg(long, value_name = "TRACE", requires = "traces")]
        again: Vec<PathBuf>,
        /// The package's folder; its name is the import name.
        #[arg(long, value_name = "DIR", requires = "traces")]
        out: Option<PathBuf>,
        /// Where volatile parameters are declared, and strict order is asked for.
        #[arg(long, value_name = "FILE")]
        stack_file: Option<PathBuf>,
        /// The application's name in messages; the folder's if absent.
        #[arg(long)]
        name: Option<String>,
        /// The command that records again, for the report of a miss.
        #[arg(long, value_name = "COMMAND", default_value = "record the application again")]
        record_command: String,
        /// Write nothing; show what differs and exit with 1 if anything does.
        #[arg(long)]
        check: bool,
    },
    /// Make the fixture packages of a folder of stacks.
    GenStacks {
        /// One folder a stack.
        #[arg(value_name = "STACKS_DIR")]
        stacks: PathBuf,
        /// Where the packages go.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Only these; packages of others are left alone.
        #[arg(value_name = "STACK")]
        names: Vec<String>,
        /// Write nothing; show what differs and exit with 1 if anything does.
        #[arg(long)]
        check: bool,
    },
    /// Write the requests and responses of span files, as a stack keeps them.
    Requests {
        /// Span files, or folders of them.
        #[arg(required = true, value_name = "SPANS")]
        spans: Vec<PathBuf>,
        /// Takes `requests.jsonl` and `responses.jsonl`.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Report what replays used, left and missed, from the files that
    /// `MOCK_CURSOR_LEDGER` named; exit with 1 if anything was missed.
    Ledger {
        /// One for all processes, or one each.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Exit with 1, too, if anything that was recorded was not asked for.
        #[arg(long)]
        fail_on_unused: bool,
    },
    /// Run the recorded statements again, in a transaction that is rolled back, and
    /// report what has changed since; exit with 1 if anything has.
    Verify {
        /// A database that is as the recorded one was.
        #[arg(long, value_name = "URL")]
        database_url: String,
        /// Trace files, or folders with `trace*.jsonl`; the project's own if there is none.
        #[arg(value_name = "TRACE")]
        traces: Vec<PathBuf>,
        /// Look at columns and their types alone, not at errors and values.
        #[arg(long)]
        columns_only: bool,
        /// The Python that has the application's driver.
        #[arg(long, value_name = "PROGRAM", default_value = "python3")]
        python: PathBuf,
    },
    /// Print the packages of a profile's driver, which a replay does without.
    Drivers {
        /// The profile's name.
        profile: String,
    },
    /// Write the folder that records or replays when it stands first on PYTHONPATH.
    Launcher {
        /// The folder.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    let mut said = Said::default();
    let Arguments { format, command } = Arguments::parse();
    let (outcome, check) = match command {
        Command::Show { scope } => {
            let code = project::here()
                .and_then(|here| inspect::show(&here, &scope, format, &mut said.warnings));
            return passed_on(format, code, &said);
        }
        Command::Diff { one, other } => {
            let code = inspect::diff(&one, &other, format, &mut said.warnings);
            return passed_on(format, code, &said);
        }
        Command::Prune { dry_run, command } => {
            let names = project::here()
                .and_then(|here| inspect::prune(&here, dry_run, &command, &mut said));
            let word = if dry_run { "would remove" } else { "removed" };
            let removed = names.map(|names| {
                for name in names {
                    println!("{word} {name}");
                }
                0
            });
            return passed_on(format, removed, &said);
        }
        Command::Completions { shell } => {
            generate_completions(shell, &mut Arguments::command(), "mock-cursor", &mut stdout());
            return ExitCode::SUCCESS;
        }
        Command::Ledger { files, fail_on_unused } => {
            return match ledger_report::of(&files, format, fail_on_unused) {
                Ok(report) => report.exit(),
                Err(error) => format.fail(&error),
            };
        }
        Command::Verify { database_url, traces, columns_only, python } => {
            let code = project::traces_or(traces)
                .and_then(|traces| verify(&python, &database_url, columns_only, &traces));
            return passed_on(format, code, &said);
        }
        Command::Record { mode, in_ci, command } => {
            let code = project::here()
                .and_then(|here| project::record(&here, mode, in_ci, &command, &mut said));
            return passed_on(format, code, &said);
        }
        Command::Replay { block_network, command } => {
            let code =
                project::here().and_then(|here| project::replay(&here, block_network, &command));
            return passed_on(format, code, &said);
        }
        Command::Gen { out: None, check, .. } => {
            let outcome =
                project::here().and_then(|here| project::generate(&here, check, &mut said));
            (outcome, check)
        }
        Command::Gen { traces, again, out: Some(out), stack_file, name, record_command, check } => {
            let outcome = origin(&traces, &out, name, record_command).and_then(|origin| {
                let again = if again.is_empty() { again_beside(&traces)? } else { again };
                let request = Request { traces, again, stack_file, origin };
                let sink = sink(&out, check);
                let stack = read_stack_file(request.stack_file.as_deref())?;
                said.generate(&request, &stack, sink.as_ref())?;
                sink.finish()
            });
            (outcome, check)
        }
        Command::GenStacks { stacks, out, names, check } => {
            (gen_stacks(&stacks, &out, &names, check, &mut said), check)
        }
        Command::Requests { spans, out } => (requests(&spans, &out, &mut said.warnings), false),
        Command::Drivers { profile } => (drivers(&profile).map(|()| Vec::new()), false),
        Command::Launcher { out } => {
            let sink = sink(&out, false);
            (launcher(sink.as_ref()).and_then(|()| sink.finish()), false)
        }
    };
    format.warn(&said.warnings);
    format.changes(outcome, &said.secrets, check)
}

/// What is said beside changes and errors.
#[derive(Default)]
struct Said {
    warnings: Vec<Warning>,
    secrets: Vec<Finding>,
}

impl Said {
    /// Makes a fixture, and looks for secrets in its traces at the same time.
    fn generate(&mut self, request: &Request, stack: &StackFile, sink: &dyn Sink) -> Result<()> {
        let mut more = Vec::new();
        let (made, found) = thread::scope(|scope| {
            let traces = [&request.traces[..], &request.again].concat();
            let found = &mut more;
            let scan = scope.spawn(move || secrets::scan(&traces, stack, found));
            let made = generate_with(request, stack, sink, &mut self.warnings);
            let panicked = |_| Err(Error::Defect("the secret scan panicked".to_owned()));
            (made, scan.join().unwrap_or_else(panicked))
        });
        // What is wrong with a trace, the generator says better.
        made?;
        self.secrets.extend(found?);
        self.warnings.append(&mut more);
        Ok(())
    }
}

/// The second recordings in the folders that were named.
fn again_beside(traces: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in traces.iter().filter(|path| path.is_dir()) {
        found.extend(again_files(folder)?);
    }
    Ok(found)
}

/// The exit code of the command that was run.
fn passed_on(format: Format, code: Result<u8>, said: &Said) -> ExitCode {
    format.warn(&said.warnings);
    format.secrets(&said.secrets, false);
    match code {
        Ok(code) => ExitCode::from(code),
        Err(error) => format.fail(&error),
    }
}

fn requests(paths: &[PathBuf], out: &Path, warnings: &mut Vec<Warning>) -> Result<Vec<Change>> {
    let lines = tusk::requests(paths, warnings)?;
    let sink = sink(out, false);
    sink.file("requests.jsonl", &lines.requests)?;
    sink.file("responses.jsonl", &lines.responses)?;
    sink.finish()
}

/// The recorder's package does it, on the application's own driver.
fn verify(python: &Path, url: &str, columns_only: bool, traces: &[PathBuf]) -> Result<u8> {
    let scratch = tempfile::tempdir().map_err(Error::io(&std::env::temp_dir()))?;
    let sink = sink(scratch.path(), false);
    launcher(sink.as_ref())?;
    sink.finish()?;
    let mut path = vec![scratch.path().to_path_buf()];
    let more = std::env::var_os("PYTHONPATH").unwrap_or_default();
    path.extend(std::env::split_paths(&more).filter(|folder| !folder.as_os_str().is_empty()));
    let path = std::env::join_paths(path).map_err(|error| Error::Defect(error.to_string()))?;
    let mut command = process::Command::new(python);
    command.args(["-m", "mock_cursor_recorder.verify", "--database-url", url]);
    command.args(columns_only.then_some("--columns-only")).args(traces);
    command.env("PYTHONPATH", path);
    // It is no recording and no replay itself.
    command.env_remove("MOCK_CURSOR_RECORD").env_remove("MOCK_CURSOR_REPLAY");
    let status = command.status().map_err(|error| {
        let what = format!("{}: {error}", python.display());
        Error::request(what, "name the Python of the application: --python PROGRAM")
    })?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2))
}

fn drivers(name: &str) -> Result<()> {
    let profile = Profile::named(name).ok_or_else(|| {
        let hint = format!("profiles are: {}", Profile::names());
        Error::request(format!("no profile `{name}`"), hint)
    })?;
    for package in profile.driver_packages {
        println!("{package}");
    }
    Ok(())
}

fn sink(root: &Path, check: bool) -> Box<dyn Sink> {
    if check { Box::new(Check::new(root)) } else { Box::new(Write::new(root)) }
}

fn origin(
    traces: &[PathBuf],
    out: &Path,
    name: Option<String>,
    record_command: String,
) -> Result<Origin> {
    let folder = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if package_name(&folder)? != folder {
        let what = format!("`{folder}` cannot name a package");
        return Err(Error::request(what, "use lower-case letters, digits and underscores"));
    }
    // Only names: where the traces lie differs from machine to machine.
    let sources: BTreeSet<String> = traces
        .iter()
        .map(|path| match path.file_name() {
            Some(name) if path.is_file() => name.to_string_lossy().into_owned(),
            _ if tusk::sorted(slice::from_ref(path)).is_ok_and(|(_, spans)| !spans.is_empty()) => {
                "span files".to_owned()
            }
            _ => "trace*.jsonl".to_owned(),
        })
        .collect();
    Ok(Origin {
        stack: name.unwrap_or(folder),
        command: "mock-cursor gen".to_owned(),
        source: sources.into_iter().collect::<Vec<_>>().join(", "),
        record_command,
    })
}

/// All fixtures are printed before the first of them takes effect.
fn gen_stacks(
    folder: &Path,
    out: &Path,
    names: &[String],
    check: bool,
    said: &mut Said,
) -> Result<Vec<Change>> {
    let stacks = discover(folder)?;
    if stacks.is_empty() {
        let what = format!("{}: no stack has a trace", folder.display());
        return Err(Error::request(what, "record one with `cargo xtask record STACK`"));
    }
    if let Some(unknown) = names.iter().find(|name| !stacks.iter().any(|s| s.name == **name)) {
        let known: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
        let hint = format!("stacks with traces are: {}", known.join(", "));
        return Err(Error::request(format!("no stack `{unknown}` with a trace"), hint));
    }
    let mut sinks = Vec::new();
    for stack in &stacks {
        if names.is_empty() || names.contains(&stack.name) {
            let sink = sink(&out.join(&stack.package), check);
            let request = Request::of_stack(stack)?;
            let rules = read_stack_file(request.stack_file.as_deref())?;
            said.generate(&request, &rules, sink.as_ref())?;
            sinks.push(sink);
        }
    }
    if names.is_empty() {
        for package in packages(out)? {
            if !stacks.iter().any(|stack| stack.package == package) {
                sinks.push(sink(&out.join(package), check));
            }
        }
    }
    let mut changes = Vec::new();
    for sink in sinks {
        changes.extend(sink.finish()?);
    }
    Ok(changes)
}

/// The folders below `out`, each of which may be a package of a stack that is
/// gone: a sink that is given no file finds what is left of it.
fn packages(out: &Path) -> Result<Vec<String>> {
    if !out.exists() {
        return Ok(Vec::new());
    }
    let mut packages = Vec::new();
    for entry in std::fs::read_dir(out).map_err(Error::io(out))? {
        let entry = entry.map_err(Error::io(out))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !name.starts_with('.') {
            packages.push(name);
        }
    }
    packages.sort();
    Ok(packages)
}
