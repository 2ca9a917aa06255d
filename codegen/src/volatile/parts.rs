//! Parts of texts: which of them differ between two, and which are of a form that
//! tells what they are.
//!
//! Knows nothing of SQL.

use super::form::{form, is_hexadecimal, is_jwt, shape, stands_alone, values_within, version};
use super::place::{Part, What};
use crate::kind::Kind;
use crate::recording::Window;

/// Hexadecimal digits that are hardly anything but random: sixteen bytes of them.
const LONG_HEXADECIMAL: usize = 32;
/// Sixteen bytes of base64, without padding.
const LONG_BASE64: usize = 22;
/// Letters and digits that make a text's words its own.
const WORD: usize = 3;

/// A piece of a text: a value of unmistakable form, a run of letters and digits, or a
/// sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token<'t> {
    text: &'t str,
    is_word: bool,
}

/// What may stand where two texts stood that differ.
pub fn what_differs(one: &str, other: &str) -> What {
    for kind in [Kind::Uuid, Kind::Timestamp, Kind::Hash] {
        if is_common(kind, one, other) {
            return What::Whole(kind);
        }
    }
    // UUIDs of two versions, or moments that are spelled in two ways.
    let is_value = |text: &str| text.contains('-') && shape(text) != "text";
    if shape(one) == shape(other) && is_value(one) && is_value(other) {
        return What::Whole(Kind::Value);
    }
    if is_jwt(one) && is_jwt(other) {
        return What::Whole(Kind::Token);
    }
    if let Some(parts) = differing_parts(one, other) {
        return What::Pieces(pieces(one, &parts));
    }
    What::Whole(common_kind(one, other))
}

/// The parts of a text that differ from another one's, if what is around them says that
/// the two are one text; characters are counted in the first.
pub fn differing_parts(one: &str, other: &str) -> Option<Vec<Part>> {
    let (then, now) = (tokens(one), tokens(other));
    if then.len() != now.len() {
        return differing_middle(one, &then, &now);
    }
    let mut parts = Vec::new();
    let mut has_word = false;
    let mut start = 0;
    for (before, after) in then.iter().zip(&now) {
        if before == after {
            has_word |= before.is_word && before.text.len() >= WORD;
        } else if before.is_word && after.is_word {
            let kind = common_kind(before.text, after.text);
            parts.push(Part { start, text: before.text.to_owned(), kind });
        } else {
            return None;
        }
        start += before.text.chars().count();
    }
    let are_told = parts.iter().all(|part| part.kind != Kind::Text);
    let is_whole = parts.len() == 1 && then.len() == 1;
    (!is_whole && (has_word || are_told)).then_some(parts)
}

