//! What is broken: the traces and stack files that the repository has.
//!
//! Breaks nothing itself.

use std::fs;
use std::path::{Path, PathBuf};

/// Files of one folder by name, all of them small.
pub type Input = Vec<(String, Vec<u8>)>;

/// A recorded trace is long; so many of its lines have every kind of event.
const LINES: usize = 60;

/// Span files are many and small; so many of them make an input.
const SPAN_FILES: usize = 5;

/// Inputs by what becomes of them unbroken.
pub struct Corpus {
    /// Fixtures are made of these.
    pub sound: Vec<Input>,
    /// These are refused, or have losses.
    pub bad: Vec<Input>,
}

/// Every folder that has a trace or a stack file, in the same order everywhere.
pub fn corpus() -> Corpus {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sound = vec![input(&package.join("tests/data"))];
    sound.append(&mut below(&package.join("../tests/stacks")));
    for set in below(&package.join("../tests/tusk")) {
        sound.extend(set.chunks(SPAN_FILES).step_by(3).map(<[_]>::to_vec));
    }
    Corpus { sound, bad: below(&package.join("../tests/errors")) }
}

fn below(folder: &Path) -> Vec<Input> {
    let entries = fs::read_dir(folder).expect("the folder exists");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let mut folders: Vec<PathBuf> = paths.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.iter().map(|folder| input(folder)).filter(|input| !input.is_empty()).collect()
}

fn input(folder: &Path) -> Input {
    let mut files = Input::new();
    for entry in fs::read_dir(folder).expect("the folder exists") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_lines = path.extension() == Some("jsonl".as_ref());
        if !path.is_file() || !is_lines && name != "stack.toml" {
            continue;
        }
        let bytes = fs::read(&path).expect("it can be read");
        let is_trace = name.starts_with("trace") || name.starts_with("again");
        if is_trace || is_span_file(&bytes) || !is_lines {
            let cut: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            files.push((name, cut[..cut.len().min(LINES)].concat()));
        }
    }
    files.sort();
    files
}

/// Whether a file was written by the recorder of spans.
pub fn is_span_file(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{\"traceId\":")
}
