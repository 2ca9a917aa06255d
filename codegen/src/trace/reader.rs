//! Reads one file of a trace into its events and says where a line is wrong.
//!
//! Resolves no ids: what an event refers to is the recording's business.

use std::path::{Path, PathBuf};

use serde::de::DeserializeSeed;
use serde_json::value::RawValue;

use super::error_record::{ErrorRecord, Notices, Texts};
use super::event::{Event, Header, Operation};
use super::locate::{Step, column_at, column_of};
use super::tagged::{Parameters, Tagged};
use crate::error::{Finding, Result, Warning};

const RECORD_AGAIN: &str =
    "record again with `cargo xtask record`; a trace is not meant to be edited";
const UPDATE: &str = "use a newer mock-cursor, or record again with this one";

/// The bytes of a trace file, and the name it was asked for by.
#[derive(Debug)]
pub struct TraceText {
    /// Stands in every message.
    pub path: PathBuf,
    /// As read.
    pub bytes: Vec<u8>,
}

/// The events of one file.
#[derive(Debug)]
pub struct Trace<'a> {
    /// Stands in every message.
    pub path: &'a Path,
    /// The first line.
    pub header: Header,
    /// The other lines.
    pub lines: Vec<Line<'a>>,
}

/// An event and where it stands.
#[derive(Debug)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: usize,
    /// The line itself.
    pub text: &'a str,
    /// What it says.
    pub event: Event<'a>,
}

/// Reads a file's events. A last line that was cut off is left out and reported.
pub fn read<'a>(file: &'a TraceText, warnings: &mut Vec<Warning>) -> Result<Trace<'a>> {
    let path = file.path.as_path();
    let (text, cut_in_character) = decode(path, &file.bytes)?;
    let mut header = None;
    let mut lines = Vec::new();
    for (index, text_line) in text.split_inclusive('\n').enumerate() {
        let number = index + 1;
        let complete = text_line.ends_with('\n');
        let line = text_line.trim_end_matches('\n');
        let event = match serde_json::from_str::<Event<'a>>(line) {
            Ok(_) if !complete && cut_in_character => {
                warnings.push(truncated(path, number, line));
                break;
            }
            Ok(event) => event,
            Err(error) if !complete && !error.is_data() && index > 0 => {
                warnings.push(truncated(path, number, line));
                break;
            }
            Err(error) => return Err(faulty(path, number, 0, &error).into()),
        };
        match event {
            Event::Trace(first) if index == 0 => header = Some(first),
            Event::Trace(_) => {
                let what = "a second `trace` event";
                return Err(at(path, number, 1, what, "one process writes one file").into());
            }
            event if index == 0 => {
                let what = format!("the first line is `{}`, not `trace`", name_of(&event));
                return Err(at(path, number, 1, what, RECORD_AGAIN).into());
            }
            event => {
                let line = Line { number, text: line, event };
                check(path, &line)?;
                lines.push(line);
            }
        }
    }
    match header {
        Some(header) => Ok(Trace { path, header, lines }),
        None => Err(at(path, 1, 1, "the trace is empty", RECORD_AGAIN).into()),
    }
}

/// A finding in a trace.
pub fn at(
    path: &Path,
    line: usize,
    column: usize,
    what: impl Into<String>,
    hint: impl Into<String>,
) -> Finding {
    Finding { path: path.to_path_buf(), line, column, what: what.into(), hint: hint.into() }
}

