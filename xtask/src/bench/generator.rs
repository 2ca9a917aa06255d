//! The generator: its speed on a large trace, `--check` on an unchanged tree, its memory.
//!
//! Programs are measured from outside, from their start to their end.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::Sizes;
use super::figure::{Amount, Figure, Scale};
use super::program::{Programs, clear, python, said};
use super::report::Report;
use super::rounds::bests;
use crate::environment::Environment;
use crate::error::Result;

/// The bound on memory has a part that does not grow, and a multiple of the largest scope.
const MEMORY: f64 = 32.0 * 1024.0 * 1024.0;
const LARGEST_SCOPES: f64 = 4.0;
/// A round takes seconds, and little disturbs what takes so long.
const ROUNDS: usize = 4;

/// What `child.py` says of a program.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Child {
    seconds: f64,
    memory: f64,
    exit_code: i32,
}

/// What the reference says it has parsed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parsed {
    exchanges: usize,
    rows: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    seconds: f64,
    bytes: usize,
}

pub fn measure(
    environment: &Environment,
    programs: &Programs,
    sizes: Sizes,
    report: &mut Report,
) -> Result<()> {
    let trace = programs.folder.join("large.jsonl");
    let fixture = programs.folder.join("large");
    let facts = programs.trace(sizes.large, sizes, &trace)?;
    let parsed: Parsed = said(Command::new(programs.parse()).arg(&trace))?;
    report.demand((parsed.exchanges, parsed.rows) == (facts.exchanges, facts.rows), || {
        format!("bench_parse found {} exchanges, not {}", parsed.exchanges, facts.exchanges)
    });
    report.demand(facts.texts == sizes.texts, || format!("the trace has {} texts", facts.texts));
    let child = |program: &Path, arguments: &[&str]| {
        let mut command = python(environment, "child.py");
        said::<Child>(command.arg(program).args(arguments))
    };
    let (program, reference) = (programs.mock_cursor(), programs.parse());
    let (trace_name, out) = (trace.to_string_lossy(), fixture.to_string_lossy());
    let mut memory = 0.0_f64;
    let seconds = bests(sizes.rounds.min(ROUNDS), 4, |place| match place {
        0 => {
            clear(&fixture)?;
            let run = child(&program, &["gen", &trace_name, "--out", &out])?;
            report.demand(run.exit_code == 0, || format!("gen ended with {}", run.exit_code));
            memory = memory.max(run.memory);
            Ok(run.seconds)
        }
        1 => child(&reference, &[&trace_name]).map(|run| run.seconds),
        2 => {
            let run = child(&program, &["gen", &trace_name, "--out", &out, "--check"])?;
            report.demand(run.exit_code == 0, || "gen --check found a change".to_owned());
            Ok(run.seconds)
        }
        _ => {
            let read: Read = said(python(environment, "plain_read.py").args([&trace, &fixture]))?;
            report.demand(read.bytes > facts.bytes, || "the tree is empty".to_owned());
            Ok(read.seconds)
        }
    })?;
    for figure in figures(&seconds, memory, facts.bytes, facts.largest_scope) {
        report.figure(figure);
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a trace has fewer than 2^52 bytes")]
fn figures(seconds: &[f64], memory: f64, bytes: usize, largest_scope: usize) -> [Figure; 3] {
    let rate = |seconds: f64| Amount::BytesPerSecond(bytes as f64 / seconds);
    [
        Figure {
            name: "generator throughput",
            against: "the same structs parsed, nothing written",
            ours: rate(seconds[0]),
            reference: Some(rate(seconds[1])),
            scale: Scale::AtLeast,
            floor: Some(0.4),
            goal: 0.8,
        },
        Figure {
            name: "gen --check, unchanged tree of 1,000 scopes",
            against: "a plain read of trace and tree",
            ours: Amount::Seconds(seconds[2]),
            reference: Some(Amount::Seconds(seconds[3])),
            scale: Scale::Faster,
            floor: None,
            goal: 0.3,
        },
        Figure {
            name: "generator's peak memory",
            against: "32 MB + 4 × the largest scope",
            ours: Amount::Bytes(memory),
            reference: Some(Amount::Bytes(MEMORY + LARGEST_SCOPES * largest_scope as f64)),
            scale: Scale::AtMost,
            floor: Some(1.0),
            goal: 0.5,
        },
    ]
}
