//! `cargo xtask scripts`: small programs against the driver and SQLAlchemy, one test each.
//!
//! A script passes if it prints the same live, recorded and replayed, and if its replay used
//! what was recorded and nothing else.

use std::collections::HashMap;
use std::fs;

use serde::Deserialize;

use crate::database::Database;
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::probe::{self, Probe};
use crate::server::Server;
use crate::stack::START_UP;
use crate::tally::Tally;
use crate::{paths, tool};

const NAME: &str = "scripts";
/// What a miss says of packages that are not those of the recording.
const OTHER_RELEASE: &str = "\n  note: recorded with ";

/// What a script printed, as far as it matters here.
#[derive(Deserialize)]
struct Printed {
    /// The traceback of a script that has a fault of its own.
    broken: Option<String>,
}

/// What to run, and on what.
#[derive(Default)]
pub struct Options {
    /// Parts of names; all scripts if there are none.
    pub names: Vec<String>,
    /// Replace some of the requirements.
    pub pins: Vec<String>,
    /// Replace some more for the recording alone: a replay on other releases shows the same
    /// as these do live, or misses and names them.
    pub recorded_with: Vec<String>,
}

/// Runs the scripts.
pub fn run(server: &Server, options: &Options) -> Result<Tally> {
    // Kept with all that was printed, to look into where a script fails.
    let folder = paths::kept_scripts();
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::io("remove", &folder))?;
    }
    fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    let probe = |pins: &[String]| -> Result<Probe> {
        let mut probe = Probe::new(&paths::scripts(), "run.py", pins, &folder)?;
        probe.arguments.clone_from(&options.names);
        Ok(probe)
    };
    let here = probe(&options.pins)?;
    let there = probe(&[&options.pins[..], &options.recorded_with].concat())?;
    // Copies of one database have the same OIDs, so that the runs can be compared.
    let model = Database::create(server, "scripts-model")?;
    model.apply(&paths::scripts().join("schema.sql"))?;
    let live = here.live(&model.copy_of(NAME)?.url)?;
    let trace = folder.join("trace.jsonl");
    let database = model.copy_of(NAME)?;
    let recorded = there.recorded(&database.url, &trace)?;
    let fixture = folder.join(NAME);
    tool::generate(&trace, NAME, None, &fixture)?;
    let path = folder.join("ledger.jsonl");
    // The replay says where it is connected to, so it gets the same place, and can't reach it.
    let replayed = here.replayed(&database.url, &fixture, &path)?;
    for (name, lines) in [("live", &live), ("recorded", &recorded), ("replayed", &replayed)] {
        let path = folder.join(name).with_extension("jsonl");
        fs::write(&path, lines.join("\n")).map_err(Error::io("write", &path))?;
    }
    let mut ledger = Ledger::of(&path);
    ledger.read()?;

    let mut faults = Faults::default();
    faults.broken(&live)?;
    if options.recorded_with.is_empty() {
        faults.compare(&live, &recorded, "live, then recorded");
        faults.compare(&recorded, &replayed, "recorded, then replayed");
        faults.read(&ledger);
    } else {
        faults.compare(&live, &replayed, "live, then replayed");
        faults.excuse(&ledger);
    }
    for denied in ledger.denied() {
        faults.of("the network").push(format!("asked for: {denied}"));
    }
    Ok(faults.tally(&live))
}

/// What is wrong with each script.
#[derive(Default)]
struct Faults(HashMap<String, Vec<String>>);

impl Faults {
    fn of(&mut self, name: &str) -> &mut Vec<String> {
        self.0.entry(name.to_owned()).or_default()
    }

    /// Scripts with a fault of their own.
    fn broken(&mut self, live: &[String]) -> Result<()> {
        for (name, line) in probe::named(live) {
            let printed: Printed =
                serde_json::from_str(line).map_err(|error| Error::failed(error.to_string()))?;
            self.of(&name).extend(printed.broken.map(|text| format!("broken:\n{text}")));
        }
        Ok(())
    }

    fn compare(&mut self, first: &[String], second: &[String], which: &str) {
        for (name, differs) in probe::compared(first, second) {
            self.of(&name).extend(differs.map(|diff| format!("{which}: {diff}")));
        }
    }

    /// What no script may swallow; scopes have the names of scripts.
    fn read(&mut self, ledger: &Ledger) {
        for (scope, report) in ledger.misses().chain(ledger.lost_commits()) {
            self.of(scope).push(report.to_owned());
        }
        for (scope, what) in ledger.unsupported() {
            self.of(scope).push(format!("{what} is not replayed"));
        }
        // What sets a connection up stands in start-up for all who ask, or for nobody.
        for (scope, exchange) in ledger.unused().into_iter().filter(|(scope, _)| *scope != START_UP)
        {
            self.of(scope).push(format!("recorded, and not asked for: {exchange}"));
        }
    }

    /// Drops the differences of scripts that missed, if each miss names the other releases.
    fn excuse(&mut self, ledger: &Ledger) {
        let mut misses: HashMap<&str, bool> = HashMap::new();
        for (scope, report) in ledger.misses() {
            *misses.entry(scope).or_insert(true) &= report.contains(OTHER_RELEASE);
        }
        for (scope, _) in misses.into_iter().filter(|(_, excused)| *excused) {
            self.0.remove(scope);
        }
    }

    /// One test a script, and one for what belongs to none; only failures are printed.
    fn tally(mut self, live: &[String]) -> Tally {
        let mut tally = Tally::default();
        for (name, _) in probe::named(live) {
            match self.0.remove(&name).unwrap_or_default() {
                faults if faults.is_empty() => tally += Tally::PASSED,
                faults => tally.enter(&name, &faults),
            }
        }
        let mut others: Vec<_> =
            self.0.into_iter().filter(|(_, faults)| !faults.is_empty()).collect();
        others.sort();
        for (name, faults) in others {
            tally.enter(&name, &faults);
        }
        tally
    }
}
