//! Writes a large trace for `cargo xtask bench`: the same bytes for the same arguments.
//!
//! Says what it wrote as one line of JSON; the traffic is invented, its format is not.

mod numbers;
mod traffic;

use std::fmt::Arguments as Text;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use numbers::Numbers;
use traffic::{Asked, header, row_descriptions, sql};

/// Out of 100 exchanges, those that their scope has had before.
const REPEATS: usize = 30;

/// Writes a trace and prints what is in it.
#[derive(Parser)]
struct Arguments {
    /// How large it becomes, roughly.
    #[arg(long, value_name = "BYTES")]
    size: usize,
    /// Besides start-up, each from a quarter to seven quarters of the mean in size.
    #[arg(long, value_name = "COUNT")]
    scopes: usize,
    /// Distinct SQL texts.
    #[arg(long, value_name = "COUNT")]
    texts: usize,
    /// The file.
    out: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let written = Trace::create(&arguments.out).and_then(|trace| trace.fill(&arguments));
    match written {
        Ok(facts) => {
            println!("{facts}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: cannot be written: {error}", arguments.out.display());
            ExitCode::from(2)
        }
    }
}

struct Trace {
    out: BufWriter<File>,
    bytes: usize,
    exchanges: usize,
    rows: usize,
    texts: usize,
    numbers: Numbers,
}

impl Trace {
    fn create(path: &PathBuf) -> io::Result<Self> {
        let out = BufWriter::new(File::create(path)?);
        Ok(Self { out, bytes: 0, exchanges: 0, rows: 0, texts: 0, numbers: Numbers::default() })
    }

    fn line(&mut self, text: Text) -> io::Result<()> {
        let line = format!("{text}\n");
        self.bytes += line.len();
        self.out.write_all(line.as_bytes())
    }

    fn fill(mut self, arguments: &Arguments) -> io::Result<String> {
        for line in header().into_iter().chain(row_descriptions()) {
            self.line(format_args!("{line}"))?;
        }
        let mean = arguments.size / arguments.scopes.max(1);
        let mut largest = 0;
        for id in 1..=arguments.scopes {
            let start = self.bytes;
            let size = mean / 4 + self.numbers.below(mean * 3 / 2 + 1);
            self.scope(id, start + size, arguments.texts)?;
            largest = largest.max(self.bytes - start);
        }
        self.out.flush()?;
        let Self { bytes, exchanges, rows, texts, .. } = self;
        Ok(format!(
            r#"{{"bytes":{bytes},"largest_scope":{largest},"texts":{texts},"exchanges":{exchanges},"rows":{rows}}}"#
        ))
    }

    /// One scope; its first exchange asks for the number of the scope, which replay can check.
    fn scope(&mut self, id: usize, end: usize, texts: usize) -> io::Result<()> {
        self.line(format_args!(
            r#"{{"scope":{{"id":{id},"name":"request {id}","kind":"request"}}}}"#
        ))?;
        let mut earlier: Vec<Asked> = Vec::new();
        while earlier.len() < 2 || self.bytes < end {
            let repeated = earlier.len() > 1 && self.numbers.below(100) < REPEATS;
            let asked = if repeated {
                earlier[self.numbers.below(earlier.len())].clone()
            } else {
                let text = self.text(texts)?;
                let number = if earlier.is_empty() { id } else { self.numbers.below(1_000_000) };
                let asked = Asked::new(&mut self.numbers, text, number);
                earlier.push(asked.clone());
                asked
            };
            self.exchanges += 1;
            self.rows += asked.rows;
            let (exchange, rest) = (self.exchanges, asked.json);
            self.line(format_args!(
                r#"{{"exchange":{{"id":{exchange},"scope":{id},"connection":1,{rest}"#
            ))?;
        }
        self.line(format_args!(r#"{{"scope_end":{{"id":{id}}}}}"#))
    }

    /// A new text until there are enough of them, and then any.
    fn text(&mut self, texts: usize) -> io::Result<usize> {
        if self.texts == texts {
            return Ok(self.numbers.below(texts) + 1);
        }
        self.texts += 1;
        let (id, sql) = (self.texts, sql(self.texts));
        self.line(format_args!(r#"{{"text":{{"id":{id},"sql":"{sql}"}}}}"#))?;
        Ok(id)
    }
}
