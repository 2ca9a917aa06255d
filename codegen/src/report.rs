//! What a program says about changes, and the exit code that follows.
//!
//! Changes nothing itself.

use std::io::Write as _;
use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::json;

use crate::error::{Error, Finding, Result, Warning};
use crate::sink::{Change, ChangeKind};

/// More of them are counted, and not said.
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
}

impl Format {
    /// Says what is worth saying although the run went on.
    pub fn warn(self, warnings: &[Warning]) {
        for Warning(finding) in warnings {
            match self {
                Self::Text => eprintln!("{}", Warning(finding.clone())),
                Self::Json | Self::Github => println!("{}", self.placed("warning", finding)),
            }
        }
    }

    /// Says what ended the run, which is the exit code 2.
    pub fn fail(self, error: &Error) -> ExitCode {
        match (self, error) {
            (Self::Text, _) => eprintln!("{error}"),
            (_, Error::Input(finding)) => println!("{}", self.placed("error", finding)),
            (Self::Json, _) => println!("{}", json!({"error": {"what": error.to_string()}})),
            (Self::Github, _) => println!("::error::{}", annotation(&error.to_string())),
        }
        ExitCode::from(2)
    }

    /// Says what has changed, or would have to, and what looks like a secret; the exit code
    /// is 1 for what a check found.
    pub fn changes(
        self,
        outcome: Result<Vec<Change>>,
        secrets: &[Finding],
        check: bool,
    ) -> ExitCode {
        let changes = match outcome {
            Err(error) => return self.fail(&error),
            Ok(changes) if self == Self::Text => return exit(Ok(changes), secrets, check),
            Ok(changes) => changes,
        };
        for secret in secrets {
            println!("{}", self.placed(if check { "error" } else { "warning" }, secret));
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
                Self::Text | Self::Json => println!("{}", json!({word: path})),
            }
        }
        let is_clean = changes.is_empty() && secrets.is_empty();
        ExitCode::from(u8::from(check && !is_clean))
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
fn annotation(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

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
