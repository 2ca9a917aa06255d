//! Which exchanges set up a connection, and so may be answered as often as asked.
//!
//! Looks at no scope's name: what an exchange is says the profile, and whether it
//! may stand for others say their answers.

use std::collections::{BTreeMap, BTreeSet};

use super::key;
use crate::profile::Profile;
use crate::recording::{ExchangeRecord, ScopeIndex};
use crate::trace::Loss;

const START_UP: ScopeIndex = 0;

/// What becomes of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Answered in its scope, as often as it was recorded.
    Once,
    /// Answered in every scope, any number of times.
    Repeated,
    /// Answered in its scope in its turn, and in other scopes any number of times.
    Both,
    /// Another one that is repeated answers the same.
    Dropped,
}

/// The fates of all exchanges of a recording.
#[derive(Debug, Default)]
pub struct SetUp(BTreeMap<usize, Fate>);

impl SetUp {
    /// Decides by key: the last answer that start-up got, or else the first one of
    /// all, is repeated. A scope that got any other keeps all of its own, in order:
    /// what it asked was no mere set-up.
    pub fn of(profile: &Profile, exchanges: &[ExchangeRecord<'_>]) -> Self {
        let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, exchange) in exchanges.iter().enumerate() {
            if exchange.error.is_none()
                && !exchange.lossy.contains(&Loss::Outcome)
                && profile.sets_up(exchange.operation.as_str(), exchange.sql.as_deref())
            {
                by_key.entry(key::of(exchange, &[])).or_default().push(index);
            }
        }
        let mut fates = Self::default();
        for indexes in by_key.into_values() {
            fates.decide(&indexes, exchanges);
        }
        fates
    }

    /// Of the exchange at that place in the recording.
    pub fn fate(&self, index: usize) -> Fate {
        self.0.get(&index).copied().unwrap_or(Fate::Once)
    }

    fn decide(&mut self, indexes: &[usize], exchanges: &[ExchangeRecord<'_>]) {
        let in_start_up = |index: &&usize| exchanges[**index].scope == START_UP;
        let Some(&repeated) = indexes.iter().rfind(in_start_up).or(indexes.first()) else {
            return;
        };
        let differs = |index: &&usize| !key::same_answer(&exchanges[repeated], &exchanges[**index]);
        let own: BTreeSet<ScopeIndex> =
            indexes.iter().filter(differs).map(|index| exchanges[*index].scope).collect();
        for &index in indexes {
            let scope = exchanges[index].scope;
            // In start-up the repeated answer comes last anyway.
            let in_turn = own.contains(&scope) && scope != START_UP;
            let fate = match (index == repeated, own.contains(&scope)) {
                (true, _) if in_turn => Fate::Both,
                (true, _) => Fate::Repeated,
                (false, true) => Fate::Once,
                (false, false) => Fate::Dropped,
            };
            self.0.insert(index, fate);
        }
    }
}
