//! The forms of texts: which kinds they are of, and what of them must be equal.
//!
//! The same as in the runtime's `forms.py`, which a test holds against it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::kind::Kind;
use crate::recording::is_moment;

use super::scan::{moment_end, uuid_end};

const UUID: &str = "[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}";
const TIMESTAMP: &str = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2}){0,2})?";
const BASE64: &str = r"([0-9A-Za-z_+/.=-]+)";
const JWT: &str = r"eyJ[0-9A-Za-z_-]+\.eyJ[0-9A-Za-z_-]+\.[0-9A-Za-z_-]*";

/// What is within parentheses is random, and has a length; the rest has to be equal.
const HASHES: [&str; 7] = [
    r"\$2[abxy]?\$[0-9]{2}\$([./0-9A-Za-z]{53})",
    r"(?:argon2)?\$argon2(?:id|i|d)\$v=[0-9]+\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$B\$B",
    r"\$scrypt\$ln=[0-9]+,r=[0-9]+,p=[0-9]+\$B\$B",
    r"scrypt\$([0-9A-Za-z_]+)\$[0-9]+\$[0-9]+\$[0-9]+\$B",
    r"scrypt(?::[0-9]+){3}\$([0-9A-Za-z_]+)\$([0-9a-f]+)",
    r"pbkdf2:[0-9A-Za-z_]+(?::[0-9]+)?\$([0-9A-Za-z_]+)\$([0-9a-f]+)",
    r"pbkdf2_[0-9A-Za-z_]+\$[0-9]+\$([0-9A-Za-z_]+)\$B",
];

/// In a part of SQL, which never reaches beyond the literal or name that it stands in.
const TEXT: &str = r#"(?:[^'"]|'')+?"#;

/// The patterns of what is rare, each for a whole text and for a part of one.
struct Patterns {
    jwt: Pattern,
    hashes: Vec<Pattern>,
}

struct Pattern {
    whole: Regex,
    within: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    jwt: pattern(JWT),
    hashes: HASHES.iter().map(|hash| pattern(&hash.replace('B', BASE64))).collect(),
});

#[allow(clippy::expect_used, reason = "the patterns are constant, and tests compile them")]
fn pattern(text: &str) -> Pattern {
    let compile = |text: &str| Regex::new(text).expect("a pattern of ours");
    Pattern { whole: compile(&format!("^(?:{text})$")), within: compile(text) }
}

/// What must be equal of a text of a kind; None if it is not of that kind.
pub fn form(kind: Kind, text: &str) -> Option<String> {
    match kind {
        Kind::Uuid => uuid(text),
        Kind::Timestamp => timestamp(text),
        Kind::Hash => hash(text),
        Kind::Token => token(text),
        Kind::Number => is_number(text).then(|| "number".to_owned()),
        Kind::Text => Some("text".to_owned()),
        Kind::Value => Some(shape(text).to_owned()),
    }
}

/// What a part of a SQL text may look like; without groups.
pub fn pattern_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Uuid => UUID,
        Kind::Timestamp => TIMESTAMP,
        Kind::Hash => r"[0-9A-Za-z_$./,:=+-]+",
        Kind::Token => r"[0-9A-Za-z_.~+/=-]+",
        Kind::Number => r"[+-]?[0-9]+(?:\.[0-9]+)?",
        Kind::Text | Kind::Value => TEXT,
    }
}

/// What a text is whose kind is not known.
pub fn shape(text: &str) -> &'static str {
    if is_uuid(text) {
        "uuid"
    } else if has_form_of_moment(text) {
        "timestamp"
    } else {
        "text"
    }
}

/// A UUID's version, one hexadecimal digit.
pub fn version(uuid: &str) -> Option<char> {
    uuid.chars().filter(|character| *character != '-').nth(12)
}

/// Whether a text is a JSON Web Token.
pub fn is_jwt(text: &str) -> bool {
    text.starts_with("eyJ") && PATTERNS.jwt.whole.is_match(text)
}

