//! What matching costs: a key, a match in a large scope, and values that are bound elsewhere.
//!
//! The traffic is invented, and recorded twice as far as the generator can tell.

use std::fs;

use super::Sizes;
use super::figure::{Amount, Figure, Scale};
use super::program::{Programs, clear, demand, python};
use super::report::Report;
use super::rounds::{bests, turns};
use super::worker::Worker;
use crate::environment::Environment;
use crate::error::{Error, Result};

/// Matches in a turn: a small scope has a hundred exchanges.
const MATCHES: usize = 99;

/// One contest against another: of this worker, or of one where another scope has bound values.
struct Pair {
    name: &'static str,
    against: &'static str,
    ours: &'static str,
    reference: &'static str,
    count: usize,
    scale: Scale,
    floor: f64,
    goal: f64,
}

pub fn measure(
    without: &Environment,
    programs: &Programs,
    sizes: Sizes,
    report: &mut Report,
) -> Result<()> {
    let folder = programs.folder.join("matching-traces");
    clear(&folder)?;
    fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    let equal_rows = turns(sizes.short_rounds) * sizes.cursors;
    let mut command = python(without, "matching_traces.py");
    command.arg(&folder).args([sizes.matched.to_string(), equal_rows.to_string()]);
    demand(&mut command)?;
    let fixture = programs.folder.join("matching");
    programs.fixture(&folder, &fixture)?;
    let worker = |name: &'static str, arguments: &[&str]| {
        let mut command = python(without, "matching.py");
        Worker::start(name, command.arg(&fixture).args(arguments), &programs.folder)
    };
    let mut plain = worker("matching", &[])?;
    let mut bound = worker("matching-bound", &["bound"])?;
    let pairs = [
        Pair {
            name: "key of 3 parameters",
            against: "the hash of the bare tuple",
            ours: "key",
            reference: "bare_key",
            count: sizes.keys,
            scale: Scale::More,
            floor: 0.5,
            goal: 0.35,
        },
        Pair {
            name: "match among 100,000 exchanges in one scope",
            against: "among 100",
            ours: "exact_many",
            reference: "exact_few",
            count: MATCHES,
            scale: Scale::AtMost,
            floor: 1.5,
            goal: 1.2,
        },
        Pair {
            name: "volatile match among 100,000 exchanges",
            against: "among 100",
            ours: "volatile_many",
            reference: "volatile_few",
            count: MATCHES,
            scale: Scale::AtMost,
            floor: 1.5,
            goal: 1.2,
        },
        Pair {
            name: "row of a scope where nothing is bound",
            against: "where nothing is bound anywhere",
            ours: "rows",
            reference: "rows",
            count: sizes.cursors,
            scale: Scale::AtMost,
            floor: 1.1,
            goal: 1.03,
        },
    ];
    for pair in pairs {
        let among_workers = pair.ours == pair.reference;
        let mut expected = String::new();
        let bests = bests(sizes.short_rounds, 2, |place| {
            let worker = if among_workers && place == 0 { &mut bound } else { &mut plain };
            let contest = if place == 0 { pair.ours } else { pair.reference };
            let turn = worker.turn(contest, pair.count)?;
            if place == 0 {
                expected.clone_from(&turn.given);
            }
            report.demand(turn.given == expected, || format!("{}: other answers", pair.name));
            Ok(turn.seconds)
        })?;
        report.figure(Figure {
            name: pair.name,
            against: pair.against,
            ours: Amount::Seconds(bests[0]),
            reference: Some(Amount::Seconds(bests[1])),
            scale: pair.scale,
            floor: Some(pair.floor),
            goal: pair.goal,
        });
    }
    Ok(())
}
