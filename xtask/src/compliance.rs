//! `cargo xtask compliance`: SQLAlchemy's own tests, recorded on a server and replayed without.
//!
//! Wrote none of the tests and changes none: they come from a source distribution.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use clap::ValueEnum;
use tempfile::TempDir;

use crate::application::Mode;
use crate::database::Database;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::requirements::Requirements;
use crate::server::Server;
use crate::tally::Tally;
use crate::{paths, process, tool, traces};
use explained::Explained;
use sdist::Sdist;
use suite::Suite;

mod explained;
mod outcomes;
mod sdist;
mod suite;

pub use outcomes::{Outcome, Outcomes};

/// What SQLAlchemy gives to those who write dialects.
const SUITE: &str = "test/dialect/test_suite.py";
const PROFILE: &str = "psycopg";
/// Any name for the fixture's package.
const FIXTURE: &str = "compliance";
const OUTCOMES: &str = "outcomes.jsonl";
/// No such host exists, and no name is looked up.
const NOWHERE: &str = "postgresql://replay@replay.invalid/replay";

/// A series of releases, of which one is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Series {
    #[value(name = "2.0")]
    V2_0,
    #[value(name = "2.1")]
    V2_1,
}

impl Series {
    fn name(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
        }
    }
}

#[derive(Clone)]
pub struct Options {
    pub series: Series,
    pub asynchronous: bool,
    /// Files and folders of the distribution; the dialect suite if none is named.
    pub tests: Vec<String>,
    /// Of these, the tests that have this in their names.
    pub only: Option<String>,
    pub deterministic: bool,
    /// Record again, even if there is a trace.
    pub record: bool,
}

impl Options {
    /// The folder of what is recorded with these options, and with no other.
    fn name(&self) -> String {
        let mut name = self.series.name().to_owned();
        name.push_str(if self.asynchronous { "-async" } else { "-sync" });
        if self.deterministic {
            name.push_str("-deterministic");
        }
        for test in &self.tests {
            name.push('-');
            name.extend(test.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }));
        }
        name
    }

    fn tests(&self) -> Vec<&str> {
        if self.tests.is_empty() {
            return vec![SUITE];
        }
        self.tests.iter().map(String::as_str).collect()
    }
}

/// The tests with all that they run in.
pub struct Project<'o> {
    pub suite: Suite<'o>,
    pub with_driver: Environment,
    pub without: Environment,
    // The launcher's folder lies in it.
    scratch: TempDir,
}

impl<'o> Project<'o> {
    pub fn open(options: &'o Options) -> Result<Self> {
        let sdist = Sdist::of(options.series.name())?;
        let pins = [sdist.requirement.clone()];
        let requirements =
            Requirements::read(&paths::compliance().join("requirements.txt"))?.with(&pins)?;
        let driver = tool::driver_packages(PROFILE)?;
        let with_driver = Environment::of(&requirements)?;
        let without = Environment::of(&requirements.without(&driver))?;
        without.demand_none(&driver)?;
        let source = sdist.unpacked(&with_driver)?;
        let scratch = process::scratch("compliance")?;
        let launcher = tool::launcher(scratch.path())?;
        let suite = Suite { source, launcher, options };
        Ok(Self { suite, with_driver, without, scratch })
    }

    /// Runs the tests on a fixture, and adds to its ledger.
    pub fn replay(&self, fixture: &Path, ledger: &Path) -> Result<Outcomes> {
        let outcomes = self.scratch.path().join(OUTCOMES);
        let mode = Mode::Replay { fixture, ledger };
        self.suite.run(&self.without, NOWHERE, Some(&mode), &outcomes)?;
        Outcomes::read(&outcomes)
    }

    /// Runs the tests on a database, and nobody looks on.
    pub fn live(&self, database: &Database) -> Result<Outcomes> {
        let outcomes = self.scratch.path().join(OUTCOMES);
        self.suite.run(&self.with_driver, &database.url, None, &outcomes)?;
        Outcomes::read(&outcomes)
    }

