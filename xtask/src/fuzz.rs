//! `cargo xtask fuzz`: broken and hostile inputs by the million, in rounds of other seeds.
//!
//! Breaks nothing itself: the test `fuzz` of `codegen` does, and Python reads what it emitted.

use std::fs;
use std::path::PathBuf;

use crate::environment::{Environment, embedded};
use crate::error::{Error, Result};
use crate::tally::Tally;
use crate::{lint, process, tool};

/// Cases a round: each round leaves its modules for Python to read, and they must fit.
const ROUND: u64 = 20_000;

/// Runs that many cases, starting with this seed.
pub fn run(cases: u64, seed: u64) -> Result<Tally> {
    let environment = Environment::of(&embedded(include_str!("../environments/tools.txt"))?)?;
    let mut tally = Tally::default();
    let mut left = cases;
    for seed in seed.. {
        let round = left.min(ROUND);
        if round == 0 {
            break;
        }
        left -= round;
        let failures = one(&environment, round, seed)?;
        tally.enter(&format!("{round} cases of seed {seed}"), &failures);
    }
    Ok(tally)
}

fn one(environment: &Environment, cases: u64, seed: u64) -> Result<Vec<String>> {
    let modules = process::scratch("fuzz")?;
    let mut command =
        tool::cargo(["test", "--quiet", "--release", "--package", "codegen", "--test", "fuzz"])?;
    command.args(["--", "--nocapture", "broken_inputs"]);
    command
        .env("MOCK_CURSOR_FUZZ_CASES", cases.to_string())
        .env("MOCK_CURSOR_FUZZ_SEED", seed.to_string())
        .env("MOCK_CURSOR_FUZZ_MODULES", modules.path());
    let said = process::run(&mut command)?;
    if !said.success() {
        return Ok(vec![said.everything()]);
    }
    let mut emitted: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(modules.path()).map_err(Error::io("read", modules.path()))? {
        emitted.push(entry.map_err(Error::io("read", modules.path()))?.path());
    }
    if emitted.is_empty() {
        return Ok(vec!["no module was emitted".to_owned()]);
    }
    lint::literals(environment, &emitted)
}
