//! What a program says about changes, and the exit code that follows.
//!
//! Changes nothing itself.

use std::io::Write as _;
use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::json;

use crate::error::{Error, Finding, Result, Warning};
use crate::sink::{Change, ChangeKind};

/// More of them are counted, and not said to people.
const MOST_SECRETS: usize = 20;

/// How a program says what it has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
    /// Annotations of a workflow of GitHub
    Github,
    /// `JUnit`'s XML, of a ledger; anything else is for people
    Junit,
}

impl Format {
    /// Says what is worth saying although the run went on.
    pub fn warn(self, warnings: &[Warning]) {
        for Warning(finding) in warnings {
            match self {
                Self::Text | Self::Junit => eprintln!("{}", Warning(finding.clone())),
                Self::Json | Self::Github => println!("{}", self.placed("warning", finding)),
            }
        }
    }

    /// Says what ended the run, which is the exit code 2.
    pub fn fail(self, error: &Error) -> ExitCode {
        match (self, error) {
            (Self::Text | Self::Junit, _) => eprintln!("{error}"),
            (_, Error::Input(finding)) => println!("{}", self.placed("error", finding)),
            (Self::Json, _) => println!("{}", json!({"error": {"what": error.to_string()}})),
            (Self::Github, _) => println!("::error::{}", annotation(&error.to_string())),
        }
        ExitCode::from(2)
    }

    /// Says what has changed, or would have to, and what looks like a secret; the exit
    /// code is 1 if a check found any.
    pub fn changes(
        self,
        outcome: Result<Vec<Change>>,
        secrets: &[Finding],
        check: bool,
    ) -> ExitCode {
        self.secrets(secrets, check);
        let changes = match outcome {
            Err(error) => return self.fail(&error),
            Ok(changes) => changes,
        };
        let failed = check && !(changes.is_empty() && secrets.is_empty());
        if !self.is_for_programs() {
            say(&changes, check);
            return ExitCode::from(u8::from(failed));
        }
        for change in &changes {
            let path = change.path.display().to_string();
            let word = match (change.kind, check) {
                (ChangeKind::Missing, true) => "missing",
                (ChangeKind::Different, true) => "differs",
                (ChangeKind::Orphaned, true) => "orphaned",
                (ChangeKind::Missing, false) => "created",
                (ChangeKind::Different, false) => "updated",
                (ChangeKind::Orphaned, false) => "removed",
            };
            match self {
                Self::Github if check => println!("::error file={path}::{word}: {path}"),
                Self::Github => println!("::notice file={path}::{word}: {path}"),
                _ => println!("{}", json!({word: path})),
            }
        }
        ExitCode::from(u8::from(failed))
    }

    /// Says what looks like a secret, which is an error in a check alone.
    pub fn secrets(self, secrets: &[Finding], check: bool) {
        let most = if self.is_for_programs() { secrets.len() } else { MOST_SECRETS };
        let shown = &secrets[..secrets.len().min(most)];
        for finding in shown {
            match (self.is_for_programs(), check) {
                (true, _) => {
                    println!("{}", self.placed(if check { "error" } else { "warning" }, finding));
                }
                (false, true) => eprintln!("{}", Error::from(finding.clone())),
                (false, false) => eprintln!("{}", Warning(finding.clone())),
            }
        }
        if secrets.len() > shown.len() {
            eprintln!("and {} more that look like secrets", secrets.len() - shown.len());
        }
    }

    fn is_for_programs(self) -> bool {
        matches!(self, Self::Json | Self::Github)
    }

    fn placed(self, level: &str, finding: &Finding) -> String {
        let Finding { path, line, column, what, hint } = finding;
        if self == Self::Github {
            let text = annotation(&format!("{what}\nhint: {hint}"));
            return format!("::{level} file={},line={line},col={column}::{text}", path.display());
        }
        let content =
            json!({"path": path, "line": line, "column": column, "what": what, "hint": hint});
        json!({ level: content }).to_string()
    }
}

/// Workflow commands end with their line.
pub fn annotation(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Says what changed to people. 0 is success, 1 a difference that a check found, 2 an error.
pub fn exit(outcome: Result<Vec<Change>>, check: bool) -> ExitCode {
    Format::Text.changes(outcome, &[], check)
}

/// Says one line a change and a last line of counts, or nothing if there is no change.
fn say(changes: &[Change], check: bool) {
    if !changes.is_empty() {
        print(&text(changes, check));
    }
}

/// Prints to standard output.
pub fn print(text: &str) {
    // Whoever reads the other end may have seen enough.
    let _ = write!(std::io::stdout().lock(), "{text}");
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
