//! From a recording to traces that are kept: a file a scope, in a normal form.
//!
//! What is recorded again replaces its own file and no other; what sets up connections
//! stands with start-up, whichever scope happened to connect first. Reads no options
//! and removes nothing itself: files go to a sink.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::error::{Error, Result};
use crate::plan::Slugs;
use crate::recording::{
    ConnectRecord, ExchangeRecord, Recording, START_UP, START_UP_INDEX, ScopeIndex, ScopeRecord,
    ScopeText, answer_of, key,
};
use crate::sink::Sink;
use crate::stack_file::StackFile;
use crate::trace::{Mode, ScopeKind};
use crate::volatile::{Volatility, asked};
use shared::Shared;
use start_up::StartUp;
use text::{SCOPE_ID, TraceText};

/// The length of a text that may be bound.
const SHORTEST_BOUND: usize = 16;

mod shared;
mod start_up;
mod text;

/// Prints the traces that are kept of two recordings: of an old one that was kept, and of
/// a new one. `mode` decides for the scopes that say nothing themselves.
pub fn split(
    old: Option<&Kept>,
    new: &Recording,
    mode: Mode,
    stack: &StackFile,
    sink: &dyn Sink,
) -> Result<Outcome> {
    let volatility = Volatility::once(new, stack)?;
    let of_old = old.map(|old| Volatility::once(&old.recording, stack)).transpose()?;
    let start_up = StartUp::of(old.map(|old| &old.recording), new, mode);
    let mut outcome = Outcome::default();
    let mut groups = without_repeats(groups(new, &mut outcome), new)?;
    for group in &mut groups {
        group.find_time(new, &volatility)?;
    }
    let mut replaced = Vec::new();
    for group in &groups {
        let before = old.and_then(|old| Some((old, old.scope(&group.name)?)));
        if before.is_none() && group.is_empty(new, &start_up)? {
            continue;
        }
        let changes = match (group.mode.unwrap_or(mode), before) {
            (Mode::None, _) | (Mode::NewEpisodes, Some(_)) => false,
            (Mode::All | Mode::Rewrite, _) | (_, None) => true,
            (Mode::Once, Some((old, before))) => {
                let (now, then) = (group.texts(new)?, old.texts(before)?);
                let known = of_old.as_ref().unwrap_or(&volatility);
                asked_of(&volatility, &united(&now)?)? != asked_of(known, &exchanges(&then)?)?
            }
        };
        match (changes, before) {
            (true, None) => outcome.added += 1,
            (true, Some(_)) => outcome.updated += 1,
            (false, Some(_)) => outcome.same += 1,
            (false, None) => {}
        }
        if changes {
            replaced.push(group);
        }
    }
    let mut staying = Vec::new();
    for (index, scope) in old.iter().flat_map(|old| old.recording.scopes.iter().enumerate()) {
        let ran = || groups.iter().any(|group| group.name == scope.name);
        if index == START_UP_INDEX || scope.kind == ScopeKind::Shared {
            continue;
        }
        if mode == Mode::Rewrite && !ran() {
            outcome.removed.push(scope.name.clone());
        } else if !replaced.iter().any(|group| group.name == scope.name) {
            staying.push(index);
        }
    }
    let mut files = Files::of(old);
    let stays = !staying.is_empty() || mode != Mode::Rewrite;
    if old.is_some_and(|old| stays && old.recording.redaction != new.redaction) {
        let what = "recorded with other rules of redaction, or another key, than what is kept";
        let hint = "record all of it again: `mock-cursor record --mode rewrite -- …`";
        return Err(Error::request(what, hint));
    }
    Shared::of(old, staying).write(&replaced, new, &start_up, &mut files, sink, &mut outcome)?;
    sink.file(&files.path(START_UP), &start_up.text(old.map(|old| &old.recording), new)?)?;
    outcome.gone.extend(outcome.removed.iter().map(|scope| files.path(scope)));
    Ok(outcome)
}

/// What has become of scopes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Recorded for the first time.
    pub added: usize,
    /// Recorded again.
    pub updated: usize,
    /// Ran, and kept what was recorded before.
    pub same: usize,
    /// Tests that ran and failed, so that nothing is kept of this run.
    pub failed: usize,
    /// Scopes that are gone.
    pub removed: Vec<String>,
    /// Files that are gone, theirs among them.
    pub gone: Vec<String>,
}

/// Traces that were kept before.
#[derive(Debug)]
pub struct Kept {
    /// What they say.
    pub recording: Recording,
    /// The stem of each scope's file.
    pub files: BTreeMap<String, String>,
}

impl Kept {
    /// A scope by its name.
    pub fn scope(&self, name: &str) -> Option<ScopeIndex> {
        self.recording.scopes.iter().position(|scope| scope.name == name)
    }

