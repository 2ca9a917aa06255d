//! Writes or checks the Rust tables in `generated/rust`.
//!
//! Does not use them, so that it builds when they are missing or broken:
//! `cargo run --package codegen --no-default-features --bin tables`.

use std::process::ExitCode;

use clap::Parser;
use codegen::error::Result;
use codegen::report;
use codegen::sink::{Check, Sink, Write};
use codegen::{paths, tables};

/// Makes `generated/rust` from `codegen/data` and the stacks that there are.
#[derive(Parser)]
struct Arguments {
    /// Write nothing; show what differs and exit with 1 if anything does.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let Arguments { check } = Arguments::parse();
    report::exit(run(check), check)
}

fn run(check: bool) -> Result<Vec<codegen::sink::Change>> {
    let root = paths::from_here(&paths::generated_rust());
    let sink: Box<dyn Sink> =
        if check { Box::new(Check::new(root)) } else { Box::new(Write::new(root)) };
    tables::tables(&paths::stacks(), sink.as_ref())?;
    sink.finish()
}
