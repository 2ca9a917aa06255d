//! Parses a trace line by line and keeps nothing: what generation is measured
//! against.
//!
//! Checks nothing that `serde_json` does not check by itself.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::time::Instant;

use codegen::trace::Event;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: parse TRACE")?;
    let start = Instant::now();
    let mut reader = BufReader::new(File::open(path)?);
    let mut line = String::new();
    let (mut bytes, mut events) = (0, 0_u64);
    while reader.read_line(&mut line)? > 0 {
        bytes += line.len();
        events += 1;
        std::hint::black_box(serde_json::from_str::<Event<'_>>(&line)?);
        line.clear();
    }
    let seconds = start.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "a trace has less than 2^52 bytes")]
    let speed = bytes as f64 / 1e6 / seconds;
    println!("{bytes} bytes, {events} events, {speed:.0} MB/s");
    Ok(())
}
