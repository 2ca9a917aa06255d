//! From trace files to a fixture in a sink: the whole way, in one call.
//!
//! Knows no stage's inside and decides no paths.

use std::path::PathBuf;

use crate::error::{Error, Finding, Result, Warning};
use crate::plan::Plan;
use crate::python::{Origin, package, runtime, scope};
use crate::recording::Recording;
use crate::sink::Sink;
use crate::stack_file::StackFile;
use crate::stacks::{Stack, open_traces, read_stack_file, trace_files};
use crate::trace::Source;
use crate::tusk;
use crate::workers::side_by_side;

/// The name of a stack's file.
pub const STACK_FILE: &str = "stack.toml";

/// What a fixture is made from.
#[derive(Debug)]
pub struct Request {
    /// Files, or folders of them.
    pub traces: Vec<PathBuf>,
    /// The stack's file, if there is one.
    pub stack_file: Option<PathBuf>,
    /// What its files say about where they come from.
    pub origin: Origin,
}

impl Request {
    /// The request for a stack of this repository.
    pub fn of_stack(stack: &Stack) -> Result<Self> {
        let name = &stack.name;
        let traces = trace_files(&stack.folder)?;
        let file = match traces.as_slice() {
            [only] => only.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            _ => "trace*.jsonl".to_owned(),
        };
        let stack_file = Some(stack.folder.join(STACK_FILE)).filter(|path| path.exists());
        let origin = Origin {
            stack: name.clone(),
            command: "cargo xtask gen".to_owned(),
            source: format!("tests/stacks/{name}/{file}"),
            record_command: format!("cargo xtask record {name}"),
        };
        Ok(Self { traces, stack_file, origin })
    }
}

/// Makes a fixture. Warnings are kept even if an error follows.
pub fn generate(request: &Request, sink: &dyn Sink, warnings: &mut Vec<Warning>) -> Result<()> {
    generate_data(request, sink, warnings)?;
    runtime(sink)
}

/// The same by rules that do not stand in a stack's file.
pub fn generate_with(
    request: &Request,
    rules: &StackFile,
    sink: &dyn Sink,
    warnings: &mut Vec<Warning>,
) -> Result<()> {
    data(request, rules, sink, warnings)?;
    runtime(sink)
}

/// Makes the part of a fixture that varies.
pub fn generate_data(
    request: &Request,
    sink: &dyn Sink,
    warnings: &mut Vec<Warning>,
) -> Result<()> {
    data(request, &read_stack_file(request.stack_file.as_deref())?, sink, warnings)
}

fn data(
    request: &Request,
    stack: &StackFile,
    sink: &dyn Sink,
    warnings: &mut Vec<Warning>,
) -> Result<()> {
    let recording = Recording::of(sources(&request.traces, warnings)?, warnings)?;
    check_profile(&recording, stack)?;
    check_redaction(&recording, stack)?;
    let plan = Plan::of(&recording, stack);
    package(&plan, &request.origin, sink)?;
    let sizes: Vec<usize> = (0..recording.scopes.len()).map(|each| recording.size(each)).collect();
    side_by_side(&sizes, |index| {
        let text = recording.read(index, &plan.borrowed(index))?;
        scope(&plan.scope(index, text.exchanges()?)?, &request.origin, sink)
    })?;
    plan.report(warnings);
    Ok(())
}

/// Span files are read as one more trace.
fn sources(paths: &[PathBuf], warnings: &mut Vec<Warning>) -> Result<Vec<Source>> {
    let (own, spans) = tusk::sorted(paths)?;
    let mut sources = open_traces(&own)?;
    if let (Some(name), false) = (paths.first(), spans.is_empty()) {
        sources.push(tusk::convert(name, &spans, warnings)?);
    }
    Ok(sources)
}

/// Who declares that something is redacted must not find it in a fixture.
fn check_redaction(recording: &Recording, stack: &StackFile) -> Result<()> {
    let recorded = recording.redaction.as_ref().map_or(&[][..], |redaction| &redaction.rules);
    let declared: Vec<_> = stack.redact.iter().map(toml::Spanned::get_ref).collect();
    if stack.path.as_os_str().is_empty() || declared.iter().copied().eq(recorded) {
        return Ok(());
    }
    let offset = stack.redact.first().map_or(0, |rule| rule.span().start);
    Err(Error::from(Finding {
        what: "the traces were recorded with other rules of redaction".to_owned(),
        hint: "record again, so that the rules hold for what is recorded".to_owned(),
        ..stack.place(offset)
    }))
}

fn check_profile(recording: &Recording, stack: &StackFile) -> Result<()> {
    match &stack.profile {
        Some(declared) if declared.get_ref() != recording.profile.name => {
            Err(Error::from(Finding {
                what: format!(
                    "profile `{}` where the traces have `{}`",
                    declared.get_ref(),
                    recording.profile.name
                ),
                hint: "record again, or name the profile of the traces".to_owned(),
                ..stack.place(declared.span().start)
            }))
        }
        _ => Ok(()),
    }
}
