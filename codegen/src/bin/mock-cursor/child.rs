//! The command that is recorded or replayed, as a child of ours.
//!
//! Passes signals on and its exit code back; knows nothing of databases.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::thread;

use codegen::error::{Error, Result};
use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::Signals;

/// The variable of Python's import path.
pub const PYTHON_PATH: &str = "PYTHONPATH";

/// Runs a command with the launcher first on Python's path, and waits for its end.
pub fn run(
    command: &[OsString],
    launcher: &Path,
    variables: &[(&str, &std::ffi::OsStr)],
) -> Result<u8> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Error::request("no command is named", "mock-cursor record -- pytest"));
    };
    let mut child = Command::new(program);
    child.args(arguments).envs(variables.iter().copied());
    child.env(PYTHON_PATH, python_path(launcher));
    let io = Error::io(Path::new(program));
    // Before the child is there, so that no signal is lost that would end us alone.
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2])
        .map_err(Error::io(Path::new("signals")))?;
    let mut child = child.spawn().map_err(io)?;
    let handle = signals.handle();
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let passing = thread::spawn(move || {
        for signal in &mut signals {
            // A terminal sends these two to all of its foreground, the child included.
            if matches!(signal, SIGINT | SIGQUIT) && in_foreground() {
                continue;
            }
            if let (Some(pid), Some(signal)) = (pid, Signal::from_named_raw(signal)) {
                // The only error is that it has ended.
                let _ = kill_process(pid, signal);
            }
        }
    });
    let status = child.wait().map_err(Error::io(Path::new(program)));
    handle.close();
    // It has nothing left to wait for.
    let _ = passing.join();
    status.map(code)
}

/// Python's path with the launcher first.
pub fn python_path(launcher: &Path) -> OsString {
    let mut path = launcher.as_os_str().to_owned();
    if let Some(rest) = std::env::var_os(PYTHON_PATH).filter(|rest| !rest.is_empty()) {
        path.push(":");
        path.push(rest);
    }
    path
}

/// As shells do: a signal counts from 128.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(2)
}

fn in_foreground() -> bool {
    File::open("/dev/tty").is_ok_and(|tty| tcgetpgrp(tty).is_ok_and(|group| group == getpgrp()))
}
