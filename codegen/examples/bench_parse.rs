//! The reference that `cargo xtask bench` measures the generator against: every
//! line of a trace parsed into the same structs, rows as raw JSON, nothing written.
//!
//! Checks nothing beyond what the structs demand, and resolves no id.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::process::ExitCode;

use codegen::trace::Event;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: bench_parse TRACE");
        return ExitCode::from(2);
    };
    match File::open(path).and_then(|file| parse(BufReader::new(file))) {
        Ok((exchanges, rows)) => {
            println!("{{\"exchanges\":{exchanges},\"rows\":{rows}}}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Exchanges and rows, so that nothing can be optimised away.
fn parse(mut trace: impl BufRead) -> io::Result<(usize, usize)> {
    let (mut exchanges, mut rows) = (0, 0);
    let mut line = String::new();
    while trace.read_line(&mut line)? > 0 {
        if let Event::Exchange(exchange) = serde_json::from_str(&line)? {
            exchanges += 1;
            rows += exchange.results.iter().map(|result| result.rows.len()).sum::<usize>();
        }
        line.clear();
    }
    Ok((exchanges, rows))
}
