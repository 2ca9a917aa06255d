//! `cargo xtask wheel`: the program, the recorder and the pytest plugin as one wheel.
//!
//! Has no source of its own: the Python is what the program itself emits.

use std::fs;
use std::path::{Path, PathBuf};

use crate::environment::{Environment, embedded};
use crate::error::{Error, Result};
use crate::{paths, process, tool};

/// Where the launcher and the recorder lie within the wheel, off Python's path until they are
/// asked for.
const LAUNCHER: &str = "mock_cursor_launcher";
/// What lies on it, for pytest to find.
const PLUGIN: &str = "mock_cursor_pytest";

/// Builds the wheel with a profile of cargo's, and returns its path.
pub fn build(profile: &str) -> Result<PathBuf> {
    sources(&paths::wheel_sources())?;
    let out = paths::wheels();
    if out.exists() {
        fs::remove_dir_all(&out).map_err(Error::io("remove", &out))?;
    }
    let maturin = Environment::of(&embedded(include_str!("../environments/wheel.txt"))?)?;
    let mut command = maturin.command("maturin");
    command.args(["build", "--quiet", "--profile", profile, "--out"]).arg(&out);
    command.current_dir(paths::codegen());
    let said = process::run(&mut command)?;
    if !said.success() {
        return Err(Error::failed(format!("maturin failed:\n{}", said.everything())));
    }
    for entry in fs::read_dir(&out).map_err(Error::io("read", &out))? {
        let path = entry.map_err(Error::io("read", &out))?.path();
        if path.extension() == Some("whl".as_ref()) {
            return Ok(path);
        }
    }
    Err(Error::failed("maturin built no wheel"))
}

/// Writes the Python of the wheel: the plugin, and beside it what goes on PYTHONPATH.
fn sources(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::io("remove", folder))?;
    }
    let scratch = process::scratch("wheel")?;
    let written = tool::launcher(scratch.path())?;
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    for (from, to) in [(written.join(PLUGIN), PLUGIN), (written, LAUNCHER)] {
        let to = folder.join(to);
        fs::rename(&from, &to).map_err(Error::io("move to", &to))?;
    }
    Ok(())
}
