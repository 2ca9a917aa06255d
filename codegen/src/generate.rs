//! From trace files to a fixture in a sink: the whole way, in one call.
//!
//! Knows no stage's inside and decides no paths.

use std::path::PathBuf;

use crate::error::{Error, Finding, Result, Warning};
use crate::plan::Plan;
use crate::python::{Origin, fixture, runtime};
use crate::recording::Recording;
use crate::sink::Sink;
use crate::stack_file::StackFile;
use crate::stacks::{Stack, read_stack_file, read_traces, trace_files};
use crate::trace::{TraceText, read};
use crate::tusk;

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
pub fn generate(request: &Request, sink: &mut dyn Sink, warnings: &mut Vec<Warning>) -> Result<()> {
    let texts = read_texts(&request.traces, warnings)?;
    let mut traces = Vec::with_capacity(texts.len());
    for text in &texts {
        traces.push(read(text, warnings)?);
    }
    let stack = read_stack_file(request.stack_file.as_deref())?;
    let recording = Recording::from_traces(traces, warnings)?;
    check_profile(&recording, &stack)?;
    let plan = Plan::from_recording(recording, &stack, warnings)?;
    fixture(&plan, &request.origin, sink)?;
    runtime(sink)
}

/// Span files are read as one more trace.
fn read_texts(paths: &[PathBuf], warnings: &mut Vec<Warning>) -> Result<Vec<TraceText>> {
    let (own, spans) = tusk::sorted(paths)?;
    let mut texts = read_traces(&own)?;
    if let (Some(name), false) = (paths.first(), spans.is_empty()) {
        texts.push(tusk::convert(name, &spans, warnings)?);
    }
    Ok(texts)
}

fn check_profile(recording: &Recording<'_>, stack: &StackFile) -> Result<()> {
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
