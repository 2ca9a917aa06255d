//! The stacks of a folder, and the files of one stack.
//!
//! Reads of a trace no more than when it began.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::stack_file::StackFile;
use crate::trace::{Event, LineText, Source};

/// So many files may be open at once wherever a limit was not lowered.
const MANY: usize = 128;

/// A stack that has traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// The folder's name.
    pub name: String,
    /// The fixture's import name.
    pub package: String,
    /// The folder.
    pub folder: PathBuf,
}

/// The stacks below a folder that have traces, by name.
pub fn discover(folder: &Path) -> Result<Vec<Stack>> {
    let mut stacks = Vec::new();
    if !folder.exists() {
        return Ok(stacks);
    }
    for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
        let path = entry.map_err(Error::io(folder))?.path();
        if path.is_dir() && !trace_files(&path)?.is_empty() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            stacks.push(Stack { package: package_name(&name)?, name, folder: path });
        }
    }
    stacks.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(stacks)
}

/// A stack's name as the name of its package.
pub fn package_name(name: &str) -> Result<String> {
    let package = name.replace(['-', '.', ' '], "_").to_ascii_lowercase();
    let valid = package.starts_with(|c: char| c.is_ascii_lowercase())
        && package.chars().all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit());
    if valid {
        Ok(package)
    } else {
        let hint = "use lower-case letters, digits and hyphens";
        Err(Error::request(format!("`{name}` cannot name a package"), hint))
    }
}

/// The trace files of a folder, by name.
pub fn trace_files(folder: &Path) -> Result<Vec<PathBuf>> {
    jsonl_files(folder, |name| name.starts_with("trace"))
}

/// The traces of a folder that holds one a scope, by name.
pub fn scope_files(folder: &Path) -> Result<Vec<PathBuf>> {
    if folder.exists() { jsonl_files(folder, |_| true) } else { Ok(Vec::new()) }
}

fn jsonl_files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
        let path = entry.map_err(Error::io(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if wanted(&name) && path.extension() == Some("jsonl".as_ref()) {
            files.push(if folder == Path::new(".") { name.into() } else { path });
        }
    }
    files.sort();
    Ok(files)
}

/// Opens trace files, in the order in which their recordings began; a folder stands
/// for the traces in it.
pub fn open_traces(paths: &[PathBuf]) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in paths {
        let files = if path.is_dir() { trace_files(path)? } else { vec![path.clone()] };
        if files.is_empty() {
            let what = format!("{}: a folder without `trace*.jsonl`", path.display());
            return Err(Error::request(what, "record first, or name the trace file"));
        }
        for path in files {
            let source = Source::open(&path)?;
            sources.push(if sources.len() < MANY { source } else { source.closed() });
        }
    }
    // Names hold process numbers, which say nothing. Where the time is not known or
    // the same, the given order stays.
    sources.sort_by_cached_key(started_at);
    Ok(sources)
}

/// The header has the time as text, always in UTC, which sorts as time does.
fn started_at(source: &Source) -> Option<String> {
    let mut found = None;
    let read = source.first_line(|place, bytes| {
        let line = LineText::of(source.path(), place.line, bytes)?.event();
        if let Ok(Event::Trace(header)) = line {
            found = header.started_at;
        }
        Ok(())
    });
    // Whoever reads the trace says what is wrong with it.
    read.ok().and(found)
}

/// Reads a stack's file; without one nothing is declared.
pub fn read_stack_file(path: Option<&Path>) -> Result<StackFile> {
    match path {
        Some(path) => {
            let bytes = fs::read(path).map_err(Error::io(path))?;
            StackFile::parse(path, &bytes)
        }
        None => Ok(StackFile::default()),
    }
}
