//! `cargo xtask ci`: all checks, one after the other, none hidden by an earlier failure.
//!
//! Does nothing that has no command of its own.

use std::rc::Rc;
use std::time::Instant;

use crate::error::{Error, Result, chain};
use crate::server::Server;
use crate::stack::Stack;
use crate::stack_test::{self, Options};
use crate::tally::Tally;
use crate::{
    compliance, generate, guard, kill_test, lint, paths, process, projects, python_test, readme,
    scripts, span_test, tool, values, verify,
};

/// The releases of SQLAlchemy on which stacks and scripts are recorded, generated and replayed
/// from scratch.
const SQLALCHEMY: [&str; 2] = ["sqlalchemy==2.1.9", "sqlalchemy==2.0.58"];

/// Enough to find what goes wrong often; `cargo xtask kill-test` finds the rest.
const KILLS: u32 = 25;

type Serve<'s> = dyn FnMut() -> Result<Rc<Server>> + 's;

/// Runs every step; `server` gives the one that all of them share.
pub fn run(server: &mut Serve) -> Result<Tally> {
    let mut steps = Steps::default();
    steps.run("format", || one(&["fmt", "--all", "--check"]))?;
    steps.run("clippy", || {
        one(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"])
    })?;
    steps.run("test", cargo_test)?;
    steps.run("gen --check", || generate::run(&[], true).map(verdict))?;
    steps.run("lint", lint::run)?;
    steps.run("guard", guard::run)?;
    steps.run("python-test", || python_test::run(&*server()?))?;
    steps.run("kill-test", || kill_test::run(&*server()?, KILLS))?;
    steps.run("values", || values::run(&*server()?))?;
    for pin in SQLALCHEMY {
        steps.run(&format!("scripts --with {pin}"), || {
            let options =
                scripts::Options { pins: vec![pin.to_owned()], ..scripts::Options::default() };
            scripts::run(&*server()?, &options)
        })?;
    }
    let [_, older] = SQLALCHEMY;
    steps.run(&format!("scripts alchemy --recorded-with {older}"), || {
        let options = scripts::Options {
            names: vec!["alchemy".to_owned()],
            recorded_with: vec![older.to_owned()],
            ..scripts::Options::default()
        };
        scripts::run(&*server()?, &options)
    })?;
    let modes = [
        ("stack-test", Options::default()),
        ("stack-test --with-driver", Options { with_driver: true, ..Options::default() }),
        ("stack-test --mutations", Options { mutations: true, ..Options::default() }),
    ];
    for (name, options) in modes {
        steps.run(name, || stack_test::run(&[], &options, &mut *server))?;
    }
    let volatile = "fastapi-accounts".to_owned();
    steps.run(&format!("stack-test {volatile} --times 20"), || {
        let options = Options { times: Some(20), ..Options::default() };
        stack_test::run(&[volatile], &options, &mut *server)
    })?;
    steps.run("verify", || verify::run(&*server()?, &[]))?;
    steps.run("compliance --deterministic --record", || {
        let options = compliance::Options {
            series: compliance::Series::V2_1,
            asynchronous: false,
            tests: Vec::new(),
            only: None,
            deterministic: true,
            record: true,
        };
        compliance::run(&options, &mut *server)
    })?;
    steps.run("projects --rounds 1", || {
        let options = projects::Options { names: Vec::new(), rounds: 1, wheel: None };
        projects::run(&*server()?, &options)
    })?;
    steps.run("stack-test --traces", || {
        let traces = paths::tusk().join("fastapi-sqlalchemy");
        span_test::run(&span_test::Options { traces, app: "app:app".to_owned(), app_dir: None })
    })?;
    let (on_sqlalchemy, on_the_driver) = by_sqlalchemy()?;
    for pin in SQLALCHEMY {
        steps.run(&format!("stack-test --record --with {pin} --fixtures …"), || {
            from_scratch(&on_sqlalchemy, vec![pin.to_owned()])
        })?;
    }
    steps.run("stack-test --record --fixtures … (no SQLAlchemy)", || {
        from_scratch(&on_the_driver, Vec::new())
    })?;
    // A quick bench is among its commands: that it runs, and that all rows are equal.
    steps.run("readme", || readme::run(&*server()?))?;
    Ok(steps.summary())
}

/// The names of the stacks that have SQLAlchemy among their requirements, and of the others.
fn by_sqlalchemy() -> Result<(Vec<String>, Vec<String>)> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for stack in Stack::chosen(&[])? {
        let has = stack.requirements(&[])?.has("sqlalchemy");
        if has { &mut with } else { &mut without }.push(stack.name);
    }
    Ok((with, without))
}