/// Whether a text is all hexadecimal digits, and how long.
pub fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Where values of unmistakable form stand within a text, in bytes, in order.
///
/// A UUID, a moment, a hash or a JWT is one value however it is punctuated.
pub fn values_within(text: &str) -> Vec<(usize, usize, Kind)> {
    let mut found: BTreeMap<usize, (usize, Kind)> = BTreeMap::new();
    let mut add = |start: usize, end: usize, kind: Kind| {
        let before = found.range(..end).next_back();
        let is_free = before.is_none_or(|(_, (end, _))| *end <= start);
        if is_free && stands_alone(text, start, end) {
            found.insert(start, (end, kind));
        }
    };
    // What is longer comes first: a hash may hold what looks like a UUID.
    if text.contains('$') {
        for each in PATTERNS.hashes.iter().flat_map(|hash| hash.within.find_iter(text)) {
            add(each.start(), each.end(), Kind::Hash);
        }
    }
    if text.contains("eyJ") {
        for each in PATTERNS.jwt.within.find_iter(text) {
            add(each.start(), each.end(), Kind::Token);
        }
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        if !begins || !bytes[at].is_ascii_hexdigit() {
            at += 1;
        } else if let Some(end) = moment_end(bytes, at) {
            add(at, end, Kind::Timestamp);
            at = end;
        } else if let Some(end) = uuid_end(bytes, at, false) {
            add(at, end, Kind::Uuid);
            at = end;
        } else {
            at += 1;
        }
    }
    found.into_iter().map(|(start, (end, kind))| (start, end, kind)).collect()
}

/// Whether no letter or digit stands beside a part of a text.
pub fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let is_word = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    !is_word(start.checked_sub(1).and_then(|at| bytes.get(at))) && !is_word(bytes.get(end))
}

fn is_uuid(text: &str) -> bool {
    uuid_end(text.as_bytes(), 0, true) == Some(text.len())
}

fn has_form_of_moment(text: &str) -> bool {
    moment_end(text.as_bytes(), 0) == Some(text.len())
}

fn uuid(text: &str) -> Option<String> {
    if !is_uuid(text) {
        return None;
    }
    let case = if text.bytes().any(|byte| byte.is_ascii_uppercase()) { "upper" } else { "lower" };
    let hyphens = text.matches('-').count();
    Some(format!("uuid v{} {hyphens} {case}", version(text)?))
}

fn timestamp(text: &str) -> Option<String> {
    if !has_form_of_moment(text) || !is_moment(text) {
        return None;
    }
    let zone = &text[16..];
    let suffix = if zone.ends_with('Z') {
        "Z"
    } else if zone.contains(['+', '-']) {
        "offset"
    } else {
        "local"
    };
    Some(format!("timestamp {} {suffix}", &text[10..11]))
}

fn hash(text: &str) -> Option<String> {
    if !text.contains('$') {
        return None;
    }
    let found = PATTERNS.hashes.iter().find_map(|hash| hash.whole.captures(text))?;
    let mut form = String::from("hash ");
    let mut end = 0;
    for random in found.iter().skip(1).flatten() {
        form.extend([&text[end..random.start()], "<", &random.len().to_string(), ">"]);
        end = random.end();
    }
    Some(form + &text[end..])
}

fn token(text: &str) -> Option<String> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"_.~+/=-".contains(&byte);
    if is_jwt(text) {
        Some("token of JSON".to_owned())
    } else if text.len() < 8 || !text.bytes().all(is_token) {
        None
    } else if is_hexadecimal(text) {
        Some(format!("token of {} hexadecimal digits", text.len()))
    } else {
        Some(format!("token of {}", text.len()))
    }
}

fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned.split_once('.') {
        None => digits(unsigned),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::{Kind, form};

    #[derive(Deserialize)]
    struct Case {
        text: String,
        forms: BTreeMap<Kind, String>,
    }

    #[test]
    fn forms_are_those_of_the_runtime() {
        // `tests/python/test_forms.py` reads the same cases.
        let cases = include_str!("../../../tests/forms/forms.jsonl");
        assert!(cases.lines().count() > 30, "the cases are gone");
        for line in cases.lines() {
            let Case { text, forms } = serde_json::from_str(line).expect("a case");
            for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Value) {
                assert_eq!(form(kind, &text), forms.get(&kind).cloned(), "{kind:?} {text}");
            }
        }
    }
}