    /// The lines of a scope, with those that it has in common with others.
    pub fn texts(&self, scope: ScopeIndex) -> Result<Vec<ScopeText<'_>>> {
        let record = &self.recording.scopes[scope];
        let mut texts = Vec::new();
        for name in &record.begins {
            texts.push(self.part(record, name)?);
        }
        texts.push(self.recording.read(scope, &[])?);
        for name in &record.ends {
            texts.push(self.part(record, name)?);
        }
        Ok(texts)
    }

    fn part(&self, of: &ScopeRecord, name: &str) -> Result<ScopeText<'_>> {
        let scope = self.scope(name).ok_or_else(|| missing_part(&of.name, name))?;
        self.recording.read(scope, &[])
    }
}

/// Those of several texts, one after the other.
pub fn exchanges<'t>(texts: &'t [ScopeText<'_>]) -> Result<Vec<ExchangeRecord<'t>>> {
    let mut all = Vec::new();
    for text in texts {
        all.extend(text.exchanges()?);
    }
    Ok(all)
}

/// That a trace refers to exchanges of another one that is not there.
pub fn missing_part(scope: &str, part: &str) -> Error {
    let what = format!("`{scope}` has exchanges in common with others that are missing: `{part}`");
    Error::request(what, "restore the file from version control, or record again")
}

/// A scope as it is kept: what processes and repeated runs of it have recorded.
#[derive(Debug)]
struct Group {
    name: String,
    kind: ScopeKind,
    clock: Option<u64>,
    /// When it was recorded, from the begin of the run, if it holds moments of that time.
    time: Option<(String, String)>,
    mode: Option<Mode>,
    /// Of the new recording, one a process that ran it.
    scopes: Vec<ScopeIndex>,
}

impl Group {
    /// Whether it asked nothing but what sets up connections.
    fn is_empty(&self, new: &Recording, start_up: &StartUp) -> Result<bool> {
        let connects = new.connects.iter().any(|each| self.scopes.contains(&each.scope));
        let texts = self.texts(new)?;
        Ok(!connects && self.clock.is_none() && start_up.own(&united(&texts)?).is_empty())
    }

    /// When it was recorded, if any of its exchanges holds moments of that time.
    fn find_time(&mut self, new: &Recording, volatility: &Volatility<'_>) -> Result<()> {
        let texts = self.texts(new)?;
        let exchanges = united(&texts)?;
        let all = volatility.of_scope(&exchanges)?;
        if all.iter().any(|volatile| volatile.suspected.has_moments()) {
            let files: BTreeSet<_> = exchanges.iter().map(|each| each.number.0).collect();
            let times = files.into_iter().filter_map(|file| new.time_of(file));
            let time = times.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
            self.time = time.map(|(since, at)| (since.to_owned(), at.to_owned()));
        }
        Ok(())
    }

    fn texts<'r>(&self, new: &'r Recording) -> Result<Vec<ScopeText<'r>>> {
        self.scopes.iter().map(|scope| new.read(*scope, &[])).collect()
    }
}

