//! One run of a project's tests, and what became of each.
//!
//! Judges nothing.

use std::path::Path;

use crate::environment::Environment;
use crate::error::Result;
use crate::process;

/// A project's tests, where they may or may not reach a database.
pub struct Suite<'s> {
    pub folder: &'s Path,
    pub environment: &'s Environment,
    pub url: &'s str,
}

/// What a run has said.
pub struct Outcome {
    pub text: String,
    success: bool,
}

impl Suite<'_> {
    /// `pytest`, by the interpreter of the environment.
    pub fn pytest(&self, arguments: &[&str]) -> Result<Outcome> {
        let mut all = vec!["-m", "pytest"];
        all.extend(arguments);
        self.run("python", &all)
    }

    /// Any program of the environment.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<Outcome> {
        let mut command = self.environment.command(program);
        command.args(arguments).current_dir(self.folder).env("DATABASE_URL", self.url);
        // Each test's outcome on a line; and CI never records unless it is told to.
        command.env("PYTEST_ADDOPTS", "-rA --tb=short --color=no").env("MOCK_CURSOR_IN_CI", "1");
        let said = process::run(&mut command)?;
        Ok(Outcome { success: said.success(), text: said.everything() })
    }
}

impl Outcome {
    /// All that it said, if it did not succeed.
    pub fn failure(&self) -> Vec<String> {
        if self.success { Vec::new() } else { vec![self.text.clone()] }
    }

    /// The same, short of what passed.
    pub fn faults(&self) -> Vec<String> {
        let lines = self.text.lines().filter(|line| !line.starts_with("PASSED "));
        if self.success { Vec::new() } else { vec![lines.collect::<Vec<_>>().join("\n")] }
    }
}

/// The tests that passed, by their node ids.
pub fn passed(outcome: &Outcome) -> Vec<String> {
    let ids = outcome.text.lines().filter_map(|line| line.strip_prefix("PASSED "));
    ids.map(str::to_owned).collect()
}

/// What is wrong with a run in which these tests had to pass.
pub fn failures(outcome: &Outcome, expected: &[&str]) -> Vec<String> {
    let passed = passed(outcome);
    let missing = expected.iter().filter(|test| !passed.iter().any(|each| each == *test));
    let mut faults: Vec<String> = missing.map(|test| format!("{test} did not pass")).collect();
    if let Some(first) = faults.first_mut() {
        first.push('\n');
        first.push_str(&outcome.faults().join("\n"));
    }
    faults
}
