//! Secrets in lines of text, whatever format the lines have.
//!
//! Most lines hold none, so that they are passed over about as fast as memory is read:
//! an expression is tried only around a text that all that it finds contains.

use memchr::memmem::find_iter;
use memchr::{memchr, memchr_iter, memrchr};
use regex::bytes::Regex;

use super::Secret;
use super::look::{is_card, is_marked, is_pseudonym, is_reserved, is_secret_like};
use super::patterns::{Group, Patterns, patterns};
use crate::error::Result;

/// How far before an anchor, and behind it, what it belongs to may reach.
const BEFORE: usize = 80;
const BEHIND: usize = 700;
/// What is looked through at once; a long one saves looking twice.
const WINDOW: usize = 16 * 1024;

/// Fewer digits are no card's number, and more are none either.
const SHORTEST_CARD: usize = 14;
const LONGEST_CARD: usize = 16;

/// What there is in whole lines; offsets count from their start.
#[derive(Debug, Default)]
pub struct Found {
    /// In no order, and some of them twice.
    pub secrets: Vec<Secret>,
    /// Where lines begin that describe columns.
    pub descriptions: Vec<usize>,
}

/// Looks through some lines.
pub fn look_through(bytes: &[u8]) -> Result<Found> {
    let patterns = patterns()?;
    let mut found = Found::default();
    let out = &mut found.secrets;
    let (mut keys, mut passwords) = (Looked::default(), Looked::default());
    for anchor in patterns.anchors.find_iter(bytes) {
        let place = anchor.start();
        match Group::of(anchor.as_bytes()) {
            Group::Key => {
                if let Some((start, window)) = keys.around(place, bytes) {
                    in_keys(window, start, patterns, out);
                }
            }
            Group::Password => {
                if let Some((start, window)) = passwords.around(place, bytes) {
                    in_passwords(window, start, patterns, out);
                }
            }
            Group::Description => {
                if place == 0 || bytes[place - 1] == b'\n' {
                    found.descriptions.push(place);
                }
            }
        }
    }
    for at in memchr_iter(b'@', bytes).chain(find_iter(bytes, b"%40")) {
        email(bytes, at, patterns, out);
    }
    cards(bytes, patterns, out);
    Ok(found)
}

/// Up to where the lines have been looked through.
#[derive(Default)]
struct Looked(usize);

impl Looked {
    /// What is to be looked through for an anchor, and where it begins.
    fn around<'b>(&mut self, anchor: usize, bytes: &'b [u8]) -> Option<(usize, &'b [u8])> {
        if anchor < self.0 {
            return None;
        }
        let line_start = memrchr(b'\n', &bytes[..anchor]).map_or(0, |at| at + 1);
        let start = line_start.max(anchor.saturating_sub(BEFORE));
        let limit = bytes.len().min(anchor + WINDOW);
        let end = memchr(b'\n', &bytes[anchor..limit]).map_or(limit, |length| anchor + length);
        // What begins close to the end may go on behind it, unless the line ends there.
        let whole = end < limit || limit == bytes.len();
        self.0 = if whole { end } else { (end - BEHIND).max(anchor + 1) };
        Some((start, &bytes[start..end]))
    }
}

fn in_keys(window: &[u8], start: usize, patterns: &Patterns, out: &mut Vec<Secret>) {
    for pattern in &patterns.keys {
        each(pattern, window, start, "a key or a token", |value| !is_marked(value), out);
    }
}

fn in_passwords(window: &[u8], start: usize, patterns: &Patterns, out: &mut Vec<Secret>) {
    for pattern in &patterns.passwords {
        let real = |value: &str| !is_marked(value) && is_no_placeholder(value);
        each(pattern, window, start, "a password", real, out);
    }
    let real = |value: &str| is_secret_like(value) && !is_pseudonym(value);
    each(&patterns.members, window, start, "a secret, by its name", real, out);
}

/// Of what an assignment has in a statement that takes its value from elsewhere.
fn is_no_placeholder(value: &str) -> bool {
    !value.starts_with(['%', '$', ':', '{', '<', '*'])
}

fn each(
    pattern: &Regex,
    window: &[u8],
    start: usize,
    what: &'static str,
    is_real: impl Fn(&str) -> bool,
    out: &mut Vec<Secret>,
) {
    for captures in pattern.captures_iter(window) {
        let Some(value) = captures.get(1).or_else(|| captures.get(0)) else { continue };
        let text = String::from_utf8_lossy(value.as_bytes());
        if is_real(&text) {
            out.push(Secret { offset: start + value.start(), what, value: text.into_owned() });
        }
    }
}

