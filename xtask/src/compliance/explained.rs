//! The tests of which it is known why they differ, from `tests/compliance/explained.toml`.
//!
//! Excuses nothing by itself: a test that is not named there must replay.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::Options;
use crate::error::{Error, Result};
use crate::paths;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explained {
    #[serde(default)]
    difference: Vec<Difference>,
}

/// One reason, and the tests that it concerns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    why: String,
    /// Whether the deterministic mode has it, too.
    deterministic: bool,
    /// Ends of node ids without the parameters of a test or the name of a driver:
    /// `IntervalTest::test_arithmetic`.
    tests: Vec<String>,
}

impl Explained {
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        toml::from_str(&text)
            .map_err(|error| Error::failed(format!("{}: {error}", paths::shown(path))))
    }

    /// Why a test may differ; None if it may not.
    pub fn why(&self, name: &str, options: &Options) -> Option<String> {
        let plain = plain(name);
        let applies = |each: &&Difference| {
            (each.deterministic || !options.deterministic) && each.tests.contains(&plain)
        };
        self.difference.iter().find(applies).map(|each| each.why.clone())
    }
}

/// `DateTest::test_literal` for `test/dialect/test_suite.py::DateTest_postgresql+psycopg_18_6::test_literal[x]`:
/// the names of the class and of the test as they stand in the source.
fn plain(name: &str) -> String {
    let test = name.split('[').next().unwrap_or(name);
    let mut parts = test.rsplit("::");
    let (method, class) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let class = class.split("_postgresql").next().unwrap_or(class);
    format!("{class}::{method}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::Series;

    #[test]
    fn a_test_is_explained_by_the_names_in_the_source() {
        let text = "[[difference]]\nwhy = \"a clock\"\ndeterministic = false\n\
            tests = [\"DateTest::test_literal\"]\n";
        let explained: Explained = toml::from_str(text).unwrap();
        let mut options = Options {
            series: Series::V2_1,
            asynchronous: false,
            tests: Vec::new(),
            only: None,
            deterministic: false,
            record: false,
        };
        let name = "test/dialect/test_suite.py::DateTest_postgresql+psycopg_18_6::test_literal[a]";
        assert_eq!(explained.why(name, &options).as_deref(), Some("a clock"));
        assert_eq!(explained.why(&name.replace("test_literal", "test_l"), &options), None);
        options.deterministic = true;
        assert_eq!(explained.why(name, &options), None);
    }

    #[test]
    fn the_list_can_be_read() {
        Explained::read(&paths::compliance().join("explained.toml")).unwrap();
    }
}
