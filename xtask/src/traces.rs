//! The files of one recording: `trace.jsonl`, and one more for each further process. A second
//! recording of the same scenario lies beside them as `again.jsonl`.
//!
//! Reads of them only where scopes end; what they hold is the generator's matter.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::tail::{self, Tail};

/// What the recorder is told to write; other processes add their number to the name.
pub const FIRST: &str = "trace.jsonl";

/// Which of two recordings of one scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// The one that is replayed.
    First,
    /// The one that shows what differs from run to run.
    Again,
}

impl Run {
    fn stem(self) -> &'static str {
        match self {
            Self::First => "trace",
            Self::Again => "again",
        }
    }

    /// The name of a file in the stack's folder: process numbers would differ each time.
    pub fn name(self, index: usize) -> String {
        let stem = self.stem();
        if index == 0 { format!("{stem}.jsonl") } else { format!("{stem}-{}.jsonl", index + 1) }
    }

    /// Its files in a folder: the first process's first, the others by when they began.
    pub fn files(self, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let Ok(entries) = fs::read_dir(folder) else { return Ok(found) };
        for entry in entries {
            let path = entry.map_err(Error::io("list", folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(self.stem()) && name.ends_with(".jsonl") {
                found.push(path);
            }
        }
        // The header holds the time as ISO text, which sorts as time does.
        let first = self.name(0);
        found.sort_by_cached_key(|path| (!path.ends_with(&first), header(path), path.clone()));
        Ok(found)
    }
}

/// The traces of a folder, in which an application is being recorded.
pub struct Traces {
    folder: PathBuf,
    open: Vec<(PathBuf, Tail, HashMap<u64, String>)>,
    ended: HashSet<String>,
}

/// The events of a trace that tell which scopes have ended.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScopeEvent {
    Scope {
        id: u64,
        name: String,
        /// In a forked process: it is the parent that ends it.
        #[serde(default)]
        continues: bool,
    },
    ScopeEnd {
        id: u64,
    },
}

impl Traces {
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), open: Vec::new(), ended: HashSet::new() }
    }

    /// Whether a scope of that name has ended in any of the processes.
    pub fn has_ended(&mut self, name: &str) -> Result<bool> {
        for path in Run::First.files(&self.folder)? {
            if !self.open.iter().any(|(known, ..)| *known == path) {
                let tail = Tail::of(&path);
                self.open.push((path, tail, HashMap::new()));
            }
        }
        for (_, tail, names) in &mut self.open {
            for line in tail.lines()? {
                // Most lines are exchanges, possibly long ones: not worth parsing here.
                if !line.starts_with("{\"scope") {
                    continue;
                }
                match serde_json::from_str(&line) {
                    Ok(ScopeEvent::Scope { continues: true, .. }) => {}
                    Ok(ScopeEvent::Scope { id, name, .. }) => {
                        names.insert(id, name);
                    }
                    Ok(ScopeEvent::ScopeEnd { id }) => self.ended.extend(names.get(&id).cloned()),
                    Err(error) => {
                        let what = format!("the trace holds no event: {error}\n{line}");
                        return Err(Error::failed(what));
                    }
                }
            }
        }
        Ok(self.ended.contains(name))
    }
}

/// Removes all of a recording, whatever it is called while it is made.
pub fn clear(folder: &Path) -> Result<()> {
    for path in Run::First.files(folder)? {
        fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    }
    Ok(())
}

/// Cuts torn last lines off; the files, and how many lines each has.
pub fn trimmed(folder: &Path) -> Result<Vec<(PathBuf, usize)>> {
    Run::First
        .files(folder)?
        .into_iter()
        .map(|path| Ok((path.clone(), tail::trim(&path)?)))
        .collect()
}

fn header(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    line.split_once("\"started_at\":").map(|(_, rest)| rest.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        fs::write(folder.join(name), text).unwrap();
    }

    #[test]
    fn a_scope_has_ended_once_its_line_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let opened = concat!(
            r#"{"trace":{"version":1}}"#,
            "\n",
            r#"{"scope":{"id":1,"name":"create user","kind":"request"}}"#,
            "\n",
            r#"{"exchange":{"id":1,"scope":1}}"#,
            "\n",
            r#"{"scope_end":{"id":1"#
        );
        write(folder.path(), FIRST, opened);
        let mut traces = Traces::of(folder.path());
        assert!(!traces.has_ended("create user").unwrap());
        write(folder.path(), FIRST, &format!("{opened}}}}}\n"));
        assert!(traces.has_ended("create user").unwrap());
    }

    #[test]
    fn each_process_counts_its_own_scopes() {
        let folder = tempfile::tempdir().unwrap();
        let scope = |name: &str| {
            let opened = format!(r#"{{"scope":{{"id":1,"name":"{name}","kind":"request"}}}}"#);
            format!("{opened}\n{{\"scope_end\":{{\"id\":1}}}}\n")
        };
        write(folder.path(), FIRST, &scope("a"));
        let mut traces = Traces::of(folder.path());
        assert!(traces.has_ended("a").unwrap() && !traces.has_ended("b").unwrap());
        write(folder.path(), "trace-77.jsonl", &scope("b"));
        assert!(traces.has_ended("b").unwrap());
    }

    #[test]
    fn files_stand_in_the_order_in_which_processes_began() {
        let folder = tempfile::tempdir().unwrap();
        let began = |time: &str| format!("{{\"trace\":{{\"started_at\":\"{time}\"}}}}\n");
        write(folder.path(), "trace-9.jsonl", &began("2026-01-02"));
        write(folder.path(), "trace-10.jsonl", &began("2026-01-03"));
        write(folder.path(), FIRST, &began("2026-01-09"));
        write(folder.path(), "responses.jsonl", "");
        let names = |files: Vec<PathBuf>| -> Vec<String> {
            let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
            files.iter().map(name).collect()
        };
        let found = names(Run::First.files(folder.path()).unwrap());
        assert_eq!(found, [FIRST, "trace-9.jsonl", "trace-10.jsonl"]);
        assert_eq!([Run::First.name(0), Run::First.name(1)], [FIRST, "trace-2.jsonl"]);
        assert_eq!([Run::Again.name(0), Run::Again.name(1)], ["again.jsonl", "again-2.jsonl"]);
        write(folder.path(), "again.jsonl", "");
        clear(folder.path()).unwrap();
        assert_eq!(Run::First.files(folder.path()).unwrap(), Vec::<PathBuf>::new());
        assert_eq!(names(Run::Again.files(folder.path()).unwrap()), ["again.jsonl"]);
    }
}
