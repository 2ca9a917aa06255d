//! The commands that look into what a project keeps: show, diff and prune.
//!
//! Records and generates nothing but what a removal leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use codegen::error::{Error, Result, Warning};
use codegen::keep::{kept, remove};
use codegen::project::Project;
use codegen::recording::{ExchangeRecord, START_UP_INDEX};
use codegen::report::Format;
use codegen::split::{Kept, exchanges};
use codegen::trace::ScopeKind;
use serde::Serialize;
use similar::TextDiff;

use crate::project::{REPLAY, absolute, generate, write_launcher};
use crate::{Said, child};

/// Rows that are shown of a result.
const ROWS: usize = 10;

/// Prints the exchanges of the scopes that a text is part of the name of.
pub fn show(
    project: &Project,
    name: &str,
    format: Format,
    warnings: &mut Vec<Warning>,
) -> Result<u8> {
    let kept = demand(&project.traces(), &project.record, warnings)?;
    let scopes: Vec<usize> = (0..kept.recording.scopes.len())
        .filter(|&index| kept.recording.scopes[index].kind != ScopeKind::Shared)
        .collect();
    let named = |index: &&usize| kept.recording.scopes[**index].name == name;
    let found: Vec<usize> = match scopes.iter().find(named) {
        Some(&exact) => vec![exact],
        None => scopes
            .into_iter()
            .filter(|&index| kept.recording.scopes[index].name.contains(name))
            .collect(),
    };
    if found.is_empty() {
        let hint = "name a part of a test's node id, of a fixture or of a request";
        return Err(Error::request(format!("no scope is named `{name}`"), hint));
    }
    for index in found {
        let texts = kept.texts(index)?;
        let record = &kept.recording.scopes[index];
        for (number, exchange) in exchanges(&texts)?.iter().enumerate() {
            match format {
                Format::Json => {
                    let shown = Shown::of(&record.name, exchange);
                    let line = serde_json::to_string(&shown)
                        .map_err(|error| Error::Defect(error.to_string()))?;
                    println!("{line}");
                }
                Format::Text | Format::Github | Format::Junit => {
                    if number == 0 {
                        println!("{} ({})", record.name, record.kind.as_str());
                    }
                    print!("{}", readable(exchange));
                }
            }
        }
    }
    Ok(0)
}

/// Says what differs between two fixtures, or folders of traces; 1 if anything does.
pub fn diff(one: &Path, other: &Path, format: Format, warnings: &mut Vec<Warning>) -> Result<u8> {
    let (before, after) = (texts(one, warnings)?, texts(other, warnings)?);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let (mut added, mut removed, mut changed) = (0, 0, 0);
    for name in names {
        let (then, now) = (before.get(name), after.get(name));
        if then == now {
            continue;
        }
        let word = match (then, now) {
            (None, _) => {
                added += 1;
                "added"
            }
            (_, None) => {
                removed += 1;
                "removed"
            }
            _ => {
                changed += 1;
                "changed"
            }
        };
        let (then, now) = (then.map_or("", String::as_str), now.map_or("", String::as_str));
        match format {
            Format::Json => println!("{}", serde_json::json!({"scope": name, "change": word})),
            Format::Text | Format::Github | Format::Junit => {
                let diff = TextDiff::from_lines(then, now);
                print!("{}", diff.unified_diff().header(name, name));
                println!("{word} {name}");
            }
        }
    }
    if added + removed + changed == 0 {
        return Ok(0);
    }
    if format != Format::Json {
        println!("{added} added, {removed} removed, {changed} changed");
    }
    Ok(1)
}

/// Removes scopes of tests that a command does not list any more; their names.
pub fn prune(
    project: &Project,
    dry_run: bool,
    command: &[OsString],
    said: &mut Said,
) -> Result<Vec<String>> {
    let folder = project.traces();
    let kept = demand(&folder, &project.record, &mut said.warnings)?;
    let tests = listed(project, command)?;
    let scopes = &kept.recording.scopes;
    let exists = |node: &str| node.is_empty() || tests.iter().any(|test| test.starts_with(node));
    let mut gone: Vec<usize> = Vec::new();
    for (index, scope) in scopes.iter().enumerate() {
        let stays = match scope.kind {
            ScopeKind::Test => tests.contains(&scope.name),
            ScopeKind::Fixture => match scope.name.rsplit_once(" fixture ") {
                Some((node, _)) => exists(node),
                None => true,
            },
            _ => true,
        };
        if !stays {
            gone.push(index);
        }
    }
    let lost: Vec<String> = gone.iter().map(|&index| format!("{} ", scopes[index].name)).collect();
    for (index, scope) in scopes.iter().enumerate() {
        let served = matches!(scope.kind, ScopeKind::Request | ScopeKind::Websocket);
        if served && lost.iter().any(|test| scope.name.starts_with(test)) {
            gone.push(index);
        }
    }
    let staying = (0..scopes.len()).filter(|index| !gone.contains(index));
    let used: BTreeSet<&String> =
        staying.flat_map(|index| scopes[index].begins.iter().chain(&scopes[index].ends)).collect();
    for (index, scope) in scopes.iter().enumerate() {
        if scope.kind == ScopeKind::Shared && !used.contains(&scope.name) {
            gone.push(index);
        }
    }
    let names: Vec<String> = gone.iter().map(|&index| scopes[index].name.clone()).collect();
    if !dry_run && !names.is_empty() {
        let file = |name: &String| kept.files.get(name).map(|stem| format!("{stem}.jsonl"));
        remove(&folder, &names.iter().filter_map(file).collect::<Vec<_>>())?;
        generate(project, false, said)?;
    }
    Ok(names)
}

