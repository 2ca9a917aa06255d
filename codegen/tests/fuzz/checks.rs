//! What an answer must be: an error with its place, or data that say what was
//! recorded.
//!
//! Knows the modules of a fixture from outside; it shares no code with the
//! generator.

use std::collections::HashSet;
use std::path::Path;

use codegen::error::Finding;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::corpus::Input;
use crate::literals::{self, Literal};

/// A finding must point into the file that it names, and say how to mend it: of what is suspected,
/// the last one says so for all.
pub fn check_place(finding: &Finding, input: &Input) -> Result<(), String> {
    let name = finding.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = input.iter().find(|(file, _)| *file == name).map(|(_, bytes)| bytes);
    let bytes =
        bytes.ok_or_else(|| format!("a finding in a file that is not there: {finding:?}"))?;
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let line = finding.line.checked_sub(1).and_then(|before| lines.nth(before));
    let there = line.is_some_and(|line| (1..=line.len() + 1).contains(&finding.column));
    let advises = !finding.hint.is_empty() || finding.what.starts_with("suspected ");
    if there && !finding.what.is_empty() && advises {
        Ok(())
    } else {
        Err(format!("a finding without its place or its hint: {finding:?}"))
    }
}

/// The SQL texts and the names of scopes; None where they are made of what was recorded.
pub fn recorded_texts(input: &Input) -> Option<HashSet<String>> {
    if input.iter().any(|(_, bytes)| bytes.windows(10).any(|window| window == b"\"traceId\":")) {
        return None;
    }
    let lines = input.iter().flat_map(|(_, bytes)| bytes.split(|byte| *byte == b'\n'));
    let events = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let texts = events.filter_map(|event| {
        let text = event.pointer("/text/sql").or(event.pointer("/scope/name"))?;
        text.as_str().map(str::to_owned)
    });
    Some(texts.chain(["start-up".to_owned()]).collect())
}

/// A file of a fixture.
pub fn check_file(
    path: &str,
    content: &str,
    recorded: Option<&HashSet<String>>,
) -> Result<(), String> {
    if path == "__init__.py" {
        // The one module of code; what varies of it is its docstring.
        let (_, code) = content.split_once("\"\"\"\n").ok_or("no docstring")?;
        let template = include_str!("../../../templates/fixture/__init__.py");
        let known = template.strip_prefix("{{docstring}}\n") == Some(code);
        return if known { Ok(()) } else { Err(format!("{path}: {content}")) };
    }
    if is(path, "jsonl") {
        return check_lines(path, content);
    }
    let assignments = literals::read(content).map_err(|what| format!("{path}: {what}"))?;
    for (name, value) in assignments {
        match (name.as_str(), value, recorded) {
            ("CONNECTIONS" | "COLUMNS" | "EXCHANGES", Literal::Text(lines), _) => {
                check_lines(path, &lines)?;
            }
            // Of several files two may have a scope of one name, told apart by an ordinal.
            ("SCOPE", Literal::Text(text), Some(recorded)) => {
                let plain = text.rsplit_once(" (").map_or(text.as_str(), |(plain, _)| plain);
                if !recorded.contains(&text) && !recorded.contains(plain) {
                    return Err(format!("{path}: the scope was not recorded: {text:?}"));
                }
            }
            ("SQL", Literal::Many(texts), Some(recorded)) => {
                let changed = texts
                    .iter()
                    .find(|text| !matches!(text, Literal::Text(text) if recorded.contains(text)));
                if let Some(text) = changed {
                    return Err(format!("{path}: the text was not recorded: {text:?}"));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a path has this extension.
pub fn is(path: &str, extension: &str) -> bool {
    Path::new(path).extension() == Some(extension.as_ref())
}

/// The runtime parses the lines one by one.
fn check_lines(path: &str, lines: &str) -> Result<(), String> {
    for line in lines.lines().filter(|line| !line.is_empty()) {
        serde_json::from_str::<&RawValue>(line)
            .map_err(|error| format!("{path}: {error}: {line}"))?;
    }
    Ok(())
}
