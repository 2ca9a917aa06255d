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

/// What a script printed, as far as it matters here.
#[derive(Deserialize)]
struct Printed {
    /// The traceback of a script that has a fault of its own.
    broken: Option<String>,
}

/// Runs the scripts that have one of `names` in theirs, or all.
pub fn run(server: &Server, names: &[String], pins: &[String]) -> Result<Tally> {
    // Kept with all that was printed, to look into where a script fails.
    let folder = paths::kept_scripts();
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::io("remove", &folder))?;
    }
    fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    let mut probe = Probe::new(&paths::scripts(), "run.py", pins, &folder)?;
    probe.arguments = names.to_vec();
    // Copies of one database have the same OIDs, so that the runs can be compared.
    let model = Database::create(server, "scripts-model")?;
    model.apply(&paths::scripts().join("schema.sql"))?;
    let live = probe.live(&model.copy_of(NAME)?.url)?;
    let trace = folder.join("trace.jsonl");
    let database = model.copy_of(NAME)?;
    let recorded = probe.recorded(&database.url, &trace)?;
    let fixture = folder.join(NAME);
    tool::generate(&trace, NAME, None, &fixture)?;
    let path = folder.join("ledger.jsonl");
    // The replay says where it is connected to, so it gets the same place, and can't reach it.
    let replayed = probe.replayed(&database.url, &fixture, &path)?;
    for (name, lines) in [("live", &live), ("recorded", &recorded), ("replayed", &replayed)] {
        let path = folder.join(name).with_extension("jsonl");
        fs::write(&path, lines.join("\n")).map_err(Error::io("write", &path))?;
    }
    let mut ledger = Ledger::of(&path);
    ledger.read()?;

    let mut faults = Faults::default();
    for (name, line) in probe::named(&live) {
        let printed: Printed =
            serde_json::from_str(line).map_err(|error| Error::failed(error.to_string()))?;
        faults.of(&name).extend(printed.broken.map(|text| format!("broken:\n{text}")));
    }
    for (name, differs) in probe::compared(&live, &recorded) {
        faults.of(&name).extend(differs.map(|diff| format!("live, then recorded: {diff}")));
    }
    for (name, differs) in probe::compared(&recorded, &replayed) {
        faults.of(&name).extend(differs.map(|diff| format!("recorded, then replayed: {diff}")));
    }
    faults.read(&ledger);
    Ok(faults.tally(&live))
}

/// What is wrong with each script.
#[derive(Default)]
struct Faults(HashMap<String, Vec<String>>);

impl Faults {
    fn of(&mut self, name: &str) -> &mut Vec<String> {
        self.0.entry(name.to_owned()).or_default()
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
        for denied in ledger.denied() {
            self.of("the network").push(format!("asked for: {denied}"));
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
