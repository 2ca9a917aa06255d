//! The values of foreign span files against the texts of a live server.
//!
//! Understands no value: a script that has the driver writes the spans and compares.

use std::path::Path;

use serde::Deserialize;

use crate::database::Database;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::tally::Tally;
use crate::{paths, process, tool};

const NAME: &str = "spans";

/// A case that was compared.
#[derive(Deserialize)]
struct Line {
    case: String,
    failure: Option<String>,
}

/// Writes spans of all values, generates, and compares; `scratch` takes both.
pub fn run(environment: &Environment, database: &Database, scratch: &Path) -> Result<Tally> {
    let folder = scratch.join("span-files");
    std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    let script = |arguments: &[&Path]| -> Result<String> {
        let mut command = environment.command("python");
        command.arg(paths::values().join("spans.py")).args(arguments);
        command.current_dir(paths::values()).env("DATABASE_URL", &database.url);
        let said = process::run(&mut command)?;
        if said.success() {
            return Ok(said.stdout);
        }
        Err(Error::failed(format!("spans.py ended with {}:\n{}", said.status, said.stderr)))
    };
    script(&[Path::new("write"), &folder])?;
    let fixture = scratch.join(NAME);
    tool::generate(&folder, NAME, None, &fixture)?;
    let mut tally = Tally::default();
    for line in script(&[Path::new("check"), &folder, &fixture])?.lines() {
        let line: Line =
            serde_json::from_str(line).map_err(|error| Error::failed(error.to_string()))?;
        match line.failure {
            // There are hundreds; only failures are printed.
            None => tally += Tally::PASSED,
            Some(failure) => tally.enter(&format!("spans: {}", line.case), &[failure]),
        }
    }
    if tally == Tally::default() {
        return Err(Error::failed("spans.py compared nothing"));
    }
    println!("spans: {tally}");
    Ok(tally)
}