/// What stands between the words that two texts begin and end with.
fn differing_middle(one: &str, then: &[Token<'_>], now: &[Token<'_>]) -> Option<Vec<Part>> {
    let common = |(before, after): &(&Token<'_>, &Token<'_>)| before == after;
    let start = then.iter().zip(now).take_while(common).count();
    let rest = then.len().min(now.len()) - start;
    let end = then.iter().rev().zip(now.iter().rev()).take(rest).take_while(common).count();
    let is_word = |token: &Token<'_>| token.is_word && token.text.len() >= WORD;
    let (first, last) = (&then[..start], &then[then.len() - end..]);
    // A part may not be empty, as it could stand anywhere then.
    let has_middle = start + end < then.len() && start + end < now.len();
    if !has_middle || !first.iter().chain(last).any(is_word) {
        return None;
    }
    let length = |tokens: &[Token<'_>]| tokens.iter().map(|token| token.text.len()).sum::<usize>();
    let (from, to) = (length(first), one.len() - length(last));
    let start = one[..from].chars().count();
    Some(vec![Part { start, text: one[from..to].to_owned(), kind: Kind::Text }])
}

/// The narrowest kind of which two texts are, in one form.
pub fn common_kind(one: &str, other: &str) -> Kind {
    let kinds = [Kind::Uuid, Kind::Timestamp, Kind::Hash, Kind::Number];
    if let Some(kind) = kinds.into_iter().find(|kind| is_common(*kind, one, other)) {
        return kind;
    }
    let has_digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let is_token = is_common(Kind::Token, one, other) && (has_digit(one) || has_digit(other));
    if is_token { Kind::Token } else { Kind::Text }
}

/// What may stand in the place of a text whose form alone tells that it is volatile.
pub fn what_is_suspected(text: &str, window: Option<Window>) -> Option<What> {
    let parts = suspected_parts(text, window);
    match parts.as_slice() {
        [] => None,
        [only] if only.text == text => Some(What::Whole(only.kind)),
        parts => Some(What::Pieces(pieces(text, parts))),
    }
}

/// The parts of a text whose form tells that they are volatile.
pub fn suspected_parts(text: &str, window: Option<Window>) -> Vec<Part> {
    let mut found = Vec::new();
    let mut end = 0;
    for (start, stop, kind) in values_within(text) {
        push_tokens(text, end, start, &mut found);
        end = stop;
        if is_suspect(kind, &text[start..stop], window) {
            found.push((start, stop, kind));
        }
    }
    push_tokens(text, end, text.len(), &mut found);
    let part = |(start, stop, kind): (usize, usize, Kind)| Part {
        start: text[..start].chars().count(),
        text: text[start..stop].to_owned(),
        kind,
    };
    found.into_iter().map(part).collect()
}

/// A text with each value that tells itself replaced by its kind.
pub fn masked(text: &str) -> String {
    let mut found = Vec::new();
    let mut end = 0;
    for (start, stop, kind) in values_within(text) {
        push_tokens(text, end, start, &mut found);
        found.push((start, stop, kind));
        end = stop;
    }
    push_tokens(text, end, text.len(), &mut found);
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for (start, stop, kind) in found {
        masked += &text[end..start];
        masked += kind.as_str();
        end = stop;
    }
    masked + &text[end..]
}

/// Whether a value of unmistakable form is one that changes from run to run.
pub fn is_suspect(kind: Kind, text: &str, window: Option<Window>) -> bool {
    match kind {
        Kind::Uuid => matches!(version(text), Some('1' | '4' | '6' | '7')),
        Kind::Timestamp => window.is_some_and(|window| window.has(text)),
        _ => form(kind, text).is_some(),
    }
}

/// Random runs between two places of a text: of hexadecimal digits, or of base64.
fn push_tokens(text: &str, start: usize, end: usize, found: &mut Vec<(usize, usize, Kind)>) {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    for (from, to) in runs(text, start, end, is_base64) {
        if is_random(&text[from..to]) && stands_alone(text, from, to) {
            found.push((from, to, Kind::Token));
            continue;
        }
        for (from, to) in runs(text, from, to, u8::is_ascii_alphanumeric) {
            if is_random(&text[from..to]) {
                found.push((from, to, Kind::Token));
            }
        }
    }
}

fn runs(text: &str, start: usize, end: usize, is_of: impl Fn(&u8) -> bool) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut at = start;
    let bytes = text.as_bytes();
    while at < end {
        let length = bytes[at..end].iter().take_while(|byte| is_of(byte)).count();
        if length > 0 {
            runs.push((at, at + length));
        }
        at += length.max(1);
    }
    runs
}

fn is_random(run: &str) -> bool {
    let has = |is_of: fn(&u8) -> bool| run.as_bytes().iter().any(is_of);
    let has_digit = has(u8::is_ascii_digit);
    if is_hexadecimal(run) {
        return run.len() >= LONG_HEXADECIMAL && has_digit && has(u8::is_ascii_alphabetic);
    }
    let is_mixed = has_digit && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    run.len() >= LONG_BASE64 && is_mixed
}

/// Fixed text and kinds in turn.
pub fn pieces(text: &str, parts: &[Part]) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut pieces = Vec::with_capacity(2 * parts.len() + 1);
    let mut end = 0;
    for part in parts {
        pieces.push(characters[end..part.start].iter().collect());
        pieces.push(part.kind.as_str().to_owned());
        end = part.start + part.text.chars().count();
    }
    pieces.push(characters[end..].iter().collect());
    pieces
}

/// Whether two texts are of a kind, in one form. Digits without hyphens are not taken for a
/// UUID, as what else is random may look like any version of it.
fn is_common(kind: Kind, one: &str, other: &str) -> bool {
    if kind == Kind::Uuid && !one.contains('-') {
        return false;
    }
    form(kind, one).is_some_and(|found| form(kind, other).as_ref() == Some(&found))
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut end = 0;
    for (start, stop, _) in values_within(text) {
        push_words(&text[end..start], &mut tokens);
        tokens.push(Token { text: &text[start..stop], is_word: true });
        end = stop;
    }
    push_words(&text[end..], &mut tokens);
    tokens
}

