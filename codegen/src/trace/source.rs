//! The bytes of a trace file: read once from front to back, then by place.
//!
//! Knows lines, and nothing of what they say.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use memchr::memchr;
use rustix::buffer::spare_capacity;
use rustix::io::{Errno, pread};

use crate::error::{Error, Result};

const BUFFER: usize = 256 * 1024;

/// A trace file, and the name it was asked for by.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    bytes: Bytes,
}

#[derive(Debug)]
enum Bytes {
    File(File),
    /// Opened for each look.
    Closed,
    Memory(Vec<u8>),
}

/// Whole lines that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Of the first one, counted from 1.
    pub line: usize,
    /// In bytes from the start of the file.
    pub offset: u64,
    /// In bytes, line ends included.
    pub length: usize,
}

impl Source {
    /// Opens a file. What cannot be read by place, such as a pipe, is read at once.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io(path))?;
        let metadata = file.metadata().map_err(Error::io(path))?;
        if metadata.is_file() {
            return Ok(Self { path: path.to_path_buf(), bytes: Bytes::File(file) });
        }
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut &file, &mut bytes).map_err(Error::io(path))?;
        Ok(Self::memory(path, bytes))
    }

    /// The same without a hold on the file, of which a process may not open many.
    #[must_use]
    pub fn closed(self) -> Self {
        match self.bytes {
            Bytes::File(_) => Self { path: self.path, bytes: Bytes::Closed },
            Bytes::Memory(_) | Bytes::Closed => self,
        }
    }

    fn open_again(&self) -> Result<Self> {
        Self::open(&self.path)
    }

    /// Bytes that are at hand; `path` stands in messages.
    pub fn memory(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Self {
        Self { path: path.into(), bytes: Bytes::Memory(bytes) }
    }

    /// Stands in every message.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Shows every line with its place; the last one may have no end.
    pub fn each_line(&self, mut show: impl FnMut(Place, &[u8]) -> Result<()>) -> Result<()> {
        if matches!(self.bytes, Bytes::Closed) {
            return self.open_again()?.each_line(show);
        }
        let mut place = Place { line: 0, offset: 0, length: 0 };
        let mut next = |bytes: &[u8]| {
            place.line += 1;
            place.offset += place.length as u64;
            place.length = bytes.len();
            show(place, bytes)
        };
        match &self.bytes {
            Bytes::Closed => Ok(()),
            Bytes::Memory(bytes) => split_lines(bytes).try_for_each(&mut next),
            Bytes::File(file) => {
                let mut file = file;
                file.seek(SeekFrom::Start(0)).map_err(Error::io(&self.path))?;
                let mut reader = BufReader::with_capacity(BUFFER, file);
                // The start of a line that does not end in the buffer.
                let mut start = Vec::new();
                loop {
                    let buffer = reader.fill_buf().map_err(Error::io(&self.path))?;
                    let length = buffer.len();
                    if length == 0 {
                        break;
                    }
                    for line in split_lines(buffer) {
                        if start.is_empty() && line.ends_with(b"\n") {
                            next(line)?;
                            continue;
                        }
                        start.extend_from_slice(line);
                        if line.ends_with(b"\n") {
                            next(&start)?;
                            start.clear();
                        }
                    }
                    reader.consume(length);
                }
                if start.is_empty() { Ok(()) } else { next(&start) }
            }
        }
    }

    /// Shows the first line, if there is one.
    pub fn first_line(&self, show: impl FnOnce(Place, &[u8]) -> Result<()>) -> Result<()> {
        let mut line = Vec::new();
        match &self.bytes {
            Bytes::Closed => return self.open_again()?.first_line(show),
            Bytes::Memory(bytes) => {
                line.extend(
                    bytes.split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default(),
                );
            }
            Bytes::File(file) => {
                let mut file = file;
                file.seek(SeekFrom::Start(0)).map_err(Error::io(&self.path))?;
                let mut reader = BufReader::new(file);
                reader.read_until(b'\n', &mut line).map_err(Error::io(&self.path))?;
            }
        }
        if line.is_empty() {
            return Ok(());
        }
        show(Place { line: 1, offset: 0, length: line.len() }, &line)
    }

    /// The bytes of a place that [`Source::each_line`] showed.
    pub fn read(&self, place: Place) -> Result<Vec<u8>> {
        let io = Error::io(&self.path);
        match &self.bytes {
            Bytes::Closed => self.open_again()?.read(place),
            Bytes::Memory(bytes) => {
                let start = usize::try_from(place.offset).unwrap_or(usize::MAX);
                let end = start.saturating_add(place.length);
                let bytes = bytes.get(start..end);
                bytes.map(<[u8]>::to_vec).ok_or_else(|| Error::Defect("no such place".to_owned()))
            }
            Bytes::File(file) => {
                let mut bytes = Vec::with_capacity(place.length);
                while bytes.len() < place.length {
                    let offset = place.offset + bytes.len() as u64;
                    match pread(file, spare_capacity(&mut bytes), offset) {
                        Ok(0) => return Err(io(ErrorKind::UnexpectedEof.into())),
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(error) => return Err(io(error.into())),
                    }
                }
                // There may be room for more than was asked for.
                bytes.truncate(place.length);
                Ok(bytes)
            }
        }
    }
}

impl Place {
    /// Adds the lines that follow; false if they stand elsewhere.
    pub fn extend(&mut self, next: Self) -> bool {
        let follows = self.offset + self.length as u64 == next.offset;
        if follows {
            self.length += next.length;
        }
        follows
    }
}

/// Lines with their ends; the last one may have none.
pub fn split_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let (line, after) = rest.split_at(length);
        rest = after;
        (!line.is_empty()).then_some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::{Place, Source};

    #[test]
    fn a_file_and_memory_show_the_same_lines_at_the_same_places() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("trace.jsonl");
        let bytes = b"a\n\nbcd\r\ne".to_vec();
        std::fs::write(&path, &bytes).expect("writable");
        let sources = [Source::open(&path).expect("readable"), Source::memory("x", bytes)];
        for source in sources {
            let mut seen = Vec::new();
            let show = |place: Place, line: &[u8]| {
                seen.push((place, line.to_vec()));
                Ok(())
            };
            source.each_line(show).expect("readable");
            let numbers: Vec<usize> = seen.iter().map(|(place, _)| place.line).collect();
            assert_eq!(numbers, [1, 2, 3, 4]);
            for (place, line) in &seen {
                assert_eq!(source.read(*place).expect("it is there"), *line);
            }
            let mut both = seen[1].0;
            assert!(both.extend(seen[2].0) && !both.extend(seen[0].0));
            assert_eq!(source.read(both).expect("it is there"), b"\nbcd\r\n");
        }
    }
}