fn email(bytes: &[u8], at: usize, patterns: &Patterns, out: &mut Vec<Secret>) {
    let of_local = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+'-".contains(byte);
    let before = bytes[..at].iter().rposition(|byte| !of_local(byte)).map_or(0, |end| end + 1);
    // It begins with a letter, a digit or an underscore.
    let first = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let Some(skipped) = bytes[before..at].iter().position(first) else { return };
    let start = before + skipped;
    let of_domain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let sign = if bytes[at] == b'@' { 1 } else { 3 };
    let length = bytes[at + sign..].iter().position(|byte| !of_domain(byte));
    let end = length.map_or(bytes.len(), |length| at + sign + length);
    if end == at + sign || is_reserved(&bytes[at + sign..end]) {
        return;
    }
    if let Some(found) = patterns.email.find(&bytes[start..end]) {
        let what = "an e-mail address";
        let value = String::from_utf8_lossy(found.as_bytes()).into_owned();
        out.push(Secret { offset: start, what, value });
    }
}

/// Where digits are many, with single separators between them or without.
fn cards(bytes: &[u8], patterns: &Patterns, out: &mut Vec<Secret>) {
    let of_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'-');
    let half = SHORTEST_CARD / 2;
    // A run that is long enough has one of its characters at every such step, and
    // another one half a step before it or behind it.
    let mut at = SHORTEST_CARD - 1;
    while at < bytes.len() {
        let other = of_number(&bytes[at - half]) || bytes.get(at + half).is_some_and(of_number);
        if !other || !of_number(&bytes[at]) {
            at += SHORTEST_CARD;
            continue;
        }
        let start = bytes[..at].iter().rposition(|byte| !of_number(byte)).map_or(0, |end| end + 1);
        let length = bytes[at..].iter().position(|byte| !of_number(byte));
        let end = length.map_or(bytes.len(), |length| at + length);
        let run = &bytes[start..end];
        let is_plain = run.iter().all(u8::is_ascii_digit);
        if run.len() >= SHORTEST_CARD && !(is_plain && run.len() > LONGEST_CARD) {
            for number in patterns.card.find_iter(run) {
                let (first, last) = (start + number.start(), start + number.end());
                if is_alone(bytes, first, last) && is_card(number.as_bytes(), patterns) {
                    let value = String::from_utf8_lossy(number.as_bytes()).into_owned();
                    out.push(Secret { offset: first, what: "a card's number", value });
                }
            }
        }
        at = end + SHORTEST_CARD;
    }
}

fn is_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let belongs = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    };
    !belongs(start.checked_sub(1).and_then(|at| bytes.get(at))) && !belongs(bytes.get(end))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize;

    use super::look_through;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        text: String,
        found: BTreeSet<String>,
    }

    /// By the name of the detector that redacts it.
    fn found(bytes: &[u8]) -> BTreeSet<String> {
        let secrets = look_through(bytes).expect("the expressions are valid").secrets;
        let detectors = secrets.iter().map(|secret| match secret.what {
            "a key or a token" => "key",
            "a password" | "a secret, by its name" => "password",
            "a card's number" => "card",
            "an e-mail address" => "email",
            other => other,
        });
        detectors.map(str::to_owned).collect()
    }

    #[test]
    fn the_scan_finds_what_redaction_finds() {
        let cases = include_str!("../../../tests/secrets/cases.jsonl");
        for line in cases.lines() {
            let case: Case = serde_json::from_str(line).expect(line);
            assert_eq!(found(case.text.as_bytes()), case.found, "{line}");
            let filler = "0 x ".repeat(10_000);
            let surrounded = format!("{filler}\n{filler}[{}]{filler}\n{filler}", case.text);
            assert_eq!(found(surrounded.as_bytes()), case.found, "{line}");
        }
        assert!(cases.lines().count() > 30);
    }

    #[test]
    fn members_that_are_named_for_secrets_are_looked_at() {
        for (line, secret) in [
            (r#"{"password":"Tr0ub4dor&3"}"#, true),
            (r#"{"jsonb":"{\"api_key\": \"4f3c2e1d5b6a79880\"}"}"#, true),
            (r#"{"password_1":"correct horse"}"#, false),
            (r#"{"password":"short1!"}"#, false),
            (r#"{"password":"Ef7uq9fnk&5EXAMPLE"}"#, false),
            (r#"{"token":"18be4c1e-c7c8-8efb-990f-4501805ad65c"}"#, false),
            (r#"{"token":"18be4c1e-c7c8-4efb-990f-4501805ad65c"}"#, true),
            (r#"{"note":"Tr0ub4dor&3"}"#, false),
        ] {
            assert_eq!(found(line.as_bytes()).contains("password"), secret, "{line}");
        }
    }

    #[test]
    fn every_secret_of_a_long_line_is_found_once_it_is_sorted() {
        let one = r#"{"token":"Tr0ub4dor&3"},"#;
        let line = one.repeat(5_000);
        let mut places: Vec<usize> = look_through(line.as_bytes())
            .expect("the expressions are valid")
            .secrets
            .iter()
            .map(|secret| secret.offset)
            .collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 5_000);
    }
}
