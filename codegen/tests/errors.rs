//! Each folder of `tests/errors` holds a bad trace, or one with a loss, and what
//! the program says about it.

#![allow(clippy::expect_used, reason = "a test that cannot set itself up may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn check(case: &Path) -> Result<(), String> {
    let expected = fs::read_to_string(case.join("stderr.txt")).map_err(|e| e.to_string())?;
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let out = scratch.path().join("fixture");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-cursor"));
    command.current_dir(case).args(["gen", ".", "--out"]).arg(&out);
    if case.join("stack.toml").exists() {
        command.args(["--stack-file", "stack.toml"]);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    // A loss is reported and the rest is used; anything else stops the run.
    let status = if expected.contains(": warning: ") { 0 } else { 2 };
    if output.status.code() != Some(status) {
        return Err(format!("exit code {:?} instead of {status}\n{stderr}", output.status.code()));
    }
    if out.exists() != (status == 0) {
        return Err("a failed run must leave nothing, and a good one a package".to_owned());
    }
    if stderr != expected {
        return Err(format!("says\n{stderr}instead of\n{expected}"));
    }
    Ok(())
}

#[test]
fn every_case_says_what_it_should() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/errors");
    let mut cases: Vec<PathBuf> = fs::read_dir(&root)
        .expect("the folder of cases exists")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no case was found");
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| check(case).err().map(|what| format!("{}: {what}", case.display())))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
