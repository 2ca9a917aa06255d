//! What a fixture will answer: the recording, sorted into what is matched once,
//! what is answered again, and what may differ.
//!
//! Knows nothing of Python source.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::value::RawValue;

use crate::error::{Result, Warning};
use crate::recording::{
    ByNumber, ConnectRecord, ExchangeRecord, FilePlace, Number, Recording, START_UP_INDEX,
    ScopeIndex, ScopeRecord, key,
};
use crate::split::missing_part;
use crate::stack_file::StackFile;
use crate::trace::{Operation, ScopeKind, Status};

mod free_order;
mod set_up;
mod slug;
mod volatile;

use free_order::may_have_free_order;
use set_up::Fate;
pub use slug::Slugs;
pub use volatile::{Rules, VolatileName};

/// A fixture's content: of all scopes what concerns all, and each by itself when
/// it is asked for.
#[derive(Debug)]
pub struct Plan<'r> {
    /// What is planned.
    pub recording: &'r Recording,
    /// Distinct outcomes of connecting: first those that succeeded, then the
    /// refusals, one a time that it happened.
    pub connects: Vec<PlannedConnect<'r>>,
    /// The stem of each scope's module, in recorded order, start-up first.
    pub slugs: Vec<String>,
    rules: Rules<'r>,
}

/// One outcome of connecting.
#[derive(Debug)]
pub struct PlannedConnect<'r> {
    /// That were asked for, if any.
    pub settings: Option<&'r RawValue>,
    /// The server's parameters, or the error.
    pub outcome: std::result::Result<&'r RawValue, &'r RawValue>,
    /// The server's processes, one a connection.
    pub backend_pids: Vec<i64>,
    /// In which it came about, where that matters.
    pub scope: &'r str,
    /// What tells a place that was refused, be it now or before, from others.
    pub place: Option<&'r RawValue>,
    /// Of a refusal without a place: after how many that were made in the scope.
    pub after: usize,
}

/// One scope's exchanges.
#[derive(Debug)]
pub struct PlannedScope<'a> {
    /// As recorded.
    pub name: &'a str,
    /// What opened it.
    pub kind: ScopeKind,
    /// The stem of its module.
    pub slug: &'a str,
    /// When its clock started, in microseconds since the epoch, if it was looked at.
    pub clock: Option<u64>,
    /// The stems of the modules of its parts that other scopes share: what came first.
    pub begins: Vec<&'a str>,
    /// Likewise, what came last.
    pub ends: Vec<&'a str>,
    /// How many commits did nothing but succeed.
    pub commits: usize,
    /// In the order in which they are matched; start-up has all that may be
    /// answered again, whatever scope it ran in.
    pub exchanges: Vec<PlannedExchange<'a>>,
}

/// One exchange and how often it may be answered.
#[derive(Debug)]
pub struct PlannedExchange<'a> {
    /// What was recorded.
    pub exchange: ExchangeRecord<'a>,
    /// Top-level parameters that are compared by type and shape only.
    pub volatile: Vec<VolatileName>,
    /// What the driver itself sent after it on its connection, begins and ends of
    /// transactions and syncs of pipelines, as far as it did more than succeed: it failed,
    /// spoke, or changed the server's parameters.
    pub controls: Vec<ExchangeRecord<'a>>,
    /// Equal exchanges that follow each other are kept once.
    pub times: usize,
    /// It may be answered any number of times, in any scope.
    pub repeatable: bool,
}

impl<'a> PlannedExchange<'a> {
    fn new(exchange: ExchangeRecord<'a>, volatile: Vec<VolatileName>, repeatable: bool) -> Self {
        Self { exchange, volatile, controls: Vec::new(), times: 1, repeatable }
    }
}

impl<'r> Plan<'r> {
    /// Sorts a recording.
    pub fn of(recording: &'r Recording, stack: &'r StackFile) -> Self {
        let mut slugs = Slugs::default();
        Self {
            recording,
            connects: plan_connects(recording),
            slugs: recording.scopes.iter().map(|scope| slugs.slug(&scope.name)).collect(),
            rules: Rules::new(stack),
        }
    }

