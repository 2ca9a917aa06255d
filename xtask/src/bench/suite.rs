//! A suite of thirty database tests by pytest: replayed, on a running server, and on `SQLite`.
//!
//! The suite says itself how long its tests took, from their collection to their end.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::Sizes;
use super::figure::{Amount, Figure, Scale};
use super::program::{Programs, clear, said};
use super::report::Report;
use super::rounds::bests;
use crate::database::Database;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::requirements::Requirements;
use crate::server::Server;
use crate::{interrupt, paths, process, tool};

const DRIVER: &str = "postgresql+psycopg://";
const NOWHERE: &str = "postgresql+psycopg://replay@replay.invalid/replay";
const SQLITE: &str = "sqlite://";
/// As a line of pytest says it.
const PASSED: &str = "30 passed";

#[derive(Deserialize)]
struct Start {
    seconds: f64,
    scopes: usize,
}

pub fn measure(
    server: &Server,
    driver: &[String],
    programs: &Programs,
    sizes: Sizes,
    report: &mut Report,
) -> Result<()> {
    let source = paths::bench_programs().join("suite");
    let requirements = Requirements::read(&source.join("requirements.txt"))?;
    let with_driver = Environment::of(&requirements)?;
    let without = Environment::of(&requirements.without(driver))?;
    let folder = programs.folder.join("suite");
    clear(&folder)?;
    fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    for name in ["conftest.py", "models.py", "test_accounts.py"] {
        let to = folder.join(name);
        fs::copy(source.join(name), &to).map_err(Error::io("write", &to))?;
    }
    let database = Database::create(server, "bench-suite")?;
    let url = database.url.replacen("postgresql://", DRIVER, 1);
    let mock_cursor = programs.mock_cursor();
    let pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider"];
    let ours = |environment: &Environment, what: &str| {
        let mut command = environment.command(&mock_cursor.to_string_lossy());
        command.args([what, "--"]).arg(environment.program("python"));
        command
    };
    let mut record = ours(&with_driver, "record");
    record.args(["-m", "pytest", "-q"]).env("MOCK_CURSOR_IN_CI", "1");
    run(&mut record, &folder, &url)?;
    let bests = bests(sizes.suites * 3, 3, |place| {
        interrupt::check()?;
        let (mut command, url) = match place {
            0 => (ours(&without, "replay"), NOWHERE),
            1 => (with_driver.command("python"), url.as_str()),
            _ => (with_driver.command("python"), SQLITE),
        };
        run(command.args(pytest), &folder, url)
    })?;
    for (against, reference, goal) in
        [("on a running server", bests[1], 0.4), ("on SQLite in memory", bests[2], 1.2)]
    {
        report.figure(Figure {
            name: "a suite of 30 database tests, replayed",
            against,
            ours: Amount::Seconds(bests[0]),
            reference: Some(Amount::Seconds(reference)),
            scale: Scale::AtMost,
            floor: None,
            goal,
        });
    }
    start(&without, programs, sizes, report)
}

/// The seconds of a run in which all tests pass.
fn run(command: &mut Command, folder: &Path, url: &str) -> Result<f64> {
    let seconds = folder.join("seconds");
    command.current_dir(folder).env("DATABASE_URL", url).env("SUITE_SECONDS", &seconds);
    let said = process::run(command)?;
    if !said.success() || !said.stdout.contains(PASSED) {
        return Err(Error::failed(format!("the suite failed:\n{}", said.everything())));
    }
    let text = fs::read_to_string(&seconds).map_err(Error::io("read", &seconds))?;
    text.trim().parse().map_err(|_| Error::failed(format!("{text:?} are no seconds")))
}

/// The plugin with the fixture of many tests.
fn start(
    environment: &Environment,
    programs: &Programs,
    sizes: Sizes,
    report: &mut Report,
) -> Result<()> {
    let trace = programs.folder.join("start.jsonl");
    let fixture = programs.folder.join("start");
    programs.trace(sizes.small, sizes, &trace)?;
    programs.fixture(&trace, &fixture)?;
    let launcher = tool::launcher(&programs.folder)?;
    let bests = bests(sizes.rounds, 1, |_| {
        let mut command = environment.command("python");
        command.arg(paths::bench_programs().join("plugin_start.py")).arg(&fixture);
        let start: Start = said(command.env("PYTHONPATH", &launcher))?;
        report.demand(start.scopes == sizes.scopes, || {
            format!("the plugin's start: {} scopes, not {}", start.scopes, sizes.scopes)
        });
        Ok(start.seconds)
    })?;
    report.figure(Figure {
        name: "the plugin's start, 1,000 tests recorded",
        against: "5 ms",
        ours: Amount::Seconds(bests[0]),
        reference: Some(Amount::Seconds(0.005)),
        scale: Scale::AtMost,
        floor: None,
        goal: 1.0,
    });
    Ok(())
}
