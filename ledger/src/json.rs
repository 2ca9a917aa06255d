//! A summary as one JSON document, for programs.
//!
//! Adds nothing to what the summary says.

use serde::Serialize;

use crate::summary::{Exchange, Scope, Summary};

#[derive(Serialize)]
struct Report<'s> {
    stacks: Vec<&'s str>,
    processes: usize,
    used: u64,
    unused: u64,
    scopes: Vec<ScopeReport<'s>>,
    never_opened: Vec<&'s str>,
    denied: &'s [String],
}

#[derive(Serialize)]
struct ScopeReport<'s> {
    name: &'s str,
    recorded: bool,
    opened: u64,
    ended: bool,
    used: u64,
    unused: Vec<&'s Exchange>,
    used_more_than_once: Vec<&'s Exchange>,
    misses: &'s [String],
    lost_commits: &'s [String],
    unsupported: &'s [String],
}

/// Pretty, with a line end.
pub fn json(summary: &Summary) -> serde_json::Result<String> {
    let scopes: Vec<ScopeReport> = summary.scopes().map(|each| scope(summary, each)).collect();
    let report = Report {
        stacks: summary.stacks().collect(),
        processes: summary.processes(),
        used: scopes.iter().map(|scope| scope.used).sum(),
        unused: scopes.iter().flat_map(|scope| &scope.unused).map(|each| each.left()).sum(),
        scopes,
        never_opened: summary.never_opened().collect(),
        denied: summary.denied(),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn scope<'s>(summary: &Summary, scope: &'s Scope) -> ScopeReport<'s> {
    ScopeReport {
        name: &scope.name,
        recorded: summary.is_recorded(&scope.name),
        opened: scope.opened,
        ended: scope.has_ended(),
        used: scope.used(),
        unused: scope.unused().collect(),
        used_more_than_once: scope.used_again().collect(),
        misses: &scope.misses,
        lost_commits: scope.lost_commits(),
        unsupported: &scope.unsupported,
    }
}
