//! What a value is, by its look: a card's number, a secret, a pseudonym.
//!
//! The same rules as in `templates/shared/pseudonyms.py` and `cards.py`; one file of
//! cases is checked against both.

use super::patterns::Patterns;

const MARKS: [&str; 2] = ["EXAMPLE", "example"];
const HEX_MARKS: [&str; 2] = ["facade", "FACADE"];

/// Names that no one can have (RFC 2606, RFC 6761).
const RESERVED: [&str; 7] =
    ["example", "example.com", "example.net", "example.org", "invalid", "localhost", "test"];

/// Whether digits, with separators or without, are a number that an issuer may have given.
pub fn is_card(value: &[u8], patterns: &Patterns) -> bool {
    let digits: Vec<u8> = value.iter().copied().filter(u8::is_ascii_digit).collect();
    let issued = digits.len() == 16 && patterns.card_number.is_match(&digits)
        || patterns.other_card_number.is_match(&digits);
    issued && luhn(&digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(digit - b'0') * if place % 2 == 1 { 2 } else { 1 };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether a text looks like a password or a token: of many kinds of characters.
pub fn is_secret_like(text: &str) -> bool {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    if !printable || !(10..=512).contains(&text.len()) {
        return false;
    }
    let any = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
    let (lower, upper) = (any(u8::is_ascii_lowercase), any(u8::is_ascii_uppercase));
    let (digit, other) = (any(u8::is_ascii_digit), any(u8::is_ascii_punctuation));
    if [lower, upper, digit, other].iter().filter(|kind| **kind).count() >= 3 {
        return true;
    }
    let mut seen = [false; 128];
    text.bytes().for_each(|byte| seen[usize::from(byte)] = true);
    let different = seen.iter().filter(|seen| **seen).count();
    digit && (lower || upper) && text.len() >= 16 && different >= 8
}

/// Whether a text is unmistakably a pseudonym, of whatever key, or a placeholder.
pub fn is_pseudonym(text: &str) -> bool {
    if text.ends_with(".example") && text.contains('@') {
        return true;
    }
    if MARKS.iter().chain(&HEX_MARKS).any(|mark| text.ends_with(mark)) {
        return is_secret_like(text);
    }
    is_uuid_of_version_8(text)
}

/// Whether a secret that was found by what stands around it has been replaced.
pub fn is_marked(text: &str) -> bool {
    MARKS.iter().any(|mark| text.ends_with(mark))
}

/// Whether a domain can be nobody's.
pub fn is_reserved(domain: &[u8]) -> bool {
    let domain = domain.strip_suffix(b".").unwrap_or(domain);
    let ends_with = |name: &&str| {
        let start = domain.len().checked_sub(name.len());
        start.is_some_and(|start| {
            domain[start..].eq_ignore_ascii_case(name.as_bytes())
                && (start == 0 || domain[start - 1] == b'.')
        })
    };
    RESERVED.iter().any(ends_with)
}

fn is_uuid_of_version_8(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let dashes = text.len() - digits.len();
    let places = [8, 13, 18, 23];
    let in_groups = dashes == 4 && places.iter().all(|at| text.as_bytes().get(*at) == Some(&b'-'));
    digits.len() == 32
        && (dashes == 0 || in_groups)
        && digits.iter().all(u8::is_ascii_hexdigit)
        && digits[12] == b'8'
}
