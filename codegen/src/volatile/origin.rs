//! Who made a value that differs between two recordings: the client, or the server.
//!
//! What the application had from an answer it has again at replay, as it was recorded.
//! Keeps hashes: a value is known by its text in either recording.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::form::shape;

/// The values that have been asked or answered so far.
#[derive(Debug, Default)]
pub struct Origins {
    /// Answered before the client asked with them.
    server_made: HashSet<u64>,
    /// Asked before the server answered with them.
    client_made: HashSet<u64>,
    /// In the answers of the current scope, whoever made them.
    answered: HashSet<u64>,
}

impl Origins {
    /// Begins another scope.
    pub fn enter_scope(&mut self) {
        self.answered.clear();
    }

    /// Notes a value that the client asks with, by its two texts.
    pub fn ask(&mut self, then: &str, now: &str) {
        self.client_made.insert(hash(then, now));
    }

    /// Notes a value in an answer.
    pub fn answer(&mut self, then: &str, now: &str) {
        let value = hash(then, now);
        self.answered.insert(value);
        if !self.client_made.contains(&value) {
            self.server_made.insert(value);
        }
    }

    /// Whether the application had it from an answer, so that it has it again at replay.
    pub fn is_answered(&self, then: &str, now: &str) -> bool {
        let value = hash(then, now);
        self.server_made.contains(&value) || self.answered.contains(&value)
    }
}

/// A text in which a moment is written in one way: servers and Python have their own.
pub fn plain_moment(text: &str) -> String {
    if shape(text) != "timestamp" {
        return text.to_owned();
    }
    let (date, clock) = (&text[..10], &text[11..]);
    let end = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(end);
    let clock =
        if clock.contains('.') { clock.trim_end_matches('0').trim_end_matches('.') } else { clock };
    let zone = if zone == "Z" { "+00" } else { zone.trim_end_matches(":00") };
    format!("{date} {clock}{zone}")
}

/// The same on every machine.
fn hash(then: &str, now: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    plain_moment(then).hash(&mut hasher);
    plain_moment(now).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::{Origins, plain_moment};

    #[test]
    fn moments_are_written_in_one_way() {
        for text in [
            "2026-01-02T03:04:05.500000+00:00",
            "2026-01-02 03:04:05.5+00",
            "2026-01-02T03:04:05.5Z",
        ] {
            assert_eq!(plain_moment(text), "2026-01-02 03:04:05.5+00");
        }
        assert_eq!(plain_moment("2026-01-02T03:04:05"), "2026-01-02 03:04:05");
        assert_eq!(plain_moment("a:00"), "a:00");
    }

    #[test]
    fn who_was_first_has_made_it_and_an_answer_holds_in_its_scope() {
        let mut origins = Origins::default();
        origins.ask("a", "b");
        origins.answer("a", "b");
        origins.answer("17", "42");
        assert!(origins.is_answered("a", "b") && origins.is_answered("17", "42"));
        origins.enter_scope();
        assert!(!origins.is_answered("a", "b") && origins.is_answered("17", "42"));
        assert!(!origins.is_answered("17", "43"));
    }
}
