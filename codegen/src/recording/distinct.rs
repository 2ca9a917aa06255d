//! Numbers for texts, equal ones for equal texts of any file.
//!
//! Keeps none of them: a text is known by its hash.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

/// The number of a text among those of a recording, in the order in which they were
/// first written.
pub type Number = usize;

/// Distinct that were seen. Two hashes of 64 bits, by keys that nobody knows, make it
/// unthinkable that different texts have equal ones.
#[derive(Debug, Default)]
pub struct Distinct {
    hashes: (RandomState, RandomState),
    numbers: HashMap<(u64, u64), Number>,
}

impl Distinct {
    /// The number of a text.
    pub fn number(&mut self, sql: &str) -> Number {
        let hash = (self.hashes.0.hash_one(sql), self.hashes.1.hash_one(sql));
        let next = self.numbers.len();
        *self.numbers.entry(hash).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::Distinct;

    #[test]
    fn equal_texts_have_equal_numbers() {
        let mut texts = Distinct::default();
        let numbers = ["a", "b", "a", "", "b"].map(|sql| texts.number(sql));
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
    }
}
