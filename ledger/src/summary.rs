//! What the lines of all processes come to, scope by scope.
//!
//! Judges nothing: whether what is unused is a failure decides who asks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde_json::Value;

use crate::entry::{Denied, Entry};

/// The scope of all that runs outside any other.
pub(crate) const START_UP: &str = "start-up";

/// All that was entered, merged.
#[derive(Debug, Default)]
pub struct Summary {
    scopes: Vec<Scope>,
    by_name: HashMap<String, usize>,
    /// The names of fixtures; more than one if ledgers were mixed up.
    stacks: BTreeSet<String>,
    /// By fixture and number: a number may come back in another container.
    processes: Vec<(String, u64)>,
    recorded: BTreeSet<String>,
    /// In the order in which they were recorded.
    recorded_scopes: Vec<String>,
    denied: Vec<String>,
    is_empty: bool,
}

/// One scope, in all processes that opened it.
#[derive(Debug, Default)]
pub struct Scope {
    /// As the replay names it.
    pub name: String,
    /// How often it was opened.
    pub opened: u64,
    /// How often it ended where it was opened.
    pub ended: u64,
    /// Reports of what had no answer.
    pub misses: Vec<String>,
    /// What the application used and no fixture replays.
    pub unsupported: Vec<String>,
    /// Reports of commits that were recorded and did not come.
    lost_commits: Vec<String>,
    committed: bool,
    bound: Vec<(String, String)>,
    exchanges: BTreeMap<u64, Exchange>,
}

/// One recorded exchange.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub struct Exchange {
    /// Its ordinal in its scope.
    pub exchange: u64,
    /// What was asked of the driver; None if no listing has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// None for what has no SQL, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Tagged values.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub parameters: Value,
    /// How often it was recorded.
    pub recorded: u64,
    /// How often it was taken, by all processes.
    pub used: u64,
}

impl Summary {
    /// Nothing entered yet.
    pub fn new() -> Self {
        Self { is_empty: true, ..Self::default() }
    }

    /// Adds a line of any process, in any order.
    pub fn add(&mut self, entry: Entry) {
        self.is_empty = false;
        match entry {
            Entry::Replay { stack, process, scopes } => self.begin(stack, process, scopes),
            Entry::ScopeOpen { scope } => self.scope_mut(&scope).opened += 1,
            Entry::ScopeEnd { scope } => self.scope_mut(&scope).ended += 1,
            Entry::Used { scope, sql, exchanges } => {
                let scope = self.scope_mut(&scope);
                for (ordinal, taken, times, operation, text) in exchanges {
                    let exchange = scope.exchange_mut(ordinal);
                    exchange.used += taken;
                    exchange.recorded = exchange.recorded.max(times);
                    exchange.operation = Some(operation);
                    exchange.sql = text.and_then(|text| sql.get(text).cloned());
                }
            }
            Entry::Unused { scope, exchanges } => {
                let scope = self.scope_mut(&scope);
                for listed in exchanges {
                    let exchange = scope.exchange_mut(listed.exchange);
                    exchange.operation = Some(listed.operation);
                    exchange.sql = listed.sql;
                    exchange.parameters = listed.parameters;
                    exchange.recorded = exchange.recorded.max(listed.times);
                }
            }
            Entry::Taken { scope, exchange } => {
                self.scope_mut(&scope).exchange_mut(exchange).used += 1;
            }
            Entry::Miss { scope, report } => self.scope_mut(&scope).misses.push(report),
            Entry::LostCommits { scope, report } => {
                self.scope_mut(&scope).lost_commits.push(report);
            }
            Entry::Committed { scope } => self.scope_mut(&scope).committed = true,
            Entry::Unsupported { scope, what } => self.scope_mut(&scope).unsupported.push(what),
            Entry::Bound { scope, recorded, live } => {
                self.scope_mut(&scope).bound.push((live, recorded));
            }
            Entry::Denied(Denied { event, address }) => {
                self.denied.push(format!("{event} to {address}"));
            }
        }
    }

    fn begin(&mut self, stack: String, process: u64, scopes: Option<Vec<String>>) {
        for name in scopes.unwrap_or_default() {
            if self.recorded.insert(name.clone()) {
                self.recorded_scopes.push(name);
            }
        }
        self.processes.push((stack.clone(), process));
        self.stacks.insert(stack);
    }

    fn scope_mut(&mut self, name: &str) -> &mut Scope {
        let next = self.scopes.len();
        let place = *self.by_name.entry(name.to_owned()).or_insert(next);
        if place == next {
            self.scopes.push(Scope { name: name.to_owned(), ..Scope::default() });
        }
        &mut self.scopes[place]
    }

