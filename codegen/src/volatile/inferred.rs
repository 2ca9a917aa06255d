//! What a second recording of the same scenario shows to be volatile.
//!
//! What differs from run to run where the application asks is volatile, unless it is
//! what the server had answered: that replays as it was recorded, and so does what the
//! application makes of it. Reads scope by scope, and keeps of each exchange what
//! differs.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::error::{Error, Finding, Result, Warning};
use crate::kind::Kind;
use crate::recording::{ExchangeNumber, ExchangeRecord, Recording, ScopeRecord, key};

use super::align::{Alignment, align};
use super::declared::sets_of;
use super::difference::{Difference, differences};
use super::parts::{common_kind, differing_parts, masked};
use super::place::{Places, What};
use super::sql::parts_that_differ;
use super::tree::Tree;

/// By exchange of the first recording, what differs in the second one. Exchanges that
/// it has not are not here.
#[derive(Debug, Default)]
pub struct Inferred(HashMap<ExchangeNumber, Places>);

impl Inferred {
    /// Compares two recordings scope by scope.
    pub fn of(one: &Recording, other: &Recording, warnings: &mut Vec<Warning>) -> Result<Self> {
        check_order(one, other)?;
        let mut comparison = Comparison {
            inferred: HashMap::new(),
            server_made: HashSet::new(),
            client_made: HashSet::new(),
            answered: HashSet::new(),
            warnings,
        };
        let counterparts = other.scopes_by_name();
        for (index, scope) in one.scopes.iter().enumerate() {
            let Some(&counterpart) = counterparts.get(scope.name.as_str()) else {
                comparison.warn_of_scope(one, scope, "second");
                continue;
            };
            let texts = (one.read(index, &[])?, other.read(counterpart, &[])?);
            let (first, second) = (texts.0.exchanges()?, texts.1.exchanges()?);
            comparison.scope([one, other], &scope.name, &first, &second)?;
        }
        let known = one.scopes_by_name();
        for scope in other.scopes.iter().filter(|scope| !known.contains_key(&*scope.name)) {
            comparison.warn_of_scope(other, scope, "first");
        }
        Ok(Self(comparison.inferred))
    }

    /// What differs of an exchange; None if the second recording has no counterpart.
    pub fn of_exchange(&self, exchange: &ExchangeRecord<'_>) -> Option<&Places> {
        self.0.get(&exchange.number)
    }
}

/// A second recording is made after the first: an older one is of another application.
fn check_order(one: &Recording, other: &Recording) -> Result<()> {
    if one.profile != other.profile {
        let what = format!(
            "the second recording has profile `{}`, the first one `{}`",
            other.profile.name, one.profile.name
        );
        return Err(Error::request(what, "record the same scenario twice"));
    }
    if other.began() < one.began() {
        let what =
            format!("{}: the second recording began before the first one", other.path(0).display());
        let hint = "record once more with `--again`, or remove the second recording";
        return Err(Error::request(what, hint));
    }
    Ok(())
}

struct Comparison<'w> {
    inferred: HashMap<ExchangeNumber, Places>,
    /// Hashes of values that differed where the server answered, before the client
    /// asked with them.
    server_made: HashSet<u64>,
    /// The other way about.
    client_made: HashSet<u64>,
    /// Those that differed in the answers of the current scope, whoever made them.
    answered: HashSet<u64>,
    warnings: &'w mut Vec<Warning>,
}