/// Those of a group's texts.
fn united<'t>(texts: &'t [ScopeText<'_>]) -> Result<Vec<ExchangeRecord<'t>>> {
    Ok(union(texts.iter().map(ScopeText::exchanges).collect::<Result<_>>()?))
}

/// Those of the first process, and what others had more often: each process finds what
/// it needs, however many there are.
fn union(processes: Vec<Vec<ExchangeRecord<'_>>>) -> Vec<ExchangeRecord<'_>> {
    let mut all = Vec::new();
    let mut have: HashMap<String, usize> = HashMap::new();
    for process in processes {
        let mut here: HashMap<String, usize> = HashMap::new();
        for exchange in process {
            let what = identity(&exchange);
            let count = here.entry(what.clone()).or_default();
            *count += 1;
            let known = have.entry(what).or_default();
            if *count > *known {
                *known = *count;
                all.push(exchange);
            }
        }
    }
    all
}

/// Scopes by the names that they are kept by. Of a test that ran several times the last
/// run counts that succeeded; of a fixture, all that differ.
fn groups(new: &Recording, outcome: &mut Outcome) -> Vec<Group> {
    let failed: Vec<&str> =
        new.scopes.iter().filter(|scope| is_lost(scope)).map(|scope| scope.name.as_str()).collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (index, scope) in new.scopes.iter().enumerate().skip(1) {
        if is_lost(scope) {
            outcome.failed += usize::from(scope.kind == ScopeKind::Test);
            continue;
        }
        // A request that a failed test sent.
        let within =
            |test: &&str| scope.name.strip_prefix(*test).is_some_and(|rest| rest.starts_with(' '));
        let served = matches!(scope.kind, ScopeKind::Request | ScopeKind::Websocket);
        if served && failed.iter().any(within) {
            continue;
        }
        let name = match scope.kind {
            ScopeKind::Test => without_ordinal(&scope.own_name),
            ScopeKind::Fixture => &scope.own_name,
            _ => &scope.name,
        };
        let group = Group {
            name: name.to_owned(),
            kind: scope.kind,
            clock: scope.clock,
            time: None,
            mode: scope.mode,
            scopes: vec![index],
        };
        match places.get(name) {
            None => {
                places.insert(name.to_owned(), groups.len());
                groups.push(group);
            }
            Some(&place) if scope.kind == ScopeKind::Fixture => groups[place].scopes.push(index),
            Some(&place) => groups[place] = group,
        }
    }
    groups
}

/// A fixture that is set up again and does the same is answered the same: its further
/// set-ups need no file.
fn without_repeats(groups: Vec<Group>, new: &Recording) -> Result<Vec<Group>> {
    let mut kept: Vec<Group> = Vec::new();
    for group in groups {
        let plain = without_ordinal(&group.name);
        let first = kept.iter().find(|each| each.kind == ScopeKind::Fixture && each.name == plain);
        if let Some(first) = first.filter(|first| first.name != group.name) {
            let (one, other) = (first.texts(new)?, group.texts(new)?);
            let all = |texts| -> Result<Vec<String>> {
                let mut all: Vec<String> = united(texts)?.iter().map(identity).collect();
                all.sort();
                Ok(all)
            };
            if all(&one)? == all(&other)? {
                continue;
            }
        }
        kept.push(group);
    }
    Ok(kept)
}

fn is_lost(scope: &ScopeRecord) -> bool {
    let unended = scope.kind == ScopeKind::Test && !scope.ended;
    scope.failed || unended
}

/// `test_it.py::test_one (2)` is the second run of a test in one process.
fn without_ordinal(name: &str) -> &str {
    let plain = name.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    match plain {
        Some((plain, ordinal)) if ordinal.bytes().all(|each| each.is_ascii_digit()) => plain,
        _ => name,
    }
}

/// What was asked and what came of it, as text.
fn identity(exchange: &ExchangeRecord<'_>) -> String {
    let status = exchange.status.as_str();
    let arrived: Vec<_> =
        exchange.notifications.iter().map(|each| (&each.channel, &each.payload)).collect();
    let later = &exchange.later;
    let (key, answer) = (key::of(exchange), answer_of(exchange));
    format!("{key}\0{answer}\0{status}\0{arrived:?}\0{later:?}")
}

/// What a scope asked, in no order, without what may differ each time, wherever it stands.
fn asked_of(volatility: &Volatility<'_>, exchanges: &[ExchangeRecord<'_>]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    let mut differing = Vec::new();
    for (exchange, volatile) in exchanges.iter().zip(volatility.of_scope(exchanges)?) {
        if !exchange.sets_up && !exchange.operation.is_control() {
            all.push(asked(exchange, &volatile, &mut differing)?);
        }
    }
    // A replay binds these, and puts them in the place of those that were recorded.
    for value in differing.iter().filter(|value| value.len() >= SHORTEST_BOUND) {
        for each in &mut all {
            *each = each.replace(value.as_str(), "volatile");
        }
    }
    all.sort();
    Ok(all)
}

/// The file of each scope: the one that it has, or a new one.
struct Files {
    by_scope: BTreeMap<String, String>,
    slugs: Slugs,
}

impl Files {
    fn of(old: Option<&Kept>) -> Self {
        let mut slugs = Slugs::default();
        let mut by_scope = old.map(|old| old.files.clone()).unwrap_or_default();
        by_scope.insert(START_UP.to_owned(), slugs.slug(START_UP));
        for stem in by_scope.values() {
            slugs.take(stem);
        }
        Self { by_scope, slugs }
    }

    fn path(&mut self, scope: &str) -> String {
        let Self { by_scope, slugs } = self;
        let stem = by_scope.entry(scope.to_owned()).or_insert_with(|| slugs.slug(scope));
        format!("{stem}.jsonl")
    }
}

/// Prints a trace of one scope, which consists of `head`'s parts and these exchanges.
fn trace_of(head: &Head<'_>, new: &Recording, own: &[&ExchangeRecord<'_>]) -> Result<String> {
    // Versions stand with start-up alone: another release of a package changes no scope.
    let mut trace = TraceText::new(new, &BTreeMap::new(), false)?;
    trace.scope(SCOPE_ID, head.name, head.kind, &head.begins, &head.ends)?;
    if let Some(clock) = head.clock {
        trace.clock(SCOPE_ID, clock)?;
    }
    for connect in &head.connects {
        trace.connect(SCOPE_ID, connect)?;
    }
    for exchange in own {
        trace.announce(true, new, exchange)?;
    }
    for exchange in own {
        trace.exchange(SCOPE_ID, true, exchange, connect_of(new, exchange)?)?;
    }
    trace.end(SCOPE_ID, head.time.as_ref())
}

fn connect_of<'r>(recording: &'r Recording, of: &ExchangeRecord<'_>) -> Result<&'r ConnectRecord> {
    let missing = || Error::Defect("an exchange ran on no connection".to_owned());
    recording.connect_of(of).ok_or_else(missing)
}

/// What a scope's trace says besides its exchanges.
struct Head<'h> {
    name: &'h str,
    kind: ScopeKind,
    clock: Option<u64>,
    time: Option<(String, String)>,
    begins: Vec<String>,
    ends: Vec<String>,
    /// Those that were asked for in this scope and have their turn.
    connects: Vec<&'h ConnectRecord>,
}

#[cfg(test)]
mod tests;
