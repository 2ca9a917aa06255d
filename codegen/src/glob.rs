//! Globs over SQL texts and parameter names: `*` stands for any text, and in a statement
//! the name of a kind in braces for a part of that kind: `DROP TABLE tmp_{token}`.
//!
//! Deliberately knows neither `?` nor `[…]`, which SQL texts contain.

use crate::kind::Kind;

/// What a glob says of a statement, from its beginning on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'g> {
    /// This text.
    Text(&'g str),
    /// Any text.
    Any,
    /// A part of a kind.
    Kind(Kind),
}

/// The steps of a glob. Braces around anything but a kind are text.
pub fn steps(glob: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = glob;
    let mut text = 0;
    while text < rest.len() {
        let found = match rest.as_bytes()[text] {
            b'*' => Some((Step::Any, 1)),
            b'{' => kind_at(&rest[text..]).map(|(kind, length)| (Step::Kind(kind), length)),
            _ => None,
        };
        let Some((step, length)) = found else {
            text += 1;
            continue;
        };
        if text > 0 {
            steps.push(Step::Text(&rest[..text]));
        }
        steps.push(step);
        rest = &rest[text + length..];
        text = 0;
    }
    if !rest.is_empty() {
        steps.push(Step::Text(rest));
    }
    steps
}

/// Whether a glob names a part of a statement.
pub fn names_a_part(glob: &str) -> bool {
    steps(glob).iter().any(|step| matches!(step, Step::Kind(_)))
}

fn kind_at(text: &str) -> Option<(Kind, usize)> {
    let end = text.find('}')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == &text[1..end])?;
    Some((kind, end + 1))
}

/// Whether `text` as a whole is what `glob` describes.
pub fn matches(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(start) => rest = &rest[start + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Step, matches, steps};

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("INSERT INTO users*", "INSERT INTO users (id)\nVALUES (1)"));
        assert!(matches("*", ""));
        assert!(matches("a*b*c", "a-b-b-c"));
        assert!(matches("created_at*", "created_at__0"));
        assert!(matches("SELECT 1", "SELECT 1"));
        assert!(!matches("SELECT 1", "SELECT 10"));
        assert!(!matches("a*b*c", "a-c"));
        assert!(!matches("ab*b", "ab"));
        assert!(!matches("", "x"));
        assert!(matches("what?", "what?"));
    }

    #[test]
    fn a_kind_in_braces_is_a_part_and_other_braces_are_text() {
        assert_eq!(
            steps("DROP TABLE é_{token} *{1,2}{"),
            [
                Step::Text("DROP TABLE é_"),
                Step::Kind(Kind::Token),
                Step::Text(" "),
                Step::Any,
                Step::Text("{1,2}{"),
            ]
        );
        assert_eq!(steps(""), []);
    }
}
