//! What holds for any two recordings of one scenario.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::tests::{Sent, trace, volatile};
use super::{Kind, What};

const TEXTS: [&str; 3] = ["INSERT INTO a VALUES (1)", "UPDATE b SET c = 1", "SELECT d"];

/// A statement: its text, a value that is the same in every run, and one that is not.
#[derive(Debug, Clone)]
struct Statement {
    text: usize,
    same: u8,
}

fn statements() -> impl Strategy<Value = Vec<Statement>> {
    let statement = (0..TEXTS.len(), 0..3_u8).prop_map(|(text, same)| Statement { text, same });
    prop::collection::vec(statement, 1..12)
}

/// A version 4 UUID that no other run or statement has.
fn uuid(run: u8, number: usize) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(text, "{run:08x}-0000-4000-8000-{number:012x}");
    text
}

fn sent(statements: &[(usize, Statement)], run: u8) -> Vec<Sent<'static>> {
    let sent = |(number, statement): &(usize, Statement)| {
        let parameters =
            serde_json::json!({"same": statement.same, "key": {"uuid": uuid(run, *number)}});
        (TEXTS[statement.text], parameters, &[][..])
    };
    statements.iter().map(sent).collect()
}

fn inferred(first: &[Sent<'_>], second: &[Sent<'_>]) -> (Vec<super::Volatile>, Vec<String>) {
    let one = trace("trace.jsonl", "2026-11-23T20:47:00+00:00", "s", first);
    let other = trace("again.jsonl", "2026-11-23T21:47:00+00:00", "s", second);
    volatile(one, Some(other), "")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// A recording that is its own second one shows nothing.
    #[test]
    fn nothing_differs_from_itself(statements in statements()) {
        let numbered: Vec<_> = statements.into_iter().enumerate().collect();
        let sent = sent(&numbered, 1);
        let (found, warnings) = inferred(&sent, &sent);
        prop_assert!(warnings.is_empty());
        prop_assert!(found.iter().all(|each| !each.is_asked()));
    }

    /// What differs is found, and nothing else, however the tasks of a run interleave:
    /// statements of one text keep their order, others need not.
    #[test]
    fn exactly_what_differs_is_inferred_however_tasks_interleave(
        statements in statements(),
        order in prop::collection::vec(0..TEXTS.len(), 0..24),
    ) {
        let numbered: Vec<_> = statements.into_iter().enumerate().collect();
        let mut left = numbered.clone();
        let mut interleaved = Vec::new();
        for text in order {
            if let Some(place) = left.iter().position(|(_, each)| each.text == text) {
                interleaved.push(left.remove(place));
            }
        }
        interleaved.append(&mut left);
        let (found, warnings) = inferred(&sent(&numbered, 1), &sent(&interleaved, 2));
        prop_assert!(warnings.is_empty());
        for each in found {
            let places: Vec<_> = each.inferred.parameters.into_iter().collect();
            prop_assert_eq!(places, [("/key".to_owned(), What::Whole(Kind::Uuid))]);
        }
    }

    /// A statement that only one run has makes no other one volatile.
    #[test]
    fn a_statement_that_one_run_lacks_changes_no_other(
        statements in statements(),
        lost in any::<prop::sample::Index>(),
    ) {
        let numbered: Vec<_> = statements.into_iter().enumerate().collect();
        let place = lost.index(numbered.len());
        let mut fewer = numbered.clone();
        fewer.remove(place);
        let (found, warnings) = inferred(&sent(&numbered, 1), &sent(&fewer, 1));
        prop_assert!(!warnings.is_empty());
        prop_assert!(found.iter().all(|each| each.inferred.parameters.is_empty()));
    }
}
