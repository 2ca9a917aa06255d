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
    ScopeIndex, key,
};
use crate::stack_file::StackFile;
use crate::trace::{Operation, ScopeKind};

mod set_up;
mod slug;
mod volatile;

use set_up::Fate;
pub use volatile::VolatileName;

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
    rules: volatile::Rules<'r>,
}

/// One outcome of connecting.
#[derive(Debug)]
pub struct PlannedConnect<'r> {
    /// That were asked for, if any.
    pub settings: Option<&'r RawValue>,
    /// The server's parameters, or the error.
    pub outcome: std::result::Result<&'r RawValue, &'r RawValue>,
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
    /// transactions, as far as it did more than succeed: it failed, spoke, or changed the
    /// server's parameters.
    pub controls: Vec<ExchangeRecord<'a>>,
    /// Equal exchanges that follow each other are kept once.
    pub times: usize,
    /// It may be answered any number of times, in any scope.
    pub repeatable: bool,
}

impl<'r> Plan<'r> {
    /// Sorts a recording.
    pub fn of(recording: &'r Recording, stack: &'r StackFile) -> Self {
        let mut slugs = slug::Slugs::default();
        Self {
            recording,
            connects: plan_connects(recording),
            slugs: recording.scopes.iter().map(|scope| slugs.slug(&scope.name)).collect(),
            rules: volatile::Rules::new(stack),
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
            let planned = |exchange, repeatable| PlannedExchange {
                exchange,
                volatile,
                controls: Vec::new(),
                times: 1,
                repeatable,
            };
            if index == START_UP_INDEX && matches!(fate, Fate::Repeated | Fate::Both) {
                repeatable.push(planned(exchange, true));
                continue;
            }
            if matches!(fate, Fate::Repeated | Fate::Dropped) {
                continue;
            }
            let connection = (exchange.number.0, exchange.connection);
            let begins = exchange.operation == Operation::Begin;
            if begins || matches!(exchange.operation, Operation::Commit | Operation::Rollback) {
                let said_nothing = says_nothing(&exchange);
                if said_nothing {
                    commits += usize::from(exchange.operation == Operation::Commit);
                }
                if let Some(last) = last.get_mut(&connection) {
                    let belongs = begins || !last.ended;
                    last.ended = !begins;
                    if !said_nothing && belongs {
                        once[last.index].controls.push(exchange);
                        continue;
                    }
                }
                if said_nothing {
                    continue;
                }
            } else {
                let commits_two_phase = exchange.operation == Operation::TpcCommit;
                commits += usize::from(commits_two_phase && exchange.error.is_none());
                last.insert(connection, Last { index: once.len(), ended: false });
            }
            once.push(planned(exchange, false));
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
            commits,
            exchanges: repeatable,
        })
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
    exchange.error.is_none() && exchange.notices.is_none() && exchange.server_parameters.is_none()
}

/// First those that were made, each kind once, then in recorded order what had its turn.
fn plan_connects(recording: &Recording) -> Vec<PlannedConnect<'_>> {
    let mut made = Vec::new();
    let mut in_turn: Vec<PlannedConnect<'_>> = Vec::new();
    let mut known = Vec::new();
    for ConnectRecord { scope, settings, outcome, place, after } in &recording.connects {
        let settings = settings.as_deref();
        let place = place.as_deref();
        let scope = recording.scopes[*scope].name.as_str();
        let outcome = outcome.as_deref().map_err(|error| &**error);
        let connect = PlannedConnect { settings, outcome, scope, place, after: *after };
        match outcome {
            Ok(parameters) if place.is_none() => {
                let settings = settings.map(|each| key::canonical(each.get()));
                let text = (settings, key::canonical(parameters.get()));
                if !known.contains(&text) {
                    known.push(text);
                    made.push(connect);
                }
            }
            Ok(_)
                if in_turn
                    .iter()
                    .rev()
                    .find(|each| each.is_beside(&connect))
                    .is_some_and(|each| each.outcome.is_ok()) => {}
            _ => in_turn.push(connect),
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
        let key = (statement(exchange), key::parameters(exchange, !volatile.is_empty()));
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
type Statement = (Operation, Option<Number>);

fn statement(exchange: &ExchangeRecord<'_>) -> Statement {
    let sql = exchange.sql.as_deref().unwrap_or_default();
    (exchange.operation, exchange.text.filter(|_| !sql.is_empty()))
}

#[cfg(test)]
mod tests;