    /// Records into the folder; what is there already goes away only once there is something
    /// new.
    pub fn record(&self, server: &Server, kept: &Path) -> Result<Outcomes> {
        let scratch = process::scratch("compliance")?;
        let trace = scratch.path().join(traces::FIRST);
        let database = database(server)?;
        let outcomes = scratch.path().join(OUTCOMES);
        let mode = Mode::Record { trace: &trace, redaction: None };
        self.suite.run(&self.with_driver, &database.url, Some(&mode), &outcomes)?;
        if kept.exists() {
            fs::remove_dir_all(kept).map_err(Error::io("remove", kept))?;
        }
        fs::create_dir_all(kept).map_err(Error::io("create", kept))?;
        let mut files: Vec<PathBuf> = vec![outcomes];
        // Last, as their presence says that the folder is complete.
        files.extend(traces::files(scratch.path())?);
        for file in files {
            let to = kept.join(file.file_name().unwrap_or_default());
            fs::rename(&file, &to).map_err(Error::io("move", &file))?;
        }
        Outcomes::read(&kept.join(OUTCOMES))
    }
}

/// A database as the tests want it.
pub fn database(server: &Server) -> Result<Database<'_>> {
    let database = Database::create(server, "compliance")?;
    database.apply(&paths::compliance().join("schema.sql"))?;
    Ok(database)
}

/// Records if there is no trace yet, generates, replays, and compares test by test.
pub fn run(options: &Options, server: &mut dyn FnMut() -> Result<Rc<Server>>) -> Result<Tally> {
    let project = Project::open(options)?;
    let kept = paths::compliance_traces().join(options.name());
    let recorded = if options.record || traces::files(&kept)?.is_empty() {
        let server = server()?;
        timed("recorded", || project.record(&server, &kept))?
    } else {
        Outcomes::read(&kept.join(OUTCOMES))?
    };
    let fixture = kept.join(FIXTURE);
    timed("generated", || tool::generate(&kept, FIXTURE, None, &fixture))?;
    let ledger = project.scratch.path().join("ledger.jsonl");
    let replayed = timed("replayed", || project.replay(&fixture, &ledger))?;
    let explained = Explained::read(&paths::compliance().join("explained.toml"))?;
    let mut tally = compared(&recorded, &replayed, &|name| explained.why(name, options));
    enter_ledger(&ledger, &mut tally)?;
    Ok(tally)
}

fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let outcome = work()?;
    println!("{what} in {:.1} s", start.elapsed().as_secs_f64());
    Ok(outcome)
}

/// One test a test that passed or failed in either run; those that agree are not printed, as
/// there are thousands.
fn compared(
    recorded: &Outcomes,
    replayed: &Outcomes,
    explained: &dyn Fn(&str) -> Option<String>,
) -> Tally {
    let mut tally = Tally::default();
    let (mut passed, mut still, mut differ, mut known) = (0, 0, 0, 0);
    for (name, then) in recorded.iter() {
        let now = replayed.get(name);
        passed += usize::from(then.passed());
        still += usize::from(then.passed() && now.is_some_and(Outcome::passed));
        if now.is_some_and(|now| now.word == then.word) {
            tally.passed += usize::from(then.passed());
            continue;
        }
        differ += 1;
        let (word, reason) = now.map_or(("not run", ""), |now| (&now.word, &now.reason));
        if let Some(why) = explained(name) {
            known += 1;
            println!("known {name}: {} when recorded, {word} on replay: {why}", then.word);
            continue;
        }
        let what = format!("{} when recorded, {word} on replay\n{}", then.word, tail(reason));
        tally.enter(name, &[what]);
    }
    for (name, _) in replayed.iter().filter(|(name, _)| recorded.get(name).is_none()) {
        differ += 1;
        tally.enter(name, &["not run when recorded".to_owned()]);
    }
    let note = if known > 0 { format!(" ({known} explained)") } else { String::new() };
    println!("recorded {passed} passed, replayed {still} passed, {differ} differ{note}");
    tally
}

/// The end of a report, which says what was raised.
fn tail(reason: &str) -> String {
    const LINES: usize = 20;
    let lines: Vec<&str> = reason.trim_end().lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

/// That the fixture was active and reached for no network.
fn enter_ledger(path: &Path, tally: &mut Tally) -> Result<()> {
    let mut ledger = Ledger::of(path);
    ledger.read()?;
    if ledger.is_empty() {
        return Err(Error::failed("the ledger is empty: the fixture was not active"));
    }
    let denied = ledger.denied();
    tally.enter("the replay asks for no network", &denied);
    Ok(())
}
