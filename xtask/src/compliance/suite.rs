//! One run of SQLAlchemy's tests by pytest, under the launcher.
//!
//! Judges nothing: it leaves a file with what became of each test.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{OUTCOMES, Options};
use crate::application::{DETERMINISTIC, Mode};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::{paths, process};

pub struct Suite<'s> {
    /// The unpacked source distribution.
    pub source: PathBuf,
    pub launcher: PathBuf,
    pub options: &'s Options,
}

impl Suite<'_> {
    /// Runs the tests on a database, or on the name of one that is nowhere; without a mode
    /// nobody looks on.
    pub fn run(
        &self,
        environment: &Environment,
        database_url: &str,
        mode: Option<&Mode<'_>>,
        outcomes: &Path,
    ) -> Result<()> {
        let said = process::run(&mut self.command(environment, database_url, mode, outcomes)?)?;
        // 1 is a failed test; anything else is pytest's own trouble.
        if matches!(said.status.code(), Some(0 | 1)) {
            return Ok(());
        }
        let what = format!("pytest ended with {}:\n{}", said.status, said.everything());
        Err(Error::failed(what).hint(format!("{OUTCOMES} has the tests that ended before")))
    }

    fn command(
        &self,
        environment: &Environment,
        database_url: &str,
        mode: Option<&Mode<'_>>,
        outcomes: &Path,
    ) -> Result<Command> {
        let mut command = environment.command("python");
        // Without -s the tests would take the package from the distribution, uncompiled.
        command.args(["-s", "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "-p", "outcomes"]);
        // SQLAlchemy's own options end the run when many have failed.
        command.args(["--maxfail=0", "--dburi"]).arg(self.url(database_url));
        command.args(self.options.tests()).current_dir(&self.source);
        if let Some(word) = &self.options.only {
            command.args(["-k", word]);
        }
        let folders = [&self.launcher, &paths::compliance()];
        let path = std::env::join_paths(folders)
            .map_err(|error| Error::failed(format!("a folder cannot be on a path: {error}")))?;
        command.env("PYTHONPATH", path).env("COMPLIANCE_OUTCOMES", outcomes);
        // Without it modules are compiled in each run, which is not how people run tests.
        command.env_remove("PYTHONDONTWRITEBYTECODE");
        command.envs(mode.map(Mode::variables).unwrap_or_default());
        if self.options.deterministic {
            command.envs(DETERMINISTIC);
        }
        Ok(command)
    }

    /// The URL as SQLAlchemy spells it: with a driver.
    fn url(&self, database_url: &str) -> String {
        let driver = if self.options.asynchronous { "psycopg_async" } else { "psycopg" };
        database_url.replacen("postgresql://", &format!("postgresql+{driver}://"), 1)
    }
}
