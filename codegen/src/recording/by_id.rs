//! What the ids of a file refer to.
//!
//! Ids are mostly given one after the other, but need not be.

use std::collections::HashMap;

/// Values by ids.
#[derive(Debug)]
pub struct ById<T> {
    /// Of the ids that follow the first.
    row: Vec<T>,
    first: u64,
    others: HashMap<u64, T>,
}

impl<T> Default for ById<T> {
    fn default() -> Self {
        Self { row: Vec::new(), first: 0, others: HashMap::new() }
    }
}

impl<T> ById<T> {
    /// Adds a value; there must be none of that id.
    pub fn insert(&mut self, id: u64, value: T) {
        if self.row.is_empty() {
            self.first = id;
        }
        if id.checked_sub(self.first) == Some(self.row.len() as u64) {
            self.row.push(value);
        } else {
            self.others.insert(id, value);
        }
    }

    /// The value of an id.
    pub fn get(&self, id: u64) -> Option<&T> {
        let index = id.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| self.row.get(index)).or_else(|| self.others.get(&id))
    }
}

#[cfg(test)]
mod tests {
    use super::ById;

    #[test]
    fn values_are_found_in_whatever_order_their_ids_come() {
        let ids = [7, 8, 3, 10, 9, 11, u64::MAX, 0];
        let mut values = ById::default();
        for id in ids {
            assert_eq!(values.get(id), None);
            values.insert(id, id);
        }
        for id in ids {
            assert_eq!(values.get(id), Some(&id));
        }
        assert_eq!(values.get(4), None);
        assert_eq!(values.row, [7, 8, 9]);
    }
}
