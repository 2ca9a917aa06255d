//! `cargo xtask verify`: the statements of stacks' traces, run again on a server of today.
//!
//! Judges nothing itself: the recorder's package runs them and says what has drifted.

use std::path::Path;

use crate::database::Database;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::server::Server;
use crate::stack::Stack;
use crate::tally::Tally;
use crate::{application, process, tool};

const MODULE: &str = "mock_cursor_recorder.verify";

/// Verifies the named stacks, or all, each on a database of its own with the stack's schema.
pub fn run(server: &Server, names: &[String]) -> Result<Tally> {
    let scratch = process::scratch("verify")?;
    let launcher = tool::launcher(scratch.path())?;
    let mut tally = Tally::default();
    for stack in &Stack::chosen(names)? {
        let database = Database::create(server, &stack.name)?;
        database.apply(&stack.file("schema.sql"))?;
        let failure = one(stack, &launcher, &database.url)?;
        tally.enter(&stack.name, failure.as_slice());
    }
    Ok(tally)
}

fn one(stack: &Stack, launcher: &Path, url: &str) -> Result<Option<String>> {
    let environment = Environment::of(&stack.requirements(&[])?)?;
    let mut command = environment.command("python");
    command.args(["-m", MODULE, "--database-url", url]).arg(&stack.folder);
    command.env("PYTHONPATH", launcher).envs(application::redaction_key(stack));
    let said = process::run(&mut command)?;
    match said.status.code() {
        Some(0) => {
            print!("{}", said.stdout);
            Ok(None)
        }
        Some(1) => Ok(Some(said.stdout)),
        _ => Err(Error::failed(format!("{MODULE} failed:\n{}", said.everything()))),
    }
}
