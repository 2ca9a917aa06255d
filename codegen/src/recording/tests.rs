//! What several files of one application make together.

use std::path::PathBuf;

use super::Recording;
use crate::profile::Profile;
use crate::trace::{ProfileName, TraceText, read};

const FILE: &str = r#"{"trace":{"version":1,"profile":"psycopg","packages":{"psycopg":"3.3.9"},"started_at":""}}
{"scope":{"id":0,"name":"start-up","kind":"start-up"}}
{"connect":{"id":1,"scope":0,"server_parameters":{},"status":"IDLE"}}
{"text":{"id":1,"sql":"SELECT name FROM users"}}
{"row_description":{"id":1,"columns":[{"name":"name","type":"text","type_oid":25,"typmod":-1,"size":-1,"format":"text"}]}}
{"scope":{"id":1,"name":"GET /users","kind":"request"}}
{"exchange":{"id":1,"scope":1,"connection":1,"operation":"declare","text":1,"results":[{"row_description":1,"rowcount":-1,"rows":[["Ada"]],"partial":true}],"status":"INTRANS"}}
{"rows":{"exchange":1,"rows":[["Grace"]]}}
"#;

const END: &str = "{\"scope_end\":{\"id\":1}}\n";

fn file(name: &str, more: &str) -> TraceText {
    TraceText { path: PathBuf::from(name), bytes: format!("{FILE}{more}{END}").into_bytes() }
}

#[test]
fn ids_count_within_a_file_and_equal_names_are_numbered() {
    let (one, other) = (file("trace-1.jsonl", ""), file("trace-2.jsonl", ""));
    let mut warnings = Vec::new();
    let traces = [&one, &other].map(|text| read(text, &mut warnings).expect("a trace")).into();
    let recording = Recording::from_traces(traces, &mut warnings).expect("a recording");
    let names: Vec<&str> = recording.scopes.iter().map(|scope| &*scope.name).collect();
    assert_eq!(names, ["start-up", "GET /users", "GET /users (2)"]);
    let scopes: Vec<usize> = recording.exchanges.iter().map(|each| each.scope).collect();
    assert_eq!(scopes, [1, 2]);
    assert_eq!(recording.connects.len(), 2);
    assert!(warnings.is_empty());
}

#[test]
fn two_profiles_are_refused() {
    const OTHER: &Profile = &Profile {
        name: "asyncpg",
        connection_set_up: &[],
        set_up_operations: &[],
        driver_packages: &[],
    };
    let (one, other) = (file("trace-1.jsonl", ""), file("trace-2.jsonl", ""));
    let mut warnings = Vec::new();
    let first = read(&one, &mut warnings).expect("a trace");
    let mut second = read(&other, &mut warnings).expect("a trace");
    second.header.profile = ProfileName(OTHER);
    let error = Recording::from_traces(vec![first, second], &mut warnings).expect_err("refused");
    let said = error.to_string();
    assert!(
        said.starts_with("trace-2.jsonl:1:1: profile `asyncpg` where trace-1.jsonl has `psycopg`"),
        "{said}"
    );
}

#[test]
fn rows_of_later_events_belong_to_their_exchange() {
    let more = "{\"rows\":{\"exchange\":1,\"rows\":[[null]],\"complete\":true}}\n";
    for (more, rows, partial) in [("", 2, true), (more, 3, false)] {
        let text = file("trace.jsonl", more);
        let trace = read(&text, &mut Vec::new()).expect("a trace");
        let recording = Recording::from_traces(vec![trace], &mut Vec::new()).expect("a recording");
        let result = &recording.exchanges[0].results[0];
        assert_eq!((result.rows.len(), result.partial), (rows, partial));
    }
}

#[test]
fn an_error_ends_the_rows_of_its_exchange() {
    let more = r#"{"rows":{"exchange":1,"rows":[],"error":{"class":"psycopg.errors.QueryCanceled","sqlstate":"57014","message":"x"}}}"#;
    let text = file("trace.jsonl", &format!("{more}\n"));
    let trace = read(&text, &mut Vec::new()).expect("a trace");
    let recording = Recording::from_traces(vec![trace], &mut Vec::new()).expect("a recording");
    let error = recording.exchanges[0].error.expect("the error of the rows");
    assert!(error.get().contains("QueryCanceled"));
}
