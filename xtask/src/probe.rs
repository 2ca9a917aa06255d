//! A Python program that prints what it observes: run live, recorded and replayed.
//!
//! Understands no value: what is printed is compared as text, a line a case.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::application::Mode;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::requirements::Requirements;
use crate::{difference, paths, process, tool};

/// Of the driver that the programs use.
const PROFILE: &str = "psycopg";

pub struct Probe {
    program: PathBuf,
    launcher: PathBuf,
    pub with_driver: Environment,
    without: Environment,
    pub arguments: Vec<String>,
}

impl Probe {
    /// For a program in a folder with requirements beside it; `pins` replace some of these.
    pub fn new(folder: &Path, program: &str, pins: &[String], scratch: &Path) -> Result<Self> {
        let requirements = Requirements::read(&folder.join("requirements.txt"))?.with(pins)?;
        let with_driver = Environment::of(&requirements)?;
        let driver = tool::driver_packages(PROFILE)?;
        let without = Environment::of(&requirements.without(&driver))?;
        without.demand_none(&driver)?;
        Ok(Self {
            program: folder.join(program),
            launcher: tool::launcher(scratch)?,
            with_driver,
            without,
            arguments: Vec::new(),
        })
    }

    pub fn live(&self, url: &str) -> Result<Vec<String>> {
        self.run(&self.with_driver, url, None)
    }

    pub fn recorded(&self, url: &str, trace: &Path) -> Result<Vec<String>> {
        self.run(&self.with_driver, url, Some(&Mode::Record { trace, redaction: None }))
    }

    /// Without a driver, on a fixture.
    pub fn replayed(&self, url: &str, fixture: &Path, ledger: &Path) -> Result<Vec<String>> {
        self.run(&self.without, url, Some(&Mode::Replay { fixture, ledger }))
    }

    fn run(
        &self,
        environment: &Environment,
        url: &str,
        mode: Option<&Mode>,
    ) -> Result<Vec<String>> {
        let mut command = environment.command("python");
        command.arg(&self.program).args(&self.arguments).env("DATABASE_URL", url);
        command.current_dir(self.program.parent().unwrap_or(&self.program));
        // Or else the printed order of sets would vary, which is not what is tested.
        command.env("PYTHONHASHSEED", "0");
        if let Some(mode) = mode {
            command.env("PYTHONPATH", &self.launcher).envs(mode.variables());
        }
        let said = process::run(&mut command)?;
        if !said.success() {
            return Err(Error::failed(format!(
                "{} ended with {}:\n{}",
                self.shown(mode),
                said.status,
                said.stderr.trim_end()
            )));
        }
        let lines: Vec<String> = said.stdout.lines().map(str::to_owned).collect();
        if lines.is_empty() {
            return Err(Error::failed(format!("{} printed nothing", self.shown(mode))));
        }
        Ok(lines)
    }

    fn shown(&self, mode: Option<&Mode>) -> String {
        let how = match mode {
            None => "live",
            Some(Mode::Record { .. }) => "recorded",
            Some(Mode::Replay { .. }) => "replayed",
        };
        format!("{}, {how},", paths::shown(&self.program))
    }
}

/// Each case by its name, with what differs between two runs of it, if anything does.
pub fn compared(first: &[String], second: &[String]) -> Vec<(String, Option<String>)> {
    let by_name: HashMap<String, &String> = named(second).collect();
    let mut cases = Vec::new();
    let mut names = HashSet::new();
    for (name, line) in named(first) {
        let differs = match by_name.get(&name) {
            Some(same) if *same == line => None,
            Some(other) => Some(difference::bodies(line.as_bytes(), other.as_bytes())),
            None => Some("not printed by the second run".to_owned()),
        };
        names.insert(name.clone());
        cases.push((name, differs));
    }
    for (name, _) in named(second).filter(|(name, _)| !names.contains(name)) {
        cases.push((name, Some("printed by the second run only".to_owned())));
    }
    cases
}

/// Each line with the name of its case, and which of that name it is.
pub fn named(lines: &[String]) -> impl Iterator<Item = (String, &String)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    lines.iter().enumerate().map(move |(number, line)| {
        let value: Value = serde_json::from_str(line).unwrap_or_default();
        let name = ["case", "name"].iter().find_map(|key| value.get(key)?.as_str());
        let name = name.map_or_else(|| format!("line {}", number + 1), str::to_owned);
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        (if *times == 1 { name } else { format!("{name} ({times})") }, line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn cases_are_compared_by_name_and_none_may_be_missing_or_new() {
        let first = lines(&[
            r#"{"case":"int4","value":1}"#,
            r#"{"case":"text","value":"a"}"#,
            r#"{"case":"bool"}"#,
        ]);
        let differing = |second: &[String]| -> Vec<String> {
            let cases = compared(&first, second).into_iter();
            cases.filter(|(_, differs)| differs.is_some()).map(|(name, _)| name).collect()
        };
        assert!(differing(&first).is_empty());
        let second =
            lines(&[r#"{"case":"int4","value":2}"#, r#"{"case":"bool"}"#, r#"{"case":"new"}"#]);
        assert_eq!(differing(&second), ["int4", "text", "new"]);
    }

    #[test]
    fn cases_of_one_name_are_told_apart() {
        let texts = lines(&[r#"{"name":"a"}"#, r#"{"name":"a"}"#, "x"]);
        let names: Vec<String> = named(&texts).map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "a (2)", "line 3"]);
    }
}
