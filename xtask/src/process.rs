//! Child processes, each in a process group of its own that ends with its owner.
//!
//! Knows nothing of Python or of servers; it only starts, watches and stops.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::error::{Error, Result};
use crate::interrupt;

/// How long a process may take over each of the two polite signals.
const PATIENCE: Duration = Duration::from_secs(10);

/// A process and everything it starts; dropping it kills what is left.
pub struct Group {
    pub child: Child,
    name: String,
}

impl Group {
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        // Ctrl-C in a terminal reaches our own group only: the owner stops the others in order.
        let child =
            command.process_group(0).spawn().map_err(Error::io("start", Path::new(&name)))?;
        Ok(Self { child, name })
    }

    pub fn exited(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().map_err(Error::io("watch", Path::new(&self.name)))
    }

    /// Waits for the end, however long it takes, unless the user interrupts.
    pub fn finish(mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = interrupt::wait_for(Duration::from_hours(1), || self.exited())? {
                return Ok(status);
            }
        }
    }

    /// SIGTERM, then SIGINT, then SIGKILL; works while an interrupt is pending, too.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        for signal in [Signal::TERM, Signal::INT] {
            self.signal(signal);
            let start = std::time::Instant::now();
            while start.elapsed() < PATIENCE {
                if let Some(status) = self.exited()? {
                    return Ok(status);
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        self.signal(Signal::KILL);
        self.child.wait().map_err(Error::io("stop", Path::new(&self.name)))
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // The only error is that nobody is left, which is what a signal is for.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Also where the leader has ended: what it started may still run in its group.
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// What a process that ran to its end has said.
pub struct Said {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    pub fn success(&self) -> bool {
        self.status.success()
    }

    /// Both streams, for a message.
    pub fn everything(&self) -> String {
        format!("{}{}", self.stdout, self.stderr).trim_end().to_owned()
    }
}

/// Runs a command to its end and keeps what it prints.
pub fn run(command: &mut Command) -> Result<Said> {
    let folder = scratch("output")?;
    // Files rather than pipes: nothing to drain, so one loop can watch for interrupts.
    let out = folder.path().join("stdout");
    let err = folder.path().join("stderr");
    command.stdin(Stdio::null()).stdout(create(&out)?).stderr(create(&err)?);
    let status = Group::start(command)?.finish()?;
    Ok(Said { status, stdout: read_lossy(&out)?, stderr: read_lossy(&err)? })
}

/// Runs a command to its end, its output going where ours goes.
pub fn pass_through(command: &mut Command) -> Result<ExitStatus> {
    Group::start(command.stdin(Stdio::null()))?.finish()
}

/// A folder that goes away with the value.
pub fn scratch(purpose: &str) -> Result<tempfile::TempDir> {
    let parent = crate::paths::scratch();
    fs::create_dir_all(&parent).map_err(Error::io("create", &parent))?;
    tempfile::Builder::new()
        .prefix(&format!("{purpose}-"))
        .tempdir_in(&parent)
        .map_err(Error::io("create a folder in", &parent))
}

pub fn create(path: &Path) -> Result<File> {
    File::create(path).map_err(Error::io("create", path))
}

fn read_lossy(path: &PathBuf) -> Result<String> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopping_a_shell_stops_what_it_started() {
        let folder = scratch("test").unwrap();
        let pid_file = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", pid_file.display());
        let mut group = Group::start(Command::new("sh").args(["-c", &script])).unwrap();
        let pid = interrupt::wait_for(PATIENCE, || {
            Ok(fs::read_to_string(&pid_file).ok().filter(|text| text.ends_with('\n')))
        });
        let pid = pid.unwrap().unwrap();
        assert!(!group.stop().unwrap().success());
        drop(group);
        let gone = interrupt::wait_for(PATIENCE, || {
            let state =
                fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
            Ok((state.is_empty() || state.contains(") Z ")).then_some(()))
        });
        assert!(gone.unwrap().is_some(), "process {pid} survived its group");
    }

    #[test]
    fn both_streams_and_the_status_are_kept() {
        let said = run(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        assert_eq!((said.status.code(), said.everything().as_str()), (Some(3), "out\nerr"));
    }
}
