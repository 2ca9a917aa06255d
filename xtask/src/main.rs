//! The repository's own commands: record, generate, replay, check.
//!
//! Only names the commands and sets the exit code; each command has a module of its own.

mod application;
mod bench;
mod ci;
mod compare;
mod compliance;
mod database;
mod difference;
mod environment;
mod error;
mod fuzz;
mod generate;
mod guard;
mod http;
mod interrupt;
mod kill_test;
mod leash;
mod ledger;
mod lint;
mod message;
mod mutations;
mod paths;
mod probe;
mod process;
mod projects;
mod python;
mod python_test;
mod readme;
mod record;
mod replay;
mod requirements;
mod scripts;
mod server;
mod span_test;
mod span_values;
mod stack;
mod stack_test;
mod surface;
mod tail;
mod tally;
mod tool;
mod traces;
mod values;
mod verify;
mod wheel;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use clap::{Args, Parser, Subcommand};

use error::{Error, Result};
use server::Server;
use stack::Stack;
use tally::Tally;

/// Record stacks, generate their fixtures, and prove that these replay.
///
/// Exit codes: 0 ok, 1 a difference or a failed test, 2 usage or I/O, 130 interrupted.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Record a stack's requests on a live PostgreSQL server.
    Record {
        /// A folder of tests/stacks, or a path to another one
        stack: String,
        #[command(flatten)]
        on: On,
        /// Replace a pin of the stack's requirements, e.g. sqlalchemy==2.0.58
        #[arg(long = "with", value_name = "PIN")]
        pins: Vec<String>,
        /// Write trace and responses here instead of into the stack's folder
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Generate the Rust tables and the fixtures of the stacks.
    Gen {
        /// Folders of tests/stacks; all if none is named
        stacks: Vec<String>,
        /// Write nothing; print a diff and exit with 1 if anything would change
        #[arg(long)]
        check: bool,
    },
    /// Replay stacks without a database and without its driver.
    StackTest(StackTest),
    /// Print every kind of value live, recorded and replayed, and compare.
    Values(On),
    /// Run small programs against the driver live, recorded and replayed, and compare.
    Scripts {
        /// Parts of names; all scripts if none is given
        names: Vec<String>,
        /// Replace a pin of the scripts' requirements, e.g. sqlalchemy==2.0.58
        #[arg(long = "with", value_name = "PIN")]
        pins: Vec<String>,
        /// Replace a pin for the recording alone: what then misses has to say so
        #[arg(long, value_name = "PIN")]
        recorded_with: Vec<String>,
        #[command(flatten)]
        on: On,
    },
    /// Write the tables of the driver's public names, and of what a replay has of them.
    Surface,
    /// Record SQLAlchemy's own tests and replay them without a database and without its driver.
    Compliance(Compliance),
    /// Record and replay other people's repositories, with the wheel and nothing else of ours.
    Projects {
        /// Folders of tests/projects; all if none is named
        names: Vec<String>,
        /// How often each is replayed in random order, and in random order by workers
        #[arg(long, default_value_t = 10)]
        rounds: u32,
        /// A wheel to use instead of one that is built of this repository
        #[arg(long, value_name = "WHEEL")]
        wheel: Option<PathBuf>,
        #[command(flatten)]
        on: On,
    },
    /// Build the wheel of the program, the recorder and the pytest plugin.
    Wheel {
        /// Of cargo; `dev` builds faster
        #[arg(long, default_value = "release")]
        profile: String,
    },
    /// Run pytest over tests/python, without a driver and with one.
    PythonTest(On),
    /// Check the Python of the repository: ruff, mypy, and literals alone in data modules.
    Lint,
    /// Break inputs at random: each must get an answer, and no fixture may hold code.
    Fuzz {
        /// How many
        #[arg(long, default_value_t = 20_000)]
        cases: u64,
        /// Where they start; the same seed makes the same cases
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Show that a replay cannot reach the network, and can be reached.
    Guard,
    /// Kill the recorder and the generator at any moment, and look at what they leave.
    KillTest {
        /// How often each
        #[arg(long, default_value_t = 200)]
        rounds: u32,
        #[command(flatten)]
        on: On,
    },
    /// Run the commands that the README shows, in a copy of the repository.
    Readme(On),
    /// Run the statements of recorded stacks again, and report what has changed since.
    Verify {
        /// Folders of tests/stacks; all if none is named
        stacks: Vec<String>,
        #[command(flatten)]
        on: On,
    },
    /// Measure generator and replay against references; exit with 1 below a floor.
    Bench {
        /// How the figures are printed
        #[arg(long, value_enum, default_value_t = bench::Format::Text)]
        format: bench::Format,
        /// Small sizes and no floors: only the answers are compared
        #[arg(long)]
        quick: bool,
        #[command(flatten)]
        on: On,
    },
    /// Run all checks.
    Ci(On),
}

/// Where to record.
#[derive(Args)]
struct On {
    /// A server where databases may be created; else `$DATABASE_URL`, else a new server
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl On {
    fn server(&self) -> Result<Server> {
        Server::named_or_new(self.database_url.as_deref())
    }
}

#[derive(Args)]
struct StackTest {
    /// Folders of tests/stacks; all if none is named
    stacks: Vec<String>,
    /// Record and generate first: into the repository, or into DIR with --fixtures
    #[arg(long)]
    record: bool,
    /// Have the driver installed; its stand-ins must come first
    #[arg(long)]
    with_driver: bool,
    /// Change the fixture in one place after the other; each change must fail the test
    #[arg(long)]
    mutations: bool,
    /// Replace a pin of the stack's requirements, e.g. sqlalchemy==2.0.58
    #[arg(long = "with", value_name = "PIN")]
    pins: Vec<String>,
    /// Replay the span files of another recorder instead of stacks; needs --app
    #[arg(long, value_name = "DIR", requires = "app", conflicts_with_all = ["stacks", "record",
        "with_driver", "mutations", "pins", "fixtures"])]
    traces: Option<PathBuf>,
    /// The application that serves the recorded requests, as uvicorn takes it
    #[arg(long, value_name = "MODULE:ATTRIBUTE", requires = "traces")]
    app: Option<String>,
    /// The folder of its module and its requirements.txt; else DIR, or the working directory
    #[arg(long, value_name = "DIR", requires = "traces")]
    app_dir: Option<PathBuf>,
    /// Take fixtures from here instead of from `generated/python`
    #[arg(long, value_name = "DIR")]
    fixtures: Option<PathBuf>,
    #[command(flatten)]
    on: On,
}

