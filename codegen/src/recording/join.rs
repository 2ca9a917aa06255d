//! Several trace files of one application: what their first lines must agree on.
//!
//! Looks at no line but the first.

use std::collections::BTreeMap;

use super::index::pass;
use super::{Answers, Distinct, Recording, START_UP, START_UP_INDEX, ScopeRecord, Senders};
use crate::error::{Error, Result, Warning};
use crate::trace::{Event, Header, LineText, ScopeKind, Source, at};

/// A recording of one file.
pub fn first(source: Source, warnings: &mut Vec<Warning>) -> Result<Recording> {
    let header = header(&source)?;
    let mut recording = Recording {
        profile: header.profile.0,
        packages: header.packages,
        deterministic: header.deterministic,
        workers: header.workers,
        scopes: vec![ScopeRecord::new(
            START_UP.to_owned(),
            START_UP.to_owned(),
            ScopeKind::StartUp,
        )],
        connects: Vec::new(),
        redaction: header.redaction,
        answers: Answers::default(),
        senders: Senders::default(),
        files: Vec::new(),
        texts: Distinct::default(),
        columns: Distinct::default(),
        names: BTreeMap::from([(START_UP.to_owned(), START_UP_INDEX)]),
    };
    pass(&mut recording, source, warnings)?;
    Ok(recording)
}

/// Appends a further file; ids count within it.
pub fn append(
    recording: &mut Recording,
    source: Source,
    warnings: &mut Vec<Warning>,
) -> Result<()> {
    let header = header(&source)?;
    let fault = |what: String, hint: &str| Error::from(at(source.path(), 1, 1, what, hint));
    if header.profile.0 != recording.profile {
        let known = recording.files.first().map(|file| file.source.path().display().to_string());
        let what = format!(
            "profile `{}` where {} has `{}`",
            header.profile.0.name,
            known.unwrap_or_default(),
            recording.profile.name
        );
        let hint = "one fixture replays one driver; keep the traces in folders of their own";
        return Err(fault(what, hint));
    }
    if header.redaction != recording.redaction {
        let what = "recorded with another redaction, or another key, than an earlier trace";
        let hint = "record all processes again, with one stack.toml and one key";
        return Err(fault(what.to_owned(), hint));
    }
    for (name, version) in &header.packages {
        // Processes of one application run one version of a driver.
        let known = recording.packages.entry(name.clone()).or_insert_with(|| version.clone());
        if known != version {
            let what = format!("{name} {version} where another trace has {known}");
            return Err(fault(what, "record all processes again, in one environment"));
        }
    }
    recording.workers |= header.workers;
    pass(recording, source, warnings)
}

/// The first line of a file.
fn header(source: &Source) -> Result<Header> {
    let mut header = None;
    source.first_line(|place, bytes| {
        let line = LineText::of(source.path(), place.line, bytes)?.parse()?;
        match line.event {
            Event::Trace(first) => header = Some(first),
            event => {
                let what = format!("the first line is `{}`, not `trace`", event.name());
                return Err(line.at.finding(&[], what).into());
            }
        }
        Ok(())
    })?;
    header.ok_or_else(|| {
        let here = LineText { path: source.path(), number: 1, text: "" };
        here.finding(&[], "the trace is empty").into()
    })
}
