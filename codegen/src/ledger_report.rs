//! The report of a run's ledgers, whatever number of processes wrote them.
//!
//! Reads the files as they are when it is asked: a run that goes on is not waited for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ledger::{Entry, Summary, json, junit, text};

use crate::error::{Error, Finding, Result};
use crate::report::{self, Format, annotation};

/// What is printed, and whether the run failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// All of it.
    pub text: String,
    /// The application asked what has no answer, or left what it must not.
    pub failed: bool,
}

impl Report {
    /// Prints it. 0 is success, 1 a run that failed.
    pub fn exit(&self) -> ExitCode {
        report::print(&self.text);
        ExitCode::from(u8::from(self.failed))
    }
}

/// Merges the ledgers.
pub fn of(files: &[PathBuf], format: Format, fail_on_unused: bool) -> Result<Report> {
    let mut summary = Summary::new();
    for path in files {
        let bytes = fs::read(path).map_err(Error::io(path))?;
        add(&mut summary, path, &String::from_utf8_lossy(&bytes))?;
    }
    let stacks: Vec<&str> = summary.stacks().collect();
    if stacks.len() > 1 {
        let what = format!("these are ledgers of several fixtures: {}", stacks.join(", "));
        return Err(Error::request(what, "let each fixture have a file of its own"));
    }
    if summary.is_empty() {
        let what = "nothing was entered: no fixture was active";
        return Err(Error::request(what, "set MOCK_CURSOR_REPLAY and MOCK_CURSOR_LEDGER"));
    }
    let text = match format {
        Format::Text => text(&summary),
        Format::Json => json(&summary)
            .map_err(|error| Error::Defect(format!("a report that cannot be written: {error}")))?,
        Format::Junit => junit(&summary, fail_on_unused),
        Format::Github => annotations(&summary) + &text(&summary),
    };
    let failed = summary.has_failures() || fail_on_unused && summary.has_unused();
    Ok(Report { text, failed })
}

fn annotations(summary: &Summary) -> String {
    let of_scope = |scope: &ledger::Scope| {
        let name = scope.name.clone();
        scope.failures().map(move |report| format!("{name}: {report}")).collect::<Vec<_>>()
    };
    let failures = summary.scopes().flat_map(of_scope);
    let denied = summary.denied().iter().map(|what| format!("the network was denied: {what}"));
    let lines = failures.chain(denied).map(|each| format!("::error::{}", annotation(&each)));
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

fn add(summary: &mut Summary, path: &Path, text: &str) -> Result<()> {
    // A process that was killed may have left the start of a line.
    let complete = text.rfind('\n').map_or("", |end| &text[..end]);
    for (index, line) in complete.split('\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        let entry = Entry::parse(line).map_err(|error| {
            let said = error.to_string();
            Error::from(Finding {
                path: path.to_path_buf(),
                line: index + 1,
                column: error.column().max(1),
                what: said.split(" at line ").next().unwrap_or_default().to_owned(),
                hint: "name a file that MOCK_CURSOR_LEDGER named, of this version".to_owned(),
            })
        })?;
        summary.add(entry);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Format, of};

    const USED: &str = concat!(
        r#"{"replay":{"stack":"shop","process":7,"scopes":["a"]}}"#,
        "\n",
        r#"{"scope_open":{"scope":"a"}}"#,
        "\n",
        r#"{"scope_end":{"scope":"a"}}"#,
        "\n",
    );
    const UNUSED: &str =
        concat!(r#"{"replay":{"stack":"shop","process":8,"scopes":["b"]}}"#, "\n{\"torn");

    fn files(texts: &[&str]) -> (tempfile::TempDir, Vec<PathBuf>) {
        let folder = tempfile::tempdir().expect("a folder");
        let paths: Vec<PathBuf> =
            (0..texts.len()).map(|index| folder.path().join(format!("{index}.jsonl"))).collect();
        for (path, text) in paths.iter().zip(texts) {
            fs::write(path, text).expect("writable");
        }
        (folder, paths)
    }

    #[test]
    fn unused_exchanges_fail_where_asked_and_misses_always() {
        let miss = r#"{"miss":{"scope":"a","report":"no answer"}}"#;
        for (texts, lenient, strict) in [
            (vec![USED], false, false),
            (vec![USED, UNUSED], false, true),
            (vec![USED, &format!("{miss}\n")], true, true),
        ] {
            let (_folder, paths) = files(&texts);
            for format in [Format::Text, Format::Json, Format::Junit, Format::Github] {
                let failed = |strict| of(&paths, format, strict).expect("readable").failed;
                assert_eq!((failed(false), failed(true)), (lenient, strict), "{texts:?}");
            }
        }
    }

    #[test]
    fn failures_are_annotations_for_github() {
        let miss = r#"{"miss":{"scope":"a","report":"no answer\n  hint"}}"#;
        let (_folder, paths) = files(&[USED, &format!("{miss}\n")]);
        let said = of(&paths, Format::Github, false).expect("readable").text;
        assert!(said.starts_with("::error::a: no answer%0A  hint\nfailed:\n"), "{said}");
    }

    #[test]
    fn what_is_no_ledger_is_refused() {
        let other = r#"{"replay":{"stack":"other","process":9}}"#;
        for (texts, said) in [
            (vec![""], "no fixture was active"),
            (vec!["{\"a\":1}\n"], "0.jsonl:1:4: unknown variant `a`"),
            (vec![USED, &format!("{other}\n")], "several fixtures: other, shop"),
        ] {
            let (_folder, paths) = files(&texts);
            let error = of(&paths, Format::Text, false).expect_err("it is refused").to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
