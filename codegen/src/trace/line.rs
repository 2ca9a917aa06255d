//! Reads one line of a trace into its event and says where it is wrong.
//!
//! Resolves no ids: what an event refers to is the recording's business.

use std::path::Path;

use serde::de::DeserializeSeed;
use serde_json::value::RawValue;

use super::error_record::{ErrorRecord, Notices, Texts};
use super::event::{Event, Exchange};
use super::locate::{Step, column_at, column_of};
use super::operation::Operation;
use super::tagged::{Parameters, Tagged};
use crate::error::{Finding, Result, Warning};

/// The advice for a trace that is wrong.
pub const RECORD_AGAIN: &str =
    "record again with `cargo xtask record`; a trace is not meant to be edited";
const UPDATE: &str = "use a newer mock-cursor, or record again with this one";

/// A line, not yet parsed.
#[derive(Debug, Clone, Copy)]
pub struct LineText<'a> {
    /// Of its file; stands in every message.
    pub path: &'a Path,
    /// Counted from 1.
    pub number: usize,
    /// Without its end.
    pub text: &'a str,
}

/// An event and where it stands.
#[derive(Debug)]
pub struct Line<'a> {
    /// As it stands in the file.
    pub at: LineText<'a>,
    /// What it says.
    pub event: Event<'a>,
}

impl<'a> LineText<'a> {
    /// Of bytes, their end included; an error where they are not UTF-8.
    pub fn of(path: &'a Path, number: usize, bytes: &'a [u8]) -> Result<Self> {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { path, number, text }),
            Err(error) => {
                Err(at(path, number, error.valid_up_to() + 1, "not UTF-8", RECORD_AGAIN).into())
            }
        }
    }

    /// Its event, with every value checked but rows, whose shape depends on
    /// another line.
    pub fn parse(self) -> Result<Line<'a>> {
        let event = self.event().map_err(|error| faulty(self, 0, &error))?;
        self.check_event(&event)?;
        Ok(Line { at: self, event })
    }

    /// Its event, unchecked.
    pub fn event(self) -> serde_json::Result<Event<'a>> {
        serde_json::from_str(self.text)
    }

    /// A finding at the value that stands at `steps` within this line.
    pub fn finding(self, steps: &[Step<'_>], what: impl Into<String>) -> Finding {
        at(self.path, self.number, column_at(self.text, steps), what, RECORD_AGAIN)
    }

    /// Checks one raw value of this line with a seed that keeps nothing.
    pub fn check_with<'de, S>(self, raw: &'de RawValue, seed: S) -> Result<()>
    where
        S: DeserializeSeed<'de>,
    {
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        let outcome = seed.deserialize(&mut deserializer);
        outcome
            .and_then(|_| deserializer.end())
            .map_err(|error| faulty(self, column_of(self.text, raw.get()) - 1, &error).into())
    }

    fn check<T: for<'de> serde::Deserialize<'de>>(self, raw: Option<&RawValue>) -> Result<()> {
        match raw {
            Some(raw) => self.check_with(raw, std::marker::PhantomData::<T>),
            None => Ok(()),
        }
    }

    /// Checks every value of an exchange but rows.
    pub(super) fn check_exchange(self, exchange: &Exchange<'_>) -> Result<()> {
        if exchange.operation == Operation::Executemany {
            self.check::<Vec<Parameters>>(exchange.parameters)?;
        } else {
            self.check::<Parameters>(exchange.parameters)?;
        }
        self.check::<ErrorRecord>(exchange.error)?;
        self.check::<Notices>(exchange.notices)?;
        self.check::<Texts>(exchange.server_parameters)?;
        self.check::<Parameters>(exchange.out_parameters)?;
        for result in &exchange.results {
            self.check::<Tagged>(result.lastrowid)?;
        }
        Ok(())
    }

    fn check_event(self, event: &Event<'_>) -> Result<()> {
        match event {
            Event::Connect(connect) => {
                self.check::<Texts>(connect.settings)?;
                self.check::<Texts>(connect.server_parameters)?;
                self.check::<ErrorRecord>(connect.error)?;
                if connect.error.is_some() == connect.server_parameters.is_some() {
                    let what = "a connect event needs either `server_parameters` or `error`";
                    return Err(self.finding(&[], what).into());
                }
                Ok(())
            }
            Event::Exchange(exchange) => self.check_exchange(exchange),
            Event::Rows(rows) => {
                self.check::<ErrorRecord>(rows.error)?;
                self.check::<Notices>(rows.notices)?;
                self.check::<Texts>(rows.server_parameters)
            }
            _ => Ok(()),
        }
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

/// That the last line was cut off where it has `length` bytes.
pub fn truncated(path: &Path, number: usize, length: usize) -> Warning {
    Warning(at(
        path,
        number,
        length + 1,
        "the last line is cut off and was left out; the lines before it are used",
        "the recorded process was killed while it wrote; record again if the loss matters",
    ))
}

/// A finding from `serde_json`'s error; `before` is how many bytes of the line
/// stand before the text that was parsed.
fn faulty(line: LineText<'_>, before: usize, error: &serde_json::Error) -> Finding {
    let message = error.to_string();
    // serde_json appends the place, which stands at the front here.
    let what = message.rfind(" at line ").map_or(message.as_str(), |end| &message[..end]);
    let hint = if what.contains("is newer than") { UPDATE } else { RECORD_AGAIN };
    at(line.path, line.number, before + error.column().max(1), what, hint)
}
