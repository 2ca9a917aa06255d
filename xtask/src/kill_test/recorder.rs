//! A recorded process is killed while it writes traffic: whatever was answered is in its trace,
//! and reading the trace reports a loss exactly where the last line is cut off.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use super::moments;
use crate::application::Mode;
use crate::database::Database;
use crate::environment::{Environment, embedded};
use crate::error::{Error, Result};
use crate::process::{self, Group};
use crate::server::Server;
use crate::tally::Tally;
use crate::{interrupt, tool};

/// In which a connected process gets some long answers.
const SPAN: Duration = Duration::from_millis(100);
const LOSS: &str = "warning: the last line is cut off";

/// What the script says of one killed process.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Killed {
    answered: usize,
    trace: Option<PathBuf>,
    lines: usize,
    cut: bool,
    faults: Vec<String>,
}

pub fn run(server: &Server, rounds: u32) -> Result<Tally> {
    let client = Environment::of(&embedded(include_str!("../../environments/client.txt"))?)?;
    let program = tool::built("mock-cursor")?;
    let database = Database::create(server, "kill-test")?;
    let scratch = process::scratch("kill-recorder")?;
    let launcher = tool::launcher(scratch.path())?;
    let folder = scratch.path().join("traces");
    fs::create_dir(&folder).map_err(Error::io("create", &folder))?;
    let trace = folder.join("trace.jsonl");
    let mut command =
        client.script(include_str!("../kill_recorder.py"), &[&folder.to_string_lossy()]);
    command
        .env("DATABASE_URL", &database.url)
        .env("PYTHONPATH", &launcher)
        .envs(Mode::Record { trace: &trace, redaction: None }.variables())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut group = Group::start(&mut command)?;
    let (Some(mut asked), Some(answers)) = (group.child.stdin.take(), group.child.stdout.take())
    else {
        return Err(Error::failed("a process without pipes"));
    };
    let mut answers = BufReader::new(answers).lines();
    let (mut failures, mut answered, mut cut) = (Vec::new(), 0, 0);
    for moment in moments(SPAN, rounds) {
        interrupt::check()?;
        writeln!(asked, "{}", moment.as_secs_f64()).map_err(Error::io("ask", &folder))?;
        let Some(Ok(line)) = answers.next() else {
            return Err(Error::failed("the script that kills has ended; it says why above"));
        };
        let killed: Killed =
            serde_json::from_str(&line).map_err(|error| Error::failed(error.to_string()))?;
        answered += killed.answered;
        cut += usize::from(killed.cut);
        let found = examine(&killed, &program, scratch.path())?;
        failures.extend(found.iter().map(|what| format!("after {moment:?}: {what}")));
    }
    let name = format!("the recorder killed {rounds} times, {answered} answers, {cut} cut lines");
    let mut tally = Tally::default();
    if answered == 0 {
        failures.push("no process lived long enough to get an answer".to_owned());
    }
    tally.enter(&name, &failures);
    Ok(tally)
}

/// Reads the trace as it was left, and once more without its last byte or two, and removes it.
fn examine(killed: &Killed, program: &Path, scratch: &Path) -> Result<Vec<String>> {
    let mut faults = killed.faults.clone();
    let Some(trace) = &killed.trace else { return Ok(faults) };
    // A cut first line leaves nothing to read, which is an error rather than a loss.
    if killed.lines > 0 {
        faults.extend(read(trace, program, scratch, killed.cut)?);
        if !killed.cut && killed.lines > 1 {
            let length = fs::metadata(trace).map_err(Error::io("read", trace))?.len();
            let file = OpenOptions::new().write(true).open(trace);
            // The end of the line, and the brace before it.
            file.and_then(|file| file.set_len(length - 2)).map_err(Error::io("cut", trace))?;
            faults.extend(read(trace, program, scratch, true)?);
        }
    }
    fs::remove_file(trace).map_err(Error::io("remove", trace))?;
    Ok(faults)
}

fn read(trace: &Path, program: &Path, scratch: &Path, cut: bool) -> Result<Option<String>> {
    let out = scratch.join("fixture");
    let mut command = Command::new(program);
    let said = process::run(command.arg("gen").arg(trace).arg("--out").arg(out))?;
    let reported = said.stderr.contains(LOSS);
    Ok(if !said.success() {
        Some(format!("the trace cannot be read: {}", said.everything()))
    } else if reported != cut {
        let words = if cut { "is not reported" } else { "is reported of a whole trace" };
        Some(format!("the loss {words}: {}", said.stderr))
    } else {
        None
    })
}
