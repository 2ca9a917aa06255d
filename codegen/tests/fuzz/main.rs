//! Broken and hostile inputs, made from a seed: whatever a reader is given, it
//! answers with a fixture that holds literals and nothing else, or with an error
//! that has a place. It never panics, hangs, or takes much memory.
//!
//! `MOCK_CURSOR_FUZZ_CASES` and `MOCK_CURSOR_FUZZ_SEED` choose the cases, and
//! `MOCK_CURSOR_FUZZ_MODULES` names a folder for the distinct modules that were
//! emitted; see `cargo xtask fuzz`.

#![allow(clippy::expect_used, reason = "a test that cannot set itself up may panic")]

use std::collections::HashSet;
use std::fs;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use codegen::error::{Error, Result, Warning};
use codegen::generate::{Request, generate_data};
use codegen::python::Origin;
use codegen::sink::{Change, Sink};

mod checks;
mod corpus;
mod literals;
mod mutation;
mod random;

use checks::{check_file, check_place, is, recorded_texts};
use corpus::Input;
use random::Random;

const CASES: u64 = 3_000;
/// A case takes a fraction of a millisecond; one that takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(20);
/// The inputs have a few kilobytes each, and so have their fixtures.
const MOST_MEMORY_KB: u64 = 128 * 1024;

/// Contents by path.
type Files = Vec<(String, String)>;

/// Keeps what is printed.
#[derive(Default)]
struct Memory(Mutex<Files>);

impl Sink for Memory {
    fn file(&self, path: &str, content: &str) -> Result<()> {
        let mut files = self.0.lock().expect("no holder panics");
        files.push((path.to_owned(), content.to_owned()));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Change>> {
        Ok(Vec::new())
    }
}

#[test]
fn broken_inputs_get_an_answer() {
    let cases = number("MOCK_CURSOR_FUZZ_CASES").unwrap_or(CASES);
    let seed = number("MOCK_CURSOR_FUZZ_SEED").unwrap_or(1);
    let modules = std::env::var_os("MOCK_CURSOR_FUZZ_MODULES").map(PathBuf::from);
    let corpus = corpus::corpus();
    assert!(corpus.sound.len() >= 3 && corpus.bad.len() > 60, "the corpus is gone");
    let scratch = scratch();
    watch(seed);
    let mut kept = Kept { folder: modules, known: HashSet::new() };
    let mut accepted = 0;
    for case in 0..cases {
        CASE.store(case, Ordering::Relaxed);
        let mut random = Random::of(seed, case);
        let from = if random.below(4) == 0 { &corpus.bad } else { &corpus.sound };
        let mut input = random.choose(from).clone();
        mutation::mutate(&mut input, random.choose(&corpus.sound), &mut random);
        let outcome = std::panic::catch_unwind(|| answer(&input, scratch.path()));
        let outcome = outcome.unwrap_or_else(|_| Err("it panicked".to_owned()));
        match outcome {
            Ok(Some(files)) => {
                accepted += 1;
                kept.keep(&files);
            }
            Ok(None) => {}
            Err(what) => panic!("seed {seed}, case {case}: {what}\n{}", shown(&input)),
        }
    }
    println!("{cases} cases of seed {seed}, {accepted} accepted, {} modules", kept.known.len());
    let least = cases / 20;
    assert!(accepted > least && accepted < cases - least, "the cases are too easy or too hard");
    if let Some(peak) = peak_memory() {
        println!("peak memory {peak} kB");
        assert!(peak < MOST_MEMORY_KB, "{peak} kB");
    }
}

/// The files that were made of an input, or nothing if it was refused as it should be.
fn answer(input: &Input, folder: &Path) -> std::result::Result<Option<Files>, String> {
    let (mut traces, mut again) = (Vec::new(), Vec::new());
    let mut stack_file = None;
    for (name, bytes) in input {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|error| error.to_string())?;
        match name.as_str() {
            "stack.toml" => stack_file = Some(path),
            _ if name.starts_with("again") => again.push(path),
            _ => traces.push(path),
        }
    }
    let hostile = String::from_utf8_lossy(&input[0].1);
    let origin = Origin {
        stack: hostile.chars().rev().take(50).collect(),
        command: "mock-cursor gen".to_owned(),
        source: "trace.jsonl".to_owned(),
        record_command: hostile.chars().skip(100).take(50).collect(),
    };
    let sink = Memory::default();
    let mut warnings = Vec::new();
    let request = Request { traces, again, stack_file, origin };
    let outcome = generate_data(&request, &sink, &mut warnings);
    for Warning(finding) in &warnings {
        check_place(finding, input)?;
    }
    if warnings.last().is_some_and(|Warning(last)| last.hint.is_empty()) {
        return Err(format!("nothing says what to do: {warnings:?}"));
    }
    match outcome {
        Ok(()) => {
            let recorded = recorded_texts(input);
            let files = sink.0.into_inner().expect("no holder panicked");
            let recorded = recorded.as_ref();
            files.iter().try_for_each(|(path, content)| check_file(path, content, recorded))?;
            Ok(Some(files))
        }
        Err(Error::Input(finding)) => check_place(&finding, input).map(|()| None),
        // There is nothing wrong with the disk, the templates or the tables.
        Err(Error::Request { what, .. })
            if what == "no trace was given"
                || what.ends_with("span files without a span")
                || what.contains("the second recording ") =>
        {
            Ok(None)
        }
        Err(error) => Err(format!("{error:?}")),
    }
}

/// Distinct modules, for a check by Python itself.
struct Kept {
    folder: Option<PathBuf>,
    known: HashSet<u64>,
}

impl Kept {
    fn keep(&mut self, files: &Files) {
        let Some(folder) = &self.folder else { return };
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        for (path, content) in files.iter().filter(|(path, _)| is(path, "py")) {
            if path != "__init__.py" && self.known.insert(hasher.hash_one(content)) {
                let path = folder.join(format!("module_{}.py", self.known.len()));
                fs::write(&path, content).expect("the folder takes it");
            }
        }
    }
}

/// In memory where the system has such a place: a million cases are many files.
fn scratch() -> tempfile::TempDir {
    let builder = tempfile::Builder::new();
    let in_memory = builder.tempdir_in("/dev/shm");
    in_memory.or_else(|_| builder.tempdir()).expect("a folder")
}

static CASE: AtomicU64 = AtomicU64::new(0);

/// Ends the test when one case takes too long.
fn watch(seed: u64) {
    std::thread::spawn(move || {
        let mut since = (CASE.load(Ordering::Relaxed), Instant::now());
        loop {
            std::thread::sleep(PATIENCE / 20);
            let case = CASE.load(Ordering::Relaxed);
            if case != since.0 {
                since = (case, Instant::now());
            } else if since.1.elapsed() > PATIENCE {
                eprintln!("seed {seed}, case {case} hangs");
                std::process::exit(1);
            }
        }
    });
}

fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("the variable holds a number"))
}

fn shown(input: &Input) -> String {
    let files = input.iter().map(|(name, bytes)| format!("{name}:\n{}", bytes.escape_ascii()));
    files.collect::<Vec<_>>().join("\n").replace("\\n", "\n").replace("\\\"", "\"")
}
