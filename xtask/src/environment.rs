//! Pinned virtual environments, made once and found again by the hash of their pins.
//!
//! Decides nothing about versions: what is installed is what the requirements pin.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use xshell::{Cmd, cmd};

use crate::error::{Error, Result};
use crate::python::{self, Python};
use crate::requirements::Requirements;
use crate::{paths, process, tool};

/// Written last, so that an environment whose making was interrupted is made again.
const COMPLETE: &str = "mock-cursor-complete";

#[derive(Clone, Debug)]
pub struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Finds the environment that holds these requirements, or makes it.
    pub fn of(requirements: &Requirements) -> Result<Self> {
        let python = python::find()?;
        let pins: Vec<&str> = requirements.lines().collect();
        let parent = paths::environments();
        let folder = parent.join(hash(&python, &pins, &parent));
        fs::create_dir_all(&parent).map_err(Error::io("create", &parent))?;
        let lock_path = folder.with_extension("lock");
        // Two commands at once would otherwise fill one folder.
        let lock = File::create(&lock_path).map_err(Error::io("create", &lock_path))?;
        lock.lock().map_err(Error::io("lock", &lock_path))?;
        let environment = Self { folder };
        if !environment.folder.join(COMPLETE).exists() {
            environment.make(&python, &pins)?;
        }
        Ok(environment)
    }

    /// A program that the environment installed, or its `python`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// A command in this environment, free of what the caller's shell says about Python or databases.
    pub fn command(&self, program: &str) -> Command {
        let installed = self.program(program);
        let mut command =
            if installed.exists() { Command::new(installed) } else { Command::new(program) };
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let leads_astray =
                ["PYTHON", "PG", "MOCK_CURSOR_"].iter().any(|prefix| text.starts_with(prefix));
            if leads_astray || text == "DATABASE_URL" {
                command.env_remove(&name);
            }
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = [self.folder.join("bin")].into_iter().chain(env::split_paths(&path));
        if let Ok(path) = env::join_paths(folders) {
            command.env("PATH", path);
        }
        command
            .env("VIRTUAL_ENV", &self.folder)
            .env("PYTHONPYCACHEPREFIX", paths::python_cache())
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONUTF8", "1");
        command
    }

    /// A new environment, with all of this one and a wheel besides.
    pub fn with_wheel(&self, wheel: &Path, folder: &Path) -> Result<Self> {
        let own = self.program("python");
        let shell = tool::shell()?;
        self.step(cmd!(shell, "{own} -m venv --without-pip {folder}"))?;
        let new = Self { folder: folder.to_path_buf() };
        let packages = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let theirs = process::run(&mut self.script(packages, &[]))?.stdout;
        let ours = process::run(&mut new.script(packages, &[]))?.stdout;
        let link = Path::new(ours.trim()).join("base.pth");
        fs::write(&link, theirs).map_err(Error::io("write", &link))?;
        let quiet = ["--quiet", "--disable-pip-version-check"];
        let python = new.program("python");
        self.step(cmd!(
            shell,
            "{own} -m pip --python {python} install {quiet...} --no-deps --no-index {wheel}"
        ))?;
        Ok(new)
    }

    /// Runs a program that is compiled into ours: `python - arguments` without a file.
    pub fn script(&self, source: &str, arguments: &[&str]) -> Command {
        let mut command = self.command("python");
        command.args(["-c", source]).args(arguments);
        command
    }

    /// Fails if the driver can be imported or a libpq lies in the environment.
    pub fn demand_none(&self, driver: &[String]) -> Result<()> {
        let names: Vec<&str> = driver.iter().map(String::as_str).collect();
        let said = process::run(&mut self.script(include_str!("no_driver.py"), &names))?;
        if said.success() {
            return Ok(());
        }
        Err(Error::failed(format!(
            "the environment without a driver has one: {}",
            said.everything()
        ))
        .hint("find which of the stack's requirements depends on it"))
    }

    fn make(&self, python: &Python, pins: &[&str]) -> Result<()> {
        eprintln!("making an environment of {}", summary(pins));
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).map_err(Error::io("remove", &self.folder))?;
        }
        let shell = tool::shell()?;
        let (folder, executable) = (&self.folder, &python.executable);
        let own = self.program("python");
        let list = self.folder.join("requirements.txt");
        let uv =
            process::run(&mut cmd!(shell, "uv --version").into()).is_ok_and(|said| said.success());
        let (venv, install) = if uv {
            (
                cmd!(shell, "uv venv --quiet --python {executable} {folder}"),
                cmd!(shell, "uv pip install --quiet --python {own} --requirement {list}"),
            )
        } else {
            let quiet = ["--quiet", "--disable-pip-version-check"];
            (
                cmd!(shell, "{executable} -m venv {folder}"),
                cmd!(shell, "{own} -m pip install {quiet...} --requirement {list}"),
            )
        };
        self.step(venv)?;
        if !pins.is_empty() {
            fs::write(&list, pins.join("\n") + "\n").map_err(Error::io("write", &list))?;
            self.step(install)?;
        }
        let complete = self.folder.join(COMPLETE);
        fs::write(&complete, "").map_err(Error::io("write", &complete))
    }

    fn step(&self, command: Cmd<'_>) -> Result<()> {
        let said = process::run(&mut command.into())?;
        if said.success() {
            return Ok(());
        }
        let what = format!("cannot make {}:\n{}", paths::shown(&self.folder), said.everything());
        Err(Error::failed(what)
            .hint("check that the package index can be reached and has these versions"))
    }
}

/// The requirements of a file that is compiled into ours.
pub fn embedded(text: &str) -> Result<Requirements> {
    Requirements::parse(text)
        .map_err(|(line, what)| Error::failed(format!("environments, line {line}: {what}")))
}

fn summary(pins: &[&str]) -> String {
    match pins {
        [] => "Python alone".to_owned(),
        [only] => (*only).to_owned(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

/// FNV-1a: short, the same in every build of this program, and nobody attacks it. The place
/// counts, as programs of an environment name it and do not run anywhere else.
fn hash(python: &Python, pins: &[&str], parent: &Path) -> String {
    let place = parent.to_string_lossy();
    let bytes = [python.executable.as_str(), python.version.as_str(), &place]
        .into_iter()
        .chain(pins.iter().copied());
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in bytes.flat_map(|text| text.bytes().chain([b'\n'])) {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{state:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_known_by_its_python_and_its_pins() {
        let python =
            |version: &str| Python { executable: "python3".into(), version: version.into() };
        let (here, there) = (Path::new("here"), Path::new("there"));
        let one = hash(&python("3.11.7"), &["a==1", "b==2"], here);
        assert_eq!(one, hash(&python("3.11.7"), &["a==1", "b==2"], here));
        assert_ne!(one, hash(&python("3.12.0"), &["a==1", "b==2"], here));
        assert_ne!(one, hash(&python("3.11.7"), &["a==1", "b==3"], here));
        assert_ne!(one, hash(&python("3.11.7"), &["a==1", "b==2"], there));
        assert_eq!(one.len(), 16);
    }
}
