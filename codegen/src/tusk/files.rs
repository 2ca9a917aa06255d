//! Finds span files and reads their spans.
//!
//! Sorts nothing: lines stand in the order in which spans ended.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use super::json::{Fault, Json, parse};
use super::span::{Span, SpanKind, faulty};
use crate::error::{Error, Result, Warning};

/// A span file that was read.
#[derive(Debug)]
pub struct SpanFile {
    path: PathBuf,
    text: String,
}

/// Whether a file holds spans: whether its first line is an object with a `traceId`.
pub fn holds_spans(path: &Path) -> Result<bool> {
    let mut line = Vec::new();
    let mut reader = BufReader::new(File::open(path).map_err(Error::io(path))?);
    reader.read_until(b'\n', &mut line).map_err(Error::io(path))?;
    let line = String::from_utf8_lossy(&line);
    // A first line that was cut off shows its first key all the same.
    let first_key = line.trim_start().strip_prefix('{').map(str::trim_start);
    Ok(first_key.is_some_and(|rest| rest.starts_with("\"traceId\""))
        || parse(line.trim_end()).is_ok_and(|json| json.get("traceId").is_some()))
}

/// The span files of a folder, by name.
pub fn span_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
        let entry = entry.map_err(Error::io(folder))?;
        let path = if folder == Path::new(".") { entry.file_name().into() } else { entry.path() };
        if path.extension() == Some("jsonl".as_ref()) && path.is_file() && holds_spans(&path)? {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

impl SpanFile {
    /// Reads a file.
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(Error::io(path))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { path: path.to_path_buf(), text }),
            Err(error) => {
                let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let start = valid.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                #[allow(clippy::naive_bytecount, reason = "only on the way to an error")]
                let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
                let fault =
                    Fault { at: valid.len() - start, what: "not UTF-8".to_owned(), at_end: false };
                Err(faulty(path, line, &fault).into())
            }
        }
    }

    /// Its spans. A last line that was cut off is left out and reported.
    fn spans(&self, warnings: &mut Vec<Warning>) -> Result<Vec<Span<'_>>> {
        let mut spans = Vec::new();
        for (index, line) in self.text.split_inclusive('\n').enumerate() {
            let number = index + 1;
            let complete = line.ends_with('\n');
            let line = line.trim_end();
            if line.is_empty() {
                continue;
            }
            match parse(line) {
                Ok(json) => spans.push(self.span(number, &json)?),
                Err(fault) if !complete && fault.at_end => {
                    let what = "the last line is cut off and was left out".to_owned();
                    let mut finding = faulty(&self.path, number, &Fault { what, ..fault });
                    "the recorded process was killed while it wrote".clone_into(&mut finding.hint);
                    warnings.push(Warning(finding));
                }
                Err(fault) => return Err(faulty(&self.path, number, &fault).into()),
            }
        }
        Ok(spans)
    }

    fn span<'a>(&'a self, number: usize, json: &Json<'a>) -> Result<Span<'a>> {
        let span = Span::new(&self.path, number, json)
            .map_err(|fault| Error::from(faulty(&self.path, number, &fault)))?;
        if span.kind == SpanKind::OtherDriver {
            let what = format!("a span of {}, whose traffic is not replayed", span.package);
            let fault = Fault { at: 0, what, at_end: false };
            let hint = "record the application on psycopg 3";
            return Err(span.finding(&fault, hint).into());
        }
        Ok(span)
    }
}

/// The spans of all files in the order in which they started, each once.
pub fn spans_of<'a>(files: &'a [SpanFile], warnings: &mut Vec<Warning>) -> Result<Vec<Span<'a>>> {
    let mut seen: BTreeMap<String, (&Path, usize)> = BTreeMap::new();
    let mut spans = Vec::new();
    for file in files {
        for span in file.spans(warnings)? {
            if let Some((path, line)) = seen.get(&span.id) {
                let what = format!(
                    "span {} was read from {}:{line} and is left out here",
                    span.id,
                    path.display()
                );
                let fault = Fault { at: 0, what, at_end: false };
                warnings.push(span.warning(&fault, "name each file once"));
                continue;
            }
            seen.insert(span.id.clone(), (span.path, span.line));
            spans.push(span);
        }
    }
    spans.sort_by_key(|span| span.start);
    Ok(spans)
}
