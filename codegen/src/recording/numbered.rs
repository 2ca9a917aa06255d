//! To which scope each exchange of a file belongs.
//!
//! Ids are small and without gaps in what our recorder writes, but need not be.

use std::collections::BTreeMap;

use super::ScopeIndex;
use crate::trace::ExchangeId;

const VACANT: u32 = u32::MAX;

/// How far beyond the number of exchanges seen an id may lie to be in the list.
const SPARSE: u64 = 1024;

/// Scopes by the ids of exchanges.
#[derive(Debug, Default)]
pub struct Numbered {
    dense: Vec<u32>,
    sparse: BTreeMap<ExchangeId, ScopeIndex>,
    seen: u64,
}

impl Numbered {
    /// Adds an exchange; false if there is one of that id.
    pub fn insert(&mut self, id: ExchangeId, scope: ScopeIndex) -> bool {
        if self.get(id).is_some() {
            return false;
        }
        self.seen += 1;
        match (usize::try_from(id.0), u32::try_from(scope)) {
            (Ok(index), Ok(number)) if id.0 < 4 * self.seen + SPARSE && number != VACANT => {
                if index >= self.dense.len() {
                    self.dense.resize(index + 1, VACANT);
                }
                self.dense[index] = number;
            }
            _ => {
                self.sparse.insert(id, scope);
            }
        }
        true
    }

    /// The scope of an exchange.
    pub fn get(&self, id: ExchangeId) -> Option<ScopeIndex> {
        let index = usize::try_from(id.0).ok();
        match index.and_then(|index| self.dense.get(index)) {
            Some(&number) if number != VACANT => usize::try_from(number).ok(),
            _ => self.sparse.get(&id).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ExchangeId, Numbered};

    #[test]
    fn ids_near_and_far_are_found_and_taken_once() {
        let mut numbered = Numbered::default();
        for (scope, id) in [1, 2, 900, u64::MAX, 1 << 40, 0].into_iter().enumerate() {
            assert!(numbered.insert(ExchangeId(id), scope));
            assert!(!numbered.insert(ExchangeId(id), 99));
            assert_eq!(numbered.get(ExchangeId(id)), Some(scope));
        }
        assert_eq!(numbered.get(ExchangeId(3)), None);
        assert!(numbered.dense.len() < 2000);
    }
}
