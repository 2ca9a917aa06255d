//! Every path of the repository that a command reads or writes.
//!
//! Deliberately touches no file: it only knows where things are.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the repository, whatever the working directory is.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Shortens a path for a message: what lies in the repository is named from its root.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

pub fn readme() -> PathBuf {
    root().join("README.md")
}

pub fn stacks() -> PathBuf {
    root().join("tests/stacks")
}

pub fn values() -> PathBuf {
    root().join("tests/values")
}

/// Small programs that must see the same on the server and on their fixture.
pub fn scripts() -> PathBuf {
    root().join("tests/scripts")
}

/// Span files of another recorder, one folder a set.
pub fn tusk() -> PathBuf {
    root().join("tests/tusk")
}

/// What is needed to run SQLAlchemy's own tests, which are not kept here.
pub fn compliance() -> PathBuf {
    root().join("tests/compliance")
}

pub fn bench_programs() -> PathBuf {
    root().join("tests/bench")
}

/// The public names of the driver, a table a package.
pub fn surface() -> PathBuf {
    root().join("tests/surface")
}

pub fn python_tests() -> PathBuf {
    root().join("tests/python")
}

/// The templates that are emitted as they are; the others have holes, and are checked as emitted.
pub fn plain_templates() -> [PathBuf; 5] {
    ["launcher", "plugin", "recorder", "runtime", "shared"]
        .map(|name| root().join("templates").join(name))
}

/// The Python programs that are compiled into the commands.
pub fn programs() -> PathBuf {
    root().join("xtask/src")
}

pub fn tests() -> PathBuf {
    root().join("tests")
}

pub fn generated_python() -> PathBuf {
    root().join("generated/python")
}

fn target() -> PathBuf {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    if target.is_absolute() { target } else { root().join(target) }
}

/// Where cargo puts the programs of a profile, `debug` or `release`.
pub fn built(profile: &str) -> PathBuf {
    target().join(profile)
}

/// What the commands keep between runs, and what a failed recording leaves behind.
fn kept() -> PathBuf {
    target().join("mock-cursor")
}

/// Traces and fixtures of the last `bench`, to look into.
pub fn bench() -> PathBuf {
    kept().join("bench")
}

/// Trace, fixture, ledger and output of the last `scripts`, to look into.
pub fn kept_scripts() -> PathBuf {
    kept().join("scripts")
}

/// Repositories of others, as their users would write them.
pub fn projects() -> PathBuf {
    root().join("tests/projects")
}

/// The crate of the program, with the wheel's `pyproject.toml`.
pub fn codegen() -> PathBuf {
    root().join("codegen")
}

/// The Python of the wheel, in the place that its `pyproject.toml` names.
pub fn wheel_sources() -> PathBuf {
    root().join("target/mock-cursor/wheel")
}

pub fn wheels() -> PathBuf {
    target().join("wheels")
}

/// Unpacked source distributions.
pub fn sdists() -> PathBuf {
    kept().join("sdists")
}

/// What `compliance` has recorded, a folder a set of options.
pub fn compliance_traces() -> PathBuf {
    kept().join("compliance")
}

/// The pinned virtual environments, each in a folder named by the hash of its pins.
pub fn environments() -> PathBuf {
    kept().join("envs")
}

/// The target folder of the copy in which the README's commands run, kept to build it once.
pub fn readme_target() -> PathBuf {
    kept().join("readme-target")
}

/// Where the trace of a stack lies while it is being recorded.
pub fn partial(stack: &str) -> PathBuf {
    kept().join("partial").join(stack)
}

/// Parent of the folders that live no longer than the command that made them.
pub fn scratch() -> PathBuf {
    kept().join("scratch")
}

/// Compiled Python, kept out of the folders that `gen --check` compares.
pub fn python_cache() -> PathBuf {
    kept().join("pycache")
}

/// Caches of mypy and ruff.
pub fn tool_cache(tool: &str) -> PathBuf {
    kept().join("cache").join(tool)
}
