//! What a program says about changes, and the exit code that follows.
//!
//! Changes nothing itself.

use std::io::Write as _;
use std::process::ExitCode;

use crate::error::{Result, Warning};
use crate::sink::{Change, ChangeKind};

/// Says one line a change and a last line of counts, or nothing if there is no
/// change. 0 is success, 1 a difference that a check found, 2 an error.
pub fn exit(outcome: Result<Vec<Change>>, check: bool) -> ExitCode {
    match outcome {
        Ok(changes) if changes.is_empty() => ExitCode::SUCCESS,
        Ok(changes) => {
            print(&text(&changes, check));
            if check { ExitCode::from(1) } else { ExitCode::SUCCESS }
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
