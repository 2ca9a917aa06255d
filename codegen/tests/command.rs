//! The program from outside: what it writes, says and exits with.

#![allow(clippy::expect_used, reason = "a test that cannot set itself up may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use codegen::python::literal_module::check_literals;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn generate(traces: &Path, out: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mock-cursor"))
        .arg("gen")
        .arg(traces)
        .arg("--out")
        .arg(out)
        .args(more)
        .output()
        .expect("the program runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder exists") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn generating_again_changes_nothing_and_says_nothing() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("sample");
    let first = generate(&sample(), &out, &[]);
    assert_eq!(first.status.code(), Some(0));
    assert!(stdout(&first).ends_with(" created, 0 updated, 0 removed\n"), "{}", stdout(&first));
    for more in [&[][..], &["--check"]] {
        let again = generate(&sample(), &out, more);
        assert_eq!(again.status.code(), Some(0));
        assert_eq!(stdout(&again), "");
    }
}

#[test]
fn a_check_exits_with_1_and_writes_nothing() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("sample");
    generate(&sample(), &out, &[]);
    let index = out.join("index.py");
    fs::write(&index, "# mine\n").expect("it can be written");
    fs::remove_file(out.join("scopes/start_up.py")).expect("it can be removed");
    let check = generate(&sample(), &out, &["--check"]);
    assert_eq!(check.status.code(), Some(1));
    let said = stdout(&check);
    assert!(said.contains("-# mine\n") && said.contains("+PROFILE = \"psycopg\"\n"), "{said}");
    assert!(said.ends_with("1 missing, 1 different, 0 orphaned\n"), "{said}");
    assert_eq!(fs::read_to_string(index).expect("it is still there"), "# mine\n");
}

#[test]
fn files_are_read_in_the_order_in_which_they_began() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path().join("traces");
    fs::create_dir(&folder).expect("it can be made");
    // The scope that began first keeps its name, whatever its file is called.
    for (name, began, sql) in [
        ("trace-10.jsonl", "2026-11-23T20:00:02.000001+00:00", "SELECT second"),
        ("trace-9.jsonl", "2026-11-23T20:00:02.000000+00:00", "SELECT first"),
    ] {
        let trace = format!(
            r#"{{"trace":{{"version":1,"profile":"psycopg","packages":{{}},"started_at":"{began}"}}}}
{{"scope":{{"id":0,"name":"start-up","kind":"start-up"}}}}
{{"connect":{{"id":1,"scope":0,"server_parameters":{{}},"status":"IDLE"}}}}
{{"scope":{{"id":1,"name":"GET /","kind":"request"}}}}
{{"text":{{"id":1,"sql":"{sql}"}}}}
{{"exchange":{{"id":1,"scope":1,"connection":1,"operation":"execute","text":1,"status":"IDLE"}}}}
{{"scope_end":{{"id":1}}}}
"#
        );
        fs::write(folder.join(name), trace).expect("it can be written");
    }
    let given = [folder.join("trace-10.jsonl"), folder.join("trace-9.jsonl")];
    for (traces, more) in [(&folder, None), (&given[0], Some(&given[1]))] {
        let out = scratch.path().join("fixture");
        let more: Vec<&str> = more.iter().filter_map(|path| path.to_str()).collect();
        let output = generate(traces, &out, &more);
        assert_eq!(output.status.code(), Some(0));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("trace-10.jsonl:4:25: warning: another process has a scope"),
            "{said}"
        );
        let first = fs::read_to_string(out.join("scopes/get.py")).expect("the first scope");
        assert!(first.contains("SELECT first"), "{first}");
        fs::remove_dir_all(out).expect("it can be removed");
    }
}

#[test]
fn the_runtime_is_the_same_whatever_was_recorded() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (one, other) = (scratch.path().join("one"), scratch.path().join("other"));
    generate(&sample(), &one, &[]);
    let empty = scratch.path().join("trace.jsonl");
    let trace = fs::read_to_string(sample().join("trace.jsonl")).expect("the sample");
    let first = trace.split_inclusive('\n').next().expect("it has lines");
    fs::write(&empty, first).expect("it can be written");
    assert_eq!(generate(&empty, &other, &[]).status.code(), Some(0));
    let runtime = files(&one.join("runtime"));
    assert!(!runtime.is_empty());
    for path in runtime {
        let name = path.strip_prefix(&one).expect("it lies there");
        assert_eq!(fs::read(&path).ok(), fs::read(other.join(name)).ok(), "{}", name.display());
    }
}

