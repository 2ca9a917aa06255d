//! `cargo xtask values`: one script, run live, recorded and replayed, must print the same.
//!
//! Understands no value: lines are compared as text.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use crate::application::Mode;
use crate::database::Database;
use crate::environment::{Environment, embedded};
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::requirements::Requirements;
use crate::server::Server;
use crate::tally::Tally;
use crate::{difference, lint, paths, process, span_values, tool};

const NAME: &str = "values";
/// A name is any text, and so ends up in the fixture as nothing but a text.
const STACK: &str = "r\"\"\"x'''\\ {{ 7 * 7 }} #: endfor \\N{BULLET} \u{2028}\u{feff}\"";
/// Of the driver that the probe uses.
const PROFILE: &str = "psycopg";
const NOWHERE: &str = "postgresql://replay@replay.invalid/replay";

pub fn run(server: &Server) -> Result<Tally> {
    let folder = paths::values();
    let requirements = Requirements::read(&folder.join("requirements.txt"))?;
    let with_driver = Environment::of(&requirements)?;
    let driver = tool::driver_packages(PROFILE)?;
    let without = Environment::of(&requirements.without(&driver))?;
    without.demand_none(&driver)?;
    let scratch = process::scratch("values")?;
    let probe = Probe { launcher: tool::launcher(scratch.path())? };
    // Copies of one database have the same OIDs, so that the runs can be compared.
    let model = Database::create(server, "values-model")?;
    model.apply(&folder.join("schema.sql"))?;
    let live = probe.run(&with_driver, &model.copy_of(NAME)?.url, None)?;
    let trace = scratch.path().join("trace.jsonl");
    let recorded = probe.run(
        &with_driver,
        &model.copy_of(NAME)?.url,
        Some(&Mode::Record { trace: &trace }),
    )?;
    let fixture = scratch.path().join(NAME);
    tool::generate(&trace, STACK, None, &fixture)?;
    let tools = Environment::of(&embedded(include_str!("../environments/tools.txt"))?)?;
    let code = lint::literals(&tools, &lint::data_modules(&fixture)?)?;
    let path = scratch.path().join("ledger.jsonl");
    let replayed =
        probe.run(&without, NOWHERE, Some(&Mode::Replay { fixture: &fixture, ledger: &path }))?;

    let mut tally = Tally::default();
    let differs =
        (live != recorded).then(|| difference::lines(&live.join("\n"), &recorded.join("\n")));
    tally.enter(
        "the recorder changes nothing",
        differs.map(|diff| format!("(- live, + recorded)\n{diff}")).as_slice(),
    );
    let mut ledger = Ledger::of(&path);
    ledger.read()?;
    let denied = ledger.denied();
    tally.enter("the replay asks for no network", &denied);
    tally.enter("no recorded text became code", &code);
    tally += compared(&recorded, &replayed);
    let mut misses: Vec<&str> = ledger.misses().map(|(_, report)| report).collect();
    misses.truncate(3);
    if !misses.is_empty() {
        println!("the first misses:\n{}", misses.join("\n"));
    }
    tally += span_values::run(&with_driver, &model.copy_of(NAME)?, scratch.path())?;
    Ok(tally)
}

struct Probe {
    launcher: std::path::PathBuf,
}

impl Probe {
    fn run(
        &self,
        environment: &Environment,
        url: &str,
        mode: Option<&Mode>,
    ) -> Result<Vec<String>> {
        let script = paths::values().join("probe.py");
        let mut command = environment.command("python");
        command.arg(&script).current_dir(paths::values()).env("DATABASE_URL", url);
        // Or else the printed order of sets would vary, which is not what is tested.
        command.env("PYTHONHASHSEED", "0");
        if let Some(mode) = mode {
            command.env("PYTHONPATH", &self.launcher).envs(mode.variables());
        }
        let said = process::run(&mut command)?;
        if !said.success() {
            return Err(Error::failed(format!(
                "{} ended with {}:\n{}",
                shown(&script, mode),
                said.status,
                said.stderr.trim_end()
            )));
        }
        let lines: Vec<String> = said.stdout.lines().map(str::to_owned).collect();
        if lines.is_empty() {
            return Err(Error::failed(format!("{} printed nothing", shown(&script, mode))));
        }
        Ok(lines)
    }
}

fn shown(script: &Path, mode: Option<&Mode>) -> String {
    let how = match mode {
        None => "live",
        Some(Mode::Record { .. }) => "recorded",
        Some(Mode::Replay { .. }) => "replayed",
    };
    format!("{}, {how},", paths::shown(script))
}

/// One test a recorded line; only failures are printed, as there are hundreds of cases.
fn compared(recorded: &[String], replayed: &[String]) -> Tally {
    let mut tally = Tally::default();
    let replayed_by_name: HashMap<String, &String> = named(replayed).collect();
    for (name, line) in named(recorded) {
        match replayed_by_name.get(&name) {
            Some(same) if *same == line => tally += Tally::PASSED,
            Some(other) => {
                tally.enter(&name, &[difference::bodies(line.as_bytes(), other.as_bytes())]);
            }
            None => tally.enter(&name, &["not printed by the replay".to_owned()]),
        }
    }
    let recorded_names: Vec<String> = named(recorded).map(|(name, _)| name).collect();
    for (name, _) in named(replayed).filter(|(name, _)| !recorded_names.contains(name)) {
        tally.enter(&name, &["printed by the replay only".to_owned()]);
    }
    tally
}

/// Each line with the name of its case, and which of that name it is.
fn named(lines: &[String]) -> impl Iterator<Item = (String, &String)> {
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
        let recorded = lines(&[
            r#"{"case":"int4","value":1}"#,
            r#"{"case":"text","value":"a"}"#,
            r#"{"case":"bool"}"#,
        ]);
        assert_eq!(compared(&recorded, &recorded), Tally { passed: 3, failed: 0 });
        let replayed =
            lines(&[r#"{"case":"int4","value":2}"#, r#"{"case":"bool"}"#, r#"{"case":"new"}"#]);
        assert_eq!(compared(&recorded, &replayed), Tally { passed: 1, failed: 3 });
    }

    #[test]
    fn cases_of_one_name_are_told_apart() {
        let texts = lines(&[r#"{"name":"a"}"#, r#"{"name":"a"}"#, "x"]);
        let names: Vec<String> = named(&texts).map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "a (2)", "line 3"]);
    }
}
