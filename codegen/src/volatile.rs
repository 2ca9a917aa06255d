//! What of each exchange may differ at replay, and who says so.
//!
//! A position is *declared* in the stack's file, *inferred* from a second recording,
//! or, in what was recorded once, *suspected* by the form of its value. Whatever none
//! of them names is compared exactly. Decides nothing about how it is compared; the
//! runtime's `forms.py` does.

mod align;
mod asked;
mod declared;
mod difference;
mod form;
mod inferred;
mod origin;
mod parts;
mod place;
mod scan;
mod sql;
mod suspected;
mod tree;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use crate::error::{Result, Warning};
use crate::recording::{ExchangeRecord, Recording};
use crate::stack_file::StackFile;

pub use crate::kind::Kind;
pub use asked::asked;
use declared::{Ruled, Rules};
pub use inferred::Inferred;
pub use place::{Part, Places, Volatile, What};
use suspected::Suspicions;

/// Answers for each exchange of a recording what may differ of it.
#[derive(Debug)]
pub struct Volatility<'s> {
    rules: Rules<'s>,
    inferred: Inferred,
    suspicions: Suspicions,
}

impl<'s> Volatility<'s> {
    /// Of what was recorded once.
    pub fn once(recording: &Recording, stack: &'s StackFile) -> Result<Self> {
        Self::of(recording, None, stack, &mut Vec::new())
    }

    /// Of a recording, and of the same scenario recorded once more.
    pub fn of(
        recording: &Recording,
        again: Option<&Recording>,
        stack: &'s StackFile,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self> {
        let inferred = match again {
            Some(again) => Inferred::of(recording, again, warnings)?,
            None => Inferred::default(),
        };
        let suspicions = Suspicions::within(recording.windows());
        Ok(Self { rules: Rules::of(stack)?, inferred, suspicions })
    }

    /// What may differ of the exchanges of one scope.
    pub fn of_scope(&self, exchanges: &[ExchangeRecord<'_>]) -> Result<Vec<Volatile>> {
        let is_suspect = |each: &ExchangeRecord<'_>| self.inferred.of_exchange(each).is_none();
        let suspected = self.suspicions.of_scope(exchanges, is_suspect)?;
        let mut all = Vec::with_capacity(exchanges.len());
        for (exchange, suspected) in exchanges.iter().zip(suspected) {
            let Ruled { declared, forbidden } = self.rules.of_exchange(exchange)?;
            let inferred = self.inferred.of_exchange(exchange).cloned().unwrap_or_default();
            let mut volatile = Volatile { declared, inferred, suspected };
            volatile.settle(&forbidden);
            self.suspicions.note(exchange, &volatile.suspected);
            all.push(volatile);
        }
        Ok(all)
    }

    /// What can only be said once all exchanges have been asked about.
    pub fn report(&self, recording: &Recording, warnings: &mut Vec<Warning>) {
        self.rules.report_unused(warnings);
        self.suspicions.report(recording, warnings);
    }
}
