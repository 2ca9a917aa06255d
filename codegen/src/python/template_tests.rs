//! The templates as a whole: what they contain and what they are given.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Block, STATEMENT, TEMPLATES, docstring, environment, hole, render};
use crate::plan::Plan;
use crate::python::bulk::ScopeBulk;
use crate::python::context::{Index, Package, Scope};
use crate::recording::{Recording, START_UP_INDEX};
use crate::stack_file::StackFile;
use crate::trace::Source;

/// The expressions of a template; a loop's variable stands as `list[]`.
fn variables(source: &str) -> BTreeSet<String> {
    let mut loops: Vec<(String, String)> = Vec::new();
    let mut found = BTreeSet::new();
    let resolve = |loops: &[(String, String)], text: &str| {
        let (head, tail) = text.split_once('.').unwrap_or((text, ""));
        let tail = if tail.is_empty() { String::new() } else { format!(".{tail}") };
        match loops.iter().rev().find(|(name, _)| name == head) {
            Some((_, list)) => format!("{list}[]{tail}"),
            None => format!("{head}{tail}"),
        }
    };
    for line in source.lines() {
        if let Some(statement) = line.trim_start().strip_prefix(STATEMENT) {
            match statement.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["for", name, "in", list] => {
                    let list = resolve(&loops, list);
                    found.insert(list.clone());
                    loops.push(((*name).to_owned(), list));
                }
                ["if", name] => drop(found.insert(resolve(&loops, name))),
                ["endfor"] => drop(loops.pop()),
                ["else" | "endif"] => {}
                other => panic!("only `for` and `if` of a name, not {other:?}"),
            }
        }
        for hole in line.split("{{").skip(1) {
            let (name, _) = hole.split_once("}}").expect("the hole ends on its line");
            let name = name.trim();
            let plain = name.chars().all(|c| c == '_' || c == '.' || c.is_ascii_lowercase());
            assert!(plain, "a hole holds a name and nothing else, not `{name}`");
            found.insert(resolve(&loops, name));
        }
    }
    found
}

fn fields(context: &impl Serialize) -> BTreeSet<String> {
    fn collect(value: &serde_json::Value, path: &str, found: &mut BTreeSet<String>) {
        match value {
            serde_json::Value::Object(map) if !map.is_empty() => {
                for (key, value) in map {
                    let dot = if path.is_empty() { "" } else { "." };
                    collect(value, &format!("{path}{dot}{key}"), found);
                }
            }
            serde_json::Value::Array(list) => {
                found.insert(path.to_owned());
                let first = list.first().expect("the sample has an element for each list");
                collect(first, &format!("{path}[]"), found);
            }
            _ => drop(found.insert(path.to_owned())),
        }
    }
    let value = serde_json::to_value(context).expect("a context can be written");
    let mut found = BTreeSet::new();
    collect(&value, "", &mut found);
    found
}

#[test]
fn contexts_and_templates_have_the_same_variables() {
    let bytes = include_bytes!("../../tests/data/trace.jsonl").to_vec();
    let sources = vec![Source::memory("trace.jsonl", bytes)];
    let recording = Recording::of(sources, &mut Vec::new()).expect("the sample is complete");
    let stack = StackFile::default();
    let plan = Plan::of(&recording, &stack);
    let text = recording.read(START_UP_INDEX, &[]).expect("the lines of start-up");
    let exchanges = text.exchanges().expect("its exchanges");
    let mut start_up = plan.scope(START_UP_INDEX, exchanges).expect("a plan");
    // As of a scope that shares both.
    (start_up.begins, start_up.ends) = (vec!["first"], vec!["last"]);
    let index = Index::new(&plan, "sample", "record").expect("an index");
    let scope = Scope::new(&start_up, &ScopeBulk::new(&start_up).expect("its data"));
    let contexts = [
        ("__init__.py", fields(&Package::new("sample"))),
        ("index.py", fields(&index)),
        ("scope.py", fields(&scope)),
        ("scopes.py", BTreeSet::new()),
    ];
    assert_eq!(contexts.len(), TEMPLATES.len());
    for ((name, fields), (template, source)) in contexts.into_iter().zip(TEMPLATES) {
        assert_eq!(name, *template);
        assert_eq!(fields, variables(source), "{name}");
    }
}

#[test]
fn templates_bypass_no_escaping() {
    for (name, source) in TEMPLATES {
        assert!(!source.contains('|'), "{name}: a filter, `safe` among them");
        assert!(!source.contains("{%"), "{name}: a statement that is no comment");
        assert!(!source.contains("autoescape"), "{name}");
    }
}

#[test]
fn what_has_no_literal_form_is_refused() {
    let mut environment = environment().expect("the templates compile");
    environment.add_template("hole.py", "X = {{ x }}\n").expect("it compiles");
    let template = environment.get_template("hole.py").expect("it was added");
    let with = |value| template.render(minijinja::context!(x => value));
    assert_eq!(with(minijinja::Value::from("a\"b")).expect("a string"), "X = 'a\"b'\n");
    assert_eq!(with(minijinja::Value::from(7)).expect("an integer"), "X = 7\n");
    assert_eq!(with(hole()).expect("a hole"), "X = \0\n");
    assert_eq!(with(docstring("a")).expect("a docstring"), "X = \"\"\"a\"\"\"\n");
    let safe = minijinja::Value::from_safe_string("f()".to_owned());
    for value in [safe, minijinja::Value::from(1.5), minijinja::Value::from(()), true.into()] {
        assert!(with(value).is_err());
    }
    assert!(template.render(minijinja::context!()).is_err(), "undefined is an error");
    assert!(render("absent.py", "", (), &[]).is_err());
    assert!(render("scopes.py", "", (), &[Block::Text("no hole")]).is_err());
    let context = minijinja::context!(docstring => "", name => "", commits => 0, clock => 0,
        begins => false, ends => false, sql => [hole()], columns => hole(), exchanges_file => false, exchanges => hole());
    let [one, two] = ["1", "'2'"].map(Block::Text);
    assert!(render("scope.py", "", &context, &[one, two]).is_err());
    let module = render("scope.py", "# top\n", &context, &[one, two, one]).expect("a module");
    assert!(module.starts_with("# top\n") && module.contains("COLUMNS = r\"\"\"'2'\"\"\"\n"));
}
