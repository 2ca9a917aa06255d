//! `cargo xtask values`: every kind of value, printed live, recorded and replayed.

use crate::database::Database;
use crate::environment::{Environment, embedded};
use crate::error::Result;
use crate::ledger::Ledger;
use crate::probe::{self, Probe};
use crate::server::Server;
use crate::tally::Tally;
use crate::{difference, lint, paths, process, span_values, tool};

const NAME: &str = "values";
/// A name is any text, and so ends up in the fixture as nothing but a text.
const STACK: &str = "r\"\"\"x'''\\ {{ 7 * 7 }} #: endfor \\N{BULLET} \u{2028}\u{feff}\"";
const NOWHERE: &str = "postgresql://replay@replay.invalid/replay";

pub fn run(server: &Server) -> Result<Tally> {
    let scratch = process::scratch("values")?;
    let probe = Probe::new(&paths::values(), "probe.py", &[], scratch.path())?;
    // Copies of one database have the same OIDs, so that the runs can be compared.
    let model = Database::create(server, "values-model")?;
    model.apply(&paths::values().join("schema.sql"))?;
    let live = probe.live(&model.copy_of(NAME)?.url)?;
    let trace = scratch.path().join("trace.jsonl");
    let recorded = probe.recorded(&model.copy_of(NAME)?.url, &trace)?;
    let fixture = scratch.path().join(NAME);
    tool::generate(&trace, STACK, None, &fixture)?;
    let tools = Environment::of(&embedded(include_str!("../environments/tools.txt"))?)?;
    let code = lint::literals(&tools, &lint::data_modules(&fixture)?)?;
    let path = scratch.path().join("ledger.jsonl");
    let replayed = probe.replayed(NOWHERE, &fixture, &path)?;

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
    // One test a case; only failures are printed, as there are hundreds of cases.
    for (name, differs) in probe::compared(&recorded, &replayed) {
        match differs {
            None => tally += Tally::PASSED,
            Some(difference) => tally.enter(&name, &[difference]),
        }
    }
    let mut misses: Vec<&str> = ledger.misses().map(|(_, report)| report).collect();
    misses.truncate(3);
    if !misses.is_empty() {
        println!("the first misses:\n{}", misses.join("\n"));
    }
    tally += span_values::run(&probe.with_driver, &model.copy_of(NAME)?, scratch.path())?;
    Ok(tally)
}
