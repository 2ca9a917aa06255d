//! What belongs to no scope: what runs before tests, and what sets up connections.
//!
//! Which scope happened to connect first, or in how many processes, does not show.

use std::collections::{BTreeMap, BTreeSet};

use super::text::{SCOPE_ID, START_UP_ID, TraceText};
use super::{connect_of, union};
use crate::error::Result;
use crate::recording::{
    ConnectRecord, ExchangeRecord, FilePlace, Recording, START_UP_INDEX, answer_of, key,
};
use crate::trace::{Mode, ScopeKind};

/// Start-up as it is kept.
pub struct StartUp {
    mode: Mode,
    /// Of each key the answer that stands for all, and where it is read from.
    repeated: BTreeMap<String, Answered>,
}

struct Answered {
    answer: String,
    new: bool,
    at: FilePlace,
}

impl StartUp {
    /// Of two recordings. What is only in the old one stays, unless all is rewritten.
    pub fn of(old: Option<&Recording>, new: &Recording, mode: Mode) -> Self {
        let mut repeated = BTreeMap::new();
        let all = matches!(mode, Mode::All | Mode::Rewrite);
        for (recording, is_new) in [(old, false), (Some(new), true)] {
            for (key, given) in recording.iter().flat_map(|each| each.answers.by_key()) {
                if mode == Mode::Rewrite && !is_new || !all && repeated.contains_key(key) {
                    continue;
                }
                let answer = given.answer.clone();
                repeated.insert(key.to_owned(), Answered { answer, new: is_new, at: given.at });
            }
        }
        Self { mode, repeated }
    }

    /// What of these exchanges is a scope's own: all but what sets up connections and
    /// got the answer that stands for all. A scope that got another one keeps all of that key.
    pub fn own<'e, 'a>(&self, exchanges: &'e [ExchangeRecord<'a>]) -> Vec<&'e ExchangeRecord<'a>> {
        let mut own_keys = BTreeSet::new();
        for exchange in exchanges.iter().filter(|each| each.sets_up) {
            if !self.is_repeated(exchange) {
                own_keys.insert(key::of(exchange));
            }
        }
        let is_own =
            |each: &&ExchangeRecord<'_>| !each.sets_up || own_keys.contains(&key::of(each));
        exchanges.iter().filter(is_own).collect()
    }

    fn is_repeated(&self, exchange: &ExchangeRecord<'_>) -> bool {
        exchange.has_outcome()
            && self
                .repeated
                .get(&key::of(exchange))
                .is_some_and(|known| known.answer == answer_of(exchange))
    }

    /// The trace.
    pub fn text(&self, old: Option<&Recording>, new: &Recording) -> Result<String> {
        let old = old.filter(|_| self.mode != Mode::Rewrite);
        let mut packages = old.map(|old| old.packages.clone()).unwrap_or_default();
        packages.extend(new.packages.clone());
        // Fixtures that stay as they are go on as they were.
        let told = old.filter(|_| self.mode == Mode::NewEpisodes).unwrap_or(new);
        let mut trace = TraceText::new(new, &packages, told.workers)?;
        trace.scope(SCOPE_ID, "set-up", ScopeKind::SetUp, &[], &[])?;
        for connect in connects(old, new) {
            trace.connect(START_UP_ID, connect)?;
        }
        let new_text = new.read(START_UP_INDEX, &[])?;
        let old_text = old.map(|old| old.read(START_UP_INDEX, &[])).transpose()?;
        let of_new = union(by_process(self.once(new_text.exchanges()?)));
        let of_old = match &old_text {
            Some(text) => self.once(text.exchanges()?),
            None => Vec::new(),
        };
        let newest = matches!(self.mode, Mode::All | Mode::Rewrite);
        let wins: BTreeSet<String> =
            if newest { &of_new } else { &of_old }.iter().map(key::of).collect();
        let stays = |each: &&ExchangeRecord<'_>| !wins.contains(&key::of(each));
        let (first, rest) = if newest { (&of_new, &of_old) } else { (&of_old, &of_new) };
        let first = first.iter().map(|each| (newest, each));
        let rest = rest.iter().filter(stays).map(|each| (!newest, each));
        let of = |is_new| if is_new { new } else { old.unwrap_or(new) };
        let once: Vec<_> = first.chain(rest).collect();
        for &(is_new, exchange) in &once {
            trace.announce(is_new, of(is_new), exchange)?;
        }
        for (is_new, exchange) in once {
            write(&mut trace, of(is_new), is_new, exchange)?;
        }
        for answered in self.repeated.values() {
            let recording = of(answered.new);
            let text = recording.read_places(&[answered.at])?;
            for exchange in text.exchanges()? {
                write(&mut trace, recording, answered.new, &exchange)?;
            }
        }
        trace.end(START_UP_ID, None)
    }

    /// All that is not answered again anyway.
    fn once<'a>(&self, exchanges: Vec<ExchangeRecord<'a>>) -> Vec<ExchangeRecord<'a>> {
        let once = |each: &ExchangeRecord<'_>| !(each.sets_up && self.is_repeated(each));
        exchanges.into_iter().filter(once).collect()
    }
}

/// What a pool's callbacks ask is told by its scope alone.
fn write(
    trace: &mut TraceText,
    recording: &Recording,
    is_new: bool,
    exchange: &ExchangeRecord<'_>,
) -> Result<()> {
    let told = recording.profile.sets_up(exchange.operation.as_str(), exchange.sql.as_deref());
    let scope = if exchange.sets_up && !told { SCOPE_ID } else { START_UP_ID };
    trace.exchange(scope, is_new, exchange, connect_of(recording, exchange)?)
}

fn by_process(exchanges: Vec<ExchangeRecord<'_>>) -> Vec<Vec<ExchangeRecord<'_>>> {
    let mut processes: BTreeMap<usize, Vec<ExchangeRecord<'_>>> = BTreeMap::new();
    for exchange in exchanges {
        processes.entry(exchange.number.0).or_default().push(exchange);
    }
    processes.into_values().collect()
}

/// Each distinct connection of start-up that was made, and what was refused there.
fn connects<'r>(old: Option<&'r Recording>, new: &'r Recording) -> Vec<&'r ConnectRecord> {
    let mut connects: Vec<&ConnectRecord> = Vec::new();
    let mut known = BTreeSet::new();
    let all = old.iter().flat_map(|old| &old.connects).chain(&new.connects);
    for connect in all.filter(|connect| connect.scope == START_UP_INDEX) {
        let outcome = connect.outcome.as_deref().unwrap_or_else(|error| &**error);
        let texts = [connect.settings.as_deref(), Some(outcome), connect.place.as_deref()]
            .map(|raw| raw.map_or_else(String::new, |raw| key::canonical(raw.get()).into_owned()));
        if known.insert((texts, connect.after)) {
            connects.push(connect);
        }
    }
    connects
}
