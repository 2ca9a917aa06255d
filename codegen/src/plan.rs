//! What a fixture will answer: the recording, sorted into what is matched once,
//! what is answered again, and what may differ.
//!
//! Knows nothing of Python source.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use crate::error::Result;
use crate::error::Warning;
use crate::profile::Profile;
use crate::recording::{ConnectRecord, ExchangeRecord, Recording, ScopeRecord};
use crate::stack_file::StackFile;
use crate::trace::{Operation, ScopeKind};

mod key;
mod set_up;
mod slug;
mod volatile;

use set_up::Fate;
pub use volatile::VolatileName;

/// A fixture's content.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The driver.
    pub profile: &'static Profile,
    /// Versions of the packages that shape the traffic.
    pub packages: BTreeMap<String, String>,
    /// Distinct outcomes of connecting: first those that succeeded, then the
    /// refusals, one a time that it happened.
    pub connects: Vec<PlannedConnect<'a>>,
    /// What belongs to no request, and all that may be answered again.
    pub start_up: PlannedScope<'a>,
    /// The other scopes, in recorded order.
    pub scopes: Vec<PlannedScope<'a>>,
}

/// One outcome of connecting.
#[derive(Debug)]
pub enum PlannedConnect<'a> {
    /// The settings that were asked for, if any, and the server's parameters.
    Made(Option<&'a RawValue>, &'a RawValue),
    /// The error, and the scope in which it was raised.
    Refused(&'a RawValue, Cow<'a, str>),
}

/// One scope's exchanges.
#[derive(Debug)]
pub struct PlannedScope<'a> {
    /// As recorded.
    pub name: Cow<'a, str>,
    /// What opened it.
    pub kind: ScopeKind,
    /// The stem of its module.
    pub slug: String,
    /// How many commits did nothing but succeed.
    pub commits: usize,
    /// In the order in which they are matched.
    pub exchanges: Vec<PlannedExchange<'a>>,
}

/// One exchange and how often it may be answered.
#[derive(Debug)]
pub struct PlannedExchange<'a> {
    /// What was recorded.
    pub exchange: ExchangeRecord<'a>,
    /// Top-level parameters that are compared by type and shape only.
    pub volatile: Vec<VolatileName>,
    /// Equal exchanges that follow each other are kept once.
    pub times: usize,
    /// It may be answered any number of times, in any scope.
    pub repeatable: bool,
}

impl<'a> Plan<'a> {
    /// Sorts a recording.
    pub fn from_recording(
        recording: Recording<'a>,
        stack: &StackFile,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self> {
        let Recording { profile, packages, scopes, connects, exchanges, .. } = recording;
        let connects = plan_connects(connects, &scopes);
        let mut planned = name_scopes(scopes);
        let mut repeatable = Vec::new();
        let mut rules = volatile::Rules::new(stack);
        let set_up = set_up::SetUp::of(profile, &exchanges);
        for (index, exchange) in exchanges.into_iter().enumerate() {
            let volatile = rules.volatile_of(&exchange)?;
            let fate = set_up.fate(index);
            if matches!(fate, Fate::Repeated | Fate::Both) {
                repeatable.push(PlannedExchange {
                    exchange: exchange.clone(),
                    volatile: volatile.clone(),
                    times: 1,
                    repeatable: true,
                });
            }
            if matches!(fate, Fate::Repeated | Fate::Dropped) {
                continue;
            }
            let scope = &mut planned[exchange.scope];
            match exchange.operation {
                Operation::Commit if says_nothing(&exchange) => scope.commits += 1,
                Operation::Rollback if says_nothing(&exchange) => {}
                _ => scope.exchanges.push(PlannedExchange {
                    exchange,
                    volatile,
                    times: 1,
                    repeatable: false,
                }),
            }
        }
        rules.report_unused(warnings);
        for scope in &mut planned {
            merge_equal(&mut scope.exchanges);
        }
        let mut start_up = planned.remove(0);
        repeatable.append(&mut start_up.exchanges);
        start_up.exchanges = repeatable;
        Ok(Self { profile, packages, connects, start_up, scopes: planned })
    }
}

/// Whether the end of a transaction merely happened. The connection's state
/// machine answers those, as garbage collection and pools move them about.
fn says_nothing(exchange: &ExchangeRecord<'_>) -> bool {
    exchange.error.is_none() && exchange.notices.is_none() && exchange.server_parameters.is_none()
}

fn plan_connects<'a>(
    connects: Vec<ConnectRecord<'a>>,
    scopes: &[ScopeRecord<'a>],
) -> Vec<PlannedConnect<'a>> {
    let mut made = Vec::new();
    let mut refused = Vec::new();
    let mut known = BTreeSet::new();
    for connect in connects {
        match connect.outcome {
            Ok(parameters) => {
                let settings = connect.settings.map(|settings| key::canonical(settings.get()));
                if known.insert((settings, key::canonical(parameters.get()))) {
                    made.push(PlannedConnect::Made(connect.settings, parameters));
                }
            }
            Err(error) => {
                refused.push(PlannedConnect::Refused(error, scopes[connect.scope].name.clone()));
            }
        }
    }
    made.append(&mut refused);
    made
}

fn name_scopes(scopes: Vec<ScopeRecord<'_>>) -> Vec<PlannedScope<'_>> {
    let mut slugs = slug::Slugs::default();
    let planned = scopes.into_iter().map(|scope| PlannedScope {
        slug: slugs.slug(&scope.name),
        name: scope.name,
        kind: scope.kind,
        commits: 0,
        exchanges: Vec::new(),
    });
    planned.collect()
}

/// Keeps equal exchanges once that follow each other among those of their key.
///
/// Exchanges of one key are answered in recorded order, whatever stands between
/// them, so this changes no answer. Lossy ones are not merged: some are answered in
/// their turn among all exchanges of their text.
fn merge_equal(exchanges: &mut Vec<PlannedExchange<'_>>) {
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept: Vec<PlannedExchange<'_>> = Vec::with_capacity(exchanges.len());
    for exchange in exchanges.drain(..) {
        let key = key::of(&exchange.exchange, &exchange.volatile);
        match last.get(&key) {
            Some(&index)
                if exchange.exchange.lossy.is_empty()
                    && key::same_outcome(&kept[index].exchange, &exchange.exchange) =>
            {
                kept[index].times += 1;
            }
            _ => {
                last.insert(key, kept.len());
                kept.push(exchange);
            }
        }
    }
    *exchanges = kept;
}

#[cfg(test)]
mod tests;
