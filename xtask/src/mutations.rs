//! Replays fixtures, or applications, that were changed in one place each, and demands that
//! this is noticed.
//!
//! Never touches the fixture or the application itself, only copies of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::replay::Replay;
use crate::stack::read_toml;
use crate::tally::Tally;
use crate::{difference, paths, process};

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
    #[serde(default)]
    file: Option<PathBuf>,
    /// In its place: relative to the stack's folder.
    #[serde(default)]
    application: Option<PathBuf>,
    find: String,
    replace: String,
    /// Every occurrence, not the first one only.
    #[serde(default)]
    all: bool,
    /// What the failures must say, piece by piece.
    #[serde(default)]
    expect: Vec<String>,
    /// The file, relative to the stack's folder, with the report of the only miss.
    #[serde(default)]
    miss: Option<PathBuf>,
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
        let original =
            if mutation.application.is_some() { &replay.stack.folder } else { replay.fixture };
        // The folder's name is the name of the package.
        let copied = scratch.path().join(original.file_name().unwrap_or_default());
        copy(original, &copied)?;
        mutation.apply(&copied).map_err(|what| {
            Error::failed(format!("{}: mutation {:?}: {what}", paths::shown(&path), mutation.name))
                .hint("what it changes may have changed since the mutation was written")
        })?;
        let changed = replay.stack.in_folder(copied.clone());
        let mutated = if mutation.application.is_some() {
            Replay { stack: &changed, ..*replay }
        } else {
            Replay { fixture: &copied, ..*replay }
        };
        let (mut report, mut misses) = (Vec::new(), Vec::new());
        mutated.run(&mut |name, failures| {
            report.extend(failures.iter().map(|failure| format!("{name}: {failure}")));
            misses.extend(failures.iter().filter(|failure| failure.starts_with(MISS)).cloned());
        })?;
        let mut failures = judged(&mutation.expect, &report);
        if let Some(file) = &mutation.miss {
            let golden = replay.stack.file(file);
            let text = fs::read_to_string(&golden).map_err(Error::io("read", &golden))?;
            failures.extend(only_miss(text.trim_end(), &misses));
        }
        tally.enter(&mutation.name, &failures);
    }
    Ok(())
}

/// How the report of a miss begins.
const MISS: &str = "no recorded exchange answers ";

/// Whether there was one miss, and what its report should have been.
fn only_miss(golden: &str, misses: &[String]) -> Option<String> {
    match misses {
        [miss] if miss == golden => None,
        [miss] => {
            let diff = difference::lines(golden, miss);
            Some(format!("the miss reads otherwise (- expected, + now)\n{diff}"))
        }
        _ => Some(format!("{} misses instead of one\n{}", misses.len(), misses.join("\n"))),
    }
}

impl Mutation {
    fn apply(&self, folder: &Path) -> std::result::Result<(), String> {
        let ((Some(file), None) | (None, Some(file))) = (&self.file, &self.application) else {
            return Err("name either a file of the fixture or one of the application".to_owned());
        };
        let path = folder.join(file);
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", file.display()))?;
        if !text.contains(&self.find) {
            return Err(format!("{} does not contain {:?}", file.display(), self.find));
        }
        let times = if self.all { usize::MAX } else { 1 };
        let mutated = text.replacen(&self.find, &self.replace, times);
        if mutated == text {
            return Err(format!("{:?} replaced by itself", self.find));
        }
        fs::write(&path, mutated).map_err(|error| format!("{}: {error}", file.display()))
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
            file: Some("scopes/a.py".into()),
            application: None,
            find,
            replace,
            all,
            expect: Vec::new(),
            miss: None,
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
    fn a_mutation_names_one_file() {
        let both = Mutation { application: Some("app.py".into()), ..mutation("a", "b", false) };
        let neither = Mutation { file: None, ..mutation("a", "b", false) };
        for wrong in [both, neither] {
            assert!(wrong.apply(Path::new("/")).unwrap_err().starts_with("name either"));
        }
    }

    #[test]
    fn one_miss_is_expected_word_for_word() {
        let miss = |text: &str| format!("{MISS}{text}");
        assert_eq!(only_miss(&miss("a"), &[miss("a")]), None);
        let other = only_miss(&miss("a"), &[miss("b")]).unwrap();
        assert!(other.contains("- no recorded exchange answers a"), "{other}");
        assert!(only_miss(&miss("a"), &[]).unwrap().starts_with("0 misses"));
        let twice = only_miss(&miss("a"), &[miss("a"), miss("a")]).unwrap();
        assert!(twice.starts_with("2 misses instead of one"), "{twice}");
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