impl Line<'_> {
    /// A finding at the value that stands at `steps` within this line.
    pub fn finding(
        &self,
        path: &Path,
        steps: &[Step<'_>],
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> Finding {
        at(path, self.number, column_at(self.text, steps), what, hint)
    }

    /// Checks one raw value of this line with a seed that keeps nothing.
    pub fn check_with<'de, S>(&self, path: &Path, raw: &'de RawValue, seed: S) -> Result<()>
    where
        S: DeserializeSeed<'de>,
    {
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        let outcome = seed.deserialize(&mut deserializer);
        outcome.and_then(|_| deserializer.end()).map_err(|error| {
            faulty(path, self.number, column_of(self.text, raw.get()) - 1, &error).into()
        })
    }

    fn check<T: for<'de> serde::Deserialize<'de>>(
        &self,
        path: &Path,
        raw: Option<&RawValue>,
    ) -> Result<()> {
        match raw {
            Some(raw) => self.check_with(path, raw, std::marker::PhantomData::<T>),
            None => Ok(()),
        }
    }
}

/// Checks the values of an event that stay raw, other than its rows, whose
/// shape depends on another line.
fn check(path: &Path, line: &Line<'_>) -> Result<()> {
    match &line.event {
        Event::Connect(connect) => {
            line.check::<Texts>(path, connect.settings)?;
            line.check::<Texts>(path, connect.server_parameters)?;
            line.check::<ErrorRecord>(path, connect.error)?;
            if connect.error.is_some() == connect.server_parameters.is_some() {
                let what = "a connect event needs either `server_parameters` or `error`";
                return Err(line.finding(path, &[], what, RECORD_AGAIN).into());
            }
            Ok(())
        }
        Event::Exchange(exchange) => {
            if exchange.operation == Operation::Executemany {
                line.check::<Vec<Parameters>>(path, exchange.parameters)?;
            } else {
                line.check::<Parameters>(path, exchange.parameters)?;
            }
            line.check::<ErrorRecord>(path, exchange.error)?;
            line.check::<Notices>(path, exchange.notices)?;
            line.check::<Texts>(path, exchange.server_parameters)?;
            line.check::<Parameters>(path, exchange.out_parameters)?;
            for result in &exchange.results {
                line.check::<Tagged>(path, result.lastrowid)?;
            }
            Ok(())
        }
        Event::Rows(rows) => line.check::<ErrorRecord>(path, rows.error),
        _ => Ok(()),
    }
}

/// The text of a file, and whether its last character was cut off.
fn decode<'a>(path: &Path, bytes: &'a [u8]) -> Result<(&'a str, bool)> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok((text, false)),
        Err(error) => error,
    };
    let valid = error.valid_up_to();
    let text = String::from_utf8_lossy(&bytes[..valid]);
    if error.error_len().is_none()
        && let Ok(text) = std::str::from_utf8(&bytes[..valid])
    {
        return Ok((text, true));
    }
    let line = text.matches('\n').count() + 1;
    let column = valid - text.rfind('\n').map_or(0, |end| end + 1) + 1;
    Err(at(path, line, column, "not UTF-8", RECORD_AGAIN).into())
}

fn truncated(path: &Path, number: usize, line: &str) -> Warning {
    Warning(at(
        path,
        number,
        line.len() + 1,
        "the last line is cut off and was left out; the lines before it are used",
        "the recorded process was killed while it wrote; record again if the loss matters",
    ))
}

/// A finding from `serde_json`'s error; `before` is how many bytes of the line
/// stand before the text that was parsed.
fn faulty(path: &Path, number: usize, before: usize, error: &serde_json::Error) -> Finding {
    let message = error.to_string();
    // serde_json appends the place, which stands at the front here.
    let what = message.rfind(" at line ").map_or(message.as_str(), |end| &message[..end]);
    let hint = if what.contains("is newer than") { UPDATE } else { RECORD_AGAIN };
    at(path, number, before + error.column().max(1), what, hint)
}

fn name_of(event: &Event<'_>) -> &'static str {
    match event {
        Event::Trace(_) => "trace",
        Event::Text(_) => "text",
        Event::RowDescription(_) => "row_description",
        Event::Scope(_) => "scope",
        Event::Connect(_) => "connect",
        Event::Exchange(_) => "exchange",
        Event::Rows(_) => "rows",
        Event::ScopeEnd(_) => "scope_end",
    }
}