#[derive(Args)]
struct Compliance {
    /// Which series of releases; of each, one is pinned
    #[arg(long, value_enum, default_value = "2.1")]
    sqlalchemy: compliance::Series,
    /// Test the asyncio dialect
    #[arg(long = "async")]
    asynchronous: bool,
    /// Files and folders of SQLAlchemy's tests (test/orm …) instead of its suite for dialects
    #[arg(long, value_name = "TESTS", num_args = 1..)]
    tests: Vec<String>,
    /// Seed randomness and let clocks tick, when recording and on replay
    #[arg(long)]
    deterministic: bool,
    /// Record again, even if there is a trace of these tests
    #[arg(long)]
    record: bool,
    #[command(flatten)]
    on: On,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = interrupt::watch().and_then(|()| run(cli.command));
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{}", error::chain(&error));
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(command: Command) -> Result<u8> {
    match command {
        Command::Record { stack, on, pins, out } => {
            let stack = Stack::open(&stack)?;
            let out = out.unwrap_or_else(|| stack.folder.clone());
            let recording = record::Recording::of(&stack, &pins)?;
            recording.run(&on.server()?, &out)?;
            Ok(0)
        }
        Command::Gen { stacks, check } => generate::run(&stacks, check),
        Command::StackTest(StackTest { traces: Some(traces), app: Some(app), app_dir, .. }) => {
            let app_dir = app_dir.as_deref().map(absolute).transpose()?;
            let options = span_test::Options { traces: absolute(&traces)?, app, app_dir };
            Ok(summed(span_test::run(&options)?))
        }
        Command::StackTest(chosen) => {
            let url = chosen.on.database_url;
            let options = stack_test::Options {
                record: chosen.record,
                with_driver: chosen.with_driver,
                mutations: chosen.mutations,
                pins: chosen.pins,
                fixtures: chosen.fixtures.as_deref().map(absolute).transpose()?,
            };
            let mut server = once(url);
            Ok(summed(stack_test::run(&chosen.stacks, &options, &mut server)?))
        }
        Command::Values(on) => Ok(summed(values::run(&on.server()?)?)),
        Command::Scripts { names, pins, recorded_with, on } => {
            let options = scripts::Options { names, pins, recorded_with };
            Ok(summed(scripts::run(&on.server()?, &options)?))
        }
        Command::Surface => surface::run().map(|()| 0),
        Command::Compliance(chosen) => {
            let options = compliance::Options {
                series: chosen.sqlalchemy,
                asynchronous: chosen.asynchronous,
                tests: chosen.tests,
                only: None,
                deterministic: chosen.deterministic,
                record: chosen.record,
            };
            Ok(summed(compliance::run(&options, &mut once(chosen.on.database_url))?))
        }
        Command::Projects { names, rounds, wheel, on } => {
            let wheel = wheel.as_deref().map(absolute).transpose()?;
            let options = projects::Options { names, rounds, wheel };
            Ok(summed(projects::run(&on.server()?, &options)?))
        }
        Command::Wheel { profile } => {
            println!("{}", paths::shown(&wheel::build(&profile)?));
            Ok(0)
        }
        Command::PythonTest(on) => Ok(summed(python_test::run(&on.server()?)?)),
        Command::Lint => Ok(summed(lint::run()?)),
        Command::Fuzz { cases, seed } => Ok(summed(fuzz::run(cases, seed)?)),
        Command::Guard => Ok(summed(guard::run()?)),
        Command::KillTest { rounds, on } => Ok(summed(kill_test::run(&on.server()?, rounds)?)),
        Command::Readme(on) => Ok(summed(readme::run(&on.server()?)?)),
        Command::Bench { format, quick, on } => {
            let sizes = if quick { bench::Sizes::QUICK } else { bench::Sizes::FULL };
            let report = bench::run(&on.server()?, sizes)?;
            report.print(format);
            Ok(report.tally().exit_code())
        }
        Command::Verify { stacks, on } => Ok(summed(verify::run(&on.server()?, &stacks)?)),
        Command::Ci(on) => Ok(summed(ci::run(&mut once(on.database_url))?)),
    }
}

/// The application runs in another folder than we do.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(Error::io("find", path))
}

/// Starts the server when it is first asked for, and gives the same one from then on.
fn once(url: Option<String>) -> impl FnMut() -> Result<Rc<Server>> {
    let mut started: Option<Rc<Server>> = None;
    move || {
        if let Some(server) = &started {
            return Ok(Rc::clone(server));
        }
        let server = Rc::new(Server::named_or_new(url.as_deref())?);
        started = Some(Rc::clone(&server));
        Ok(server)
    }
}

fn summed(tally: Tally) -> u8 {
    println!("{tally}");
    tally.exit_code()
}
