//! `cargo xtask readme`: the README's commands, run one after the other as a newcomer would.
//!
//! They run in a copy of the repository with a target folder of its own, as some of them write;
//! the repository itself is never touched.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use crate::error::{Error, Result};
use crate::server::Server;
use crate::tally::Tally;
use crate::{paths, process};

/// Runs this one, too.
const CALLER: &str = "cargo xtask ci";

/// Runs every command that the README shows at a prompt.
pub fn run(server: &Server) -> Result<Tally> {
    let readme = paths::readme();
    let text = fs::read_to_string(&readme).map_err(Error::io("read", &readme))?;
    let copy = process::scratch("readme")?;
    copy_sources(copy.path())?;
    let mut tally = Tally::default();
    for line in commands(&text).filter(|line| *line != CALLER) {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(copy.path());
        shell.env("CARGO_TARGET_DIR", paths::readme_target()).env("DATABASE_URL", &server.url);
        let said = process::run(&mut shell)?;
        if said.success() {
            println!("ok   {line}");
            tally.passed += 1;
        } else {
            println!("FAIL {line}\n{}", said.everything());
            tally.failed += 1;
        }
    }
    if tally == Tally::default() {
        return Err(Error::failed("the README shows no command"));
    }
    Ok(tally)
}

/// The lines behind a prompt in fenced blocks, without their comments.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .map(|line| line.split_once("  # ").map_or(line, |(command, _)| command).trim_end())
}

/// Copies what is committed or would be.
fn copy_sources(to: &Path) -> Result<()> {
    let root = paths::root();
    let mut list = Command::new("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&root);
    let said = process::run(&mut list)?;
    if !said.success() {
        return Err(Error::failed(format!("git does not list the files: {}", said.everything())));
    }
    for name in said.stdout.split_terminator('\0') {
        let name = Path::new(OsStr::from_bytes(name.as_bytes()));
        let (source, target) = (root.join(name), to.join(name));
        if !source.exists() {
            continue;
        }
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        fs::copy(&source, &target).map_err(Error::io("copy", &source))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_behind_a_prompt() {
        let text = "```console\n$ cargo xtask gen           # traces\n$ a  -b\nout\n```\n$5 a\n";
        assert_eq!(commands(text).collect::<Vec<_>>(), ["cargo xtask gen", "a  -b"]);
    }
}
