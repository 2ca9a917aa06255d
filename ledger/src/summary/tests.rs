use super::{Exchange, Summary};
use crate::entry::Entry;
use crate::{json, junit, text};

fn of(lines: &[&str]) -> Summary {
    let mut summary = Summary::new();
    for line in lines {
        summary.add(Entry::parse(line).expect(line));
    }
    summary
}

const REPLAY: &str = r#"{"replay":{"stack":"shop","process":7,"scopes":["a","b","c"]}}"#;
const START_UP: &str = r#"{"unused":{"scope":"start-up","exchanges":[{"exchange":1,"operation":"execute","sql":"SELECT 1","parameters":null,"left":1,"times":1},{"exchange":2,"operation":"execute","sql":"show x","parameters":null,"left":1,"times":1}]}}"#;
const PING: &str = r#"{"taken":{"scope":"start-up","exchange":1}}"#;

/// Scope `a`, of which one process used the first exchange, and the other the second.
const FIRST: &[&str] = &[
    REPLAY,
    START_UP,
    r#"{"scope_open":{"scope":"a"}}"#,
    PING,
    r#"{"used":{"scope":"a","sql":["SELECT 3"],"exchanges":[[1,1,1,"commit",null],[3,2,2,"execute",0]]}}"#,
    r#"{"unused":{"scope":"a","exchanges":[{"exchange":2,"operation":"execute","sql":"SELECT\n 2","parameters":[5],"left":2,"times":2}]}}"#,
    r#"{"scope_end":{"scope":"a"}}"#,
];
const SECOND: &[&str] = &[
    r#"{"replay":{"stack":"shop","process":8}}"#,
    START_UP,
    r#"{"scope_open":{"scope":"a"}}"#,
    PING,
    r#"{"used":{"scope":"a","sql":["SELECT 3","SELECT\n 2"],"exchanges":[[2,1,2,"execute",1],[3,1,2,"execute",0]]}}"#,
    r#"{"unused":{"scope":"a","exchanges":[{"exchange":1,"operation":"commit","sql":null,"parameters":null,"left":1,"times":1},{"exchange":3,"operation":"execute","sql":"SELECT 3","parameters":null,"left":1,"times":2}]}}"#,
    r#"{"scope_end":{"scope":"a"}}"#,
];

fn lines(exchanges: Vec<&Exchange>) -> Vec<(u64, u64, u64)> {
    exchanges.into_iter().map(|each| (each.exchange, each.recorded, each.used)).collect()
}

#[test]
fn processes_are_merged_by_scope_in_any_order() {
    let mut mixed: Vec<&str> = Vec::new();
    for index in 0..FIRST.len() {
        mixed.push(SECOND[SECOND.len() - 1 - index]);
        mixed.push(FIRST[index]);
    }
    for lines_of_both in [[FIRST, SECOND].concat(), [SECOND, FIRST].concat(), mixed] {
        let summary = of(&lines_of_both);
        assert_eq!((summary.processes(), summary.stacks().collect::<Vec<_>>()), (2, vec!["shop"]));
        let scope = summary.scope("a").expect("it was opened");
        assert_eq!((scope.opened, scope.used()), (2, 4));
        assert_eq!(lines(scope.unused().collect()), [(2, 2, 1)]);
        assert_eq!(lines(scope.used_again().collect()), [(3, 2, 3)]);
        let start_up = summary.scopes().next().expect("there is one");
        assert_eq!(start_up.name, "start-up");
        assert_eq!(lines(start_up.unused().collect()), [(2, 1, 0)]);
        assert_eq!(lines(start_up.used_again().collect()), [(1, 1, 2)]);
        assert_eq!(summary.never_opened().collect::<Vec<_>>(), ["b", "c"]);
        assert!(summary.has_unused() && !summary.has_failures());
    }
}

