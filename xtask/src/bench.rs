//! `cargo xtask bench`: how fast the generator and the replay are, against references
//! that are rebuilt and measured in the same run.
//!
//! Never a test by time: what is compared in `ci` is the answers of a quick run.

mod compliance;
mod figure;
mod fixture;
mod generator;
mod program;
mod recorder;
mod report;
mod rounds;
mod suite;
mod traffic;
mod worker;

use clap::ValueEnum;

use crate::environment::Environment;
use crate::error::Result;
use crate::requirements::Requirements;
use crate::server::Server;
use crate::{paths, tool};

use program::Programs;
use report::Report;

/// The driver that the fixture does without.
const PROFILE: &str = "psycopg";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for people
    Text,
    /// One object with all figures, in seconds and bytes
    Json,
}

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Sizes {
    /// Every contestant has its turn in each; the best turn counts.
    rounds: usize,
    /// Of what takes microseconds: short turns, one of which nothing disturbs.
    short_rounds: usize,
    /// Bytes of the trace that the generator is measured with.
    large: usize,
    /// Bytes of the trace whose fixture is imported and opened.
    small: usize,
    /// Of both traces.
    scopes: usize,
    texts: usize,
    /// Scopes that are opened in a round.
    opened: usize,
    /// Calls in a round.
    cursors: usize,
    cold_fetches: usize,
    selects: usize,
    engines: usize,
    requests: usize,
    /// Runs of the suite for dialects.
    suites: usize,
    /// The part of a name that all tests of the suite have which are run.
    suite_tests: Option<&'static str>,
    /// Whether programs are optimised, and floors are held.
    measured: bool,
}

impl Sizes {
    pub const FULL: Self = Self {
        rounds: 15,
        short_rounds: 30,
        large: 200_000_000,
        small: 5_000_000,
        scopes: 1000,
        texts: 5000,
        opened: 100,
        cursors: 500,
        cold_fetches: 30,
        selects: 250,
        engines: 5,
        requests: 10,
        suites: 3,
        suite_tests: None,
        measured: true,
    };
    /// Enough to see that everything works and gives equal rows.
    pub const QUICK: Self = Self {
        rounds: 1,
        short_rounds: 1,
        large: 300_000,
        small: 100_000,
        scopes: 20,
        texts: 50,
        opened: 5,
        cursors: 5,
        cold_fetches: 3,
        selects: 3,
        engines: 1,
        requests: 1,
        suites: 1,
        suite_tests: Some("BooleanTest"),
        measured: false,
    };
}

pub fn run(server: &Server, sizes: Sizes) -> Result<Report> {
    let folder = paths::bench();
    let requirements = Requirements::read(&paths::bench_programs().join("requirements.txt"))?;
    let with_driver = Environment::of(&requirements)?;
    let driver = tool::driver_packages(PROFILE)?;
    let without = Environment::of(&requirements.without(&driver))?;
    without.demand_none(&driver)?;
    let programs = Programs::build(&folder, sizes.measured)?;
    let mut report = Report::new(sizes.measured);

    traffic::measure(server, &with_driver, &without, &programs, sizes, &mut report)?;
    recorder::measure(server, &programs, sizes, &mut report)?;
    compliance::measure(server, sizes, &mut report)?;
    suite::measure(server, &driver, &programs, sizes, &mut report)?;
    fixture::measure(&without, &programs, sizes, &mut report)?;
    generator::measure(&without, &programs, sizes, &mut report)?;
    Ok(report)
}