fn push_words<'t>(text: &'t str, tokens: &mut Vec<Token<'t>>) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = first.is_alphanumeric();
        let length = if is_word {
            rest.find(|character: char| !character.is_alphanumeric()).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        tokens.push(Token { text: &rest[..length], is_word });
        rest = &rest[length..];
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, What, Window, suspected_parts, what_differs, what_is_suspected};

    const UUID: &str = "3f2a9c1e-1111-4222-8333-444455556666";
    const OTHER: &str = "c0ffee00-9999-4888-8777-666655554444";

    fn pieces(texts: &[&str]) -> What {
        What::Pieces(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn what_differs_is_said_as_narrowly_as_it_can_be() {
        let bcrypt = |salt: &str| format!("$2b$12${salt}{}", "a".repeat(31));
        let [one, other] = ["abcdefghijklmnopqrstuv", "vutsrqponmlkjihgfedcba"].map(bcrypt);
        let cases = [
            (UUID, OTHER, What::Whole(Kind::Uuid)),
            ("2026-01-02T03:04:05", "2027-01-02T03:04:05.1", What::Whole(Kind::Timestamp)),
            (&one, &other, What::Whole(Kind::Hash)),
            ("17", "423", What::Whole(Kind::Number)),
            ("ab12cd34", "00ff11ee", What::Whole(Kind::Token)),
            ("Ada", "Grace", What::Whole(Kind::Text)),
            (
                "user-ab12cd34@example.org",
                "user-00ff11ee@example.org",
                pieces(&["user-", "token", "@example.org"]),
            ),
            ("ada1@example.org", "grace.hopper@example.org", pieces(&["", "text", "@example.org"])),
            ("t_ab12cd34", "t_00ff11ee", pieces(&["t_", "token", ""])),
            (
                "é 7 of 9 days",
                "é 8 of 19 days",
                pieces(&["é ", "number", " of ", "number", " days"]),
            ),
            ("John Smith", "Mary Jones", What::Whole(Kind::Text)),
        ];
        for (one, other, expected) in cases {
            assert_eq!(what_differs(one, other), expected, "{one} {other}");
        }
        let at = |uuid: &str| format!("/files/{uuid}.json");
        assert_eq!(what_differs(&at(UUID), &at(OTHER)), pieces(&["/files/", "uuid", ".json"]));
    }

    #[test]
    fn what_has_no_form_of_its_own_is_not_suspected() {
        for text in [
            "",
            "Ada",
            "8b9f3b0a",
            "2026-01-02T03:04:05",
            "00000000-0000-3000-8000-000000000000",
            "/static/js/vendor-main-chunk-of-all",
            "aThirtyTwoCharactersLongName",
            "01234567890123456789012345678901234567890",
        ] {
            assert_eq!(what_is_suspected(text, None), None, "{text}");
        }
    }

    #[test]
    fn what_tells_itself_is_suspected_wherever_it_stands() {
        let window = Window::of("2026-01-02T03:04:05+00:00", "2026-01-02T03:05:00+00:00");
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.c2lnbmF0dXJl";
        let argon = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA";
        let hex = "9f86d081884c7d659a2feaa0c55ad015";
        for (text, kind) in [
            (UUID, Kind::Uuid),
            ("2026-01-02 03:04:30.25", Kind::Timestamp),
            (jwt, Kind::Token),
            (argon, Kind::Hash),
            (hex, Kind::Token),
            ("x4Tz_-09AbCdEfGhIjKlMnOpQr", Kind::Token),
        ] {
            assert_eq!(what_is_suspected(text, window), Some(What::Whole(kind)), "{text}");
        }
        let parts = suspected_parts(&format!("é _sa_{hex} at 2026-01-02T03:04:30, {UUID}"), window);
        let found: Vec<_> = parts.iter().map(|part| (part.start, part.kind)).collect();
        assert_eq!(found, [(6, Kind::Token), (42, Kind::Timestamp), (63, Kind::Uuid)]);
    }
}
