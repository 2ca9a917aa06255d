//! The plan of small traces.

use std::path::Path;

use super::{Plan, PlannedConnect, PlannedExchange, PlannedScope, VolatileName};
use crate::error::Warning;
use crate::recording::Recording;
use crate::stack_file::StackFile;
use crate::trace::Source;

const HEAD: &str = r#"{"trace":{"version":1,"profile":"psycopg","packages":{},"started_at":""}}
{"scope":{"id":0,"name":"start-up","kind":"start-up"}}
{"connect":{"id":1,"scope":0,"server_parameters":{"a":"1","b":"2"},"status":"IDLE"}}
{"scope":{"id":1,"name":"GET /","kind":"request"}}
{"text":{"id":1,"sql":"SELECT 1"}}
{"text":{"id":2,"sql":"UPDATE t SET at = %(at)s WHERE id = %(id)s"}}
{"text":{"id":3,"sql":"DELETE FROM t"}}
"#;

fn exchange(id: u32, operation: &str, text: &str, fields: &str) -> String {
    format!(
        r#"{{"exchange":{{"id":{id},"scope":1,"connection":1,"operation":"{operation}"{text}{fields},"status":"IDLE"}}}}"#
    ) + "\n"
}

/// Start-up and the scope of the events, as planned.
struct Planned<'a> {
    connects: &'a [PlannedConnect<'a>],
    start_up: PlannedScope<'a>,
    scope: PlannedScope<'a>,
}

