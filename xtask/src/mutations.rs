//! Replays fixtures that were changed in one place each, and demands that this is noticed.
//!
//! Never touches the fixture itself, only copies of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::replay::Replay;
use crate::stack::read_toml;
use crate::tally::Tally;
use crate::{paths, process};

/// `mutations.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutations {
    mutation: Vec<Mutation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutation {
    name: String,
    /// Relative to the fixture.
    file: PathBuf,
    find: String,
    replace: String,
    /// Every occurrence, not the first one only.
    #[serde(default)]
    all: bool,
    /// What the failures must say, piece by piece.
    expect: Vec<String>,
}

/// Replays each mutation of a stack; one test each.
pub fn run(replay: &Replay, tally: &mut Tally) -> Result<()> {
    let path = replay.stack.file("mutations.toml");
    let mutations: Mutations = read_toml(&path)?;
    if mutations.mutation.is_empty() {
        return Err(Error::failed(format!("{}: no mutation", paths::shown(&path))));
    }
    for mutation in &mutations.mutation {
        let scratch = process::scratch("mutation")?;
        // The folder's name is the name of the package.
        let fixture = scratch.path().join(replay.fixture.file_name().unwrap_or_default());
        copy(replay.fixture, &fixture)?;
        mutation.apply(&fixture).map_err(|what| {
            Error::failed(format!("{}: mutation {:?}: {what}", paths::shown(&path), mutation.name))
                .hint("the fixture may have changed since the mutation was written")
        })?;
        let mut report = Vec::new();
        let mutated = Replay { fixture: &fixture, ..*replay };
        mutated.run(&mut |name, failures| {
            report.extend(failures.iter().map(|failure| format!("{name}: {failure}")));
        })?;
        tally.enter(&mutation.name, &judged(&mutation.expect, &report));
    }
    Ok(())
}

impl Mutation {
    fn apply(&self, fixture: &Path) -> std::result::Result<(), String> {
        let path = fixture.join(&self.file);
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", self.file.display()))?;
        if !text.contains(&self.find) {
            return Err(format!("{} does not contain {:?}", self.file.display(), self.find));
        }
        let times = if self.all { usize::MAX } else { 1 };
        let mutated = text.replacen(&self.find, &self.replace, times);
        if mutated == text {
            return Err(format!("{:?} replaced by itself", self.find));
        }
        fs::write(&path, mutated).map_err(|error| format!("{}: {error}", self.file.display()))
    }
}

/// The failures of the mutation's own test: none if the report says all that is expected.
fn judged(expect: &[String], report: &[String]) -> Vec<String> {
    if report.is_empty() {
        return vec!["the mutation was not noticed".to_owned()];
    }
    let report = report.join("\n");
    let missing = expect.iter().filter(|piece| !report.contains(piece.as_str()));
    missing.map(|piece| format!("the report does not say {piece:?}\n{report}")).take(1).collect()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(Error::io("create", to))?;
    for entry in fs::read_dir(from).map_err(Error::io("read", from))? {
        let path = entry.map_err(Error::io("read", from))?.path();
        let name = path.file_name().unwrap_or_default();
        if name == "__pycache__" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).map_err(Error::io("copy", &path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutation(find: &str, replace: &str, all: bool) -> Mutation {
        let (find, replace) = (find.to_owned(), replace.to_owned());
        Mutation {
            name: "m".into(),
            file: "scopes/a.py".into(),
            find,
            replace,
            all,
            expect: Vec::new(),
        }
    }

    #[test]
    fn a_mutation_changes_the_first_occurrence_or_all_and_refuses_to_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("scopes")).unwrap();
        let file = folder.path().join("scopes/a.py");
        for (all, expected) in [(false, "b a"), (true, "b b")] {
            fs::write(&file, "a a").unwrap();
            mutation("a", "b", all).apply(folder.path()).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), expected);
        }
        assert!(
            mutation("x", "y", false)
                .apply(folder.path())
                .unwrap_err()
                .contains("does not contain \"x\"")
        );
        assert!(mutation("b", "b", true).apply(folder.path()).is_err());
    }

    #[test]
    fn an_unnoticed_mutation_and_a_wrong_report_are_failures() {
        let expect = ["parameter email".to_owned(), "recorded".to_owned()];
        assert_eq!(judged(&expect, &[]), ["the mutation was not noticed"]);
        let wrong = judged(&expect, &["create user: body differs".to_owned()]);
        assert!(
            wrong[0].starts_with("the report does not say \"parameter email\"\ncreate user"),
            "{wrong:?}"
        );
        assert!(judged(&expect, &["a: parameter email: recorded 1".to_owned()]).is_empty());
    }

    #[test]
    fn a_copy_leaves_compiled_python_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        fs::create_dir_all(from.join("runtime/__pycache__")).unwrap();
        fs::write(from.join("runtime/x.py"), "1").unwrap();
        copy(&from, &to).unwrap();
        assert!(to.join("runtime/x.py").exists() && !to.join("runtime/__pycache__").exists());
    }
}
