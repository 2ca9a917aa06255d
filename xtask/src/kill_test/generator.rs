//! `mock-cursor gen` is killed while it replaces an older output: the folder holds the old files
//! or the new ones, and the next run makes them whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::moments;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::process::{self, Group};
use crate::requirements::Requirements;
use crate::tally::Tally;
use crate::{interrupt, tool};

/// So many that replacing them one by one takes a while.
const SCOPES: &str = "60";

type Tree = BTreeMap<PathBuf, Vec<u8>>;

pub fn run(rounds: u32) -> Result<Tally> {
    let program = tool::built("mock-cursor")?;
    let scratch = process::scratch("kill-gen")?;
    let out = scratch.path().join("outputs").join("fixture");
    let traces = [trace("before", scratch.path())?, trace("after", scratch.path())?];
    let [old, new] = &traces;
    whole(&program, old, &out)?;
    let before = tree(&out)?;
    let start = Instant::now();
    whole(&program, new, &out)?;
    // Somewhat longer, so that some runs come to their end.
    let span = start.elapsed().mul_f64(1.3);
    let after = tree(&out)?;
    if before == after {
        return Err(Error::failed("the two outputs do not differ"));
    }
    let (mut failures, mut left_old, mut left_new) = (Vec::new(), 0, 0);
    for moment in moments(span, rounds) {
        interrupt::check()?;
        whole(&program, old, &out)?;
        if tree(&out)? != before {
            failures.push(format!("after {moment:?}: the next run does not mend what is left"));
        }
        killed(&program, new, &out, moment)?;
        let now = tree(&out)?;
        if now == before {
            left_old += 1;
        } else if now == after {
            left_new += 1;
        } else {
            let count = |whole: &Tree| {
                now.iter().filter(|(path, bytes)| whole.get(*path) == Some(bytes)).count()
            };
            failures.push(format!(
                "after {moment:?}: {} files, {} of the {} old ones and {} of the {} new ones",
                now.len(),
                count(&before),
                before.len(),
                count(&after),
                after.len(),
            ));
        }
    }
    let beside = left_beside(&out)?;
    let name = format!(
        "the generator killed {rounds} times within {span:?}: \
         {left_old} old outputs, {left_new} new, {beside} unfinished beside them"
    );
    let mut tally = Tally::default();
    tally.enter(&name, &failures);
    Ok(tally)
}

fn trace(name: &str, folder: &Path) -> Result<PathBuf> {
    let python = Environment::of(&Requirements::default())?;
    let said =
        process::run(&mut python.script(include_str!("../many_scopes.py"), &[name, SCOPES]))?;
    if !said.success() {
        return Err(Error::failed(said.everything()));
    }
    let path = folder.join(format!("trace-{name}.jsonl"));
    fs::write(&path, said.stdout).map_err(Error::io("write", &path))?;
    Ok(path)
}

fn command(program: &Path, trace: &Path, out: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("gen").arg(trace).arg("--out").arg(out);
    command
}

fn whole(program: &Path, trace: &Path, out: &Path) -> Result<()> {
    let said = process::run(&mut command(program, trace, out))?;
    if said.success() { Ok(()) } else { Err(Error::failed(said.everything())) }
}

/// Dropping a group kills it with a signal that no process can catch.
fn killed(program: &Path, trace: &Path, out: &Path, moment: Duration) -> Result<()> {
    let mut command = command(program, trace, out);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let group = Group::start(&mut command)?;
    std::thread::sleep(moment);
    drop(group);
    Ok(())
}

fn tree(folder: &Path) -> Result<Tree> {
    let mut found = Tree::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
            let path = entry.map_err(Error::io("read", &folder))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
                found.insert(path, bytes);
            }
        }
    }
    Ok(found)
}

/// What killed runs left beside the output, where they had put theirs together.
fn left_beside(out: &Path) -> Result<usize> {
    let parent = out.parent().unwrap_or(out);
    Ok(fs::read_dir(parent).map_err(Error::io("read", parent))?.count() - 1)
}
