//! Secrets and personal data in traces, found by what they look like.
//!
//! Changes nothing: what is found is for the stack's rules to redact, or to declare as
//! no secret. A value that is a pseudonym of ours is told by its look.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use memchr::memchr;

use crate::error::{Error, Finding, Result, Warning};
use crate::glob::matches;
use crate::project;
use crate::stack_file::StackFile;
use crate::stacks::trace_files;
use crate::tusk;
use crate::workers::side_by_side;

mod columns;
mod lines;
mod look;
mod patterns;
mod pieces;

use columns::Columns;

const HINT: &str = "redact it by a [[redact]] rule of stack.toml and record again, \
     or declare it there as [[not_secret]] with a reason";
const HINT_IN_PROJECT: &str = "redact it by a [[tool.mock-cursor.redact]] rule and record again, \
     or declare it as [[tool.mock-cursor.not-secret]] with a reason";

/// Something that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Secret {
    /// Where its bytes begin.
    offset: usize,
    what: &'static str,
    value: String,
}

/// Looks through traces. A fixture that equals its traces holds nothing else, and one
/// that does not fails its check anyway.
///
/// A warning is for what the stack's file declares in vain.
pub fn scan(
    traces: &[PathBuf],
    stack: &StackFile,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Finding>> {
    // What comes through a pipe is there for the generator, and only once.
    let is_kept = |path: &&PathBuf| path.is_file() || path.is_dir();
    let kept: Vec<PathBuf> = traces.iter().filter(is_kept).cloned().collect();
    let (own, spans) = tusk::sorted(&kept)?;
    let mut files = Vec::new();
    for path in own {
        if path.is_dir() { files.extend(trace_files(&path)?) } else { files.push(path) }
    }
    let own_traces = files.len();
    files.extend(spans);
    let allowed = Allowed::of(stack);
    let found = look_through(&files)?;
    let mut secrets: Vec<Vec<Secret>> = Vec::new();
    for (index, (path, found)) in files.iter().zip(found).enumerate() {
        let mut all = found.secrets;
        if index < own_traces {
            all.extend(found.columns.secrets(path)?);
        }
        all.retain(|secret| !allowed.allows(&secret.value));
        secrets.push(all);
    }
    allowed.report_unused(stack, warnings);
    let in_project = stack.path.ends_with(project::FILE);
    findings(&files, secrets, if in_project { HINT_IN_PROJECT } else { HINT })
}

/// What there is in one file.
#[derive(Default)]
struct FoundInFile {
    secrets: Vec<Secret>,
    columns: Columns,
}

fn look_through(files: &[PathBuf]) -> Result<Vec<FoundInFile>> {
    let pieces = pieces::of(files)?;
    let sizes: Vec<usize> = pieces.iter().map(|piece| piece.length).collect();
    let all: Vec<Mutex<FoundInFile>> = files.iter().map(|_| Mutex::default()).collect();
    side_by_side(&sizes, |number| {
        let piece = &pieces[number];
        let bytes = piece.read(&files[piece.file])?;
        let found = lines::look_through(&bytes)?;
        let mut columns = Columns::default();
        for start in found.descriptions {
            let end = memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |end| start + end);
            columns.note(&bytes[start..end])?;
        }
        let mut of_file = all[piece.file].lock().unwrap_or_else(PoisonError::into_inner);
        of_file.columns.append(columns);
        of_file.secrets.extend(
            found
                .secrets
                .into_iter()
                .map(|secret| Secret { offset: secret.offset + piece.offset, ..secret }),
        );
        Ok(())
    })?;
    Ok(all
        .into_iter()
        .map(|each| each.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect())
}

fn findings(files: &[PathBuf], found: Vec<Vec<Secret>>, hint: &str) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (path, mut secrets) in files.iter().zip(found) {
        if secrets.is_empty() {
            continue;
        }
        secrets.sort_by_key(|secret| secret.offset);
        secrets.dedup_by_key(|secret| secret.offset);
        let mut places = pieces::Places::of(path)?;
        for secret in secrets {
            let place = places.line_and_column(secret.offset);
            let (line, column) = place.map_err(Error::io(path))?;
            findings.push(Finding {
                path: path.clone(),
                line,
                column,
                what: format!("looks like {}: {}", secret.what, masked(&secret.value)),
                hint: hint.to_owned(),
            });
        }
    }
    Ok(findings)
}

/// So much that it is found again, and no more.
fn masked(value: &str) -> String {
    let shown: String = value.chars().take(if value.len() < 12 { 1 } else { 4 }).collect();
    format!("{shown}… ({} characters)", value.chars().count())
}

/// What a stack declares to be no secret, and whether each has been found.
struct Allowed<'s> {
    globs: Vec<(&'s str, AtomicBool)>,
}

impl<'s> Allowed<'s> {
    fn of(stack: &'s StackFile) -> Self {
        let globs = stack.not_secret.iter();
        let globs = globs.map(|each| (each.value.get_ref().as_str(), AtomicBool::new(false)));
        Self { globs: globs.collect() }
    }

    fn allows(&self, value: &str) -> bool {
        let mut allowed = false;
        for (glob, used) in &self.globs {
            if matches(glob, value) {
                used.store(true, Ordering::Relaxed);
                allowed = true;
            }
        }
        allowed
    }

    /// What is declared in vain may allow what nobody has thought of.
    fn report_unused(&self, stack: &StackFile, warnings: &mut Vec<Warning>) {
        for ((glob, used), declared) in self.globs.iter().zip(&stack.not_secret) {
            if !used.load(Ordering::Relaxed) {
                warnings.push(Warning(Finding {
                    what: format!("nothing that looks like a secret is `{glob}`"),
                    hint: "remove what is declared in vain".to_owned(),
                    ..stack.place(declared.value.span().start)
                }));
            }
        }
    }
}
