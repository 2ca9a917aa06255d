//! The replay against the driver, against `SQLite`, and against drivers that do nothing.
//!
//! The traffic is recorded on the server in the same run; rows of all sides must be equal.

use serde_json::json;

use super::Sizes;
use super::figure::{Amount, Figure, Scale};
use super::program::{Programs, python};
use super::report::Report;
use super::rounds::{bests, turns};
use super::worker::Worker;
use crate::application::Mode;
use crate::database::Database;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::server::Server;
use crate::{paths, process};

/// Contestants of one contest: ours first, then what it is measured against.
struct Contest {
    ours: &'static str,
    /// In the replaying worker.
    beside: &'static [&'static str],
    /// In the worker with the driver.
    live: bool,
    count: usize,
}

pub fn measure(
    server: &Server,
    with_driver: &Environment,
    without: &Environment,
    programs: &Programs,
    sizes: Sizes,
    report: &mut Report,
) -> Result<()> {
    let database = Database::create(server, "bench")?;
    database.apply(&paths::bench_programs().join("schema.sql"))?;
    let fixture = programs.folder.join("traffic");
    record(with_driver, &database, programs, sizes)?;
    programs.fixture(&programs.folder.join("traffic.jsonl"), &fixture)?;
    let mut live = python(with_driver, "live.py");
    live.env("DATABASE_URL", &database.url);
    let mut live = Worker::start("live", &mut live, &programs.folder)?;
    let mut replay = python(without, "replay.py");
    let mut replay = Worker::start("replay", replay.arg(&fixture), &programs.folder)?;
    let mut best = |ours, beside, live_too, count| {
        let contest = Contest { ours, beside, live: live_too, count };
        run(&contest, &mut replay, &mut live, sizes.short_rounds, report)
    };
    let cursor = best("cursor", &["cursor_dict"], true, sizes.cursors)?;
    let core = best("core", &["core_null", "core_sqlite"], false, sizes.selects)?;
    let orm = best("orm", &["orm_null", "orm_sqlite"], false, sizes.selects)?;
    let cold = best("cold_fetch", &[], true, sizes.cold_fetches)?;
    let engine = best("engine", &[], true, sizes.engines)?;
    let one_row = "cursor: 3 parameters, 1 row × 8 columns";
    let figures = [
        (one_row, "a bare dict mock", &cursor, 1, Scale::AtMost, 10.0, 5.0),
        (one_row, "psycopg binary, prepared", &cursor, 2, Scale::Faster, 10.0, 20.0),
        ("SQLAlchemy Core select", "a null cursor", &core, 1, Scale::More, 20.0, 8.0),
        ("SQLAlchemy ORM select", "a null cursor", &orm, 1, Scale::More, 20.0, 8.0),
        ("SQLAlchemy Core select", "SQLite in memory", &core, 2, Scale::AtMost, 1.3, 1.0),
        ("SQLAlchemy ORM select", "SQLite in memory", &orm, 2, Scale::AtMost, 1.3, 1.0),
        ("cold fetch: 100 rows × 8 columns", "psycopg binary", &cold, 1, Scale::AtMost, 1.0, 0.6),
        ("engine and first connect", "a running server", &engine, 1, Scale::Faster, 6.0, 12.0),
    ];
    for (name, against, bests, reference, scale, floor, goal) in figures {
        report.figure(Figure {
            name,
            against,
            ours: Amount::Seconds(bests[0]),
            reference: Some(Amount::Seconds(bests[reference])),
            scale,
            floor: Some(floor),
            goal,
        });
    }
    Ok(())
}

/// Records what the contests will ask in all their turns.
fn record(
    with_driver: &Environment,
    database: &Database,
    programs: &Programs,
    sizes: Sizes,
) -> Result<()> {
    let number = turns(sizes.short_rounds);
    let rounds = json!({
        "cursor": [number, sizes.cursors],
        "cold_fetch": [number, sizes.cold_fetches],
        "core": [number, sizes.selects],
        "orm": [number, sizes.selects],
    });
    let trace = programs.folder.join("traffic.jsonl");
    if trace.exists() {
        std::fs::remove_file(&trace).map_err(Error::io("remove", &trace))?;
    }
    let mut command = python(with_driver, "record.py");
    command.arg(rounds.to_string()).env("DATABASE_URL", &database.url);
    command
        .env("PYTHONPATH", programs.launcher()?)
        .envs(Mode::Record { trace: &trace, redaction: None }.variables());
    let said = process::run(&mut command)?;
    if said.success() {
        return Ok(());
    }
    Err(Error::failed(format!("record.py ended with {}:\n{}", said.status, said.everything())))
}

/// The best turns in the order of the contestants, whose answers must be equal round by round.
fn run(
    contest: &Contest,
    replay: &mut Worker,
    live: &mut Worker,
    rounds: usize,
    report: &mut Report,
) -> Result<Vec<f64>> {
    let &Contest { ours, beside, live: live_too, count } = contest;
    let contestants = 1 + beside.len() + usize::from(live_too);
    let mut expected = String::new();
    bests(rounds, contestants, |place| {
        let turn = match (place, beside.get(place.wrapping_sub(1))) {
            (0, _) => replay.turn(ours, count)?,
            (_, Some(name)) => replay.turn(name, count)?,
            _ => live.turn(ours, count)?,
        };
        if place == 0 {
            expected.clone_from(&turn.given);
        }
        report.demand(turn.given == expected, || {
            let other = beside.get(place.wrapping_sub(1)).unwrap_or(&"the driver");
            format!("{ours}: other rows than {other} gave")
        });
        Ok(turn.seconds)
    })
}