    /// Where exchanges of other scopes stand that belong to this one.
    pub fn borrowed(&self, scope: ScopeIndex) -> Vec<FilePlace> {
        if scope != START_UP_INDEX {
            return Vec::new();
        }
        let repeated = self.recording.answers.repeated().into_iter();
        repeated.filter(|each| each.scope != scope).map(|each| each.at).collect()
    }

    /// Sorts the exchanges of a scope, those that it borrowed included.
    pub fn scope<'a>(
        &'a self,
        index: ScopeIndex,
        exchanges: Vec<ExchangeRecord<'a>>,
    ) -> Result<PlannedScope<'a>> {
        let mut repeatable = Vec::new();
        let mut once: Vec<PlannedExchange<'a>> = Vec::with_capacity(exchanges.len());
        let mut last: HashMap<_, Last> = HashMap::new();
        let mut commits = 0;
        for exchange in exchanges {
            let volatile = self.rules.volatile_of(&exchange)?;
            let fate = Fate::of(&exchange, &self.recording.answers);
            let again = index == START_UP_INDEX && matches!(fate, Fate::Repeated | Fate::Both);
            // What was heard with it came once, whatever else is answered again.
            let heard = !exchange.notifications.is_empty();
            if again && heard {
                let mut silent = exchange.clone();
                silent.notifications.clear();
                repeatable.push(PlannedExchange::new(silent, volatile.clone(), true));
            } else if again {
                repeatable.push(PlannedExchange::new(exchange, volatile, true));
                continue;
            } else if matches!(fate, Fate::Repeated | Fate::Dropped) && !heard {
                continue;
            }
            let connection = (exchange.number.0, exchange.connection);
            let ends = matches!(exchange.operation, Operation::Commit | Operation::Rollback);
            if ends || matches!(exchange.operation, Operation::Begin | Operation::Sync) {
                let said_nothing = says_nothing(&exchange);
                if said_nothing {
                    commits += usize::from(exchange.operation == Operation::Commit);
                }
                if let Some(last) = last.get_mut(&connection) {
                    let belongs = !ends || !last.ended;
                    last.ended = ends || last.ended && exchange.operation == Operation::Sync;
                    if !said_nothing && belongs {
                        once[last.index].controls.push(exchange);
                        continue;
                    }
                }
                if said_nothing {
                    continue;
                }
            } else if exchange.operation != Operation::Notifies {
                let commits_two_phase = exchange.operation == Operation::TpcCommit;
                commits += usize::from(commits_two_phase && exchange.error.is_none());
                last.insert(connection, Last { index: once.len(), ended: false });
            }
            once.push(PlannedExchange::new(exchange, volatile, false));
        }
        merge(&mut once);
        // Of most scopes nothing is repeated, and the largest are not copied.
        if repeatable.is_empty() {
            repeatable = once;
        } else {
            repeatable.append(&mut once);
        }
        let record = &self.recording.scopes[index];
        Ok(PlannedScope {
            name: &record.name,
            kind: record.kind,
            slug: &self.slugs[index],
            clock: record.clock,
            begins: self.parts(record, &record.begins)?,
            ends: self.parts(record, &record.ends)?,
            commits,
            exchanges: repeatable,
        })
    }

    fn parts(&self, of: &ScopeRecord, names: &[String]) -> Result<Vec<&str>> {
        let slug = |name: &String| {
            let scope = self.recording.scope_of(name);
            scope
                .map(|scope| self.slugs[scope].as_str())
                .ok_or_else(|| missing_part(&of.name, name))
        };
        names.iter().map(slug).collect()
    }

    /// What can only be said once all scopes have been asked for.
    pub fn report(&self, warnings: &mut Vec<Warning>) {
        self.rules.report_unused(warnings);
    }
}

/// The last exchange of a connection, and whether its transaction has ended.
struct Last {
    index: usize,
    ended: bool,
}

/// Whether the begin or end of a transaction merely happened. The connection's state
/// machine answers those, as garbage collection and pools move them about.
fn says_nothing(exchange: &ExchangeRecord<'_>) -> bool {
    let heard = !exchange.notifications.is_empty() || exchange.server_parameters.is_some();
    let failed = matches!(exchange.status, Status::Inerror | Status::Unknown);
    !failed && exchange.error.is_none() && exchange.notices.is_none() && !heard
}