/// The node ids that a command prints, one a line.
fn listed(project: &Project, command: &[OsString]) -> Result<BTreeSet<String>> {
    let default = ["pytest", "--collect-only", "-q"].map(OsString::from);
    let command = if command.is_empty() { &default[..] } else { command };
    let Some((program, arguments)) = command.split_first() else { return Ok(BTreeSet::new()) };
    // As a replay, for where there is no driver.
    let scratch = tempfile::tempdir().map_err(Error::io(&std::env::temp_dir()))?;
    let launcher = write_launcher(scratch.path())?;
    let mut child = Command::new(program);
    child.args(arguments).env(child::PYTHON_PATH, child::python_path(&launcher));
    child.env(REPLAY, absolute(&project.fixtures)?);
    let said = child.output().map_err(Error::io(Path::new(program)))?;
    let text = String::from_utf8_lossy(&said.stdout);
    let tests: BTreeSet<String> =
        text.lines().filter(|line| line.contains("::")).map(str::to_owned).collect();
    if !said.status.success() || tests.is_empty() {
        // Else a suite that cannot be imported would lose all that was recorded of it.
        let what = format!("{} lists no tests", Path::new(program).display());
        let hint = "name a command that prints node ids: `mock-cursor prune -- pytest --co -q`";
        return Err(Error::request(what, hint));
    }
    Ok(tests)
}

fn demand(folder: &Path, record: &str, warnings: &mut Vec<Warning>) -> Result<Kept> {
    kept(folder, warnings)?.ok_or_else(|| {
        let what = format!("{}: no traces", folder.display());
        Error::request(what, format!("record first: `{record}`"))
    })
}

/// What scopes ask and are answered, as people read it.
fn texts(folder: &Path, warnings: &mut Vec<Warning>) -> Result<BTreeMap<String, String>> {
    let traces = folder.join("traces");
    let folder = if traces.is_dir() { traces } else { folder.to_path_buf() };
    let kept = demand(&folder, "mock-cursor record -- pytest", warnings)?;
    let mut texts = BTreeMap::new();
    for (index, scope) in kept.recording.scopes.iter().enumerate() {
        if scope.kind == ScopeKind::Shared {
            continue;
        }
        let lines = kept.texts(index)?;
        let text: String = exchanges(&lines)?.iter().map(readable).collect();
        if index != START_UP_INDEX || !text.is_empty() {
            texts.insert(scope.name.clone(), text);
        }
    }
    Ok(texts)
}

fn readable(exchange: &ExchangeRecord<'_>) -> String {
    let mut text = format!("{} -> {}\n", exchange.operation.as_str(), exchange.status.as_str());
    for line in exchange.sql.as_deref().unwrap_or_default().lines() {
        let _ = writeln!(text, "    {line}");
    }
    if let Some(parameters) = exchange.parameters {
        let _ = writeln!(text, "  parameters: {}", parameters.get());
    }
    for result in &exchange.results {
        let tag = result.command_tag.as_deref().unwrap_or("no tag");
        let columns = result.row_description.iter().flat_map(|each| &each.columns);
        let names: Vec<&str> = columns.map(|column| &*column.name).collect();
        let _ = writeln!(text, "  {tag} {}", names.join(", "));
        for row in result.rows.iter().take(ROWS) {
            let _ = writeln!(text, "    {row}");
        }
        if result.rows.len() > ROWS {
            let _ = writeln!(text, "    and {} rows more", result.rows.len() - ROWS);
        }
    }
    if let Some(error) = exchange.error {
        let _ = writeln!(text, "  error: {}", error.get());
    }
    text
}

/// An exchange for programs.
#[derive(Serialize)]
struct Shown<'e> {
    scope: &'e str,
    operation: &'static str,
    sql: Option<&'e str>,
    parameters: Option<&'e serde_json::value::RawValue>,
    rows: Vec<usize>,
    error: Option<&'e serde_json::value::RawValue>,
    status: &'static str,
}

impl<'e> Shown<'e> {
    fn of(scope: &'e str, exchange: &'e ExchangeRecord<'_>) -> Self {
        Self {
            scope,
            operation: exchange.operation.as_str(),
            sql: exchange.sql.as_deref(),
            parameters: exchange.parameters,
            rows: exchange.results.iter().map(|result| result.rows.len()).collect(),
            error: exchange.error,
            status: exchange.status.as_str(),
        }
    }
}
