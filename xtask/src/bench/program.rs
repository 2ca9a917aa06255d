//! The programs that are measured or measured against, built anew for each run.
//!
//! Knows where they lie and what they print, not what it means.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Sizes;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::{paths, process, tool};

pub struct Programs {
    /// Where traces and fixtures go.
    pub folder: PathBuf,
    built: PathBuf,
}

/// What a trace has in it, as its maker says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    pub bytes: usize,
    pub largest_scope: usize,
    pub texts: usize,
    pub exchanges: usize,
    pub rows: usize,
}

impl Programs {
    /// Optimised, unless nothing is measured: that build takes a minute.
    pub fn build(folder: &Path, optimised: bool) -> Result<Self> {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let mut cargo =
            tool::cargo(["build", "--quiet", "--package", "codegen", "--bin", "mock-cursor"])?;
        cargo.arg("--examples");
        if optimised {
            cargo.arg("--release");
        }
        let said = process::run(&mut cargo)?;
        if !said.success() {
            return Err(Error::failed(format!("cargo build failed:\n{}", said.everything())));
        }
        let built = paths::built(if optimised { "release" } else { "debug" });
        Ok(Self { folder: folder.to_path_buf(), built })
    }

    pub fn mock_cursor(&self) -> PathBuf {
        self.built.join("mock-cursor")
    }

    pub fn parse(&self) -> PathBuf {
        self.built.join("examples/bench_parse")
    }

    /// Makes a trace of about so many bytes.
    pub fn trace(&self, size: usize, sizes: Sizes, out: &Path) -> Result<Facts> {
        let mut command = Command::new(self.built.join("examples/bench_trace"));
        command.args(["--size", &size.to_string(), "--scopes", &sizes.scopes.to_string()]);
        command.args(["--texts", &sizes.texts.to_string()]).arg(out);
        said(&mut command)
    }

    /// Makes the fixture of a trace anew.
    pub fn fixture(&self, trace: &Path, out: &Path) -> Result<()> {
        clear(out)?;
        demand(Command::new(self.mock_cursor()).arg("gen").arg(trace).arg("--out").arg(out))
    }

    pub fn launcher(&self) -> Result<PathBuf> {
        let out = self.folder.join("launcher");
        demand(Command::new(self.mock_cursor()).arg("launcher").arg("--out").arg(&out))?;
        Ok(out)
    }
}

/// A program of `tests/bench`.
pub fn python(environment: &Environment, program: &str) -> Command {
    let mut command = environment.command("python");
    command.arg(paths::bench_programs().join(program));
    command
}

/// Runs a program that prints one line of JSON.
pub fn said<T: DeserializeOwned>(command: &mut Command) -> Result<T> {
    let said = process::run(command)?;
    match serde_json::from_str(&said.stdout) {
        Ok(value) if said.success() => Ok(value),
        _ => Err(failed(command, &said)),
    }
}

/// Removes what an earlier run left.
pub fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::io("remove", folder))?;
    }
    Ok(())
}

/// Runs a program that has to succeed.
pub fn demand(command: &mut Command) -> Result<()> {
    let said = process::run(command)?;
    if said.success() { Ok(()) } else { Err(failed(command, &said)) }
}

fn failed(command: &Command, said: &process::Said) -> Error {
    let words: Vec<_> = [command.get_program()].into_iter().chain(command.get_args()).collect();
    let line = words.join(OsStr::new(" "));
    let (line, status) = (line.to_string_lossy(), said.status);
    Error::failed(format!("{line} ended with {status}:\n{}", said.everything()))
}
