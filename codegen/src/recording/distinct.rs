//! Numbers for texts, equal ones for equal texts of any file.
//!
//! Keeps none of them: a text is known by its hash.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};

/// The number of a text among those of a recording, in the order in which they were
/// first written.
pub type Number = usize;

/// Values by such numbers, of which nobody can choose many that collide.
pub type ByNumber<T> = HashMap<Number, T, BuildHasherDefault<NumberHasher>>;

/// Spreads numbers over all bits of a hash (Knuth, volume 3, 6.4).
#[derive(Debug, Default)]
pub struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(usize::from(byte));
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = (self.0 ^ number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// Texts that were seen. Two hashes of 64 bits, by keys that nobody knows, make it
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
    use super::{ByNumber, Distinct};

    #[test]
    fn equal_texts_have_equal_numbers() {
        let mut texts = Distinct::default();
        let numbers = ["a", "b", "a", "", "b"].map(|sql| texts.number(sql));
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
    }

    #[test]
    fn values_are_found_by_number() {
        let values: ByNumber<usize> = (0..10_000).map(|number| (number, number + 1)).collect();
        assert!((0..10_000).all(|number| values.get(&number) == Some(&(number + 1))));
        assert_eq!(values.get(&10_000), None);
    }
}
