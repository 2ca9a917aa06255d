//! What the templates are given, one struct a template.
//!
//! Nothing is decided in a template that could be decided here.

use std::collections::BTreeMap;

use minijinja::Value;
use serde::Serialize;

use super::bulk::ScopeBulk;
use super::template::{assigned, docstring, hole};
use crate::error::{Error, Result};
use crate::plan::{Plan, PlannedScope};
use crate::recording::START_UP_INDEX;
use crate::trace::ScopeKind;

/// The version of the fixture's data, which the runtime reads.
const FORMAT: u32 = 1;

/// A docstring names a scope only so far.
const LONGEST_NAME: usize = 60;

/// Of `__init__.py`.
#[derive(Debug, Serialize)]
pub struct Package {
    docstring: Value,
}

/// Of `index.py`.
#[derive(Debug, Serialize)]
pub struct Index {
    docstring: Value,
    profile: &'static str,
    format: u32,
    stack: Value,
    deterministic: bool,
    workers: bool,
    packages: Vec<PackageVersion>,
    connections: Value,
    start_up: String,
    scopes: Vec<ScopeModule>,
    record_command: Value,
    redaction: Option<Value>,
}

/// A recorded package.
#[derive(Debug, Serialize)]
pub struct PackageVersion {
    name: String,
    version: String,
}

/// A scope and its module.
#[derive(Debug, Serialize)]
pub struct ScopeModule {
    name: String,
    slug: String,
}

/// Of `scope.py`.
#[derive(Debug, Serialize)]
pub struct Scope {
    docstring: Value,
    name: Value,
    commits: usize,
    clock: Option<u64>,
    begins: Vec<String>,
    ends: Vec<String>,
    sql: Vec<Value>,
    columns: Value,
    exchanges_file: Option<Value>,
    exchanges: Value,
}

impl Package {
    /// The package of a stack.
    pub fn new(stack: &str) -> Self {
        Self { docstring: docstring(format!("Replays the recorded traffic of {}.", short(stack))) }
    }
}

impl Index {
    /// The index of a plan; its hole is for the connections.
    pub fn new(plan: &Plan<'_>, stack: &str, record_command: &str) -> Result<Self> {
        let scopes = plan
            .recording
            .scopes
            .iter()
            .zip(&plan.slugs)
            .skip(1)
            .filter(|(scope, _)| scope.kind != ScopeKind::Shared)
            .map(|(scope, slug)| ScopeModule { name: scope.name.clone(), slug: slug.clone() });
        let redaction = plan.recording.redaction.as_ref().map(serde_json::to_string).transpose();
        let redaction = redaction.map_err(|error| Error::Defect(error.to_string()))?;
        Ok(Self {
            docstring: docstring(format!("What was recorded of {}, scope by scope.", short(stack))),
            profile: plan.recording.profile.name,
            format: FORMAT,
            stack: assigned("STACK", stack),
            deterministic: plan.recording.deterministic,
            workers: plan.recording.workers,
            packages: packages(&plan.recording.packages),
            connections: hole(),
            start_up: plan.slugs[START_UP_INDEX].clone(),
            scopes: scopes.collect(),
            record_command: assigned("RECORD_COMMAND", record_command),
            redaction: redaction.map(|text| assigned("REDACTION", text)),
        })
    }
}

impl Scope {
    /// A scope's module, whose holes are for the texts of its bulk.
    pub fn new(scope: &PlannedScope<'_>, bulk: &ScopeBulk<'_>) -> Self {
        let count = scope.exchanges.len();
        let noun = if count == 1 { "exchange" } else { "exchanges" };
        let kind = scope.kind.as_str();
        let name = short(scope.name);
        Self {
            docstring: docstring(format!("Scope ``{name}`` ({kind}): {count} {noun}.")),
            name: assigned("SCOPE", scope.name),
            commits: scope.commits,
            clock: scope.clock,
            begins: scope.begins.iter().map(|&slug| slug.to_owned()).collect(),
            ends: scope.ends.iter().map(|&slug| slug.to_owned()).collect(),
            sql: bulk.sql.iter().map(|_| hole()).collect(),
            columns: hole(),
            exchanges_file: bulk
                .has_file()
                .then(|| assigned("EXCHANGES_FILE", format!("{}.jsonl", scope.slug))),
            exchanges: hole(),
        }
    }
}

fn packages(packages: &BTreeMap<String, String>) -> Vec<PackageVersion> {
    let all = packages.iter();
    all.map(|(name, version)| PackageVersion { name: name.clone(), version: version.clone() })
        .collect()
}

fn short(name: &str) -> String {
    let mut short: String = name.chars().take(LONGEST_NAME).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short.replace('`', "'")
}
