//! What `gen` and `gen --check` say of traces with secrets in them.

#![allow(clippy::expect_used, reason = "a test that cannot set itself up may panic")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const HEAD: &str = concat!(
    r#"{"trace":{"version":1,"profile":"psycopg","packages":{},"started_at":""}}"#,
    "\n",
    r#"{"scope":{"id":0,"name":"start-up","kind":"start-up"}}"#,
    "\n",
    r#"{"connect":{"id":1,"scope":0,"server_parameters":{"server_version":"18.6"},"status":"IDLE"}}"#,
    "\n",
);

/// A statement with a parameter, and a row of two columns.
fn trace(parameter: &str, column: &str, cell: &str) -> String {
    format!(
        "{HEAD}{}\n{}\n{}\n",
        r#"{"text":{"id":1,"sql":"SELECT a FROM t WHERE b = %s"}}"#,
        format_args!(
            r#"{{"row_description":{{"id":1,"columns":[{{"name":"a","type":"text","type_oid":25,"typmod":-1,"size":-1,"format":"text"}},{{"name":"{column}","type":"text","type_oid":25,"typmod":-1,"size":-1,"format":"text"}}]}}}}"#
        ),
        format_args!(
            r#"{{"exchange":{{"id":1,"scope":0,"connection":1,"operation":"execute","text":1,"parameters":["{parameter}"],"results":[{{"row_description":1,"rowcount":1,"command_tag":"SELECT 1","rows":[["x","{cell}"]]}}],"status":"INTRANS"}}}}"#
        ),
    )
}

fn run(folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-cursor"));
    command.args(["gen", "trace.jsonl", "--out", "fixture"]).args(more).current_dir(folder);
    if folder.join("stack.toml").exists() {
        command.args(["--stack-file", "stack.toml"]);
    }
    command.output().expect("it runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Exit code and words of `gen --check` on a fixture that is up to date.
fn checked(trace: &str, stack_file: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("trace.jsonl"), trace).expect("writable");
    if !stack_file.is_empty() {
        fs::write(folder.path().join("stack.toml"), stack_file).expect("writable");
    }
    let made = run(folder.path(), &[]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let check = run(folder.path(), &["--check"]);
    // What fails the check is a warning before, in the same words.
    assert_eq!(said(&made).replace("warning: ", ""), said(&check).replace("warning: ", ""));
    (check.status.code(), said(&check))
}

#[test]
fn a_secret_fails_the_check_at_its_place_and_is_not_shown() {
    let secret = "sk_live_4eC39HqLyjWDarjtT1zdp7dc";
    let (code, words) = checked(&trace(secret, "b", "y"), "");
    assert_eq!(code, Some(1));
    let line = words.lines().next().unwrap_or_default();
    assert_eq!(line, "trace.jsonl:6:92: looks like a key or a token: sk_l… (32 characters)");
    assert!(words.contains("\n  hint: redact it by a [[redact]] rule of stack.toml"), "{words}");
    assert!(!words.contains(secret));
    assert_eq!(checked(&trace("plain", "b", "y"), ""), (Some(0), String::new()));
}

#[test]
fn cells_are_looked_at_by_the_names_of_their_columns() {
    let cell = "Tr0ub4dor&3";
    let (code, words) = checked(&trace("x", "password_hash", cell), "");
    assert_eq!(code, Some(1));
    assert!(words.contains("a secret, by the name of its column: T… (11 characters)"), "{words}");
    assert_eq!(checked(&trace("x", "note", cell), "").0, Some(0));
    assert_eq!(checked(&trace("x", "password", "Ef7uq9fnk&5EXAMPLE"), "").0, Some(0));
}

#[test]
fn what_is_declared_with_a_reason_passes() {
    let trace = trace("4242424242424242", "b", "y");
    let declared = "[[not_secret]]\nvalue = \"4242*\"\nreason = \"a test card\"\n";
    assert_eq!(checked(&trace, declared), (Some(0), String::new()));
    let other = declared.replace("4242*", "4000*");
    let (code, words) = checked(&trace, &other);
    assert_eq!(code, Some(1));
    let vain = "stack.toml:2:9: warning: nothing that looks like a secret is `4000*`";
    assert!(words.contains(vain), "{words}");
}

#[test]
fn many_secrets_are_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = |n| format!(r#"{{"text":{{"id":{n},"sql":"SELECT 'u{n}@mail.name'"}}}}"#);
    let texts: Vec<String> = (0..50).map(text).collect();
    let trace = format!("{HEAD}{}\n", texts.join("\n"));
    fs::write(folder.path().join("trace.jsonl"), trace).expect("writable");
    let output = run(folder.path(), &[]);
    let words = said(&output);
    assert_eq!(words.matches("looks like an e-mail address").count(), 20, "{words}");
    assert!(words.ends_with("and 30 more that look like secrets\n"), "{words}");
}
