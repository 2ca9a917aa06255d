//! `cargo xtask compliance`: SQLAlchemy's own tests, recorded on a server and replayed without.
//!
//! Wrote none of the tests and changes none: they come from a source distribution.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use clap::ValueEnum;

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
use outcomes::Outcomes;
use sdist::Sdist;
use suite::Suite;

mod explained;
mod outcomes;
mod sdist;
mod suite;

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

pub struct Options {
    pub series: Series,
    pub asynchronous: bool,
    /// Files and folders of the distribution; the dialect suite if none is named.
    pub tests: Vec<String>,
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

/// Records if there is no trace yet, generates, replays, and compares test by test.
pub fn run(options: &Options, server: &mut dyn FnMut() -> Result<Rc<Server>>) -> Result<Tally> {
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
    let suite = Suite { source: &source, launcher: &launcher, options };
    let kept = paths::compliance_traces().join(options.name());

    if options.record || traces::files(&kept)?.is_empty() {
        record(&suite, &with_driver, &*server()?, &kept)?;
    }
    let recorded = Outcomes::read(&kept.join(OUTCOMES))?;
    let fixture = kept.join(FIXTURE);
    timed("generated", || tool::generate(&kept, FIXTURE, None, &fixture))?;
    let ledger = scratch.path().join("ledger.jsonl");
    let outcomes = scratch.path().join(OUTCOMES);
    let mode = Mode::Replay { fixture: &fixture, ledger: &ledger };
    timed("replayed", || suite.run(&without, NOWHERE, &mode, &outcomes))?;
    let replayed = Outcomes::read(&outcomes)?;
    let explained = Explained::read(&paths::compliance().join("explained.toml"))?;
    let mut tally = compared(&recorded, &replayed, &|name| explained.why(name, options));
    enter_ledger(&ledger, &mut tally)?;
    Ok(tally)
}

/// Records into the folder; what is there already goes away only once there is something new.
fn record(
    suite: &Suite<'_>,
    with_driver: &Environment,
    server: &Server,
    kept: &Path,
) -> Result<()> {
    let scratch = process::scratch("compliance")?;
    let trace = scratch.path().join(traces::FIRST);
    let database = Database::create(server, "compliance")?;
    database.apply(&paths::compliance().join("schema.sql"))?;
    timed("recorded", || {
        let outcomes = scratch.path().join(OUTCOMES);
        suite.run(
            with_driver,
            &database.url,
            &Mode::Record { trace: &trace, redaction: None },
            &outcomes,
        )
    })?;
    if kept.exists() {
        fs::remove_dir_all(kept).map_err(Error::io("remove", kept))?;
    }
    fs::create_dir_all(kept).map_err(Error::io("create", kept))?;
    let mut files: Vec<PathBuf> = vec![scratch.path().join(OUTCOMES)];
    // Last, as their presence says that the folder is complete.
    files.extend(traces::files(scratch.path())?);
    for file in files {
        let to = kept.join(file.file_name().unwrap_or_default());
        fs::rename(&file, &to).map_err(Error::io("move", &file))?;
    }
    Ok(())
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
        still += usize::from(then.passed() && now.is_some_and(outcomes::Outcome::passed));
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
