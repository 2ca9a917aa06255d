//! Counts passed and failed tests, and prints a line for each.
//!
//! Raises nothing: what keeps a command from testing at all is an `Error`.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
}

impl Tally {
    pub const PASSED: Self = Self { passed: 1, failed: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1 };

    pub fn exit_code(self) -> u8 {
        u8::from(self.failed > 0)
    }

    /// Prints `ok   name`, or `FAIL name: reason` with the details indented below it.
    pub fn enter(&mut self, name: &str, failures: &[String]) {
        println!("{}", line(name, failures));
        *self += if failures.is_empty() { Self::PASSED } else { Self::FAILED };
    }
}

fn line(name: &str, failures: &[String]) -> String {
    if failures.is_empty() {
        return format!("ok   {name}");
    }
    let mut text = format!("FAIL {name}");
    for (place, failure) in failures.iter().enumerate() {
        let mut lines = failure.lines();
        let first = lines.next().unwrap_or_default();
        let opening = if place == 0 { ": " } else { "\n  and: " };
        text.push_str(opening);
        text.push_str(first);
        for more in lines {
            text.push_str("\n    ");
            text.push_str(more);
        }
    }
    text
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_starts_on_the_line_of_its_name_and_goes_on_indented() {
        let failures = ["status 200, recorded 201".to_owned(), "miss\nasked for x".to_owned()];
        let expected = "FAIL create user: status 200, recorded 201\n  and: miss\n    asked for x";
        assert_eq!(line("create user", &failures), expected);
        assert_eq!(line("create user", &[]), "ok   create user");
    }
}