/// Records, generates and replays stacks, and leaves the repository alone.
fn from_scratch(stacks: &[String], pins: Vec<String>) -> Result<Tally> {
    let scratch = process::scratch("ci")?;
    let fixtures = Some(scratch.path().to_path_buf());
    let options = Options { record: true, pins, fixtures, ..Options::default() };
    // A server that nothing has been done on yet, whatever the other steps use.
    stack_test::run(stacks, &options, &mut || Server::start().map(Rc::new))
}

#[derive(Default)]
struct Steps(Vec<(String, Tally, f64)>);

impl Steps {
    /// Only an interrupt ends the whole run.
    fn run(&mut self, name: &str, step: impl FnOnce() -> Result<Tally>) -> Result<()> {
        println!("\n== {name}");
        let start = Instant::now();
        let tally = match step() {
            Ok(tally) => tally,
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => {
                println!("FAIL {name}: {}", chain(&error));
                Tally::FAILED
            }
        };
        self.0.push((name.to_owned(), tally, start.elapsed().as_secs_f64()));
        Ok(())
    }

    fn summary(&self) -> Tally {
        let mut sum = Tally::default();
        println!("\n== summary");
        for (name, tally, seconds) in &self.0 {
            let word = if tally.failed == 0 { "ok  " } else { "FAIL" };
            println!("{word} {name}: {tally} ({seconds:.1} s)");
            sum += *tally;
        }
        sum
    }
}

/// A command of cargo that passes or fails as a whole.
fn one(arguments: &[&str]) -> Result<Tally> {
    let status = process::pass_through(&mut tool::cargo(arguments)?)?;
    Ok(if status.success() { Tally::PASSED } else { Tally::FAILED })
}

fn verdict(code: u8) -> Tally {
    if code == 0 { Tally::PASSED } else { Tally::FAILED }
}

fn cargo_test() -> Result<Tally> {
    let said =
        process::run(&mut tool::cargo(["test", "--quiet", "--workspace", "--no-fail-fast"])?)?;
    let mut tally = counts(&said.stdout);
    if !said.success() {
        println!("{}", said.everything());
        // A test that does not compile is a failure, too.
        tally.failed = tally.failed.max(1);
    }
    if tally == Tally::default() {
        return Err(Error::failed("cargo test ran no test"));
    }
    Ok(tally)
}

/// Adds up `test result: ok. 42 passed; 0 failed; …`.
fn counts(stdout: &str) -> Tally {
    let mut tally = Tally::default();
    for line in stdout.lines().filter(|line| line.starts_with("test result: ")) {
        for part in line.split([';', '.']) {
            let mut words = part.split_whitespace();
            let Some(Ok(number)) = words.next().map(str::parse::<usize>) else { continue };
            match words.next() {
                Some("passed") => tally.passed += number,
                Some("failed") => tally.failed += number,
                _ => {}
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_all_test_programs_are_added() {
        let text = "running 2 tests\ntest result: ok. 42 passed; 0 failed; 1 ignored; finished in 0.03s\n\
            test result: FAILED. 1 passed; 2 failed; 0 ignored; finished in 1.25s\n";
        assert_eq!(counts(text), Tally { passed: 43, failed: 2 });
    }

    #[test]
    fn a_failing_step_hides_no_later_one() {
        let mut steps = Steps::default();
        steps.run("a", || Err(Error::failed("no"))).unwrap();
        steps.run("b", || Ok(Tally { passed: 2, failed: 0 })).unwrap();
        assert_eq!(steps.summary(), Tally { passed: 2, failed: 1 });
        assert!(matches!(steps.run("c", || Err(Error::Interrupted)), Err(Error::Interrupted)));
    }
}
