//! `cargo xtask python-test`: pytest over `tests/python`, without a driver and with one.
//!
//! Leaves it to the tests what they need: `MOCK_CURSOR_NEEDS_SERVER=1` says that a server is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::database::Database;
use crate::environment::{Environment, embedded};
use crate::error::{Error, Result};
use crate::guard::any_fixture;
use crate::server::Server;
use crate::tally::Tally;
use crate::{paths, process, tool};

pub fn run(server: &Server) -> Result<Tally> {
    let tools = embedded(include_str!("../environments/tools.txt"))?;
    let client = embedded(include_str!("../environments/client.txt"))?;
    let without = Environment::of(&tools)?;
    without.demand_none(&tool::driver_packages("psycopg")?)?;
    let with_driver = Environment::of(&tools.and(client))?;
    let scratch = process::scratch("python-test")?;
    let launcher = tool::launcher(scratch.path())?;
    let fixture = any_fixture()?;
    let tusk = spans(scratch.path())?;
    let folders = Folders { launcher: &launcher, fixture: &fixture, tusk: &tusk };

    println!("without a driver:");
    let mut tally = pytest(&mut command(&without, &folders), Skipped::RunsLater)?;
    let database = Database::create(server, "python-test")?;
    println!("with the driver and a server:");
    let mut command = command(&with_driver, &folders);
    command.env("DATABASE_URL", &database.url).env("MOCK_CURSOR_NEEDS_SERVER", "1");
    // What `record` does when it is stopped or its application fails is tested, too.
    let this = std::env::current_exe().map_err(Error::io("find", Path::new("xtask")))?;
    command.env("MOCK_CURSOR_XTASK", this);
    tally += pytest(&mut command, Skipped::Fails)?;
    Ok(tally)
}

/// What the tests work on.
struct Folders<'f> {
    launcher: &'f Path,
    fixture: &'f Path,
    /// The fixtures of the foreign span files.
    tusk: &'f Path,
}

/// The fixtures of the sets of span files, which are not kept in the repository.
fn spans(scratch: &Path) -> Result<PathBuf> {
    let out = scratch.join("tusk");
    for set in span_sets()? {
        let name = set.file_name().unwrap_or_default().to_string_lossy().into_owned();
        tool::generate(&set, &name, None, &out.join(name.replace('-', "_")))?;
    }
    Ok(out)
}

fn span_sets() -> Result<Vec<PathBuf>> {
    let folder = paths::tusk();
    let mut sets = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
        let path = entry.map_err(Error::io("read", &folder))?.path();
        if path.is_dir() {
            sets.push(path);
        }
    }
    sets.sort();
    Ok(sets)
}

fn command(environment: &Environment, folders: &Folders) -> Command {
    let Folders { launcher, fixture, tusk } = folders;
    let mut command = environment.command("python");
    command.args(["-m", "pytest", "-q", "-rs", "--tb=short"]);
    command.arg("-o").arg(format!("cache_dir={}", paths::tool_cache("pytest").display()));
    command.arg(paths::python_tests()).current_dir(paths::root());
    // The launcher's folder holds the recorder's package, too.
    command.env("PYTHONPATH", launcher).env("MOCK_CURSOR_LAUNCHER", launcher);
    command.env("MOCK_CURSOR_FIXTURE", fixture).env("MOCK_CURSOR_TUSK", tusk);
    command
}

/// What it means that a test did not run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Skipped {
    /// It needs a server or the driver, and will have both.
    RunsLater,
    /// It never runs.
    Fails,
}

fn pytest(command: &mut Command, skipped: Skipped) -> Result<Tally> {
    let said = process::run(command)?;
    println!("{}", said.everything());
    let tally = counts(&said.stdout, skipped);
    // 1 is a failed test; anything else is pytest's own trouble, an empty collection included.
    match said.status.code() {
        Some(0) if tally.passed > 0 => Ok(tally),
        Some(1) if tally.failed > 0 => Ok(tally),
        _ => Err(Error::failed(format!("pytest ended with {}", said.status))),
    }
}

/// `3 failed, 12 passed, 1 skipped, 2 errors in 0.5s`, the last line that pytest prints.
fn counts(stdout: &str, skipped: Skipped) -> Tally {
    let mut tally = Tally::default();
    let summary = stdout.lines().rev().find(|line| line.contains(" in ")).unwrap_or_default();
    let words: Vec<&str> = summary.split([' ', ',', '=']).filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        let Ok(number) = pair[0].parse::<usize>() else { continue };
        match pair[1] {
            "passed" => tally.passed += number,
            "failed" | "error" | "errors" => tally.failed += number,
            "skipped" if skipped == Skipped::Fails => tally.failed += number,
            _ => {}
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pytest_is_counted_by_its_last_line() {
        let text =
            "F..\nFAILED a in b\n===== 3 failed, 12 passed, 1 skipped, 2 errors in 0.50s =====\n";
        assert_eq!(counts(text, Skipped::RunsLater), Tally { passed: 12, failed: 5 });
        assert_eq!(counts(text, Skipped::Fails), Tally { passed: 12, failed: 6 });
        assert_eq!(counts("7 passed in 0.01s\n", Skipped::Fails), Tally { passed: 7, failed: 0 });
        assert_eq!(counts("no tests ran in 0.01s\n", Skipped::Fails), Tally::default());
    }
}
