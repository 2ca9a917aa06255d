//! Places in an exchange that may differ, as the fixture says them.
//!
//! Knows nothing of how they were found.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::kind::Kind;

/// What may differ in an exchange, by who says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Volatile {
    /// The stack's file.
    pub declared: Places,
    /// A second recording.
    pub inferred: Places,
    /// Nothing but the value's form.
    pub suspected: Places,
}

/// Places, each with what may stand there.
///
/// In the fixture they are one object: parameters under JSON pointers (RFC 6901) into
/// their set, parts of the SQL text under `sql`, and columns of results, which replay as
/// they were recorded, under `results/<result>/<column>`.
///
/// ```json
/// {"sql":[[18,"3f2a9c1e","token"]],"/id":"uuid","/email":["user-","token","@example.org"],"results/0/1":"timestamp"}
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Parts of the SQL text, in order.
    pub sql: Vec<Part>,
    /// By pointer.
    pub parameters: BTreeMap<String, What>,
    /// By result and column.
    pub results: BTreeMap<(usize, usize), Kind>,
}

/// What may stand at a place of the parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Another value of its kind.
    Whole(Kind),
    /// A text of which parts may differ: fixed text and kinds in turn, from text to text.
    Pieces(Vec<String>),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Where it begins, in characters.
    pub start: usize,
    /// As it was recorded.
    pub text: String,
    /// What may stand in its place.
    pub kind: Kind,
}

impl Volatile {
    /// Whether the application's statement may differ in anything.
    pub fn is_asked(&self) -> bool {
        self.sources().iter().any(|(_, places)| places.is_asked())
    }

    /// Whether it may differ in its SQL text or where that is only suspected, so that
    /// exchanges of it are answered in their turn.
    pub fn has_turns(&self) -> bool {
        self.suspected.is_asked() || self.sources().iter().any(|(_, places)| !places.sql.is_empty())
    }

    /// With their names in the fixture.
    pub fn sources(&self) -> [(&'static str, &Places); 3] {
        [("declared", &self.declared), ("inferred", &self.inferred), ("suspected", &self.suspected)]
    }

    /// Takes away what is forbidden, and says each place once: what is declared needs
    /// not be inferred, nor suspected.
    pub fn settle(&mut self, forbidden: &Places) {
        let Self { declared, inferred, suspected } = self;
        for places in [&mut *declared, &mut *inferred, &mut *suspected] {
            places.forbid(forbidden);
        }
        for weaker in [inferred, suspected] {
            // What covers more says it all.
            declared
                .retain(|pointer| !weaker.parameters.keys().any(|each| is_below(pointer, each)));
            weaker.retain(|pointer| {
                !declared.parameters.keys().any(|each| pointer == each || is_below(pointer, each))
            });
            weaker.sql.retain(|part| !declared.sql.iter().any(|each| each.overlaps(part)));
        }
    }
}

impl Places {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        !self.is_asked() && self.results.is_empty()
    }

    /// Whether any is in what is asked, not only in what is answered.
    pub fn is_asked(&self) -> bool {
        !self.sql.is_empty() || !self.parameters.is_empty()
    }

    /// Whether any holds a moment.
    pub fn has_moments(&self) -> bool {
        let is_moment = |what: &What| match what {
            What::Whole(kind) => *kind == Kind::Timestamp,
            What::Pieces(pieces) => {
                let kinds = pieces.iter().skip(1).step_by(2);
                kinds.into_iter().any(|kind| kind == Kind::Timestamp.as_str())
            }
        };
        self.parameters.values().any(is_moment)
            || self.sql.iter().any(|part| part.kind == Kind::Timestamp)
    }

    /// Adds a place of the parameters. Where it is known already, as in another set of
    /// an `executemany`, either must be able to stand there.
    pub fn add(&mut self, pointer: String, what: What) {
        match self.parameters.get_mut(&pointer) {
            None => {
                self.parameters.insert(pointer, what);
            }
            Some(known) => *known = known.with(what),
        }
    }

    fn retain(&mut self, mut keeps: impl FnMut(&str) -> bool) {
        self.parameters.retain(|pointer, _| keeps(pointer));
    }

