use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::*;
use crate::generate::{Request, generate_data};
use crate::keep::kept;
use crate::python::Origin;
use crate::sink::{Change, Write};
use crate::stacks::{open_traces, scope_files};
use crate::trace::{Source, Version};

type Files = BTreeMap<String, String>;

/// Keeps what it is given.
#[derive(Default)]
struct Memory(Mutex<Files>);

impl Sink for Memory {
    fn file(&self, path: &str, content: &str) -> Result<()> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_owned(), content.to_owned());
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<Change>> {
        Ok(Vec::new())
    }
}

/// A folder of traces, and what is recorded into it.
struct Store(tempfile::TempDir);

impl Store {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn record(&self, mode: Mode, traces: &[&str]) -> Outcome {
        self.record_by(&StackFile::default(), mode, traces)
    }

    fn record_by(&self, rules: &StackFile, mode: Mode, traces: &[&str]) -> Outcome {
        let sources =
            traces.iter().map(|trace| Source::memory("x.jsonl", trace.as_bytes().to_vec()));
        let new = Recording::of(sources.collect(), &mut Vec::new()).expect("a recording");
        let old = kept(self.0.path(), &mut Vec::new()).expect("readable");
        let sink: Box<dyn Sink> = Box::new(Write::new(self.0.path()));
        let outcome = split(old.as_ref(), &new, mode, rules, sink.as_ref()).expect("splits");
        sink.finish().expect("writable");
        crate::keep::remove(self.0.path(), &outcome.gone).expect("removable");
        outcome
    }

    fn files(&self) -> Files {
        let read = |path: std::path::PathBuf| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("readable"))
        };
        scope_files(self.0.path()).expect("a folder").into_iter().map(read).collect()
    }

    fn changed(&self, before: &Files) -> Vec<String> {
        let after = self.files();
        let names: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let differs = |name: &&&String| before.get(**name) != after.get(**name);
        names.iter().filter(differs).map(|name| (*name).clone()).collect()
    }
}

/// Writes a trace as a recorder does.
struct Recorder {
    text: String,
    scopes: RefCell<u64>,
    exchanges: u64,
    texts: u64,
}

