//! What differs between two values that stand at one place of two recordings.
//!
//! Aligns nothing: whoever asks knows that the two belong together.

use crate::kind::Kind;

use super::parts::what_differs;
use super::place::{What, pointer};
use super::tree::{Branch, Leaf, Tree};

/// A place at which two values differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// A pointer into the parameters.
    pub pointer: String,
    /// What may stand there; None if the two are of different types or shapes, so that
    /// nothing but their type could be compared.
    pub what: Option<What>,
    /// The texts of a value by itself.
    pub values: Option<(String, String)>,
}

/// All differences of two sets of parameters.
pub fn differences(one: &Tree, other: &Tree) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", one, other, &mut found);
    found
}

fn compare(at: &str, one: &Tree, other: &Tree, found: &mut Vec<Difference>) {
    if one == other {
        return;
    }
    let (what, values) = match (one, other) {
        (Tree::Branch(one), Tree::Branch(other)) if have_same_names(one, other) => {
            for ((name, item), (_, other)) in one.items.iter().zip(&other.items) {
                compare(&pointer(at, name), item, other, found);
            }
            return;
        }
        (Tree::Leaf(one), Tree::Leaf(other)) => {
            (what_of_leaves(one, other), Some((one.text.clone(), other.text.clone())))
        }
        // Keys of a document that are values themselves.
        _ if !at.is_empty() && one.shape() == other.shape() => {
            (Some(What::Whole(Kind::Value)), None)
        }
        _ => (None, None),
    };
    found.push(Difference { pointer: at.to_owned(), what, values });
}

fn have_same_names(one: &Branch, other: &Branch) -> bool {
    let names = |branch: &Branch| branch.items.iter().map(|(name, _)| name.clone()).collect();
    let (one_names, other_names): (Vec<_>, Vec<_>) = (names(one), names(other));
    one.label == other.label && one_names == other_names
}

fn what_of_leaves(one: &Leaf, other: &Leaf) -> Option<What> {
    if one.tag != other.tag || one.tag == "object" {
        return None;
    }
    if one.tag == "str" {
        return Some(what_differs(&one.text, &other.text));
    }
    let kinds = [Kind::Uuid, Kind::Timestamp, Kind::Number];
    let is_common =
        |kind: &Kind| one.form(*kind).is_some_and(|form| other.form(*kind) == Some(form));
    let kind = kinds.into_iter().find(is_common).unwrap_or(Kind::Value);
    Some(What::Whole(kind))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Kind, Tree, What, differences};

    fn found(one: &Value, other: &Value) -> Vec<(String, Option<What>)> {
        let [one, other] = [one, other].map(|each| Tree::of_parameters(each).expect("parameters"));
        differences(&one, &other).into_iter().map(|each| (each.pointer, each.what)).collect()
    }

    const ONE: &str = "3f2a9c1e-1111-4222-8333-444455556666";
    const OTHER: &str = "c0ffee00-9999-4888-8777-666655554444";

    #[test]
    fn equal_parameters_have_no_differences() {
        let parameters =
            json!({"a": [1, {"jsonb": "{\"b\": 1.0}"}], "c": {"subclass": ["x.Y", "d"]}});
        let plain = json!({"a": [1, {"jsonb": "{\"b\":1.0}"}], "c": "d"});
        assert_eq!(found(&parameters, &plain), []);
    }

    #[test]
    fn arrays_ranges_and_documents_are_entered() {
        let parameters = |id: &str, at: &str, n: u32| {
            json!({
                "ids": [{"uuid": id}, {"uuid": ONE}],
                "doc/x": {"jsonb": json!({"user": {"id": id, "n": n}, "fixed": 1}).to_string()},
                "during": {"range": ["[)", {"datetime": at}, null]},
                "map": {"dict": [["k", n]]},
                "name": "Ada",
            })
        };
        let kinds = [
            ("/doc~1x/user/id", Kind::Uuid),
            ("/doc~1x/user/n", Kind::Number),
            ("/during/lower", Kind::Timestamp),
            ("/ids/0", Kind::Uuid),
            ("/map/k", Kind::Number),
        ];
        let expected: Vec<_> = kinds
            .iter()
            .map(|(pointer, kind)| ((*pointer).to_owned(), Some(What::Whole(*kind))))
            .collect();
        let one = parameters(ONE, "2026-01-02T03:04:05+00:00", 1);
        let other = parameters(OTHER, "2027-01-02T03:04:05+00:00", 2);
        assert_eq!(found(&one, &other), expected);
    }

    #[test]
    fn another_type_or_shape_is_nothing_that_could_be_volatile() {
        for (one, other) in [
            (json!([1]), json!(["1"])),
            (json!([1]), json!([1.0])),
            (json!([null]), json!([1])),
            (json!([[1]]), json!([[1, 2]])),
            (json!([{"uuid": ONE}]), json!([ONE])),
            (
                json!([{"datetime": "2026-01-02T03:04:05"}]),
                json!([{"datetime": "2026-01-02T03:04:05+00:00"}]),
            ),
            (json!([{"jsonb": "{\"a\":1}"}]), json!([{"jsonb": "{\"b\":1}"}])),
            (json!([{"object": ["a.B", "1"]}]), json!([{"object": ["a.B", "2"]}])),
        ] {
            assert_eq!(found(&one, &other), [("/0".to_owned(), None)], "{one} {other}");
        }
        assert_eq!(found(&json!({"a": 1}), &json!({"b": 1})), [(String::new(), None)]);
    }

    #[test]
    fn keys_of_documents_may_be_values() {
        let document = |key: &str| json!([{"jsonb": json!({key: 1}).to_string()}]);
        let expected = [("/0".to_owned(), Some(What::Whole(Kind::Value)))];
        assert_eq!(found(&document(ONE), &document(OTHER)), expected);
    }
}
