//! What several scopes have in common at their begin or end, stored once.
//!
//! Tests that create their tables, and drop them, say so in one file of all. Which
//! exchanges are shared is decided when scopes are recorded for the first time; what is
//! recorded again takes parts that are there already, so that no other file changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{
    Files, Group, Head, Kept, Outcome, exchanges, identity, missing_part, trace_of, united,
};
use crate::error::Result;
use crate::recording::{ConnectRecord, ExchangeRecord, Recording, ScopeIndex, key};
use crate::sink::Sink;
use crate::split::start_up::StartUp;
use crate::trace::{Operation, ScopeKind};

/// Fewer exchanges are no more than a coincidence.
const SHORTEST: usize = 3;

type Hash = [u8; 32];

/// The parts that there are.
pub struct Shared<'o> {
    old: Option<&'o Kept>,
    /// Scopes of the old recording that stay as they are.
    staying: Vec<ScopeIndex>,
}

/// A scope that is written, and how far it is shared.
struct Cut {
    hashes: Vec<Hash>,
    may_share: bool,
    begins: Vec<String>,
    ends: Vec<String>,
    from: usize,
    to: usize,
}

/// Exchanges of one scope, which others have as well.
struct Part {
    scope: usize,
    from: usize,
    to: usize,
}

impl<'o> Shared<'o> {
    /// The parts of what was kept.
    pub fn of(old: Option<&'o Kept>, staying: Vec<ScopeIndex>) -> Self {
        Self { old, staying }
    }

    /// Prints the scopes, and the parts that are new.
    pub fn write(
        &self,
        groups: &[&Group],
        new: &Recording,
        start_up: &StartUp,
        files: &mut Files,
        sink: &dyn Sink,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let mut cuts = Vec::with_capacity(groups.len());
        for group in groups {
            let texts = group.texts(new)?;
            cuts.push(Cut::of(&start_up.own(&united(&texts)?)));
        }
        let known = self.known()?;
        for cut in &mut cuts {
            cut.take(&known);
        }
        let mut parts = BTreeMap::new();
        let all: Vec<usize> = (0..cuts.len()).filter(|&index| cuts[index].may_share).collect();
        share(&mut cuts, &all, false, 0, &mut parts);
        share(&mut cuts, &all, true, 0, &mut parts);

        for (index, group) in groups.iter().enumerate() {
            let texts = group.texts(new)?;
            let exchanges = united(&texts)?;
            let own = start_up.own(&exchanges);
            let Cut { begins, ends, from, to, .. } = &cuts[index];
            let head = Head {
                name: &group.name,
                kind: group.kind,
                clock: group.clock,
                begins: begins.clone(),
                ends: ends.clone(),
                connects: connects(new, &group.scopes),
            };
            sink.file(&files.path(&group.name), &trace_of(&head, new, &own[*from..*to])?)?;
            for (name, part) in parts.iter().filter(|(_, part)| part.scope == index) {
                let head = Head {
                    name,
                    kind: ScopeKind::Shared,
                    clock: None,
                    begins: Vec::new(),
                    ends: Vec::new(),
                    connects: Vec::new(),
                };
                sink.file(&files.path(name), &trace_of(&head, new, &own[part.from..part.to])?)?;
            }
        }
        self.list_gone(&cuts, files, outcome)
    }

    /// The parts that are there, the longest first.
    fn known(&self) -> Result<Vec<(String, Vec<Hash>)>> {
        let mut known = Vec::new();
        let Some(old) = self.old else { return Ok(known) };
        for (index, scope) in old.recording.scopes.iter().enumerate() {
            if scope.kind == ScopeKind::Shared {
                let texts = [old.recording.read(index, &[])?];
                let hashes = exchanges(&texts)?.iter().map(hash).collect();
                known.push((scope.name.clone(), hashes));
            }
        }
        known.sort_by_key(|(_, hashes)| std::cmp::Reverse(hashes.len()));
        Ok(known)
    }