    /// Whether no process has entered anything: no fixture was active.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// The names of the fixtures that were replayed.
    pub fn stacks(&self) -> impl Iterator<Item = &str> {
        self.stacks.iter().map(String::as_str)
    }

    /// How many processes replayed.
    pub fn processes(&self) -> usize {
        self.processes.len()
    }

    /// Start-up first, then in the order in which they were first heard of.
    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        let is_start_up = |scope: &&Scope| scope.name == START_UP;
        let first = self.scopes.iter().filter(is_start_up);
        first.chain(self.scopes.iter().filter(move |scope| !is_start_up(scope)))
    }

    /// A scope that something was entered about.
    pub fn scope(&self, name: &str) -> Option<&Scope> {
        self.by_name.get(name).map(|place| &self.scopes[*place])
    }

    /// Whether a scope was recorded, as far as the ledger says.
    pub fn is_recorded(&self, name: &str) -> bool {
        name == START_UP || self.recorded.is_empty() || self.recorded.contains(name)
    }

    /// The recorded scopes that no process opened.
    pub fn never_opened(&self) -> impl Iterator<Item = &str> {
        let opened = |name: &str| self.scope(name).is_some_and(|scope| scope.opened > 0);
        self.recorded_scopes.iter().map(String::as_str).filter(move |name| !opened(name))
    }

    /// What was refused: `socket.connect to ('127.0.0.1', 5432)`.
    pub fn denied(&self) -> &[String] {
        &self.denied
    }

    /// Whether an application went wrong, whatever it made of the exceptions.
    pub fn has_failures(&self) -> bool {
        !self.denied.is_empty() || self.scopes.iter().any(|scope| scope.failures().next().is_some())
    }

    /// Whether something that was recorded was not asked for, or may not have been.
    pub fn has_unused(&self) -> bool {
        self.never_opened().next().is_some()
            || self.scopes().any(|scope| !scope.has_ended() || scope.unused().next().is_some())
    }
}

impl Scope {
    fn exchange_mut(&mut self, ordinal: u64) -> &mut Exchange {
        let new = || Exchange { exchange: ordinal, ..Exchange::default() };
        self.exchanges.entry(ordinal).or_insert_with(new)
    }

    /// Whether it ended as often as it was opened; else it is not known what it used.
    pub fn has_ended(&self) -> bool {
        self.ended >= self.opened
    }

    /// How many of the recorded exchanges were asked for.
    pub fn used(&self) -> u64 {
        self.exchanges.values().map(|each| each.used.min(each.recorded)).sum()
    }

    /// Exchanges that were not asked for as often as they were recorded.
    pub fn unused(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.values().filter(|each| each.left() > 0)
    }

    /// Exchanges that were asked for more often than they were recorded.
    pub fn used_again(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.values().filter(|each| each.used > each.recorded)
    }

    /// Reports of commits that were recorded and did not come, not even late.
    pub fn lost_commits(&self) -> &[String] {
        if self.committed { &[] } else { &self.lost_commits }
    }

    /// Live texts, and the recorded ones that they stand for.
    pub fn bound(&self) -> &[(String, String)] {
        &self.bound
    }

    /// All that went wrong in it, each for people.
    pub fn failures(&self) -> impl Iterator<Item = String> {
        let reports = self.misses.iter().chain(self.lost_commits()).cloned();
        reports.chain(self.unsupported.iter().map(|what| format!("{what} is not replayed")))
    }
}

impl Exchange {
    /// How often it was recorded and not asked for.
    pub fn left(&self) -> u64 {
        self.recorded.saturating_sub(self.used)
    }

    /// One line: `execute ×2 SELECT 1 [7]`.
    pub fn line(&self, times: u64) -> String {
        const WIDTH: usize = 100;
        let number = || format!("exchange {}", self.exchange);
        let mut words = vec![self.operation.clone().unwrap_or_else(number)];
        if times > 1 {
            words.push(format!("×{times}"));
        }
        if let Some(sql) = &self.sql {
            let statement = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            let cut = statement.char_indices().nth(WIDTH).map(|(place, _)| place);
            words.push(cut.map_or(statement.clone(), |place| format!("{}…", &statement[..place])));
        }
        if !self.parameters.is_null() {
            words.push(self.parameters.to_string());
        }
        words.join(" ")
    }
}

#[cfg(test)]
mod tests;
