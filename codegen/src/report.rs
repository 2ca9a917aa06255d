//! What a program says about changes, and the exit code that follows.
//!
//! Changes nothing itself.

use std::io::Write as _;
use std::process::ExitCode;

use crate::error::{Error, Finding, Result, Warning};
use crate::sink::{Change, ChangeKind};

/// More of them are counted, and not said.
const MOST_SECRETS: usize = 20;

/// Says one line a change and a last line of counts, or nothing if there is no
/// change, and what looks like a secret. 0 is success, 1 a difference or a secret that
/// a check found, 2 an error.
pub fn exit(outcome: Result<Vec<Change>>, secrets: &[Finding], check: bool) -> ExitCode {
    say(secrets, check);
    match outcome {
        Ok(changes) => {
            if !changes.is_empty() {
                print(&text(&changes, check));
            }
            let is_clean = changes.is_empty() && secrets.is_empty();
            if check && !is_clean { ExitCode::from(1) } else { ExitCode::SUCCESS }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Prints to standard output.
pub fn print(text: &str) {
    // Whoever reads the other end may have seen enough.
    let _ = write!(std::io::stdout().lock(), "{text}");
}

fn say(secrets: &[Finding], check: bool) {
    let shown = &secrets[..secrets.len().min(MOST_SECRETS)];
    for finding in shown.iter().cloned() {
        if check {
            eprintln!("{}", Error::from(finding));
        } else {
            eprintln!("{}", Warning(finding));
        }
    }
    if secrets.len() > shown.len() {
        eprintln!("and {} more that look like secrets", secrets.len() - shown.len());
    }
}

/// Says what is worth saying although the run went on.
pub fn warn(warnings: &[Warning]) {
    for warning in warnings {
        eprintln!("{warning}");
    }
}

fn text(changes: &[Change], check: bool) -> String {
    let mut text = String::new();
    for change in changes {
        let path = change.path.display();
        let line = match (change.kind, check) {
            (ChangeKind::Missing, true) => format!("{}missing {path}\n", change.diff),
            (ChangeKind::Different, true) => format!("{}differs {path}\n", change.diff),
            (ChangeKind::Orphaned, true) => format!("{}orphaned {path}\n", change.diff),
            (ChangeKind::Missing, false) => format!("created {path}\n"),
            (ChangeKind::Different, false) => format!("updated {path}\n"),
            (ChangeKind::Orphaned, false) => format!("removed {path}\n"),
        };
        text.push_str(&line);
    }
    let count = |kind| changes.iter().filter(|change| change.kind == kind).count();
    let (missing, different, orphaned) =
        (count(ChangeKind::Missing), count(ChangeKind::Different), count(ChangeKind::Orphaned));
    let counts = if check {
        format!("{missing} missing, {different} different, {orphaned} orphaned\n")
    } else {
        format!("{missing} created, {different} updated, {orphaned} removed\n")
    };
    text + &counts
}