    /// Parts that no scope refers to any more.
    fn list_gone(&self, cuts: &[Cut], files: &mut Files, outcome: &mut Outcome) -> Result<()> {
        let Some(old) = self.old else { return Ok(()) };
        let scopes = &old.recording.scopes;
        let mut used: BTreeSet<&String> = BTreeSet::new();
        for &index in &self.staying {
            used.extend(scopes[index].begins.iter().chain(&scopes[index].ends));
        }
        if let Some(missing) = used.iter().find(|name| old.scope(name).is_none()) {
            return Err(missing_part("a kept trace", missing));
        }
        used.extend(cuts.iter().flat_map(|cut| cut.begins.iter().chain(&cut.ends)));
        let parts = scopes.iter().filter(|scope| scope.kind == ScopeKind::Shared);
        for part in parts.filter(|part| !used.contains(&part.name)) {
            outcome.gone.push(files.path(&part.name));
        }
        Ok(())
    }
}

impl Cut {
    fn of(own: &[&ExchangeRecord<'_>]) -> Self {
        let mut keys = BTreeSet::new();
        // The end of a transaction that failed belongs to what came before it, and a scope
        // with answers of its own to what sets up connections keeps their turns.
        let may_share = own.iter().all(|each| {
            let ends = matches!(
                each.operation,
                Operation::Begin | Operation::Commit | Operation::Rollback
            );
            let speaks = each.error.is_some() || each.notices.is_some();
            let changes = each.server_parameters.is_some();
            let notifies = each.sends.is_some() || !each.notifications.is_empty();
            !notifies
                && !(ends && (speaks || changes))
                && (!each.sets_up || keys.insert(key::of(each)))
        });
        let hashes: Vec<Hash> = own.iter().map(|each| hash(each)).collect();
        let to = hashes.len();
        Self { hashes, may_share, begins: Vec::new(), ends: Vec::new(), from: 0, to }
    }

    fn rest(&self) -> &[Hash] {
        &self.hashes[self.from..self.to]
    }

    /// Uses the parts that are there.
    fn take(&mut self, known: &[(String, Vec<Hash>)]) {
        if !self.may_share {
            return;
        }
        while let Some((name, part)) = known.iter().find(|(_, part)| self.rest().starts_with(part))
        {
            self.begins.push(name.clone());
            self.from += part.len();
        }
        while let Some((name, part)) = known.iter().find(|(_, part)| self.rest().ends_with(part)) {
            self.ends.insert(0, name.clone());
            self.to -= part.len();
        }
    }

    /// The hash that is so far from where the scope is cut.
    fn at(&self, distance: usize, end: bool) -> Option<&Hash> {
        let rest = self.rest();
        if end { rest.iter().nth_back(distance) } else { rest.get(distance) }
    }
}

/// Cuts off what at least two scopes have in common, as long as it is long enough; then
/// the same among those that go on alike. They are known to be alike as far as `length`.
fn share(
    cuts: &mut [Cut],
    scopes: &[usize],
    end: bool,
    length: usize,
    parts: &mut BTreeMap<String, Part>,
) {
    let mut alike: BTreeMap<Hash, Vec<usize>> = BTreeMap::new();
    for &scope in scopes {
        if let Some(&next) = cuts[scope].at(length, end) {
            alike.entry(next).or_default().push(scope);
        }
    }
    for group in alike.into_values().filter(|group| group.len() > 1) {
        let first = &cuts[group[0]];
        let mut length = length + 1;
        while first.at(length, end).is_some_and(|hash| {
            group.iter().all(|&scope| cuts[scope].at(length, end) == Some(hash))
        }) {
            length += 1;
        }
        if length < SHORTEST {
            share(cuts, &group, end, length, parts);
            continue;
        }
        let (from, to) =
            if end { (first.to - length, first.to) } else { (first.from, first.from + length) };
        let name = name(&first.hashes[from..to]);
        parts.entry(name.clone()).or_insert(Part { scope: group[0], from, to });
        for &scope in &group {
            let cut = &mut cuts[scope];
            if end {
                cut.ends.insert(0, name.clone());
                cut.to -= length;
            } else {
                cut.begins.push(name.clone());
                cut.from += length;
            }
        }
        share(cuts, &group, end, 0, parts);
    }
}

fn name(hashes: &[Hash]) -> String {
    let mut all = Sha256::new();
    for hash in hashes {
        all.update(hash);
    }
    let mut name = String::from("shared ");
    for byte in &all.finalize()[..6] {
        // Writing into a String cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}

fn hash(exchange: &ExchangeRecord<'_>) -> Hash {
    Sha256::digest(identity(exchange)).into()
}

fn connects<'r>(new: &'r Recording, scopes: &[ScopeIndex]) -> Vec<&'r ConnectRecord> {
    new.connects.iter().filter(|connect| scopes.contains(&connect.scope)).collect()
}
