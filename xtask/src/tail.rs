//! Reads a file of JSON Lines while another process appends to it.
//!
//! Never returns a line that is not complete.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

pub struct Tail {
    path: PathBuf,
    file: Option<File>,
    /// The start of a line whose end is not written yet.
    rest: Vec<u8>,
}

impl Tail {
    pub fn of(path: &Path) -> Self {
        Self { path: path.to_path_buf(), file: None, rest: Vec::new() }
    }

    /// The lines that were completed since the last call; none if there is no file yet.
    pub fn lines(&mut self) -> Result<Vec<String>> {
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        let Some(file) = &mut self.file else { return Ok(Vec::new()) };
        file.read_to_end(&mut self.rest).map_err(Error::io("read", &self.path))?;
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(Vec::new());
        };
        let complete: Vec<u8> = self.rest.drain(..=end).collect();
        let text = String::from_utf8_lossy(&complete);
        Ok(text.split_terminator('\n').map(str::to_owned).collect())
    }
}

/// Cuts off a last line that has no end, as a killed process leaves it; says how many lines are left.
pub fn trim(path: &Path) -> Result<usize> {
    let Ok(bytes) = fs::read(path) else { return Ok(0) };
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    if end < bytes.len() {
        let file = File::options().write(true).open(path).map_err(Error::io("open", path))?;
        file.set_len(end as u64).map_err(Error::io("shorten", path))?;
    }
    Ok(bytes[..end].split(|byte| *byte == b'\n').count() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_line_appears_once_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        let mut tail = Tail::of(&path);
        assert!(tail.lines().unwrap().is_empty());
        let mut file = File::create(&path).unwrap();
        file.write_all(b"{\"a\":1}\n{\"b\"").unwrap();
        assert_eq!(tail.lines().unwrap(), ["{\"a\":1}"]);
        assert!(tail.lines().unwrap().is_empty());
        file.write_all(":\"é\"}\n\n".as_bytes()).unwrap();
        assert_eq!(tail.lines().unwrap(), ["{\"b\":\"é\"}", ""]);
    }

    #[test]
    fn a_torn_last_line_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        for (text, left, lines) in [("a\nb\nc", "a\nb\n", 2), ("a\n", "a\n", 1), ("a", "", 0)] {
            fs::write(&path, text).unwrap();
            assert_eq!(trim(&path).unwrap(), lines);
            assert_eq!(fs::read_to_string(&path).unwrap(), left);
        }
        assert_eq!(trim(&folder.path().join("none")).unwrap(), 0);
    }
}
