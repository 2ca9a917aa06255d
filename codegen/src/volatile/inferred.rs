//! What a second recording of the same scenario shows to be volatile.
//!
//! What differs from run to run where the application asks is volatile, unless it is
//! what the server had answered: that replays as it was recorded, and so does what the
//! application makes of it. Reads scope by scope, and keeps of each exchange what
//! differs.

use std::collections::{HashMap, VecDeque};

use crate::error::{Error, Finding, Result, Warning};
use crate::kind::Kind;
use crate::recording::{ExchangeNumber, ExchangeRecord, Recording, ScopeRecord, key};
use crate::trace::Operation;

use super::align::{Alignment, align};
use super::declared::sets_of;
use super::difference::{Difference, differences};
use super::origin::Origins;
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
        let mut comparison =
            Comparison { inferred: HashMap::new(), origins: Origins::default(), warnings };
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
    origins: Origins,
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
        self.origins.enter_scope();
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
                if !self.origins.is_answered(&part.text, &now.text) {
                    self.origins.ask(&part.text, &now.text);
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
        if one.operation.copies() {
            self.blocks(recording, one, other);
        } else {
            self.results(one, other, &mut places);
        }
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
            if parts.iter().all(|(then, now)| self.origins.is_answered(then, now)) {
                return;
            }
            for (then, now) in &parts {
                self.origins.ask(then, now);
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
                    self.origins.answer(&then, &now);
                }
            }
        }
    }

    /// Whether the application had it from an answer, so that it has it again at replay.
    /// Notes what differs in the data of a COPY: lines, of which texts have fields.
    fn blocks(
        &mut self,
        recording: &Recording,
        one: &ExchangeRecord<'_>,
        other: &ExchangeRecord<'_>,
    ) {
        let rows = |exchange: &ExchangeRecord<'_>| {
            let results = exchange.results.iter();
            results.flat_map(|result| &result.rows).map(|row| (*row).to_owned()).collect()
        };
        let (then, now): (Vec<String>, Vec<String>) = (rows(one), rows(other));
        if then == now {
            return;
        }
        if one.operation == Operation::CopyIn {
            let what = format!(
                "the data of `{}` differ in the second recording, and are compared exactly but \
                 for values that are bound",
                shortened(one.sql.as_deref().unwrap_or_default())
            );
            let hint = "send there what the same scope has asked with before, or what is the \
                        same in every run";
            return self.warn(recording, one, what, hint);
        }
        let fields = |line: &str| -> Vec<String> {
            let cells: Vec<serde_json::Value> = serde_json::from_str(line).unwrap_or_default();
            let text = cells.first().and_then(|cell| cell.as_str()).unwrap_or_default();
            text.trim_end().split(['\t', ',']).map(str::to_owned).collect()
        };
        for (then, now) in then.iter().zip(&now).filter(|(then, now)| then != now) {
            let (then, now) = (fields(then), fields(now));
            for (then, now) in then.iter().zip(&now).filter(|(then, now)| then != now) {
                self.origins.answer(then, now);
            }
        }
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

/// The beginning of a text, on one line.
pub fn shortened(sql: &str) -> String {
    const LONGEST: usize = 60;
    let words = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}
