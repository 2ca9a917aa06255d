//! SQLAlchemy's suite for dialects on its fixture, and on a running server.
//!
//! The whole command is timed, as people wait for it: imports and collection too.

use std::time::Instant;

use super::Sizes;
use super::figure::{Amount, Figure, Scale};
use super::program::clear;
use super::report::Report;
use super::rounds::bests;
use crate::compliance::{self, Options, Outcome, Outcomes, Project, Series};
use crate::error::Result;
use crate::server::Server;
use crate::{interrupt, paths, tool};

const NAME: &str = "compliance";

pub fn measure(server: &Server, sizes: Sizes, report: &mut Report) -> Result<()> {
    let options = Options {
        series: Series::V2_1,
        asynchronous: false,
        tests: Vec::new(),
        only: sizes.suite_tests.map(str::to_owned),
        deterministic: true,
        record: true,
    };
    let project = Project::open(&options)?;
    let folder = paths::bench().join(NAME);
    let traces = folder.join("traces");
    let fixture = folder.join(NAME);
    clear(&folder)?;
    let recorded = passed(&project.record(server, &traces)?);
    tool::generate(&traces, NAME, None, &fixture)?;
    let database = compliance::database(server)?;
    let ledger = folder.join("ledger.jsonl");
    let bests = bests(sizes.suites, 2, |place| {
        interrupt::check()?;
        let start = Instant::now();
        let outcomes = match place {
            0 => project.replay(&fixture, &ledger)?,
            _ => project.live(&database)?,
        };
        let seconds = start.elapsed().as_secs_f64();
        report.demand(passed(&outcomes) == recorded, || {
            format!("the suite for dialects: {} passed, {recorded} recorded", passed(&outcomes))
        });
        Ok(seconds)
    })?;
    report.figure(Figure {
        name: "SQLAlchemy's suite for dialects, replayed",
        against: "on a running server",
        ours: Amount::Seconds(bests[0]),
        reference: Some(Amount::Seconds(bests[1])),
        scale: Scale::AtMost,
        floor: Some(0.6),
        goal: 0.5,
    });
    Ok(())
}

fn passed(outcomes: &Outcomes) -> usize {
    outcomes.iter().map(|(_, outcome)| outcome).filter(|outcome| Outcome::passed(outcome)).count()
}
