//! Runs the programs of `codegen` through cargo, so that the commands stay light to build.
//!
//! Knows their arguments, not what they do.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use xshell::{Shell, cmd};

use crate::error::{Error, Result};
use crate::paths;
use crate::process::{self, Said};

/// Where commands are put together; it stands at the root of the repository.
pub fn shell() -> Result<Shell> {
    let shell = Shell::new().map_err(|error| Error::failed(error.to_string()))?;
    shell.change_dir(paths::root());
    Ok(shell)
}

/// `$CARGO …`, with the toolchain that runs us, at the root of the repository.
pub fn cargo<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Result<Command> {
    let shell = shell()?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Ok(cmd!(shell, "{cargo}").args(arguments).into())
}

/// `mock-cursor …`
pub fn mock_cursor<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Result<Command> {
    let mut command =
        cargo(["run", "--quiet", "--package", "codegen", "--bin", "mock-cursor", "--"])?;
    command.args(arguments);
    Ok(command)
}

/// A program of `codegen` itself, for who must not have cargo in between: a signal would reach
/// that one. It lies beside ours.
pub fn built(name: &str) -> Result<PathBuf> {
    let said =
        process::run(&mut cargo(["build", "--quiet", "--package", "codegen", "--bin", name])?)?;
    if !said.success() {
        return Err(Error::failed(said.everything()));
    }
    let own = env::current_exe().map_err(Error::io("find", Path::new(name)))?;
    Ok(own.with_file_name(name))
}

/// `tables …`, built without the tables that it writes.
pub fn tables(arguments: &[&str]) -> Result<Command> {
    let mut command = cargo(["run", "--quiet", "--package", "codegen", "--no-default-features"])?;
    command.args(["--bin", "tables", "--"]).args(arguments);
    Ok(command)
}

/// Writes the launcher, the folder that goes on PYTHONPATH.
pub fn launcher(folder: &Path) -> Result<PathBuf> {
    let out = folder.join("launcher");
    demand(&mut mock_cursor([OsStr::new("launcher"), OsStr::new("--out"), out.as_os_str()])?)?;
    Ok(out)
}

/// Generates the fixture of one stack's trace somewhere, and returns the warnings about it.
pub fn generate(trace: &Path, name: &str, stack_file: Option<&Path>, out: &Path) -> Result<String> {
    let mut command = mock_cursor([OsStr::new("gen"), trace.as_os_str()])?;
    command.arg("--out").arg(out).args(["--name", name]);
    if let Some(file) = stack_file {
        command.arg("--stack-file").arg(file);
    }
    Ok(demand(&mut command)?.stderr)
}

/// Writes the requests and the responses of span files into a folder, and returns the warnings.
pub fn requests(spans: &Path, out: &Path) -> Result<String> {
    let mut command = mock_cursor([OsStr::new("requests"), spans.as_os_str()])?;
    Ok(demand(command.arg("--out").arg(out))?.stderr)
}

/// The packages that bring a profile's driver, as the generator knows them.
pub fn driver_packages(profile: &str) -> Result<Vec<String>> {
    let said = demand(&mut mock_cursor(["drivers", profile])?)?.stdout;
    Ok(said.lines().map(str::to_owned).collect())
}

/// Runs a program whose failure ends ours, and returns what it said.
fn demand(command: &mut Command) -> Result<Said> {
    let said = process::run(command)?;
    if said.success() {
        return Ok(said);
    }
    let arguments: Vec<_> = command.get_args().skip_while(|word| *word != "--").skip(1).collect();
    let line = arguments.join(OsStr::new(" "));
    Err(Error::failed(format!(
        "mock-cursor {} failed:\n{}",
        line.to_string_lossy(),
        said.everything()
    )))
}

/// The exit code of a program that follows our convention; a signal counts as trouble.
pub fn exit_code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2)
}
