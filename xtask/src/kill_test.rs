//! `cargo xtask kill-test`: the recorder and the generator, killed at any moment.
//!
//! Only chooses the moments; what a killed process may leave is said beside each test.

use std::time::Duration;

use crate::error::Result;
use crate::server::Server;
use crate::tally::Tally;

mod generator;
mod recorder;

pub fn run(server: &Server, rounds: u32) -> Result<Tally> {
    let mut tally = recorder::run(server, rounds)?;
    tally += generator::run(rounds)?;
    Ok(tally)
}

/// Moments within a span: multiples of the golden ratio fall nowhere near each other, so that
/// few of them reach all its parts. What a process does at one of them differs every time.
fn moments(span: Duration, rounds: u32) -> impl Iterator<Item = Duration> {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    (1..=rounds).map(move |round| span.mul_f64((f64::from(round) * GOLDEN).fract()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_reach_all_parts_of_their_span() {
        let tenths: std::collections::BTreeSet<u128> =
            moments(Duration::from_secs(10), 30).map(|moment| moment.as_millis() / 1000).collect();
        assert_eq!(tenths, (0..10).collect());
    }
}
