//! `cargo xtask gen`: the Rust tables, then the fixtures of the stacks.
//!
//! Writes nothing itself; the programs of `codegen` do, and they say what they changed.

use std::process::Command;

use crate::error::Result;
use crate::stack::Stack;
use crate::{paths, process, tool};

/// Runs both programs and returns the worse of their exit codes.
pub fn run(stacks: &[String], check: bool) -> Result<u8> {
    let flag: &[&str] = if check { &["--check"] } else { &[] };
    // A misspelled name is found before anything is written.
    stacks.iter().try_for_each(|name| Stack::open(name).map(drop))?;
    let mut counts = Counts::default();
    // The tables first: the generator of the fixtures is built with them.
    let tables = counted(&mut tool::tables(flag)?, &mut counts)?;
    let mut command = tool::mock_cursor(["gen-stacks"])?;
    // Named from the root, where the program runs, as it prints what it is given.
    command.arg(paths::shown(&paths::stacks()));
    command.arg("--out").arg(paths::shown(&paths::generated_python()));
    let fixtures = counted(command.args(stacks).args(flag), &mut counts)?;
    if let Some(line) = counts.line() {
        println!("{line}");
    }
    Ok(tables.max(fixtures))
}

/// Runs a program, passes on what it says, and adds up its last line.
fn counted(command: &mut Command, counts: &mut Counts) -> Result<u8> {
    let said = process::run(command)?;
    eprint!("{}", said.stderr);
    let rest = counts.take(&said.stdout);
    print!("{rest}");
    Ok(tool::exit_code(said.status))
}

/// `1 created, 2 updated, 0 removed`, of both programs together.
#[derive(Default)]
struct Counts(Vec<(usize, String)>);

impl Counts {
    /// Adds the line of counts, if the text ends with one, and returns what stands before.
    fn take<'t>(&mut self, text: &'t str) -> &'t str {
        let trimmed = text.trim_end_matches('\n');
        let start = trimmed.rfind('\n').map_or(0, |newline| newline + 1);
        let parts: Option<Vec<(usize, &str)>> = trimmed[start..].split(", ").map(part).collect();
        let Some(parts) = parts else { return text };
        for (number, word) in parts {
            match self.0.iter_mut().find(|(_, known)| known == word) {
                Some((sum, _)) => *sum += number,
                None => self.0.push((number, word.to_owned())),
            }
        }
        &text[..start]
    }

    fn line(&self) -> Option<String> {
        let parts: Vec<_> =
            self.0.iter().map(|(number, word)| format!("{number} {word}")).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

fn part(text: &str) -> Option<(usize, &str)> {
    let (number, word) = text.split_once(' ')?;
    Some((number.parse().ok()?, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_both_programs_are_one_line() {
        let mut counts = Counts::default();
        assert_eq!(counts.take("created a\n1 created, 0 updated, 0 removed\n"), "created a\n");
        assert_eq!(counts.take(""), "");
        assert_eq!(counts.take("2 created, 3 updated, 0 removed\n"), "");
        assert_eq!(counts.line().unwrap(), "3 created, 3 updated, 0 removed");
        assert_eq!(counts.take("warning: x, y\n"), "warning: x, y\n");
    }

    #[test]
    fn silence_stays_silence() {
        assert_eq!(Counts::default().line(), None);
    }
}
