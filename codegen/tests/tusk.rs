//! Span files of another recorder: what is said about their losses, and what is made of them.

#![allow(clippy::expect_used, reason = "a test that cannot set itself up may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn sets() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tusk");
    let mut sets: Vec<PathBuf> = fs::read_dir(root)
        .expect("the folder of sets exists")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    sets.sort();
    assert!(!sets.is_empty(), "no set was found");
    sets
}

fn run(folder: &Path, command: &str, out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mock-cursor"))
        .current_dir(folder)
        .args([command, ".", "--out"])
        .arg(out)
        .output()
        .expect("the program runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn each_loss_is_reported_with_its_place() {
    for set in sets() {
        let scratch = tempfile::tempdir().expect("a folder");
        let output = run(&set, "gen", &scratch.path().join("fixture"));
        let expected = fs::read_to_string(set.join("stderr.txt")).expect("what is said");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(stderr(&output), expected, "{}", set.display());
    }
}

#[test]
fn requests_and_responses_are_those_that_a_client_saw() {
    for set in sets() {
        let scratch = tempfile::tempdir().expect("a folder");
        let output = run(&set, "requests", scratch.path());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let read = |path: PathBuf| -> Vec<serde_json::Value> {
            let text = fs::read_to_string(path).expect("the file exists");
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        };
        let seen = read(set.join("http.jsonl"));
        let (requests, responses) = (
            read(scratch.path().join("requests.jsonl")),
            read(scratch.path().join("responses.jsonl")),
        );
        assert_eq!(requests.len(), responses.len());
        let mut unseen: BTreeMap<String, usize> = BTreeMap::new();
        let mut answers = requests.iter().zip(&responses);
        // The client wrote down its own requests; the spans have those of others as well.
        for each in &seen {
            let query = each["query"].as_str().filter(|query| !query.is_empty());
            let path = each["path"].as_str().expect("a path").to_owned();
            let target = query.map_or(path.clone(), |query| format!("{path}?{query}"));
            let found = answers.find(|(request, response)| {
                request["path"] == target.as_str()
                    && request["method"] == each["method"]
                    && request["body"] == each["body"]
                    && response["status"] == each["status"]
                    && response["body"] == each["response_body"]
            });
            if found.is_none() {
                *unseen.entry(target).or_default() += 1;
                break;
            }
        }
        assert_eq!(unseen, BTreeMap::new(), "{}", set.display());
    }
}

/// A span with as little as is read of it.
fn span(id: u8, kind: u8, at: u8, seconds: u8, trace: u8, rest: &str) -> String {
    format!(
        r#"{{"traceId":"{trace}","spanId":"{id}","parentSpanId":"","kind":{kind},"status":{{"code":1}},"isPreAppStart":false,"timestamp":{{"seconds":{at},"nanos":0}},"duration":{{"seconds":{seconds},"nanos":0}},{rest}}}"#
    )
}

#[test]
fn a_statement_that_lost_its_parent_belongs_to_the_request_that_it_ran_within() {
    let request = |path: &str| {
        format!(
            r#""name":"GET {path}","packageName":"fastapi","inputValue":{{"method":"GET","target":"{path}"}},"outputValue":{{"statusCode":200}}"#
        )
    };
    let statement = |sql: &str| {
        format!(
            r#""name":"psycopg.query","packageName":"psycopg","inputValue":{{"query":"{sql}"}},"outputValue":{{"rowcount":1,"statusmessage":"INSERT 0 1"}}"#
        )
    };
    let spans = [
        span(1, 3, 11, 1, 7, &statement("INSERT INTO first")),
        span(2, 2, 10, 5, 1, &request("/first")),
        span(3, 3, 22, 1, 8, &statement("INSERT INTO second")),
        span(4, 2, 20, 5, 2, &request("/second")),
    ];
    let scratch = tempfile::tempdir().expect("a folder");
    fs::write(scratch.path().join("a_trace_1.jsonl"), spans.join("\n") + "\n").expect("written");
    let out = scratch.path().join("fixture");
    let output = run(scratch.path(), "gen", &out);
    assert_eq!(stderr(&output), "");
    for name in ["first", "second"] {
        let module = out.join(format!("scopes/get_{name}.py"));
        let text = fs::read_to_string(module).expect("the scope's module");
        assert!(text.contains(&format!("INSERT INTO {name}")), "{text}");
        assert!(text.contains(": 1 exchange."), "{text}");
    }
}
