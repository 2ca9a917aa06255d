//! Which exchanges set up a connection, and so may be answered as often as asked.
//!
//! Looks at no scope's name: what an exchange is says the profile, and whether it
//! may stand for others say their answers.

use crate::recording::{Answers, ExchangeRecord, START_UP_INDEX, key};

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

impl Fate {
    /// One answer to each key is repeated. A scope that got any other, or that was once
    /// refused one, keeps all of its own, in order: what it asked was no mere set-up.
    pub fn of(exchange: &ExchangeRecord<'_>, answers: &Answers) -> Self {
        // A set-up that failed is something that the application saw.
        if !exchange.sets_up || !exchange.has_outcome() {
            return Self::Once;
        }
        let key = key::of(exchange);
        let Some(repeated) = answers.repeated_of(&key) else { return Self::Once };
        let own = answers.differ_in(&key, exchange.scope);
        // In start-up the repeated answer comes last anyway.
        let in_turn = own && exchange.scope != START_UP_INDEX;
        match (repeated.number == exchange.number, own) {
            (true, _) if in_turn => Self::Both,
            (true, _) => Self::Repeated,
            (false, true) => Self::Once,
            (false, false) => Self::Dropped,
        }
    }
}
