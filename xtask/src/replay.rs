//! One replay of a stack: its requests under its fixture, each response compared.
//!
//! Prints nothing, so that a mutated fixture can be replayed for its failures.

use std::collections::HashMap;
use std::path::Path;

use crate::application::{Application, Launch, Mode};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::kept::Kept;
use crate::ledger::Ledger;
use crate::message::{Request, Response};
use crate::record::SCOPE_END;
use crate::stack::{READY, START_UP, Stack};
use crate::{compare, process};

/// No such host exists, and no name is looked up: what reaches for it is denied.
const DATABASE_URL: &str = "postgresql://replay@replay.invalid/replay";

pub struct Replay<'r> {
    pub stack: &'r Stack,
    pub environment: &'r Environment,
    pub launcher: &'r Path,
    pub fixture: &'r Path,
    pub requests: &'r [Request],
    /// In the order of the requests.
    pub responses: &'r [Response],
    /// What the order of Python's sets comes from; random if there is none.
    pub hash_seed: Option<u32>,
    /// The responses were recorded within the application, with one value a header.
    pub recorded_within: bool,
}

/// Receives each test's name and its failures.
pub type Enter<'e> = dyn FnMut(&str, &[String]) + 'e;

impl Replay<'_> {
    /// Returns the exchanges that nothing asked for.
    pub fn run(&self, enter: &mut Enter) -> Result<Vec<String>> {
        let scratch = process::scratch("replay")?;
        let path = scratch.path().join("ledger.jsonl");
        let mut ledger = Ledger::of(&path);
        let mut reported = Reported::default();
        let launch = Launch {
            stack: self.stack,
            environment: self.environment,
            launcher: self.launcher,
            database_url: DATABASE_URL,
            mode: Some(Mode::Replay { fixture: self.fixture, ledger: &path }),
            hash_seed: self.hash_seed,
            log: scratch.path().join("application.log"),
        };
        let mut trouble = Vec::new();
        let mut running = None;
        match Application::start(&launch) {
            Ok(mut application) => match self.ready(&mut application, &mut ledger) {
                Ok(()) => running = Some(application),
                Err(error) => trouble.push(failure(error)?),
            },
            Err(error) => trouble.push(failure(error)?),
        }
        ledger.read()?;
        trouble.extend(reported.further(&ledger, &[START_UP, READY]));
        enter(START_UP, &trouble);
        let mut kept = Kept::default();
        let mut kept_then = Kept::default();
        for (request, recorded) in self.requests.iter().zip(self.responses) {
            kept_then.take(request, recorded);
            let Some(application) = &mut running else {
                enter(&request.name, &["not sent, as the application does not run".to_owned()]);
                continue;
            };
            let sent = kept.filled(request);
            let mut failures = match self.one(application, &mut ledger, &sent, recorded) {
                Ok(live) => {
                    let missing = kept.take(request, &live);
                    kept.fall_back(&kept_then);
                    let mut bound = ledger.bound(&request.name);
                    bound.extend(kept.beside(&kept_then));
                    let failures = compare::differences(recorded, &live, &bound);
                    failures.into_iter().chain(missing).collect()
                }
                Err(error) => {
                    let failures = vec![failure(error)?];
                    // A hung or dead application answers nothing more.
                    running = None;
                    failures
                }
            };
            ledger.read()?;
            // A miss is the cause of what differs after it.
            failures.splice(0..0, reported.further(&ledger, &[&request.name]));
            enter(&request.name, &failures);
        }
        let mut failures = match running.map(Application::stop) {
            Some(Ok(())) => Vec::new(),
            Some(Err(error)) => vec![failure(error)?],
            None => vec!["the application had ended before".to_owned()],
        };
        ledger.read()?;
        let mut scopes: Vec<&str> =
            self.requests.iter().map(|request| request.name.as_str()).collect();
        scopes.extend([START_UP, READY]);
        failures.extend(reported.further(&ledger, &scopes));
        failures.extend(
            ledger
                .misses()
                .filter(|(scope, _)| !scopes.contains(scope))
                .map(|(_, report)| report.to_owned()),
        );
        failures.extend(ledger.lost_commits().map(|(_, report)| report.to_owned()));
        failures.extend(
            ledger.unsupported().map(|(scope, what)| format!("{scope}: {what} is not replayed")),
        );
        failures.extend(
            ledger.denied().iter().map(|denied| format!("the network was asked for: {denied}")),
        );
        if ledger.is_empty() {
            failures.push("the ledger is empty: the fixture was not active".to_owned());
        }
        enter("shut-down", &failures);
        let unused = ledger.unused().into_iter();
        Ok(unused.map(|(scope, exchange)| format!("{scope}: {exchange}")).collect())
    }

    fn ready(&self, application: &mut Application, ledger: &mut Ledger) -> Result<()> {
        if application.ask_ready(self.stack)? {
            wait_for_end(application, ledger, READY)
        } else {
            Ok(())
        }
    }

    fn one(
        &self,
        application: &mut Application,
        ledger: &mut Ledger,
        request: &Request,
        recorded: &Response,
    ) -> Result<Response> {
        let mut live = application.send(request)?;
        wait_for_end(application, ledger, &request.name)?;
        if self.recorded_within {
            live.keep_as_recorded(recorded);
        }
        Ok(live)
    }
}

fn wait_for_end(application: &mut Application, ledger: &mut Ledger, name: &str) -> Result<()> {
    let purpose = format!("end the scope {name:?}");
    application.wait(SCOPE_END, &purpose, || {
        ledger.read()?;
        Ok(ledger.has_ended(name).then_some(()))
    })
}

/// What the application did wrong fails a test; what keeps us from testing ends the command.
fn failure(error: Error) -> Result<String> {
    match error {
        Error::Application { .. } => Ok(error.to_string()),
        other => Err(other),
    }
}

/// How many misses of each scope stand in a report already.
#[derive(Default)]
struct Reported(HashMap<String, usize>);

impl Reported {
    fn further(&mut self, ledger: &Ledger, scopes: &[&str]) -> Vec<String> {
        let mut reports = Vec::new();
        for scope in scopes {
            let known = self.0.entry((*scope).to_owned()).or_default();
            let misses = ledger.misses().filter(|(name, _)| name == scope);
            reports.extend(misses.skip(*known).map(|(_, report)| report.to_owned()));
            *known = ledger.misses().filter(|(name, _)| name == scope).count();
        }
        reports
    }
}
