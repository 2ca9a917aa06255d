//! Files in pieces of whole lines, to be looked through side by side.
//!
//! Knows nothing of what stands in them.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use memchr::{memchr, memchr_iter, memrchr};

use crate::error::{Error, Result};

const LENGTH: usize = 2 * 1024 * 1024;

/// A part of a file that begins at a line.
#[derive(Debug)]
pub struct Piece {
    /// Which file.
    pub file: usize,
    /// Where it begins.
    pub offset: usize,
    /// Its length, as long as no line goes on beyond it.
    pub length: usize,
}

/// The pieces of files, in their order.
pub fn of(files: &[PathBuf]) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    for (index, path) in files.iter().enumerate() {
        let size = fs::metadata(path).map_err(Error::io(path))?.len();
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        for offset in (0..size).step_by(LENGTH) {
            pieces.push(Piece { file: index, offset, length: LENGTH.min(size - offset) });
        }
    }
    Ok(pieces)
}

impl Piece {
    /// The lines that begin within it, with what goes before them overwritten.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let mut file = File::open(path).map_err(Error::io(path))?;
        let io = Error::io(path);
        self.read_from(&mut file).map_err(io)
    }

    fn read_from(&self, file: &mut File) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.length);
        let before = u64::from(self.offset > 0);
        file.seek(SeekFrom::Start(self.offset as u64 - before))?;
        let wanted = self.length as u64 + before;
        file.by_ref().take(wanted).read_to_end(&mut bytes)?;
        if bytes.last().is_some_and(|last| *last != b'\n') {
            let mut rest = vec![0; 64 * 1024];
            loop {
                let count = file.read(&mut rest)?;
                let end = memchr(b'\n', &rest[..count]);
                bytes.extend_from_slice(&rest[..end.unwrap_or(count)]);
                if count == 0 || end.is_some() {
                    break;
                }
            }
        }
        if before == 1 {
            // Of a line that began earlier; the piece before has read it to its end.
            let start = memchr(b'\n', &bytes).unwrap_or(bytes.len());
            bytes[..start].fill(b' ');
            bytes.remove(0);
        }
        Ok(bytes)
    }
}

/// Turns offsets of a file into lines and columns.
pub struct Places {
    reader: BufReader<File>,
    /// Up to where lines have been counted.
    counted: usize,
    line: usize,
    line_start: usize,
}

impl Places {
    /// Of a file.
    pub fn of(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io(path))?;
        Ok(Self { reader: BufReader::new(file), counted: 0, line: 1, line_start: 0 })
    }

    /// Both counted from 1, the column in bytes. To be asked in the order of the offsets.
    pub fn line_and_column(&mut self, offset: usize) -> std::io::Result<(usize, usize)> {
        while self.counted < offset {
            let buffer = self.reader.fill_buf()?;
            let part = &buffer[..buffer.len().min(offset - self.counted)];
            if part.is_empty() {
                break;
            }
            self.line += memchr_iter(b'\n', part).count();
            if let Some(end) = memrchr(b'\n', part) {
                self.line_start = self.counted + end + 1;
            }
            let length = part.len();
            self.counted += length;
            self.reader.consume(length);
        }
        Ok((self.line, offset - self.line_start + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::{LENGTH, Places, of};

    #[test]
    fn places_are_counted_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("trace.jsonl");
        let text = format!("a\n{}\nbc", "x".repeat(100_000));
        std::fs::write(&path, &text).expect("writable");
        let mut places = Places::of(&path).expect("readable");
        for (offset, expected) in
            [(0, (1, 1)), (0, (1, 1)), (2, (2, 1)), (90_002, (2, 90_001)), (100_004, (3, 2))]
        {
            assert_eq!(places.line_and_column(offset).expect("readable"), expected);
        }
    }

    #[test]
    fn each_line_is_in_one_piece_as_a_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("trace.jsonl");
        let line = |number: usize| format!("{number} {}\n", "x".repeat(number * 7919 % 90_000));
        let text: String = (0..200).map(line).collect::<String>() + "the last";
        std::fs::write(&path, &text).expect("writable");
        let files = [path];
        let pieces = of(&files).expect("readable");
        assert!(pieces.len() > 3 && pieces[0].length == LENGTH);
        let mut lines = Vec::new();
        for piece in &pieces {
            let bytes = piece.read(&files[0]).expect("readable");
            let text = String::from_utf8(bytes).expect("it is text");
            for (at, line) in text.match_indices(|c| c != ' ' && c != '\n').take(1) {
                assert!(files[0].exists() && !line.is_empty());
                lines.push((piece.offset + at, text[at..].trim_end().to_owned()));
            }
        }
        let joined: Vec<&str> = lines.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(joined.join("\n"), text);
        for (at, piece) in lines {
            assert!(text[at..].starts_with(&piece));
        }
    }
}
