//! Rounds in which all contestants have their turns, one after the other.
//!
//! The best turn of each counts: whatever disturbs a machine only ever makes it slower.

use crate::error::Result;

/// The best of each contestant's turns, after one that is not counted.
///
/// `turn` takes the contestant's place and returns the seconds that it took.
pub fn bests(
    rounds: usize,
    contestants: usize,
    mut turn: impl FnMut(usize) -> Result<f64>,
) -> Result<Vec<f64>> {
    let mut bests = vec![f64::INFINITY; contestants];
    for round in 0..=rounds {
        for (place, best) in bests.iter_mut().enumerate() {
            let seconds = turn(place)?;
            if round > 0 {
                *best = best.min(seconds);
            }
        }
    }
    Ok(bests)
}

/// How many turns each contestant has.
pub fn turns(rounds: usize) -> usize {
    rounds + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_interleaved_and_the_first_round_is_not_counted() {
        let mut order = Vec::new();
        let seconds = [[1.0, 1.0], [5.0, 9.0], [7.0, 8.0]];
        let mut given = seconds.iter().flatten();
        let found = bests(2, 2, |place| {
            order.push(place);
            Ok(*given.next().unwrap())
        });
        assert_eq!(found.unwrap(), [5.0, 8.0]);
        assert_eq!(order, [0, 1, 0, 1, 0, 1]);
        assert_eq!(turns(2), 3);
    }
}