#[test]
fn every_file_carries_its_header_and_no_path_of_this_machine() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("sample");
    generate(&sample(), &out, &[]);
    let here = scratch.path().display().to_string();
    for path in files(&out) {
        let text = fs::read_to_string(&path).expect("it is UTF-8");
        assert!(text.starts_with("# Generated by `mock-cursor gen` from "), "{}", path.display());
        assert!(!text.contains(&here) && !text.contains(env!("CARGO_MANIFEST_DIR")));
    }
}

#[test]
fn data_modules_hold_literals_only() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("sample");
    generate(&sample(), &out, &[]);
    let mut modules = files(&out.join("scopes"));
    modules.push(out.join("index.py"));
    assert!(modules.len() > 3);
    for path in modules {
        let text = fs::read_to_string(&path).expect("it is UTF-8");
        assert_eq!(check_literals(&text), Ok(()), "{}", path.display());
    }
}

#[test]
fn large_data_stand_beside_their_module() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("sample");
    let trace = fs::read_to_string(sample().join("trace.jsonl")).expect("the sample");
    let large = trace.replace("PostgreSQL 18.6", &"x".repeat(3 * 1024 * 1024));
    let path = scratch.path().join("trace.jsonl");
    fs::write(&path, large).expect("it can be written");
    assert_eq!(generate(&path, &out, &[]).status.code(), Some(0));
    let module = fs::read_to_string(out.join("scopes/start_up.py")).expect("the module");
    assert!(module.contains("EXCHANGES_FILE = \"start_up.jsonl\"\n"));
    assert!(module.len() < 10_000);
    let data = fs::read_to_string(out.join("scopes/start_up.jsonl")).expect("the data");
    assert!(data.starts_with('{') && data.ends_with("]\n"));
    // Once they are small again, the file beside the module is an orphan.
    let again = generate(&sample(), &out, &[]);
    assert!(stdout(&again).contains("removed ") && !out.join("scopes/start_up.jsonl").exists());
}

#[test]
fn a_row_may_have_more_columns_than_any_server_sends() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("sample");
    let column = |n| {
        format!(
            r#"{{"name":"c{n}","type":"int4","type_oid":23,"typmod":-1,"size":4,"format":"text"}}"#
        )
    };
    let columns: Vec<String> = (0..10_000).map(column).collect();
    let cells: Vec<String> = (0..10_000).map(|n| format!("\"{n}\"")).collect();
    let row = format!("[{}]", cells.join(","));
    let trace = fs::read_to_string(sample().join("trace.jsonl")).expect("the sample");
    let head: Vec<&str> = trace.lines().take(3).collect();
    let lines = [
        head.join("\n"),
        r#"{"text":{"id":1,"sql":"SELECT wide"}}"#.to_owned(),
        format!(r#"{{"row_description":{{"id":1,"columns":[{}]}}}}"#, columns.join(",")),
        format!(
            r#"{{"exchange":{{"id":1,"scope":0,"connection":1,"operation":"execute","text":1,"results":[{{"row_description":1,"rowcount":1,"command_tag":"SELECT 1","rows":[{row}]}}],"status":"IDLE"}}}}"#
        ),
    ];
    let path = scratch.path().join("trace.jsonl");
    fs::write(&path, lines.join("\n") + "\n").expect("it can be written");
    assert_eq!(generate(&path, &out, &[]).status.code(), Some(0));
    let module = fs::read_to_string(out.join("scopes/start_up.py")).expect("the module");
    assert_eq!(check_literals(&module), Ok(()));
    assert!(module.contains(&format!("\n{row}\n")));
    assert!(module.contains(r#"["c9999","int4",23,-1,4,"text"]]"#));
}

#[test]
fn the_launcher_is_a_folder_of_its_own() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("launcher");
    let output = Command::new(env!("CARGO_BIN_EXE_mock-cursor"))
        .args(["launcher", "--out"])
        .arg(&out)
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
    assert!(out.join("sitecustomize.py").exists());
    assert!(out.join("mock_cursor_recorder/cursor.py").exists(), "the derived half");
    assert!(out.join("mock_cursor_recorder/parameters.py").exists(), "the shared part");
}
