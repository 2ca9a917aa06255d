//! Numbers for texts, equal ones for equal texts.
//!
//! Knows nothing of what the texts say.

use std::collections::HashMap;
use std::sync::Arc;

/// Texts, numbered from 0 in the order in which they were first seen.
#[derive(Debug, Default)]
pub struct Interned {
    by_text: HashMap<Arc<str>, usize>,
    /// Holds on to the texts, so that no address can come to mean another one.
    by_address: HashMap<*const str, (Arc<str>, usize)>,
}

impl Interned {
    /// The number of a text. Most are asked for again and again by one and the same
    /// `Arc`, and its address is hashed faster than its text.
    pub fn number(&mut self, text: &Arc<str>) -> usize {
        if let Some((_, number)) = self.by_address.get(&Arc::as_ptr(text)) {
            return *number;
        }
        let next = self.by_text.len();
        let number = *self.by_text.entry(Arc::clone(text)).or_insert(next);
        self.by_address.insert(Arc::as_ptr(text), (Arc::clone(text), number));
        number
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Interned;

    #[test]
    fn equal_texts_have_equal_numbers() {
        let mut interned = Interned::default();
        let one: Arc<str> = Arc::from("one");
        assert_eq!(interned.number(&one), 0);
        assert_eq!(interned.number(&Arc::from("two")), 1);
        assert_eq!(interned.number(&Arc::from("three")), 2);
        assert_eq!(interned.number(&Arc::from("one")), 0);
        assert_eq!(interned.number(&one), 0);
    }
}