#[test]
fn what_is_taken_late_or_by_a_child_counts() {
    let late = [FIRST, &[r#"{"taken":{"scope":"a","exchange":2}}"#; 2]].concat();
    let summary = of(&late);
    let scope = summary.scope("a").expect("it was opened");
    assert_eq!((scope.unused().count(), scope.used_again().count()), (0, 0));
}

#[test]
fn all_is_used_only_if_all_scopes_were_opened_and_ended() {
    let all = [
        r#"{"replay":{"stack":"shop","process":7,"scopes":["a"]}}"#,
        r#"{"scope_open":{"scope":"a"}}"#,
        r#"{"used":{"scope":"a","sql":[],"exchanges":[[1,1,1,"commit",null]]}}"#,
        r#"{"scope_end":{"scope":"a"}}"#,
    ];
    assert!(!of(&all).has_unused());
    assert!(of(&all[..1]).has_unused());
    assert!(of(&all[..3]).has_unused());
    assert!(Summary::new().is_empty() && !of(&all[..1]).is_empty());
}

#[test]
fn failures_are_misses_and_what_else_an_application_may_swallow() {
    let kinds = [
        r#"{"miss":{"scope":"a","report":"no answer"}}"#,
        r#"{"lost_commits":{"scope":"b","report":"lost"}}"#,
        r#"{"unsupported":{"scope":"a","what":"copy()"}}"#,
        r#"{"denied":{"event":"socket.connect","address":"('127.0.0.1', 1)"}}"#,
    ];
    for kind in kinds {
        assert!(of(&[FIRST, &[kind]].concat()).has_failures(), "{kind}");
    }
    let late = [kinds[1], r#"{"committed":{"scope":"b"}}"#];
    assert!(!of(&late).has_failures());
    let all = text(&of(&kinds));
    for said in [
        "a: no answer",
        "b: lost",
        "a: copy() is not replayed",
        "denied: socket.connect to ('127.0.0.1', 1)",
        "; 1 miss\n",
    ] {
        assert!(all.contains(said), "{all}");
    }
}

#[test]
fn a_text_names_what_is_worth_saying_and_counts() {
    let summary = of(&[FIRST, SECOND].concat());
    let expected = "\
unused:
  start-up: execute show x
  a: execute SELECT 2 [5]
used more than once:
  start-up: execute ×2 SELECT 1
  a: execute ×3 SELECT 3
scopes never opened:
  b
  c
7 exchanges: 5 used, 2 unused, 2 used more than once; 3 scopes: 2 never opened; 0 misses
";
    assert_eq!(text(&summary), expected);
}

#[test]
fn what_was_never_left_is_named_by_its_statement_too() {
    let all = [
        r#"{"used":{"scope":"a","sql":["SELECT 1"],"exchanges":[[1,1,1,"commit",null],[2,1,1,"execute",0]]}}"#,
        r#"{"used":{"scope":"a","sql":["SELECT 1"],"exchanges":[[2,1,1,"execute",0]]}}"#,
    ];
    let said = text(&of(&all));
    assert!(said.starts_with("used more than once:\n  a: execute ×2 SELECT 1\n"), "{said}");
}

#[test]
fn the_json_holds_all_of_it() {
    let report = json(&of(&[FIRST, SECOND].concat())).expect("it can be written");
    let value: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
    assert_eq!(value["used"], 5);
    assert_eq!(value["unused"], 2);
    assert_eq!(value["processes"], 2);
    assert_eq!(value["never_opened"], serde_json::json!(["b", "c"]));
    let scope = &value["scopes"][1];
    assert_eq!(scope["name"], "a");
    assert_eq!(
        scope["unused"],
        serde_json::json!([{"exchange":2,"operation":"execute","sql":"SELECT\n 2","parameters":[5],"recorded":2,"used":1}])
    );
    assert_eq!(scope["used_more_than_once"][0]["exchange"], 3);
}

#[test]
fn a_junit_file_has_a_case_for_each_scope() {
    let miss = r#"{"miss":{"scope":"a","report":"no <answer>\nat all"}}"#;
    let summary = of(&[FIRST, &[miss]].concat());
    let lenient = junit(&summary, false);
    assert!(lenient.contains(r#"<testsuite name="shop" tests="4" failures="1" skipped="2">"#));
    let failure = r#"<failure type="miss" message="no &lt;answer&gt;">no &lt;answer&gt;&#10;at all</failure>"#;
    assert!(lenient.contains(failure), "{lenient}");
    assert!(lenient.contains("<system-out>unused: execute ×2 SELECT 2 [5]</system-out>"));
    assert!(lenient.contains(r#"<testcase classname="shop" name="b">"#));
    let strict = junit(&summary, true);
    assert!(strict.contains(r#"tests="4" failures="4" skipped="0""#), "{strict}");
    assert!(!strict.contains("<skipped"));
}
