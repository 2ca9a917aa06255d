//! What is committed for each stack is exactly what generation makes of it.

#![allow(clippy::expect_used, reason = "a test that cannot set itself up may panic")]

use std::path::Path;
use std::process::Command;

use codegen::generate::{Request, generate};
use codegen::paths;
use codegen::sink::{Check, Sink};
use codegen::stacks::discover;

#[rustfmt::skip]
#[path = "../../generated/rust/stacks.rs"]
mod generated;

fn check(name: &str) {
    let stacks = discover(&paths::stacks()).expect("the stacks can be listed");
    let stack = stacks.iter().find(|stack| stack.name == name).expect("the stack has a trace");
    let request = Request::of_stack(stack).expect("the stack can be read");
    let root = paths::generated_python().join(&stack.package);
    let sink = Box::new(Check::new(root));
    generate(&request, sink.as_ref(), &mut Vec::new()).expect("the fixture can be made");
    let changes = sink.finish().expect("the fixture can be compared");
    let diffs: Vec<&str> = changes.iter().map(|change| change.diff.as_str()).collect();
    assert!(changes.is_empty(), "run `cargo xtask gen`\n{}", diffs.concat());
}

#[test]
fn every_stack_has_a_test() {
    let stacks = discover(&paths::stacks()).expect("the stacks can be listed");
    let names: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
    assert!(!names.is_empty(), "no stack has a trace");
    assert_eq!(names, generated::STACKS, "run `cargo xtask gen`");
}

#[test]
fn a_run_over_no_stacks_fails() {
    let scratch = tempfile::tempdir().expect("a folder");
    let status = run(scratch.path(), &[]);
    assert_eq!(status, Some(2));
    assert!(!scratch.path().join("out").exists());
}

#[test]
fn a_stack_that_does_not_exist_is_refused() {
    assert_eq!(run(&paths::stacks(), &["no-such-stack"]), Some(2));
}

fn run(stacks: &Path, names: &[&str]) -> Option<i32> {
    let scratch = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_mock-cursor"))
        .arg("gen-stacks")
        .arg(stacks)
        .arg("--out")
        .arg(scratch.path().join("out"))
        .args(names)
        .output()
        .expect("the program runs");
    output.status.code()
}
