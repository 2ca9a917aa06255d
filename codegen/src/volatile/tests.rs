//! What is volatile in small recordings.

use std::path::Path;

use super::{Volatile, Volatility};
use crate::error::Warning;
use crate::recording::Recording;
use crate::stack_file::StackFile;
use crate::trace::Source;

pub const ONE: &str = "3f2a9c1e-1111-4222-8333-444455556666";
pub const OTHER: &str = "c0ffee00-9999-4888-8777-666655554444";

/// A statement as it is sent in a scope: its text, parameters and the cells of a row.
pub type Sent<'s> = (&'s str, serde_json::Value, &'s [&'s str]);

/// The trace of a scope, recorded within a minute of the given moment.
pub fn trace(name: &str, began: &str, scope: &str, sent: &[Sent<'_>]) -> Source {
    let mut lines = vec![
        format!(
            r#"{{"trace":{{"version":1,"profile":"psycopg","packages":{{}},"started_at":"{began}"}}}}"#
        ),
        r#"{"scope":{"id":0,"name":"start-up","kind":"start-up"}}"#.to_owned(),
        r#"{"connect":{"id":1,"scope":0,"server_parameters":{},"status":"IDLE"}}"#.to_owned(),
        format!(r#"{{"scope":{{"id":1,"name":"{scope}","kind":"test"}}}}"#),
    ];
    for (number, (sql, parameters, cells)) in sent.iter().enumerate() {
        let id = number + 1;
        let sql = serde_json::to_string(sql).expect("a text");
        lines.push(format!(r#"{{"text":{{"id":{id},"sql":{sql}}}}}"#));
        let column =
            r#"{"name":"c","type":"text","type_oid":25,"typmod":-1,"size":-1,"format":"text"}"#;
        let columns = vec![column; cells.len()].join(",");
        lines.push(format!(r#"{{"row_description":{{"id":{id},"columns":[{columns}]}}}}"#));
        let row = serde_json::to_string(cells).expect("cells");
        let operation = match sql.contains("COPY") {
            true if sql.contains("STDIN") => "copy_in",
            true => "copy_out",
            false => "execute",
        };
        lines.push(format!(
            r#"{{"exchange":{{"id":{id},"scope":1,"connection":1,"operation":"{operation}","text":{id},"parameters":{parameters},"results":[{{"row_description":{id},"rowcount":1,"command_tag":"SELECT a","rows":[{row}]}}],"status":"INTRANS"}}}}"#
        ));
    }
    let ended = began.replace(":00+", ":59+");
    lines.push(format!(r#"{{"scope_end":{{"id":1,"at":"{ended}"}}}}"#));
    Source::memory(name, format!("{}\n", lines.join("\n")).into_bytes())
}

/// What is volatile in the exchanges of the scope, and what is said about it.
pub fn volatile(
    first: Source,
    second: Option<Source>,
    stack: &str,
) -> (Vec<Volatile>, Vec<String>) {
    let mut warnings: Vec<Warning> = Vec::new();
    let recording = Recording::of(vec![first], &mut warnings).expect("a recording");
    let again =
        second.map(|second| Recording::of(vec![second], &mut warnings).expect("a recording"));
    let stack = StackFile::parse(Path::new("stack.toml"), stack.as_bytes()).expect("a file");
    let volatility =
        Volatility::of(&recording, again.as_ref(), &stack, &mut warnings).expect("it is known");
    let text = recording.read(1, &[]).expect("lines");
    let exchanges = text.exchanges().expect("exchanges");
    let found = volatility.of_scope(&exchanges).expect("it is known");
    volatility.report(&recording, &mut warnings);
    (found, warnings.iter().map(ToString::to_string).collect())
}

const FIRST: &str = "2026-11-23T20:47:00+00:00";
const SECOND: &str = "2026-11-23T21:47:00+00:00";

fn twice(first: &[Sent<'_>], second: &[Sent<'_>]) -> (Vec<Volatile>, Vec<String>) {
    let one = trace("trace.jsonl", FIRST, "s", first);
    volatile(one, Some(trace("again.jsonl", SECOND, "s", second)), "")
}

fn json(places: &super::Places) -> String {
    serde_json::to_string(places).expect("it can be written")
}

#[test]
fn what_differs_where_the_client_asks_is_inferred() {
    let sent = |id: &'static str, name: &'static str, sql: &'static str| -> [Sent<'static>; 2] {
        [
            (
                "INSERT INTO t VALUES (%(id)s, %(n)s)",
                serde_json::json!({"id": {"uuid": id}, "n": name}),
                &[],
            ),
            (sql, serde_json::json!([7]), &["1"]),
        ]
    };
    let (found, warnings) = twice(
        &sent(ONE, "user-ab12cd34@x.org", "SELECT 'ab12cd34' WHERE a = %s"),
        &sent(OTHER, "user-00ff11ee@x.org", "SELECT '00ff11ee' WHERE a = %s"),
    );
    assert_eq!(warnings, [""; 0]);
    assert_eq!(json(&found[0].inferred), r#"{"/id":"uuid","/n":["user-","token","@x.org"]}"#);
    assert_eq!(json(&found[1].inferred), r#"{"sql":[[8,"ab12cd34","token"]]}"#);
    assert!(found.iter().all(|each| each.suspected.is_empty() && each.declared.is_empty()));
}

#[test]
fn what_the_server_made_stays_exact_and_what_the_client_made_does_not() {
    let sent = |made: &'static str, id: &'static str, serial: &'static str| -> [Sent<'static>; 3] {
        let own = serde_json::json!([made]);
        let number: u32 = serial.parse().expect("a number");
        let cells: &'static [&'static str] = match serial {
            "17" => &["17", ONE],
            _ => &["42", OTHER],
        };
        [
            ("INSERT INTO t VALUES (%s) RETURNING serial, id", own, cells),
            ("SELECT %s, %s", serde_json::json!([number, {"uuid": id}]), &["x"]),
            ("SELECT %s", serde_json::json!([format!("/{id}")]), &["x"]),
        ]
    };
    let (found, warnings) =
        twice(&sent("Ada Lovelace", ONE, "17"), &sent("Ada Byron", OTHER, "42"));
    assert_eq!(warnings, [""; 0]);
    assert_eq!(
        json(&found[0].inferred),
        r#"{"/0":["Ada ","text",""],"results/0/0":"number","results/0/1":"uuid"}"#
    );
    assert!(found[1].inferred.is_empty() && found[2].inferred.is_empty());
}

#[test]
fn runs_that_differ_say_where() {
    let one = [
        ("SELECT a", serde_json::json!([ONE]), &["a"][..]),
        ("SELECT b", serde_json::json!([]), &[]),
    ];
    let other = [
        ("SELECT a", serde_json::json!([7]), &["a"][..]),
        ("SELECT 3 + 4", serde_json::json!([]), &[]),
    ];
    let (found, warnings) = twice(&one, &other);
    // What the second recording does not have is suspected, as if there were none.
    assert!(found[0].suspected.is_empty());
    let said: Vec<&str> = warnings.iter().filter_map(|each| each.lines().next()).collect();
    assert_eq!(
        said,
        [
            "trace.jsonl:7:1: warning: parameter 0 of `SELECT a` is compared exactly: it is of another type or shape in the second recording",
            "trace.jsonl:10:1: warning: the second recording has no counterpart of `SELECT b` in scope `s`",
            "again.jsonl:10:1: warning: the first recording has no counterpart of `SELECT 3 + 4` in scope `s`",
        ]
    );
}

#[test]
fn scopes_of_one_recording_alone_are_said_and_suspected() {
    let sent = [("SELECT %s", serde_json::json!([{"uuid": ONE}]), &[][..])];
    let first = trace("trace.jsonl", FIRST, "s", &sent);
    let second = trace("again.jsonl", SECOND, "t", &sent);
    let (found, warnings) = volatile(first, Some(second), "");
    assert_eq!(json(&found[0].suspected), r#"{"/0":"uuid"}"#);
    assert!(
        warnings[0].starts_with("trace.jsonl:4:1: warning: the second recording has no scope `s`")
    );
    assert!(
        warnings[1].starts_with("again.jsonl:4:1: warning: the first recording has no scope `t`")
    );
}

#[test]
fn data_of_a_copy_are_answers_one_way_and_exact_the_other() {
    let sent = |data: &'static [&'static str], id: &str| {
        let own = serde_json::json!([{"uuid": id}]);
        let none = || serde_json::json!(null);
        [
            ("COPY t TO STDOUT", none(), data),
            ("SELECT %s", own, &[]),
            ("COPY t FROM STDIN", none(), data),
        ]
    };
    let first = sent(&["7\t3f2a9c1e-1111-4222-8333-444455556666\n"], ONE);
    let second = sent(&["7\tc0ffee00-9999-4888-8777-666655554444\n"], OTHER);
    let (found, warnings) = twice(&first, &second);
    assert!(found.iter().all(|each| each.inferred.is_empty()));
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("the data of `COPY t FROM STDIN` differ"), "{}", warnings[0]);
}

#[test]
fn a_second_recording_that_is_older_is_refused() {
    let sent: [Sent<'_>; 0] = [];
    let mut warnings = Vec::new();
    let [first, second] = [("a", SECOND), ("b", FIRST)].map(|(name, began)| {
        Recording::of(vec![trace(name, began, "s", &sent)], &mut warnings).expect("a recording")
    });
    let stack = StackFile::default();
    let error =
        Volatility::of(&first, Some(&second), &stack, &mut warnings).expect_err("it is older");
    assert!(error.to_string().starts_with("b: the second recording began before the first one"));
}

#[test]
fn what_was_recorded_once_is_suspected_by_its_form_and_listed() {
    let parameters = serde_json::json!({
        "id": {"uuid": ONE},
        "at": {"datetime": "2026-11-23T20:47:30+00:00"},
        "due": {"datetime": "2999-01-01T00:00:00+00:00"},
        "doc": {"jsonb": format!("{{\"key\": [\"x {OTHER}\"]}}")},
        "name": "Ada",
    });
    let sent = [("INSERT INTO t VALUES (%(id)s)", parameters, &[][..])];
    let (found, warnings) = volatile(trace("trace.jsonl", FIRST, "s", &sent), None, "");
    let suspected = r#"{"/at":"timestamp","/doc/key/0":["x ","uuid",""],"/id":"uuid"}"#;
    assert_eq!(json(&found[0].suspected), suspected);
    let said: Vec<&str> = warnings.iter().filter_map(|each| each.lines().next()).collect();
    let expected = "trace.jsonl:7:1: warning: suspected to be volatile in `INSERT INTO t VALUES \
                    (%(id)s)`: at (timestamp), doc/key/* (in parts), id (uuid)";
    assert_eq!(said, [expected]);
}

#[test]
fn what_the_application_has_from_its_scope_needs_no_suspicion() {
    let own = |id: &str| serde_json::json!([{"uuid": id}]);
    let sent: [Sent<'_>; 4] = [
        ("INSERT INTO t VALUES (%s)", own(ONE), &[ONE]),
        ("SELECT id FROM t", serde_json::json!([]), &[ONE, OTHER]),
        ("SELECT a WHERE id = %s", own(ONE), &[]),
        ("SELECT b WHERE id = %s", own(OTHER), &[]),
    ];
    let (found, _) = volatile(trace("trace.jsonl", FIRST, "s", &sent), None, "");
    let is_suspected: Vec<bool> = found.iter().map(|each| each.suspected.is_asked()).collect();
    assert_eq!(is_suspected, [true, false, false, false]);
}

#[test]
fn rules_declare_places_and_parts_and_forbid_them() {
    let parameters =
        serde_json::json!({"a": {"uuid": ONE}, "b": [{"uuid": ONE}, "x"], "c": ONE, "d": 1});
    let sent = [
        ("INSERT INTO t VALUES (1)", parameters, &[][..]),
        ("DROP TABLE tmp_ab12cd34", serde_json::json!(null), &[]),
    ];
    let stack = r#"
        [[volatile]]
        statement = "INSERT *"
        parameters = ["b*", "d"]
        kind = "uuid"

        [[volatile]]
        statement = "INSERT *"
        parameters = ["d"]

        [[volatile]]
        statement = "INSERT *"
        parameters = ["c"]
        forbidden = true

        [[volatile]]
        statement = "DROP TABLE tmp_{token}"
    "#;
    let (found, _) = volatile(trace("trace.jsonl", FIRST, "s", &sent), None, stack);
    assert_eq!(json(&found[0].declared), r#"{"/b/0":"uuid","/d":"value"}"#);
    assert_eq!(json(&found[0].suspected), r#"{"/a":"uuid"}"#);
    assert_eq!(json(&found[1].declared), r#"{"sql":[[15,"ab12cd34","token"]]}"#);
}
