//! What several files of one application make together.

use super::{NewsRecord, Recording, ScopeText, join};
use crate::profile::Profile;
use crate::trace::Source;

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

fn file(name: &str, more: &str) -> Source {
    Source::memory(name, format!("{FILE}{more}{END}").into_bytes())
}

fn recording(files: Vec<Source>) -> Recording {
    let mut warnings = Vec::new();
    let recording = Recording::of(files, &mut warnings).expect("a recording");
    assert!(warnings.is_empty());
    recording
}

fn scope(recording: &Recording, index: usize) -> ScopeText<'_> {
    recording.read(index, &[]).expect("the lines are there")
}

#[test]
fn ids_count_within_a_file_and_equal_names_are_numbered() {
    let mut warnings = Vec::new();
    let files = vec![file("trace-1.jsonl", ""), file("trace-2.jsonl", "")];
    let recording = Recording::of(files, &mut warnings).expect("a recording");
    assert_eq!(warnings.len(), 1, "who of the two is asked first is not known");
    let names: Vec<&str> = recording.scopes.iter().map(|scope| &*scope.name).collect();
    assert_eq!(names, ["start-up", "GET /users", "GET /users (2)"]);
    for index in [1, 2] {
        let text = scope(&recording, index);
        let exchanges = text.exchanges().expect("exchanges");
        assert_eq!(exchanges.iter().map(|each| each.scope).collect::<Vec<_>>(), [index]);
    }
    assert!(scope(&recording, 0).exchanges().expect("none").is_empty());
    assert_eq!(recording.connects.len(), 2);
}

#[test]
fn a_forked_process_goes_on_with_the_scope_of_its_parent() {
    let child = format!("{FILE}{END}").replace(
        r#""name":"GET /users","kind":"request""#,
        r#""name":"GET /users","kind":"request","continues":true"#,
    );
    for child in [child.clone(), child.replace(END, "")] {
        let child = Source::memory("trace-2.jsonl", child.into_bytes());
        let recording = recording(vec![file("trace-1.jsonl", ""), child]);
        assert_eq!(recording.scopes.len(), 2);
        let text = scope(&recording, 1);
        let exchanges = text.exchanges().expect("exchanges");
        let files: Vec<usize> = exchanges.iter().map(|each| each.number.0).collect();
        assert_eq!(files, [0, 1]);
    }
}

#[test]
fn two_profiles_are_refused() {
    const OTHER: &Profile = &Profile {
        name: "asyncpg",
        connection_set_up: &[],
        set_up_operations: &[],
        driver_packages: &[],
    };
    let mut recording = recording(vec![file("trace-1.jsonl", "")]);
    recording.profile = OTHER;
    let second = file("trace-2.jsonl", "");
    let error = join::append(&mut recording, second, &mut Vec::new()).expect_err("refused");
    let said = error.to_string();
    assert!(
        said.starts_with("trace-2.jsonl:1:1: profile `psycopg` where trace-1.jsonl has `asyncpg`"),
        "{said}"
    );
}

#[test]
fn rows_of_later_events_belong_to_their_exchange() {
    let more = "{\"rows\":{\"exchange\":1,\"rows\":[[null]],\"complete\":true}}\n";
    for (more, rows, partial) in [("", 2, true), (more, 3, false)] {
        let recording = recording(vec![file("trace.jsonl", more)]);
        let text = scope(&recording, 1);
        let exchanges = text.exchanges().expect("exchanges");
        let result = &exchanges[0].results[0];
        assert_eq!((result.rows.len(), result.partial), (rows, partial));
    }
}

#[test]
fn an_error_ends_the_rows_of_its_exchange() {
    let more = r#"{"rows":{"exchange":1,"rows":[],"error":{"class":"psycopg.errors.QueryCanceled","sqlstate":"57014","message":"x"}}}"#;
    let complete = r#"{"rows":{"exchange":1,"rows":[],"complete":true}}"#;
    // After the last row it is a move back that fails.
    for (more, partial) in [(format!("{more}\n"), true), (format!("{complete}\n{more}\n"), false)] {
        let recording = recording(vec![file("trace.jsonl", &more)]);
        let text = scope(&recording, 1);
        let exchanges = text.exchanges().expect("exchanges");
        let error = exchanges[0].error.expect("the error of the rows");
        assert!(error.get().contains("QueryCanceled"));
        assert_eq!(exchanges[0].results[0].partial, partial);
    }
}