    fn forbid(&mut self, forbidden: &Self) {
        // Neither may it differ as a part of something larger.
        self.retain(|pointer| {
            !forbidden
                .parameters
                .keys()
                .any(|each| pointer == each || is_below(pointer, each) || is_below(each, pointer))
        });
        self.sql.retain(|part| !forbidden.sql.iter().any(|each| each.overlaps(part)));
    }
}

impl What {
    /// What either of the two can be.
    fn with(&self, other: Self) -> Self {
        if *self == other {
            return other;
        }
        let kind = |what: &Self| match what {
            Self::Whole(kind) => *kind,
            Self::Pieces(_) => Kind::Text,
        };
        let is_text = |kind| matches!(kind, Kind::Hash | Kind::Token | Kind::Text);
        let kinds = [kind(self), kind(&other)];
        Self::Whole(if kinds.into_iter().all(is_text) { Kind::Text } else { Kind::Value })
    }
}

impl Part {
    /// Whether the two have a character in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end() && other.start < self.end()
    }

    fn end(&self) -> usize {
        self.start + self.text.chars().count()
    }
}

/// A pointer one step deeper.
pub fn pointer(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn is_below(pointer: &str, other: &str) -> bool {
    pointer.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'))
}

impl Serialize for Places {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.sql.is_empty() {
            map.serialize_entry("sql", &self.sql)?;
        }
        for (pointer, what) in &self.parameters {
            map.serialize_entry(pointer, what)?;
        }
        for ((result, column), kind) in &self.results {
            map.serialize_entry(&format!("results/{result}/{column}"), kind)?;
        }
        map.end()
    }
}

impl Serialize for What {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(kind) => kind.serialize(serializer),
            Self::Pieces(pieces) => pieces.serialize(serializer),
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(3))?;
        items.serialize_element(&self.start)?;
        items.serialize_element(&self.text)?;
        items.serialize_element(&self.kind)?;
        items.end()
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Places, Volatile, What};
    use crate::kind::Kind;

    fn places(pointers: &[&str]) -> Places {
        let mut places = Places::default();
        for pointer in pointers {
            places.add((*pointer).to_owned(), What::Whole(Kind::Uuid));
        }
        places
    }

    fn pointers(places: &Places) -> Vec<&str> {
        places.parameters.keys().map(String::as_str).collect()
    }

    #[test]
    fn each_place_is_said_once_and_forbidden_ones_not_at_all() {
        let mut volatile = Volatile {
            declared: places(&["/a", "/d/x", "/f"]),
            inferred: places(&["/a", "/a/b", "/d", "/e", "/g/x", "/h"]),
            suspected: places(&[]),
        };
        volatile.settle(&places(&["/e", "/g", "/f/y", "/h/z"]));
        assert_eq!(pointers(&volatile.declared), ["/a"]);
        assert_eq!(pointers(&volatile.inferred), ["/d"]);
    }

    #[test]
    fn places_are_one_object_in_the_fixture() {
        let mut places = places(&["/id"]);
        places.sql.push(Part { start: 3, text: "é'".to_owned(), kind: Kind::Text });
        places.add("/a~1b".to_owned(), What::Pieces(["x", "token", ""].map(str::to_owned).into()));
        places.results.insert((0, 2), Kind::Timestamp);
        let json = serde_json::to_string(&places).expect("it can be written");
        assert_eq!(
            json,
            r#"{"sql":[[3,"é'","text"]],"/a~1b":["x","token",""],"/id":"uuid","results/0/2":"timestamp"}"#
        );
    }

    #[test]
    fn what_differs_from_set_to_set_is_the_kind_of_all() {
        let mut places = Places::default();
        for (pointer, kinds) in [
            ("/a", [Kind::Token, Kind::Text]),
            ("/b", [Kind::Number, Kind::Number]),
            ("/c", [Kind::Uuid, Kind::Text]),
        ] {
            for kind in kinds {
                places.add(pointer.to_owned(), What::Whole(kind));
            }
        }
        let kinds: Vec<&What> = places.parameters.values().collect();
        let expected = [Kind::Text, Kind::Number, Kind::Value].map(What::Whole);
        assert_eq!(kinds, expected.iter().collect::<Vec<_>>());
    }
}
