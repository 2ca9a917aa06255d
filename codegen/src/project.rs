//! A project that keeps a fixture: its `[tool.mock-cursor]`, and where its files lie.
//!
//! Reads `pyproject.toml` and no other file; writes none.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Finding, Result};
use crate::stack_file::{NotSecret, StackFile, VolatileRule, place};
use crate::trace::{Mode, RedactRule};

/// Where a fixture lies unless the project says otherwise.
pub const FIXTURES: &str = "tests/fixtures/mock_cursor";

/// The file that has the table.
pub const FILE: &str = "pyproject.toml";

/// The command that records, for the report of a miss.
const RECORD: &str = "mock-cursor record -- pytest";

/// A project and what it has decided.
#[derive(Debug)]
pub struct Project {
    /// The folder of its `pyproject.toml`, or the working directory.
    pub root: PathBuf,
    /// The generated package's folder.
    pub fixtures: PathBuf,
    /// What a recording keeps, unless it is told.
    pub mode: Option<Mode>,
    /// Whether a replay refuses connections to anywhere.
    pub block_network: bool,
    /// Whether randomness and clocks are repeated.
    pub deterministic: bool,
    /// The command that records again.
    pub record: String,
    /// What may differ at replay, what is redacted, and what is no secret.
    pub rules: StackFile,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    tool: Tools,
}

#[derive(Default, Deserialize)]
struct Tools {
    #[serde(default, rename = "mock-cursor")]
    mock_cursor: Option<Table>,
}

/// The table; the plugin reads it as well.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    fixtures: Option<String>,
    mode: Option<Mode>,
    #[serde(default)]
    block_network: bool,
    #[serde(default)]
    deterministic: bool,
    record: Option<String>,
    #[serde(default)]
    volatile: Vec<VolatileRule>,
    #[serde(default)]
    redact: Vec<toml::Spanned<RedactRule>>,
    #[serde(default)]
    not_secret: Vec<NotSecret>,
}

impl Project {
    /// The project around a folder: that of the nearest `pyproject.toml` which has the
    /// table, else of the nearest one, else of the folder itself.
    pub fn around(folder: &Path) -> Result<Self> {
        let mut nearest = None;
        for each in folder.ancestors() {
            let path = each.join(FILE);
            let bytes = match fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(source) => return Err(Error::Io { path, source }),
            };
            if let Some(project) = Self::of(each, &path, &bytes)? {
                return Ok(project);
            }
            nearest.get_or_insert_with(|| each.to_path_buf());
        }
        let root = nearest.unwrap_or_else(|| folder.to_path_buf());
        Ok(Self::new(&root, Table::default(), StackFile::default()))
    }

    /// Where its traces lie, a file a scope.
    pub fn traces(&self) -> PathBuf {
        self.fixtures.join("traces")
    }

    /// Whether anything was recorded.
    pub fn is_recorded(&self) -> bool {
        self.fixtures.join("__init__.py").is_file()
    }

    fn of(root: &Path, path: &Path, bytes: &[u8]) -> Result<Option<Self>> {
        let text = String::from_utf8_lossy(bytes);
        let document: Document = match toml::from_str(&text) {
            Ok(document) => document,
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let what = error.message().lines().next().unwrap_or_default().to_owned();
                let hint = "see \"[tool.mock-cursor]\" in the README".to_owned();
                return Err(Error::from(Finding { what, hint, ..place(path, &text, offset) }));
            }
        };
        let Some(mut table) = document.tool.mock_cursor else { return Ok(None) };
        let mut rules = StackFile::within(path, &text);
        rules.volatile = std::mem::take(&mut table.volatile);
        rules.redact = std::mem::take(&mut table.redact);
        rules.not_secret = std::mem::take(&mut table.not_secret);
        Ok(Some(Self::new(root, table, rules)))
    }

    fn new(root: &Path, table: Table, rules: StackFile) -> Self {
        Self {
            root: root.to_path_buf(),
            fixtures: root.join(table.fixtures.as_deref().unwrap_or(FIXTURES)),
            mode: table.mode,
            block_network: table.block_network,
            deterministic: table.deterministic,
            record: table.record.unwrap_or_else(|| RECORD.to_owned()),
            rules,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Project>> {
        Project::of(Path::new("/p"), Path::new("pyproject.toml"), text.as_bytes())
    }

    #[test]
    fn a_missing_table_means_defaults() {
        assert!(read("[project]\nname = \"x\"\n").unwrap().is_none());
        let folder = tempfile::tempdir().unwrap();
        let project = Project::around(folder.path()).unwrap();
        assert_eq!(project.fixtures, folder.path().join(FIXTURES));
        assert_eq!(project.mode, None);
    }

    #[test]
    fn the_nearest_file_with_the_table_decides() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join(FILE), "[project]\n").unwrap();
        fs::write(folder.path().join(FILE), "[tool.mock-cursor]\nfixtures = \"f\"\n").unwrap();
        let project = Project::around(&inner).unwrap();
        assert_eq!(project.fixtures, folder.path().join("f"));
    }

    #[test]
    fn what_is_unknown_is_an_error_with_its_place_and_a_hint() {
        let said = read("[tool.mock-cursor]\nmode = \"once\"\nfixture = \"x\"\n");
        let said = said.unwrap_err().to_string();
        assert!(said.starts_with("pyproject.toml:3:1: unknown field `fixture`"), "{said}");
        assert!(said.contains("\n  hint: "), "{said}");
        let said = read("[tool.mock-cursor]\nmode = \"always\"\n").unwrap_err().to_string();
        assert!(said.starts_with("pyproject.toml:2:8: unknown variant `always`"), "{said}");
    }
}
