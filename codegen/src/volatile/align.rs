//! Which exchanges of two recordings of one scope belong together.
//!
//! Tasks may interleave otherwise from run to run, so that order counts among the
//! exchanges of one text only. Says nothing of what differs between the two.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;

use crate::recording::{ExchangeRecord, key};
use crate::trace::Operation;

use super::parts::masked;
use super::sql::{loose_skeleton, parts_that_differ, skeleton};

/// Exchanges by their places in the two scopes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Alignment {
    /// In the order of the first recording.
    pub pairs: Vec<(usize, usize)>,
    /// Those of the first that the second has not.
    pub only_first: Vec<usize>,
    /// Those of the second that the first has not.
    pub only_second: Vec<usize>,
}

/// Pairs what is asked for at replay; neither what sets up connections nor the ends of
/// transactions, which pools and garbage collection move about.
pub fn align(one: &[ExchangeRecord<'_>], other: &[ExchangeRecord<'_>]) -> Alignment {
    let mut sides = Sides { one, other, left: [left(one), left(other)], pairs: Vec::new() };
    // Of one text the parameters tell which is which, as far as they are the same or of
    // forms that differ from run to run; for the rest the order does.
    sides.pair_equal(|each| Some((statement(each), parameters(each))));
    sides.pair_equal(|each| Some((statement(each), masked(&parameters(each)))));
    sides.pair_in_order(|each| Some(statement(each)));
    // Texts that one of them has not may differ in volatile parts alone.
    let [known, known_again] = [one, other]
        .map(|exchanges| exchanges.iter().map(|each| statement(each)).collect::<HashSet<_>>());
    for form in [skeleton, loose_skeleton] {
        let form = |each: &ExchangeRecord<'_>| {
            let statement = statement(each);
            let is_shared = known.contains(&statement) && known_again.contains(&statement);
            (!is_shared).then(|| (statement.0, form(statement.1)))
        };
        sides.pair_equal(|each| Some((form(each)?, parameters(each))));
        sides.pair_equal(|each| Some((form(each)?, masked(&parameters(each)))));
        sides.pair_in_order(form);
    }
    let Sides { left: [only_first, only_second], mut pairs, .. } = sides;
    pairs.sort_unstable();
    Alignment { pairs, only_first, only_second }
}

/// Two scopes, and what of them has no counterpart yet.
struct Sides<'e> {
    one: &'e [ExchangeRecord<'e>],
    other: &'e [ExchangeRecord<'e>],
    left: [Vec<usize>; 2],
    pairs: Vec<(usize, usize)>,
}

impl<'e> Sides<'e> {
    /// Pairs exchanges of equal keys, the first with the first.
    fn pair_equal<K: Hash + Eq>(&mut self, key: impl Fn(&'e ExchangeRecord<'e>) -> Option<K>) {
        let mut others: HashMap<K, VecDeque<usize>> = HashMap::new();
        for &place in &self.left[1] {
            if let Some(key) = key(&self.other[place]) {
                others.entry(key).or_default().push_back(place);
            }
        }
        let pairs = self.left[0].iter().filter_map(|&place| {
            let places = others.get_mut(&key(&self.one[place])?)?;
            let &other = places.front()?;
            self.may_pair(place, other).then(|| (place, places.pop_front().unwrap_or(other)))
        });
        let pairs = pairs.collect();
        self.pair(pairs);
    }

    /// Pairs those of equal keys in their order, if both sides have as many of them.
    fn pair_in_order<K: Hash + Eq>(&mut self, key: impl Fn(&'e ExchangeRecord<'e>) -> Option<K>) {
        let mut groups: HashMap<K, [Vec<usize>; 2]> = HashMap::new();
        let sides = [(self.one, &self.left[0]), (self.other, &self.left[1])];
        for (side, (exchanges, left)) in sides.into_iter().enumerate() {
            for &place in left {
                if let Some(key) = key(&exchanges[place]) {
                    groups.entry(key).or_default()[side].push(place);
                }
            }
        }
        let mut pairs = Vec::new();
        for [one, other] in groups.into_values() {
            let together = || one.iter().copied().zip(other.iter().copied());
            if one.len() == other.len() && together().all(|(one, other)| self.may_pair(one, other))
            {
                pairs.extend(together());
            }
        }
        self.pair(pairs);
    }

    /// Whether the texts of two exchanges are equal, or differ in what may be volatile.
    fn may_pair(&self, one: usize, other: usize) -> bool {
        let [one, other] = [&self.one[one], &self.other[other]].map(|each| statement(each).1);
        one == other || parts_that_differ(one, other).is_some()
    }

    fn pair(&mut self, pairs: Vec<(usize, usize)>) {
        let paired: HashSet<usize> = pairs.iter().map(|(one, _)| *one).collect();
        let paired_again: HashSet<usize> = pairs.iter().map(|(_, other)| *other).collect();
        self.left[0].retain(|place| !paired.contains(place));
        self.left[1].retain(|place| !paired_again.contains(place));
        self.pairs.extend(pairs);
    }
}

fn left(exchanges: &[ExchangeRecord<'_>]) -> Vec<usize> {
    let is_asked = |each: &ExchangeRecord<'_>| {
        let is_control = each.operation.is_control();
        !each.sets_up && !is_control && each.lossy.is_empty()
    };
    (0..exchanges.len()).filter(|place| is_asked(&exchanges[*place])).collect()
}

fn statement<'e>(exchange: &'e ExchangeRecord<'_>) -> (Operation, &'e str) {
    (exchange.operation, exchange.sql.as_deref().unwrap_or_default())
}

fn parameters(exchange: &ExchangeRecord<'_>) -> String {
    key::parameters(exchange, false).into_owned()
}