/// First those that were made, each kind once, then in recorded order what had its turn.
fn plan_connects(recording: &Recording) -> Vec<PlannedConnect<'_>> {
    let mut made = Vec::new();
    let mut in_turn: Vec<PlannedConnect<'_>> = Vec::new();
    // Where each kind of connection stands.
    let mut known: HashMap<_, usize> = HashMap::new();
    for ConnectRecord { scope, settings, backend_pids, outcome, place, after } in
        &recording.connects
    {
        let settings = settings.as_deref();
        let place = place.as_deref();
        let scope = recording.scopes[*scope].name.as_str();
        let outcome = outcome.as_deref().map_err(|error| &**error);
        let connect = PlannedConnect {
            settings,
            outcome,
            backend_pids: backend_pids.clone(),
            scope,
            place,
            after: *after,
        };
        let alike = match outcome {
            Ok(parameters) if place.is_none() => {
                let settings = settings.map(|each| key::canonical(each.get()));
                let next = made.len();
                let index =
                    known.entry((settings, key::canonical(parameters.get()))).or_insert(next);
                made.get_mut(*index)
            }
            Ok(_) => {
                let beside = in_turn.iter_mut().rev().find(|each| each.is_beside(&connect));
                beside.filter(|each| each.outcome.is_ok())
            }
            Err(_) => None,
        };
        match alike {
            Some(alike) => alike.backend_pids.extend(backend_pids),
            None if outcome.is_ok() && place.is_none() => made.push(connect),
            None => in_turn.push(connect),
        }
    }
    made.append(&mut in_turn);
    made
}

impl PlannedConnect<'_> {
    /// Whether the other was asked for in the same scope and of the same place.
    fn is_beside(&self, other: &Self) -> bool {
        self.scope == other.scope && self.place.map(RawValue::get) == other.place.map(RawValue::get)
    }
}

/// Keeps equal exchanges once that follow each other among those of their key.
///
/// Exchanges of one key are answered in recorded order, whatever stands between
/// them, so this changes no answer. Lossy ones are not merged: some are answered in
/// their turn among all exchanges of their text.
fn merge(exchanges: &mut Vec<PlannedExchange<'_>>) {
    let mut uses: ByNumber<usize> = ByNumber::default();
    for text in exchanges.iter().filter_map(|each| each.exchange.text) {
        *uses.entry(text).or_default() += 1;
    }
    let mut last: HashMap<(Statement, Cow<'_, str>), usize> = HashMap::new();
    for index in 0..exchanges.len() {
        let PlannedExchange { exchange, volatile, .. } = &exchanges[index];
        if exchange.text.is_some_and(|text| uses.get(&text) == Some(&1)) {
            // The key of no other, so it need not be made.
            continue;
        }
        // What is equal but for an order may be answered by either.
        let free = exchange.sql.as_deref().is_some_and(may_have_free_order);
        let key = (statement(exchange), key::parameters(exchange, free || !volatile.is_empty()));
        match last.entry(key) {
            Entry::Occupied(mut first) => {
                if same_outcome(&exchanges[*first.get()], &exchanges[index]) {
                    exchanges[*first.get()].times += 1;
                    exchanges[index].times = 0;
                } else {
                    first.insert(index);
                }
            }
            Entry::Vacant(first) => {
                first.insert(index);
            }
        }
    }
    exchanges.retain(|exchange| exchange.times > 0);
    exchanges.shrink_to_fit();
}

/// Whether two exchanges of one key are equal, and so is what the driver sent after them.
fn same_outcome(one: &PlannedExchange<'_>, other: &PlannedExchange<'_>) -> bool {
    let same_controls =
        one.controls.len() == other.controls.len()
            && one.controls.iter().zip(&other.controls).all(|(one, other)| {
                one.operation == other.operation && key::same_outcome(one, other)
            });
    let is_lossy = !other.exchange.lossy.is_empty();
    same_controls && !is_lossy && key::same_outcome(&one.exchange, &other.exchange)
}

/// What is asked, but for the parameters. No text is as good as an empty one.
type Statement = (Operation, Option<Number>, Option<String>);

fn statement(exchange: &ExchangeRecord<'_>) -> Statement {
    let sql = exchange.sql.as_deref().unwrap_or_default();
    let mode = exchange.transaction.as_deref().map(str::to_owned);
    (exchange.operation, exchange.text.filter(|_| !sql.is_empty()), mode)
}

#[cfg(test)]
mod tests;
