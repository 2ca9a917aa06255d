//! What many scopes need, kept in memory as long as it is not much.
//!
//! Knows nothing of what is kept.

use std::borrow::{Borrow, Cow};

use super::FilePlace;
use crate::error::Result;
use crate::trace::Place;

/// In bytes of the trace, a file.
const BUDGET: usize = 4 * 1024 * 1024;

/// Something that one line says.
#[derive(Debug)]
pub struct Kept<T: ToOwned + ?Sized> {
    /// The line.
    pub place: Place,
    value: Option<T::Owned>,
}

/// What may still be kept.
#[derive(Debug)]
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(BUDGET)
    }
}

impl<T: ToOwned + ?Sized> Kept<T> {
    /// Keeps the value of a line, if there is room for it.
    pub fn new(place: Place, value: impl FnOnce() -> T::Owned, budget: &mut Budget) -> Self {
        let room = budget.0.checked_sub(place.length);
        budget.0 = room.unwrap_or(budget.0);
        Self { place, value: room.map(|_| value()) }
    }

    /// The value, read again if it was not kept.
    pub fn get(&self, read: impl FnOnce(Place) -> Result<T::Owned>) -> Result<Cow<'_, T>> {
        match &self.value {
            Some(value) => Ok(Cow::Borrowed(value.borrow())),
            None => read(self.place).map(Cow::Owned),
        }
    }
}

impl FilePlace {
    /// Adds a line behind the places of a scope.
    pub fn push(places: &mut Vec<Self>, file: usize, place: Place) {
        let last = places.last_mut().filter(|last| last.file == file);
        if !last.is_some_and(|last| last.place.extend(place)) {
            places.push(Self { file, place });
        }
    }
}