impl Recorder {
    fn new() -> Self {
        let version = Version::CURRENT;
        let text = format!(
            r#"{{"trace":{{"version":{version},"profile":"psycopg","packages":{{"psycopg":"3.3.9"}},"started_at":"2026"}}}}
{{"scope":{{"id":0,"name":"start-up","kind":"start-up"}}}}
{{"connect":{{"id":1,"scope":0,"server_parameters":{{"server_version":"18"}},"status":"IDLE"}}}}
"#
        );
        Self { text, scopes: RefCell::new(0), exchanges: 0, texts: 0 }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn ask(&mut self, scope: u64, sql: &str, parameters: &str, answer: &str) {
        self.exchanges += 1;
        self.texts += 1;
        let (id, text) = (self.exchanges, self.texts);
        self.line(&format!(r#"{{"text":{{"id":{text},"sql":"{sql}"}}}}"#));
        self.line(&format!(
            r#"{{"exchange":{{"id":{id},"scope":{scope},"connection":1,"operation":"execute","text":{text},"parameters":{parameters},"results":[{{"rowcount":1,"command_tag":"{answer}"}}],"status":"INTRANS"}}}}"#
        ));
    }

    fn scope(&mut self, kind: &str, name: &str, asked: &[&str], ending: &str) {
        *self.scopes.borrow_mut() += 1;
        let id = *self.scopes.borrow();
        self.line(&format!(r#"{{"scope":{{"id":{id},"name":"{name}","kind":"{kind}"}}}}"#));
        for sql in asked {
            self.ask(id, sql, "null", "OK");
        }
        self.line(&format!(r#"{{"scope_end":{{"id":{id}{ending}}}}}"#));
    }

    fn test(mut self, name: &str, asked: &[&str]) -> Self {
        self.scope("test", name, asked, "");
        self
    }
}

fn two(one: &str, other: &str) -> String {
    Recorder::new().test("t.py::one", &[one]).test("t.py::two", &[other]).text
}

#[test]
fn what_is_kept_replays_as_what_was_recorded() {
    for stack in ["fastapi-psycopg", "fastapi-sqlalchemy", "fastapi-sqlalchemy-async"] {
        let folder = crate::paths::stacks().join(stack);
        let traces = crate::stacks::trace_files(&folder).expect("traces");
        let new = Recording::of(open_traces(&traces).expect("readable"), &mut Vec::new());
        let new = new.expect("a recording");
        let store = Store::new();
        let sink: Box<dyn Sink> = Box::new(Write::new(store.0.path()));
        let rules = StackFile::default();
        split(None, &new, Mode::All, &rules, sink.as_ref()).expect("splits");
        sink.finish().expect("writable");
        let direct = bodies(&traces);
        let parts = bodies(&scope_files(store.0.path()).expect("a folder"));
        for (name, text) in direct {
            // Start-up has no order, and what is shared stands elsewhere.
            if text.contains(": 0 exchanges.") {
                // Nothing is kept of what asked nothing.
                continue;
            }
            let Some(part) = parts.get(&name) else { panic!("{stack}: no {name}") };
            if !name.ends_with("start_up.py")
                && !part.contains("\nBEGINS")
                && !part.contains("\nENDS")
            {
                assert_eq!(without_pids(&text), without_pids(part), "{stack}: {name}");
            }
        }
    }
}

/// Numbers of processes differ each time, and are kept as small ones.
fn without_pids(module: &str) -> String {
    let mut parts = module.split("\"pid\":");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    text
}

/// The modules of scopes that are generated of traces.
fn bodies(traces: &[std::path::PathBuf]) -> Files {
    let name = || "x".to_owned();
    let origin = Origin { stack: name(), command: name(), source: name(), record_command: name() };
    let request = Request { traces: traces.to_vec(), stack_file: None, origin };
    let sink = Memory::default();
    generate_data(&request, &sink, &mut Vec::new()).expect("generates");
    let files = sink.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    files.into_iter().filter(|(path, _)| path.starts_with("scopes/")).collect()
}

#[test]
fn a_test_that_is_recorded_again_changes_its_own_file() {
    for mode in [Mode::Once, Mode::All] {
        let store = Store::new();
        store.record(Mode::All, &[&two("a", "b")]);
        let before = store.files();
        assert_eq!(store.record(mode, &[&two("a", "b")]).added, 0);
        assert!(store.changed(&before).is_empty());
        store.record(mode, &[&two("a", "c")]);
        assert_eq!(store.changed(&before), ["t_py_two"]);
    }
}

#[test]
fn modes_decide_what_stays() {
    let kept = |mode: Mode| {
        let store = Store::new();
        store.record(Mode::All, &[&two("a", "b")]);
        let before = store.files();
        let new = Recorder::new().test("t.py::one", &["x"]).test("t.py::three", &["y"]);
        store.record(mode, &[&new.text]);
        store.changed(&before)
    };
    assert_eq!(kept(Mode::None), [""; 0]);
    assert_eq!(kept(Mode::NewEpisodes), ["t_py_three"]);
    assert_eq!(kept(Mode::Once), ["t_py_one", "t_py_three"]);
    assert_eq!(kept(Mode::All), ["t_py_one", "t_py_three"]);
    assert_eq!(kept(Mode::Rewrite), ["t_py_one", "t_py_three", "t_py_two"]);
}

#[test]
fn nothing_is_kept_of_a_test_that_failed_nor_of_what_it_requested() {
    let store = Store::new();
    store.record(Mode::All, &[&two("a", "b")]);
    let before = store.files();
    let mut new = Recorder::new();
    new.scope("test", "t.py::one", &["x"], r#","failed":true"#);
    new.scope("request", "t.py::one GET /", &["y"], "");
    new.scope("test", "t.py::new", &["x"], r#","failed":true"#);
    assert_eq!(store.record(Mode::All, &[&new.text]).failed, 2);
    assert!(store.changed(&before).is_empty());
}

#[test]
fn a_test_that_passed_at_last_is_kept_by_its_name() {
    let store = Store::new();
    let mut new = Recorder::new();
    new.scope("test", "t.py::one", &["x"], r#","failed":true"#);
    new.scope("test", "t.py::one (2)", &["y"], "");
    store.record(Mode::All, &[&new.text]);
    let files = store.files();
    assert!(files["t_py_one"].contains(r#""name":"t.py::one""#), "{files:?}");
    assert!(files["t_py_one"].contains(r#""sql":"y""#), "{files:?}");
}

#[test]
fn processes_that_set_a_fixture_up_keep_what_each_needs_once() {
    let worker = |own: &str| {
        let mut new = Recorder::new();
        new.scope("fixture", "fixture db", &["create", own], "");
        new.text
    };
    let store = Store::new();
    store.record(Mode::All, &[&worker("a"), &worker("a"), &worker("b")]);
    let text = &store.files()["fixture_db"];
    assert_eq!(text.matches("\"exchange\"").count(), 3, "{text}");
    let mut again = Recorder::new();
    again.scope("fixture", "fixture db", &["create"], "");
    again.scope("fixture", "fixture db (2)", &["create"], "");
    again.scope("fixture", "fixture db (3)", &["another"], "");
    let store = Store::new();
    store.record(Mode::All, &[&again.text]);
    let names: Vec<String> = store.files().into_keys().collect();
    assert_eq!(names, ["fixture_db", "fixture_db_3", "start_up"]);
}

const SET_UP: [&str; 3] = ["create a", "create b", "create c"];

fn with_set_up(tests: &[(&str, &str)]) -> String {
    let mut new = Recorder::new();
    for (name, own) in tests {
        let asked = [&SET_UP[..], &[own], &["drop c", "drop b", "drop a"]].concat();
        new = new.test(name, &asked);
    }
    new.text
}

#[test]
fn set_up_that_tests_have_in_common_stands_once() {
    let store = Store::new();
    store.record(Mode::All, &[&with_set_up(&[("one", "x"), ("two", "y"), ("three", "z")])]);
    let files = store.files();
    let shared = files.iter().filter(|(name, _)| name.starts_with("shared_"));
    assert_eq!(shared.count(), 2, "{files:?}");
    assert!(!files["one"].contains("create a"), "{}", files["one"]);

    // What is recorded later takes what is there.
    let before = store.files();
    store.record(Mode::Once, &[&with_set_up(&[("one", "changed"), ("four", "w")])]);
    assert_eq!(store.changed(&before), ["four", "one"]);

    // And what nothing refers to is removed.
    let mut alone = Recorder::new();
    alone = alone.test("one", &["x"]);
    store.record(Mode::Rewrite, &[&alone.text]);
    let names: Vec<String> = store.files().into_keys().collect();
    assert_eq!(names, ["one", "start_up"]);
}

#[test]
fn what_sets_up_connections_belongs_to_no_test() {
    let store = Store::new();
    let version = "select pg_catalog.version()";
    let first = Recorder::new().test("one", &[version, "a"]).test("two", &["b"]);
    store.record(Mode::All, &[&first.text]);
    let before = store.files();
    assert!(!before["one"].contains(version));
    let second = Recorder::new().test("one", &["a"]).test("two", &[version, "b"]);
    store.record(Mode::All, &[&second.text]);
    assert!(store.changed(&before).is_empty());
}

#[test]
fn what_may_differ_makes_no_test_another_one() {
    let toml = "[[volatile]]\nstatement = \"insert *\"\nparameters = [\"token\"]\n";
    let rules = StackFile::parse(Path::new("stack.toml"), toml.as_bytes()).expect("rules");
    let run = |token: &str, other: &str| {
        let mut new = Recorder::new();
        new.line(r#"{"scope":{"id":1,"name":"one","kind":"test"}}"#);
        new.ask(1, "insert x", &format!(r#"{{"token":"{token}","n":1}}"#), "OK");
        new.ask(1, "select x", &format!(r#"["{other}"]"#), "OK");
        new.line(r#"{"scope_end":{"id":1}}"#);
        new.text
    };
    let (one, two) = ("0123456789abcdef", "fedcba9876543210");
    let store = Store::new();
    store.record_by(&rules, Mode::All, &[&run(one, one)]);
    let before = store.files();
    assert_eq!(store.record_by(&rules, Mode::Once, &[&run(two, two)]).same, 1);
    assert!(store.changed(&before).is_empty());
    // Bound values stand for each other, and for nothing else.
    assert_eq!(store.record_by(&rules, Mode::Once, &[&run(two, one)]).updated, 1);
}

#[test]
fn scopes_keep_their_files_whatever_comes_beside_them() {
    let store = Store::new();
    store.record(Mode::All, &[&Recorder::new().test("t[x]", &["a"]).text]);
    let before = store.files();
    store.record(Mode::All, &[&Recorder::new().test("t[X]", &["b"]).text]);
    let changed = store.changed(&before);
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_ne!(changed[0], "t_x");
}
