//! SQL texts of which parts are volatile: literals, and names that hold random runs.
//!
//! Parses no statement; it tells literals, names and the rest apart.

use super::parts::{common_kind, differing_parts, suspected_parts};
use super::place::Part;
use crate::kind::Kind;
use crate::recording::Window;

/// Shorter runs in a name are no random ones: `t1`, `users2`.
const SHORTEST_RUN: usize = 4;

/// Runs of letters alone have to be as long as this, and to begin alike, to be random.
const LONG_RUN: usize = 12;
const COMMON_BEGINNING: usize = 4;

/// A piece of a SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token<'s> {
    class: Class,
    text: &'s str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Quoted, with the quotes.
    Literal,
    /// A keyword or a name, in double quotes or not.
    Name,
    Number,
    /// A placeholder, a sign, a comment or white space.
    Other,
}

/// What two texts have in common if they differ in volatile parts alone.
pub fn skeleton(sql: &str) -> String {
    skeleton_of(sql, |name, skeleton| {
        skeleton.extend(runs(name).into_iter().map(|run| if is_random(run) { "#" } else { run }));
    })
}

/// The same, but for long names: what they have in common is their length.
pub fn loose_skeleton(sql: &str) -> String {
    skeleton_of(sql, |name, skeleton| match name.len() {
        LONG_RUN.. => skeleton.extend(["#", &name.len().to_string()]),
        _ => skeleton.push_str(name),
    })
}

fn skeleton_of(sql: &str, push_name: impl Fn(&str, &mut String)) -> String {
    let mut skeleton = String::with_capacity(sql.len());
    for token in tokens(sql) {
        match token.class {
            Class::Literal => skeleton.push_str("''"),
            Class::Number => skeleton.push('0'),
            Class::Name => push_name(token.text, &mut skeleton),
            Class::Other => skeleton.push_str(token.text),
        }
    }
    skeleton
}