fn with_plan(events: &[String], stack: &str, check: impl FnOnce(&Planned<'_>, &[Warning])) {
    let bytes = format!("{HEAD}{}{{\"scope_end\":{{\"id\":1}}}}\n", events.concat()).into_bytes();
    let mut warnings = Vec::new();
    let sources = vec![Source::memory("trace.jsonl", bytes)];
    let recording = Recording::of(sources, &mut warnings).expect("a recording");
    let stack =
        StackFile::parse(Path::new("stack.toml"), stack.as_bytes()).expect("a stack's file");
    let plan = Plan::of(&recording, &stack);
    let texts = [0, 1].map(|scope| recording.read(scope, &plan.borrowed(scope)).expect("lines"));
    let [start_up, scope] = [0, 1].map(|index| {
        plan.scope(index, texts[index].exchanges().expect("exchanges")).expect("a plan")
    });
    plan.report(&mut warnings);
    check(&Planned { connects: &plan.connects, start_up, scope }, &warnings);
}

#[test]
fn connection_set_up_is_answered_again_from_start_up() {
    let ping = r#","text":1"#;
    let failed = r#","error":{"class":"psycopg.OperationalError","sqlstate":null,"message":"x"}"#;
    let events = [
        exchange(1, "execute", ping, ""),
        exchange(2, "execute", ping, ""),
        exchange(3, "execute", ping, failed),
    ];
    with_plan(&events, "", |plan, _| {
        assert_eq!(plan.start_up.exchanges.len(), 1);
        assert!(plan.start_up.exchanges[0].repeatable);
        // A ping that failed is something that the application saw, in its turn.
        let times: Vec<usize> = plan.scope.exchanges.iter().map(|each| each.times).collect();
        assert_eq!(times, [2, 1]);
        assert!(plan.scope.exchanges.iter().all(|each| !each.repeatable));
    });
}

#[test]
fn what_a_pool_s_callbacks_ask_is_answered_again_whatever_it_is() {
    let set_up = |event: String| event.replace(r#""scope":1"#, r#""scope":2"#);
    let scope = r#"{"scope":{"id":2,"name":"set-up","kind":"set-up"}}"#.to_owned() + "\n";
    let deleted = r#","text":3,"results":[{"rowcount":1,"command_tag":"DELETE 1"}]"#;
    let failed =
        r#","text":3,"error":{"class":"psycopg.OperationalError","sqlstate":null,"message":"x"}"#;
    let events = [
        scope,
        set_up(exchange(1, "execute", failed, "")),
        set_up(exchange(2, "execute", deleted, "")),
        set_up(exchange(3, "execute", deleted, "")),
        set_up(exchange(4, "commit", "", "")),
        exchange(5, "execute", r#","text":2"#, ""),
    ];
    with_plan(&events, "", |plan, warnings| {
        let exchanges = &plan.start_up.exchanges;
        assert_eq!(exchanges.len(), 2);
        assert!(exchanges[0].repeatable && exchanges[0].exchange.error.is_none());
        // Once, and first, though it is written below.
        assert!(!exchanges[1].repeatable && exchanges[1].exchange.error.is_some());
        assert_eq!(plan.start_up.commits, 1);
        assert_eq!(plan.scope.exchanges.len(), 1);
        assert!(warnings.is_empty());
    });
}

#[test]
fn a_scope_that_got_another_answer_keeps_its_own_in_order() {
    let answered =
        |row: &str| format!(r#","text":1,"results":[{{"rowcount":1,"command_tag":"{row}"}}]"#);
    let (one, two) = (answered("1"), answered("2"));
    let events = [
        exchange(1, "execute", &one, ""),
        exchange(2, "execute", &two, ""),
        exchange(3, "execute", &one, ""),
    ];
    let tags = |exchanges: &[PlannedExchange<'_>]| -> Vec<String> {
        let tag = |each: &PlannedExchange<'_>| {
            each.exchange.results[0].command_tag.clone().unwrap_or_default().into_owned()
        };
        exchanges.iter().map(tag).collect()
    };
    with_plan(&events, "", |plan, _| {
        assert_eq!(tags(&plan.start_up.exchanges), ["1"]);
        assert!(plan.start_up.exchanges[0].repeatable);
        assert_eq!(tags(&plan.scope.exchanges), ["1", "2", "1"]);
    });
    let in_start_up = |event: &String| event.replace(r#""scope":1"#, r#""scope":0"#);
    let events: Vec<String> = events[..2].iter().map(in_start_up).collect();
    with_plan(&events, "", |plan, _| {
        // The runtime takes what may be taken once before what is repeated.
        assert_eq!(tags(&plan.start_up.exchanges), ["2", "1"]);
        assert!(plan.start_up.exchanges[0].repeatable);
        assert!(!plan.start_up.exchanges[1].repeatable);
    });
}

#[test]
fn ends_of_transactions_are_kept_only_if_they_say_something() {
    let notice = r#","notices":[{"severity":"WARNING"}]"#;
    let failed = r#","error":{"class":"psycopg.errors.SerializationFailure","sqlstate":"40001","message":"x"}"#;
    let events = [
        exchange(1, "commit", "", ""),
        exchange(2, "commit", "", ""),
        exchange(3, "rollback", "", ""),
        exchange(4, "rollback", "", notice),
        exchange(5, "commit", "", failed),
    ];
    with_plan(&events, "", |plan, _| {
        assert_eq!(plan.scope.commits, 2);
        assert_eq!(plan.scope.exchanges.len(), 2);
    });
}

#[test]
fn an_end_that_says_something_belongs_to_the_last_exchange_of_its_transaction() {
    let failed =
        r#","error":{"class":"psycopg.errors.UniqueViolation","sqlstate":"23505","message":"x"}"#;
    let open = |event: String, connection: u32| {
        event
            .replace(r#""status":"IDLE""#, r#""status":"INTRANS""#)
            .replace(r#""connection":1"#, &format!(r#""connection":{connection}"#))
    };
    let text = r#","text":3"#;
    let events = [
        r#"{"connect":{"id":2,"scope":0,"server_parameters":{},"status":"IDLE"}}"#.to_owned()
            + "\n",
        open(exchange(1, "execute", text, ""), 1),
        open(exchange(2, "execute", text, ""), 2),
        exchange(3, "commit", "", failed),
        open(exchange(4, "execute", text, ""), 1),
        exchange(5, "commit", "", ""),
    ];
    with_plan(&events, "", |plan, _| {
        // The second and the last are equal, the first is not: its commit failed.
        let seen: Vec<_> = plan
            .scope
            .exchanges
            .iter()
            .map(|each| (each.times, !each.controls.is_empty()))
            .collect();
        assert_eq!(seen, [(1, true), (2, false)]);
        assert_eq!(plan.scope.commits, 1);
    });
}

#[test]
fn ends_follow_each_other_until_another_exchange_comes_or_the_transaction_is_over() {
    let zone = r#","server_parameters":{"TimeZone":"UTC"}"#;
    let open = |event: String| event.replace(r#""status":"IDLE""#, r#""status":"INTRANS""#);
    let text = r#","text":3"#;
    let events = [
        open(exchange(1, "execute", text, "")),
        open(exchange(2, "sync", "", zone)),
        open(exchange(3, "sync", "", "")),
        // It asks for nothing, and has no part in it.
        open(exchange(4, "notifies", "", "")),
        exchange(5, "rollback", "", zone),
        exchange(6, "rollback", "", zone),
        open(exchange(7, "execute", text, "")),
        open(exchange(8, "execute", text, "")),
        exchange(9, "sync", "", zone),
    ];
    with_plan(&events, "", |plan, _| {
        let seen: Vec<_> = plan
            .scope
            .exchanges
            .iter()
            .map(|each| {
                let ends = each.controls.iter().map(|end| end.operation.as_str()).collect();
                (each.exchange.operation.as_str(), ends)
            })
            .collect();
        let expected: [(&str, Vec<&str>); 5] = [
            ("execute", vec!["sync", "rollback"]),
            ("notifies", vec![]),
            ("rollback", vec![]),
            ("execute", vec![]),
            ("execute", vec!["sync"]),
        ];
        assert_eq!(seen, expected);
        assert_eq!(plan.scope.commits, 0);
    });
}

#[test]
fn what_was_heard_with_a_ping_is_heard_once() {
    let ping = r#","text":1"#;
    let heard = |id: u32| {
        format!(r#"{{"notify":{{"exchange":{id},"channel":"c","payload":"","pid":1}}}}"#) + "\n"
    };
    let of_start_up = |event: String| event.replace(r#""scope":1"#, r#""scope":0"#);
    let events = [
        of_start_up(exchange(1, "execute", ping, "")),
        heard(1),
        exchange(2, "execute", ping, ""),
        exchange(3, "execute", ping, ""),
        heard(3),
    ];
    let seen = |scope: &PlannedScope<'_>| -> Vec<_> {
        let heard = |each: &PlannedExchange<'_>| each.exchange.notifications.len();
        scope.exchanges.iter().map(|each| (each.repeatable, heard(each))).collect()
    };
    with_plan(&events, "", |plan, _| {
        assert_eq!(seen(&plan.start_up), [(true, 0), (false, 1)]);
        assert_eq!(seen(&plan.scope), [(false, 1)]);
    });
}

#[test]
fn connections_that_are_equal_keep_their_processes_in_order() {
    let connect = |id: u32, pid: u32, zone: &str| {
        format!(
            r#"{{"connect":{{"id":{id},"scope":0,"backend_pid":{pid},"server_parameters":{{"TimeZone":"{zone}"}},"status":"IDLE"}}}}"#
        ) + "\n"
    };
    let events = [connect(2, 12, "UTC"), connect(3, 7, "Asia/Tokyo"), connect(4, 9, "UTC")];
    with_plan(&events, "", |plan, _| {
        let pids = plan.connects.iter().map(|each| each.backend_pids.as_slice());
        let expected: [&[i64]; 3] = [&[], &[12, 9], &[7]];
        assert_eq!(pids.collect::<Vec<_>>(), expected);
    });
}

#[test]
fn equal_exchanges_that_follow_each_other_within_their_key_are_kept_once() {
    let text = r#","text":3"#;
    let one = r#","results":[{"rowcount":1,"command_tag":"DELETE 1"}]"#;
    let none = r#","results":[{"rowcount":0,"command_tag":"DELETE 0"}]"#;
    let events = [
        exchange(1, "execute", text, one),
        exchange(2, "execute", r#","text":2"#, ""),
        exchange(3, "execute", text, one),
        exchange(4, "execute", text, none),
        exchange(5, "execute", text, one),
    ];
    with_plan(&events, "", |plan, _| {
        let times: Vec<usize> = plan.scope.exchanges.iter().map(|each| each.times).collect();
        assert_eq!(times, [2, 1, 1, 1]);
    });
}

#[test]
fn the_order_of_the_sets_of_executemany_makes_no_other_key() {
    let many = |id, sets: &str, count: u32| {
        let fields = format!(
            r#","text":3,"parameters":{sets},"results":[{{"rowcount":{count},"command_tag":"x"}}]"#
        );
        exchange(id, "executemany", &fields, "")
    };
    // Merged, the first and the last would both be answered before the second.
    let events = [many(1, "[[1],[2]]", 1), many(2, "[[2],[1]]", 2), many(3, "[[1],[2]]", 1)];
    with_plan(&events, "", |plan, _| {
        let times: Vec<usize> = plan.scope.exchanges.iter().map(|each| each.times).collect();
        assert_eq!(times, [1, 1, 1]);
    });
}

#[test]
fn exchanges_that_differ_in_a_volatile_parameter_are_kept_apart_and_in_order() {
    let text = r#","text":2"#;
    let at = |second: u32| {
        format!(r#","parameters":{{"at":{{"datetime":"2026-01-01T00:00:0{second}"}},"id":1}}"#)
    };
    let events = [
        exchange(1, "execute", text, &at(1)),
        exchange(2, "execute", text, &at(2)),
        exchange(3, "execute", text, &at(1)),
    ];
    let stack = "[[volatile]]\nstatement = \"UPDATE t *\"\nparameters = [\"at*\"]\n";
    with_plan(&events, stack, |plan, warnings| {
        let exchanges = &plan.scope.exchanges;
        assert_eq!(exchanges.len(), 3);
        for each in exchanges {
            assert_eq!(each.volatile, [VolatileName::Name("at".to_owned())]);
        }
        assert!(warnings.is_empty());
    });
}

#[test]
fn volatile_parameters_are_found_by_position_and_in_rows_of_executemany() {
    let text = r#","text":3"#;
    let events = [
        exchange(1, "execute", text, r#","parameters":["a","b","c"]"#),
        exchange(2, "executemany", text, r#","parameters":[{"at":1},{"at":2,"by":3}]"#),
    ];
    let stack = "[[volatile]]\nstatement = \"DELETE*\"\nparameters = [\"1\", \"by\"]\n";
    with_plan(&events, stack, |plan, _| {
        let exchanges = &plan.scope.exchanges;
        assert_eq!(exchanges[0].volatile, [VolatileName::Position(1)]);
        assert_eq!(exchanges[1].volatile, [VolatileName::Name("by".to_owned())]);
    });
}

#[test]
fn only_a_random_identifier_of_a_two_phase_transaction_is_volatile_undeclared() {
    let begin = |id, xid: &str| exchange(id, "tpc_begin", "", &format!(r#","parameters":{xid}"#));
    let random = r#"["_sa_0123456789abcdef0123456789abcdef"]"#;
    let events = [
        begin(1, random),
        begin(2, r#"["_sa_0123456789ABCDEF0123456789abcdef"]"#),
        begin(3, r#"["order 7"]"#),
        begin(4, r#"[1,"g","b"]"#),
        exchange(5, "tpc_commit", "", &format!(r#","parameters":{random}"#)),
    ];
    let volatile = |plan: &Planned<'_>| -> Vec<usize> {
        plan.scope.exchanges.iter().map(|each| each.volatile.len()).collect()
    };
    with_plan(&events, "", |plan, _| assert_eq!(volatile(plan), [1, 0, 0, 0, 0]));
    let stack = "[[volatile]]\nstatement = \"tpc_begin\"\nparameters = [\"1\"]\n";
    with_plan(&events, stack, |plan, warnings| {
        assert_eq!(volatile(plan), [1, 0, 0, 1, 0]);
        assert!(warnings.is_empty());
    });
}

#[test]
fn commits_of_two_phase_transactions_are_counted_and_kept() {
    let failed =
        r#","error":{"class":"psycopg.errors.UndefinedObject","sqlstate":"42704","message":"x"}"#;
    let xid = r#","parameters":["a"]"#;
    let events = [
        exchange(1, "tpc_begin", xid, "").replace("IDLE", "INTRANS"),
        exchange(2, "tpc_prepare", xid, ""),
        exchange(3, "tpc_commit", xid, ""),
        exchange(4, "tpc_rollback", xid, ""),
        exchange(5, "tpc_commit", xid, failed),
    ];
    with_plan(&events, "", |plan, _| {
        assert_eq!(plan.scope.commits, 1);
        assert_eq!(plan.scope.exchanges.len(), 5);
    });
}

#[test]
fn a_rule_that_names_nothing_is_reported() {
    let stack = "[[volatile]]\nstatement = \"INSERT*\"\nparameters = [\"*\"]\n";
    with_plan(&[], stack, |_, warnings| {
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].to_string().starts_with("stack.toml:2:13: warning: "));
    });
}

#[test]
fn equal_outcomes_of_connecting_are_kept_once() {
    let events = [
        r#"{"connect":{"id":2,"scope":1,"server_parameters":{"b":"2","a":"1"},"status":"IDLE"}}"#,
        r#"{"connect":{"id":3,"scope":1,"error":{"class":"psycopg.OperationalError","sqlstate":null,"message":"refused"}}}"#,
        r#"{"connect":{"id":4,"scope":1,"server_parameters":{"a":"2"},"status":"IDLE"}}"#,
    ];
    with_plan(&events.map(|event| format!("{event}\n")), "", |plan, _| {
        let kinds: Vec<bool> =
            plan.connects.iter().map(|connect| connect.outcome.is_ok()).collect();
        assert_eq!(kinds, [true, true, false]);
    });
}

#[test]
fn exchanges_that_differ_in_a_free_order_are_kept_in_their_order() {
    let text =
        r#"{"text":{"id":4,"sql":"SELECT n FROM t WHERE id IN (%s, %s)"}}"#.to_owned() + "\n";
    let of = |id, parameters: &str| {
        exchange(id, "execute", r#","text":4"#, &format!(r#","parameters":{parameters}"#))
    };
    let events = [text, of(1, "[1,2]"), of(2, "[1,2]"), of(3, "[2,1]"), of(4, "[1,2]")];
    with_plan(&events, "", |plan, _| {
        let times: Vec<usize> = plan.scope.exchanges.iter().map(|each| each.times).collect();
        assert_eq!(times, [2, 1, 1]);
    });
}

#[test]
fn exchanges_of_different_modes_of_transactions_are_kept_apart() {
    let text = r#","text":1,"transaction":"SERIALIZABLE""#;
    let other = r#","text":3"#;
    let mode = r#","text":3,"transaction":"READ ONLY""#;
    let events = [
        exchange(1, "execute", r#","text":1"#, ""),
        exchange(2, "execute", text, ""),
        exchange(3, "execute", other, ""),
        exchange(4, "execute", mode, ""),
        exchange(5, "execute", other, ""),
    ];
    with_plan(&events, "", |plan, _| {
        let modes = |scope: &PlannedScope<'_>| -> Vec<(String, usize)> {
            let each = scope.exchanges.iter();
            each.map(|each| {
                (each.exchange.transaction.clone().unwrap_or_default().into_owned(), each.times)
            })
            .collect()
        };
        // Both set up a connection, and have answers of their own.
        assert_eq!(modes(&plan.start_up), [(String::new(), 1), ("SERIALIZABLE".to_owned(), 1)]);
        assert_eq!(modes(&plan.scope), [(String::new(), 2), ("READ ONLY".to_owned(), 1)]);
    });
}
