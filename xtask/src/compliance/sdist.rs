//! A source distribution of SQLAlchemy: downloaded by pip, checked by its hash, unpacked once.
//!
//! Runs nothing of it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::{paths, process};

pub struct Sdist {
    /// `sqlalchemy==2.1.9`
    pub requirement: String,
    /// Requirement and hash, as pip reads them.
    pin: PathBuf,
}

impl Sdist {
    /// The one that is pinned of a series.
    pub fn of(series: &str) -> Result<Self> {
        let pin = paths::compliance().join(format!("sdist-{series}.txt"));
        let text = fs::read_to_string(&pin).map_err(Error::io("read", &pin))?;
        let line = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
        let requirement = line.split_whitespace().next().unwrap_or_default().to_owned();
        Ok(Self { requirement, pin })
    }

    /// The folder of its files.
    pub fn unpacked(&self, environment: &Environment) -> Result<PathBuf> {
        let parent = paths::sdists();
        let folder = parent.join(self.requirement.replace("==", "-"));
        if folder.exists() {
            return Ok(folder);
        }
        fs::create_dir_all(&parent).map_err(Error::io("create", &parent))?;
        let scratch = process::scratch("sdist")?;
        let mut download = environment.command("python");
        download.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"]);
        download.args(["--no-deps", "--no-binary", "sqlalchemy", "--require-hashes"]);
        download.arg("--requirement").arg(&self.pin).arg("--dest").arg(scratch.path());
        let said = process::run(&mut download)?;
        if !said.success() {
            let what = format!("cannot download {}:\n{}", self.requirement, said.everything());
            return Err(Error::failed(what)
                .hint("check that the package index can be reached and has this version"));
        }
        let archive = found(scratch.path(), |name| name.ends_with(".tar.gz"))?;
        let files = scratch.path().join("files");
        let mut unpack = environment.command("python");
        unpack.args(["-m", "tarfile", "--extract"]).arg(&archive).arg(&files);
        let said = process::run(&mut unpack)?;
        if !said.success() {
            return Err(Error::failed(format!("cannot unpack: {}", said.everything())));
        }
        // As a whole or not at all.
        let top = found(&files, |_| true)?;
        fs::rename(&top, &folder).map_err(Error::io("move", &top))?;
        Ok(folder)
    }
}

fn found(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<PathBuf> {
    for entry in fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let path = entry.map_err(Error::io("list", folder))?.path();
        if path.file_name().and_then(OsStr::to_str).is_some_and(&wanted) {
            return Ok(path);
        }
    }
    Err(Error::failed("the source distribution is empty"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_series_pins_a_release_of_its_own() {
        for series in ["2.0", "2.1"] {
            let sdist = Sdist::of(series).unwrap();
            assert!(sdist.requirement.starts_with(&format!("sqlalchemy=={series}.")));
            let text = fs::read_to_string(&sdist.pin).unwrap();
            assert!(text.contains(" --hash=sha256:"));
        }
    }
}