/// The parts in which a text differs from another one of its skeleton; None if one of
/// them is no part that could be volatile.
pub fn parts_that_differ(one: &str, other: &str) -> Option<Vec<Part>> {
    let (then, now) = (tokens(one), tokens(other));
    if then.len() != now.len() {
        return None;
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for (before, after) in then.iter().zip(&now) {
        if before != after {
            let found = match before.class {
                _ if before.class != after.class => return None,
                Class::Literal => literal_parts(before.text, after.text)?,
                Class::Name => name_parts(before.text, after.text)?,
                Class::Number => {
                    vec![Part { start: 0, text: before.text.to_owned(), kind: Kind::Number }]
                }
                Class::Other => return None,
            };
            parts.extend(moved(found, start));
        }
        start += before.text.chars().count();
    }
    Some(parts)
}

/// The parts of a text whose form tells that they are volatile.
pub fn suspected(sql: &str, window: Option<Window>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut start = 0;
    for token in tokens(sql) {
        if matches!(token.class, Class::Literal | Class::Name) {
            parts.extend(moved(suspected_parts(token.text, window), start));
        }
        start += token.text.chars().count();
    }
    parts
}

/// Parts of a token, as parts of the text in which it begins at `start`.
fn moved(parts: Vec<Part>, start: usize) -> impl Iterator<Item = Part> {
    parts.into_iter().map(move |part| Part { start: part.start + start, ..part })
}

/// Between the quotes; a literal without any is a part as a whole.
fn literal_parts(one: &str, other: &str) -> Option<Vec<Part>> {
    let (inner, other_inner) = (one.strip_prefix('\'')?, other.strip_prefix('\'')?);
    let (inner, other_inner) = (inner.strip_suffix('\'')?, other_inner.strip_suffix('\'')?);
    if inner.is_empty() || other_inner.is_empty() {
        return None;
    }
    let parts = differing_parts(inner, other_inner).unwrap_or_else(|| {
        vec![Part { start: 0, text: inner.to_owned(), kind: common_kind(inner, other_inner) }]
    });
    Some(moved(parts, 1).collect())
}

/// The random runs of a name, all else of which has to be equal.
fn name_parts(one: &str, other: &str) -> Option<Vec<Part>> {
    if let Some(parts) = differing_parts(one, other)
        && parts.iter().all(|part| part.kind == Kind::Uuid)
    {
        return Some(parts);
    }
    let (then, now) = (runs(one), runs(other));
    if then.len() != now.len() {
        return None;
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for (before, after) in then.iter().zip(&now) {
        if before != after {
            let kind = if is_random(before) || is_random(after) {
                common_kind(before, after)
            } else if are_random(before, after) {
                Kind::Token
            } else {
                return None;
            };
            parts.push(Part { start, text: (*before).to_owned(), kind });
        }
        start += before.chars().count();
    }
    Some(parts)
}

/// Runs of ASCII letters and digits, and what stands between them.
fn runs(name: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let is_run = first.is_ascii_alphanumeric();
        let end = rest
            .find(|character: char| character.is_ascii_alphanumeric() != is_run)
            .unwrap_or(rest.len());
        runs.push(&rest[..end]);
        rest = &rest[end..];
    }
    runs
}

fn is_random(run: &str) -> bool {
    let is_run = run.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_run && run.len() >= SHORTEST_RUN && run.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether two runs without a digit are random all the same: long, as long as each other,
/// and alike in their beginning only, as where a name was made of a word and of letters.
fn are_random(one: &str, other: &str) -> bool {
    let letters = |run: &str| run.bytes().all(|byte| byte.is_ascii_alphabetic());
    one.len() >= LONG_RUN
        && one.len() == other.len()
        && letters(one)
        && letters(other)
        && one.as_bytes()[..COMMON_BEGINNING] == other.as_bytes()[..COMMON_BEGINNING]
}

fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (class, length) = match first {
            '\'' => (Class::Literal, quoted(rest, '\'')),
            '"' => (Class::Name, quoted(rest, '"')),
            '%' => (Class::Other, placeholder(rest)),
            '-' if rest.starts_with("--") => (Class::Other, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => {
                (Class::Other, rest.find("*/").map_or(rest.len(), |end| end + 2))
            }
            _ if first.is_ascii_digit() => {
                (Class::Number, while_all(rest, |c| c.is_ascii_digit() || c == '.'))
            }
            _ if first.is_alphabetic() || first == '_' => {
                (Class::Name, while_all(rest, |c| c.is_alphanumeric() || c == '_' || c == '$'))
            }
            _ => (Class::Other, first.len_utf8()),
        };
        tokens.push(Token { class, text: &rest[..length] });
        rest = &rest[length..];
    }
    tokens
}

fn while_all(text: &str, is_of: impl Fn(char) -> bool) -> usize {
    text.find(|character| !is_of(character)).unwrap_or(text.len())
}

/// Up to the quote that ends it; a doubled one stands for itself.
fn quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(found) = text[at..].find(quote) {
        at += found + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

fn placeholder(text: &str) -> usize {
    if text.starts_with("%(")
        && let Some(end) = text.find(")s")
    {
        return end + 2;
    }
    text.chars().take(2).map(char::len_utf8).sum()
}

#[cfg(test)]
mod tests {
    use super::{Kind, loose_skeleton, parts_that_differ, skeleton, suspected};

    fn parts(one: &str, other: &str) -> Option<Vec<(usize, String, Kind)>> {
        let parts = parts_that_differ(one, other)?;
        Some(parts.into_iter().map(|part| (part.start, part.text, part.kind)).collect())
    }

    #[test]
    fn literals_and_random_runs_of_names_may_differ() {
        let one = "CREATE TABLE tmp_ab12cd34 AS SELECT 'é', 'x-17' WHERE n < 5 -- 1";
        let other = "CREATE TABLE tmp_00ff11ee AS SELECT 'é', 'x-4' WHERE n < 6 -- 1";
        assert_eq!(skeleton(one), skeleton(other));
        let expected = [
            (17, "ab12cd34".to_owned(), Kind::Token),
            (44, "17".to_owned(), Kind::Number),
            (58, "5".to_owned(), Kind::Number),
        ];
        assert_eq!(parts(one, other), Some(expected.to_vec()));
    }

    #[test]
    fn a_long_run_of_letters_may_differ_where_it_begins_alike() {
        let one = "DROP TABLE things_with_stuffabfecd_b932";
        let other = "DROP TABLE things_with_stuffdcefba_b932";
        assert_ne!(skeleton(one), skeleton(other));
        assert_eq!(loose_skeleton(one), loose_skeleton(other));
        let expected = [(23, "stuffabfecd".to_owned(), Kind::Token)];
        assert_eq!(parts(one, other), None, "{expected:?} is too short");
        let [one, other] = [one, other].map(|sql| sql.replace("_b932", "ee_b932"));
        let expected = [(23, "stuffabfecdee".to_owned(), Kind::Token)];
        assert_eq!(parts(&one, &other), Some(expected.to_vec()));
        assert_eq!(parts("DROP TABLE organizations", "DROP TABLE subscriptions"), None);
    }

    #[test]
    fn names_and_signs_of_their_own_make_other_statements() {
        for (one, other) in [
            ("SELECT * FROM users", "SELECT * FROM teams"),
            ("SELECT * FROM t1", "SELECT * FROM t2"),
            ("SELECT %(a)s", "SELECT %(b)s"),
            ("SELECT 1 + 2", "SELECT 1 - 2"),
            ("SELECT 1 -- a", "SELECT 1 -- b"),
        ] {
            assert_ne!(skeleton(one), skeleton(other), "{one}");
            assert_eq!(parts(one, other), None, "{one}");
        }
    }

    #[test]
    fn what_tells_itself_is_suspected_in_literals_and_names_alone() {
        let uuid = "3f2a9c1e-1111-4222-8333-444455556666";
        let sql = format!("PREPARE TRANSACTION '_sa_{}' /* {uuid} */", uuid.replace('-', ""));
        let found = suspected(&sql, None);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].start, found[0].kind), (25, Kind::Token));
        assert!(suspected("SELECT * FROM users WHERE name = 'Ada'", None).is_empty());
    }
}
