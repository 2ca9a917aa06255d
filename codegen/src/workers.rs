//! Jobs side by side on the machine's cores, within a bound of memory.
//!
//! Knows nothing of what the jobs do.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use crate::error::{Error, Result};

/// Sizes up to this need no bound: a few of them at once are small.
const SMALL: usize = 4 * 1024 * 1024;

/// Does a job for each size. All jobs are done even if some fail; the error is
/// that of the first of these, so that it is the same in every run.
///
/// At any time the jobs at work have no more than the largest size together.
pub fn side_by_side(sizes: &[usize], job: impl Fn(usize) -> Result<()> + Sync) -> Result<()> {
    let gate = Gate::new(sizes.iter().copied().max().unwrap_or(0).max(SMALL));
    let next = AtomicUsize::new(0);
    let first: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(&size) = sizes.get(index) else { return };
            gate.enter(size);
            let outcome = job(index);
            gate.leave(size);
            if let Err(error) = outcome {
                let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                if first.as_ref().is_none_or(|(known, _)| index < *known) {
                    *first = Some((index, error));
                }
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 1..cores.min(sizes.len()) {
            scope.spawn(work);
        }
        work();
    });
    let first = first.into_inner().unwrap_or_else(PoisonError::into_inner);
    first.map_or(Ok(()), |(_, error)| Err(error))
}

/// Lets jobs in as long as they have no more than a size together.
struct Gate {
    most: usize,
    inside: Mutex<usize>,
    left: Condvar,
}

impl Gate {
    fn new(most: usize) -> Self {
        Self { most, inside: Mutex::new(0), left: Condvar::new() }
    }

    fn enter(&self, size: usize) {
        let inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |inside: &mut usize| *inside > 0 && *inside + size > self.most;
        let inside = self.left.wait_while(inside, full);
        *inside.unwrap_or_else(PoisonError::into_inner) += size;
    }

    fn leave(&self, size: usize) {
        *self.inside.lock().unwrap_or_else(PoisonError::into_inner) -= size;
        self.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{SMALL, side_by_side};
    use crate::error::Error;

    #[test]
    fn all_jobs_are_done_and_the_first_error_is_told() {
        let done = AtomicUsize::new(0);
        let outcome = side_by_side(&[1; 100], |index| {
            done.fetch_add(1, Ordering::Relaxed);
            if index % 30 == 29 { Err(Error::Defect(index.to_string())) } else { Ok(()) }
        });
        assert_eq!(outcome.expect_err("some fail").to_string(), "29");
        assert_eq!(done.load(Ordering::Relaxed), 100);
    }

    #[test]
    fn large_jobs_are_not_done_at_once() {
        let inside = AtomicUsize::new(0);
        let sizes: Vec<usize> = (0..40).map(|index| SMALL * (1 + index % 3)).collect();
        side_by_side(&sizes, |index| {
            let now = inside.fetch_add(sizes[index], Ordering::SeqCst) + sizes[index];
            assert!(now <= 3 * SMALL, "{now}");
            std::thread::yield_now();
            inside.fetch_sub(sizes[index], Ordering::SeqCst);
            Ok(())
        })
        .expect("all succeed");
    }
}
