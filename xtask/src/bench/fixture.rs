//! A fixture of many scopes: its import, and the first row of a scope.
//!
//! Each round is a new process, as what is imported once stays imported.

use std::process::Command;

use serde::Deserialize;

use super::Sizes;
use super::figure::{Amount, Figure, Scale};
use super::program::{Programs, python, said};
use super::report::Report;
use super::rounds::bests;
use crate::environment::Environment;
use crate::error::Result;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    seconds: f64,
    scopes: usize,
}

pub fn measure(
    without: &Environment,
    programs: &Programs,
    sizes: Sizes,
    report: &mut Report,
) -> Result<()> {
    let trace = programs.folder.join("small.jsonl");
    let fixture = programs.folder.join("small");
    programs.trace(sizes.small, sizes, &trace)?;
    programs.fixture(&trace, &fixture)?;
    let first = |command: &mut Command| said::<First>(command);
    let seconds = bests(sizes.rounds, 2, |place| {
        let found = if place == 0 {
            first(python(without, "first_import.py").arg(&fixture))?
        } else {
            let opened = sizes.opened.to_string();
            first(python(without, "first_rows.py").args([&fixture, &trace]).arg(opened))?
        };
        let expected = if place == 0 { sizes.scopes } else { sizes.opened };
        report.demand(found.scopes == expected, || {
            format!("the fixture has {} scopes, not {expected}", found.scopes)
        });
        Ok(found.seconds)
    })?;
    let figures = [
        ("import of a fixture of 1,000 scopes", seconds[0], 20.0, 5.0),
        ("opening one of 1,000 scopes to its first row", seconds[1], 2.0, 0.3),
    ];
    for (name, seconds, floor, goal) in figures {
        report.figure(Figure {
            name,
            against: "–",
            ours: Amount::Seconds(seconds),
            reference: None,
            scale: Scale::Milliseconds,
            floor: Some(floor),
            goal,
        });
    }
    Ok(())
}