#[test]
fn a_large_copy_says_at_its_end_what_came_of_it() {
    let begun = r#"{"text":{"id":2,"sql":"COPY users FROM STDIN"}}
{"exchange":{"id":2,"scope":1,"connection":1,"operation":"copy_in","text":2,"results":[{"row_description":1,"rowcount":-1,"command_tag":null,"rows":[["Ada\n"]],"partial":true}],"status":"ACTIVE"}}
{"rows":{"exchange":2,"rows":[["Grace\n"]]}}
"#;
    let ended = r#"{"rows":{"exchange":2,"rows":[],"complete":true,"rowcount":2,"command_tag":"COPY 2","notices":[{"severity":"NOTICE"}],"server_parameters":{"TimeZone":"UTC"},"status":"IDLE"}}
"#;
    for (more, expected) in [("", (-1, None, "ACTIVE")), (ended, (2, Some("COPY 2"), "IDLE"))] {
        let recording = recording(vec![file("trace.jsonl", &format!("{begun}{more}"))]);
        let text = scope(&recording, 1);
        let exchanges = text.exchanges().expect("exchanges");
        let [_, copy] = &exchanges[..] else { panic!("{exchanges:?}") };
        let result = &copy.results[0];
        assert_eq!(result.rows, [r#"["Ada\n"]"#, r#"["Grace\n"]"#]);
        let said = (result.rowcount, result.command_tag.as_deref(), copy.status.as_str());
        assert_eq!((said, result.partial), (expected, more.is_empty()));
        assert_eq!(copy.notices.is_some(), !more.is_empty());
        assert_eq!(copy.server_parameters.is_some(), !more.is_empty());
    }
}

#[test]
fn what_comes_with_later_rows_stands_behind_those_before_them() {
    let more = r#"{"rows":{"exchange":1,"rows":[["Eve"],["Ada"]],"notices":[{"severity":"NOTICE"}]}}
{"rows":{"exchange":1,"rows":[],"notices":[],"server_parameters":{"TimeZone":"UTC"},"complete":true}}
"#;
    let recording = recording(vec![file("trace.jsonl", more)]);
    let text = scope(&recording, 1);
    let exchanges = text.exchanges().expect("exchanges");
    let said = |news: &NewsRecord<'_>| {
        (news.after, news.notices.is_some(), news.server_parameters.is_some())
    };
    let later: Vec<_> = exchanges[0].later.iter().map(said).collect();
    assert_eq!(later, [(2, true, false), (4, false, true)]);
}

#[test]
fn a_notification_follows_the_statement_that_sent_it() {
    let statement = |id: u32, text: u32| {
        format!(
            r#"{{"exchange":{{"id":{id},"scope":1,"connection":3,"operation":"execute","text":{text},"status":"IDLE"}}}}
"#
        )
    };
    let notify = |payload: &str, pid: u32, after: &str| {
        format!(
            r#"{{"notify":{{"exchange":9,"channel":"c","payload":"{payload}","pid":{pid}{after}}}}}
"#
        )
    };
    let more = [
        r#"{"connect":{"id":2,"scope":0,"backend_pid":20,"server_parameters":{},"status":"IDLE"}}
{"connect":{"id":3,"scope":0,"backend_pid":30,"server_parameters":{},"status":"IDLE"}}
{"text":{"id":2,"sql":"SELECT 1"}}
{"exchange":{"id":9,"scope":0,"connection":2,"operation":"notifies","status":"IDLE"}}
"#
        .to_owned(),
        notify("of nobody", 40, ""),
        notify("its own", 20, ""),
        statement(10, 1),
        notify("done", 30, r#","after":10"#),
        // Its line comes later, as the answer does.
        notify("under way", 30, r#","after":11"#),
        statement(11, 1),
        // A ping sends nothing, nor does what was never written.
        statement(12, 2),
        notify("before a ping", 30, r#","after":12"#),
        notify("before nothing", 30, r#","after":13"#),
    ];
    let recording = recording(vec![file("trace.jsonl", &more.concat())]);
    let start_up = scope(&recording, 0);
    let exchanges = start_up.exchanges().expect("exchanges");
    let [run] = &exchanges[..] else { panic!("{exchanges:?}") };
    let came: Vec<_> =
        run.notifications.iter().map(|each| (&*each.payload, each.pid, each.after)).collect();
    let (first, second) = (Some(("GET /users", 1)), Some(("GET /users", 2)));
    assert_eq!(
        came,
        [
            ("of nobody", Some(40), None),
            ("its own", None, None),
            ("done", Some(30), first),
            ("under way", Some(30), second),
            ("before a ping", Some(30), second),
            ("before nothing", Some(30), second),
        ]
    );
    let text = scope(&recording, 1);
    let exchanges = text.exchanges().expect("exchanges");
    let sends: Vec<_> = exchanges.iter().map(|each| each.sends).collect();
    assert_eq!(sends, [None, first, second, None]);
}

#[test]
fn a_scope_is_read_by_place_whatever_stands_between_its_lines() {
    let other = r#"{"scope":{"id":2,"name":"other","kind":"request"}}
{"exchange":{"id":3,"scope":2,"connection":1,"operation":"commit","status":"IDLE"}}
{"exchange":{"id":2,"scope":1,"connection":1,"operation":"rollback","status":"IDLE"}}
{"scope_end":{"id":2}}
{"exchange":{"id":4,"scope":1,"connection":1,"operation":"commit","status":"IDLE"}}
"#;
    let recording = recording(vec![file("trace.jsonl", other)]);
    let text = scope(&recording, 1);
    let exchanges = text.exchanges().expect("exchanges");
    let ids: Vec<u64> = exchanges.iter().map(|each| each.number.1.0).collect();
    assert_eq!(ids, [1, 2, 4]);
}