impl Comparison<'_> {
    fn scope(
        &mut self,
        recordings: [&Recording; 2],
        name: &str,
        first: &[ExchangeRecord<'_>],
        second: &[ExchangeRecord<'_>],
    ) -> Result<()> {
        let Alignment { pairs, only_first, only_second } = align(first, second);
        self.answered.clear();
        for (one, other) in pairs {
            let places = self.exchange(recordings[0], &first[one], &second[other])?;
            self.inferred.insert(first[one].number, places);
        }
        let sides = [("second", only_first, first), ("first", only_second, second)];
        for (recording, (lacking, only, exchanges)) in recordings.into_iter().zip(sides) {
            let Some(exchange) = only.first().map(|place| &exchanges[*place]) else { continue };
            let others = only.len() - 1;
            let more = if others == 0 { String::new() } else { format!(" and {others} more") };
            let what = format!(
                "the {lacking} recording has no counterpart of `{}`{more} in scope `{name}`",
                shortened(exchange.sql.as_deref().unwrap_or(exchange.operation.as_str()))
            );
            let hint = "what only one of two recordings has is compared exactly, but for what is \
                        suspected; make the scenario the same in both, and record it again";
            self.warn(recording, exchange, what, hint);
        }
        Ok(())
    }

    fn exchange(
        &mut self,
        recording: &Recording,
        one: &ExchangeRecord<'_>,
        other: &ExchangeRecord<'_>,
    ) -> Result<Places> {
        let mut places = Places::default();
        let (sql, other_sql) = (one.sql.as_deref(), other.sql.as_deref());
        if let (Some(sql), Some(other_sql)) = (sql, other_sql)
            && sql != other_sql
        {
            let now = parts_that_differ(other_sql, sql).unwrap_or_default();
            let then = parts_that_differ(sql, other_sql).unwrap_or_default();
            for (part, now) in then.into_iter().zip(now) {
                if !self.is_of_server(&part.text, &now.text) {
                    self.note_of_client(&part.text, &now.text);
                    places.sql.push(part);
                }
            }
        }
        if key_of(one) != key_of(other) && !one.operation.ends_two_phase() {
            let (then, now) = (sets_of(one)?, sets_of(other)?);
            for difference in paired(&then, &now) {
                self.parameter(recording, one, difference, &mut places);
            }
        }
        self.results(one, other, &mut places);
        Ok(places)
    }

    fn parameter(
        &mut self,
        recording: &Recording,
        exchange: &ExchangeRecord<'_>,
        difference: Difference,
        places: &mut Places,
    ) {
        let Difference { pointer, what, values } = difference;
        let Some(what) = what else {
            let which = if pointer.is_empty() { "its parameters are" } else { "it is" };
            let what = format!(
                "parameter {} of `{}` is compared exactly: {which} of another type or shape in \
                 the second recording",
                pointer.trim_start_matches('/'),
                shortened(exchange.sql.as_deref().unwrap_or_default())
            );
            let hint = "only a value may differ from run to run, its type may not";
            self.warn(recording, exchange, what, hint);
            return;
        };
        if let Some((then, now)) = &values {
            let parts = differing_values(&what, then, now);
            if parts.iter().all(|(then, now)| self.is_of_server(then, now)) {
                return;
            }
            for (then, now) in &parts {
                self.note_of_client(then, now);
            }
        }
        places.add(pointer, what);
    }

    /// Notes what differs in the answers, and which of it the server made.
    fn results(
        &mut self,
        one: &ExchangeRecord<'_>,
        other: &ExchangeRecord<'_>,
        places: &mut Places,
    ) {
        for (number, (then, now)) in one.results.iter().zip(&other.results).enumerate() {
            let is_comparable = then.rows.len() == now.rows.len() && then.columns.is_some();
            if !is_comparable {
                continue;
            }
            for (then, now) in then.rows.iter().zip(&now.rows).filter(|(then, now)| then != now) {
                let [Ok(then), Ok(now)] = [then, now]
                    .map(|row| serde_json::from_str::<Vec<Option<serde_json::Value>>>(row))
                else {
                    continue;
                };
                for (column, cells) in then.into_iter().zip(now).enumerate() {
                    let (Some(then), Some(now)) = cells else { continue };
                    if then == now {
                        continue;
                    }
                    let [then, now] = [then, now]
                        .map(|cell| cell.as_str().map_or(cell.to_string(), str::to_owned));
                    places
                        .results
                        .entry((number, column))
                        .or_insert_with(|| kind_of_cells(&then, &now));
                    let pair = hash(&then, &now);
                    self.answered.insert(pair);
                    if !self.client_made.contains(&pair) {
                        self.server_made.insert(pair);
                    }
                }
            }
        }
    }

    /// Whether the application had it from an answer, so that it has it again at replay.
    fn is_of_server(&self, then: &str, now: &str) -> bool {
        let pair = hash(then, now);
        self.server_made.contains(&pair) || self.answered.contains(&pair)
    }

    fn note_of_client(&mut self, then: &str, now: &str) {
        self.client_made.insert(hash(then, now));
    }

    fn warn_of_scope(&mut self, recording: &Recording, scope: &ScopeRecord, lacking: &str) {
        let (file, line) = scope.opened;
        self.warnings.push(Warning(Finding {
            path: recording.path(file).to_path_buf(),
            line,
            column: 1,
            what: format!("the {lacking} recording has no scope `{}`", scope.name),
            hint: "make the scenario the same in both, and record it again".to_owned(),
        }));
    }

    fn warn(
        &mut self,
        recording: &Recording,
        exchange: &ExchangeRecord<'_>,
        what: String,
        hint: &str,
    ) {
        self.warnings.push(Warning(Finding {
            path: recording.path(exchange.number.0).to_path_buf(),
            line: exchange.line,
            column: 1,
            what,
            hint: hint.to_owned(),
        }));
    }
}

/// The differences of the sets of two exchanges. Those of an `executemany` may come in
/// another order: equal ones belong together, then those that are but for values that
/// tell themselves, and then the first with the first.
fn paired(then: &[Tree], now: &[Tree]) -> Vec<Difference> {
    if then.len() != now.len() {
        return vec![Difference { pointer: String::new(), what: None, values: None }];
    }
    let mut found = Vec::new();
    let (mut then, mut now): (Vec<&Tree>, Vec<&Tree>) =
        (then.iter().collect(), now.iter().collect());
    let keys: [fn(&Tree) -> String; 3] =
        [|tree| format!("{tree:?}"), |tree| masked(&format!("{tree:?}")), |_| String::new()];
    for key in keys {
        let mut others: HashMap<String, VecDeque<&Tree>> = HashMap::new();
        for other in now {
            others.entry(key(other)).or_default().push_back(other);
        }
        then.retain(|one| {
            let other = others.get_mut(&key(one)).and_then(VecDeque::pop_front);
            found.extend(other.map(|other| differences(one, other)).unwrap_or_default());
            other.is_none()
        });
        now = others.into_values().flatten().collect();
    }
    found
}

/// The values that differ at a place, one a part.
fn differing_values(what: &What, then: &str, now: &str) -> Vec<(String, String)> {
    let whole = || vec![(then.to_owned(), now.to_owned())];
    let What::Pieces(_) = what else { return whole() };
    let parts = (differing_parts(then, now), differing_parts(now, then));
    let (Some(then), Some(now)) = parts else { return whole() };
    then.into_iter().zip(now).map(|(then, now)| (then.text, now.text)).collect()
}

fn kind_of_cells(then: &str, now: &str) -> Kind {
    match common_kind(then, now) {
        Kind::Text => Kind::Value,
        kind => kind,
    }
}

fn key_of(exchange: &ExchangeRecord<'_>) -> String {
    key::parameters(exchange, false).into_owned()
}

/// Of two texts, whichever way a moment is written in them. The same on every machine.
fn hash(then: &str, now: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    plain_moment(then).hash(&mut hasher);
    plain_moment(now).hash(&mut hasher);
    hasher.finish()
}

/// A server and Python write moments differently.
pub fn plain_moment(text: &str) -> String {
    if super::form::shape(text) != "timestamp" {
        return text.to_owned();
    }
    let (date, clock) = (&text[..10], &text[11..]);
    let end = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(end);
    let clock =
        if clock.contains('.') { clock.trim_end_matches('0').trim_end_matches('.') } else { clock };
    let zone = if zone == "Z" { "+00" } else { zone.trim_end_matches(":00") };
    format!("{date} {clock}{zone}")
}

/// The beginning of a text, on one line.
pub fn shortened(sql: &str) -> String {
    const LONGEST: usize = 60;
    let words = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}
