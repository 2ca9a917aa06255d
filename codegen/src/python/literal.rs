//! Values as Python literals, in the spelling that `ruff format` would choose.
//!
//! Knows nothing of what a text means: SQL, JSON and names are all just text.

use std::fmt::Write as _;

use memchr::{memchr, memmem};
use unicode_width::UnicodeWidthStr;

/// ruff's default.
const LINE_LENGTH: usize = 88;

const INDENT: &str = "    ";

/// What a block stands between.
const TRIPLE: &str = "\"\"\"";

/// Text of which every character may stand in a block.
#[derive(Debug)]
pub struct Visible(String);

/// A string literal on one line, escaped so that it can be nothing else.
pub fn string(text: &str) -> String {
    // ruff prefers double quotes unless that would need more escapes.
    let quote = if text.matches('"').count() > text.matches('\'').count() { '\'' } else { '"' };
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    for c in text.chars() {
        match c {
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if c == quote => {
                literal.push('\\');
                literal.push(c);
            }
            c if is_visible(c) => literal.push(c),
            c => escape(c, &mut literal),
        }
    }
    literal.push(quote);
    literal
}

/// Appends a text as people read it: between `r"""`, line by line. What such a
/// literal cannot hold unchanged becomes an ordinary one: Python folds CR to LF in
/// source, refuses NUL, and ends the literal at `"""`.
pub fn push_block(text: &str, out: &mut String) {
    if all_visible(text, |byte| matches!(byte, b'\n' | b'\t')) {
        push_visible(text, out);
    } else {
        out.push_str(&string(text));
    }
}

fn push_visible(text: &str, out: &mut String) {
    let quoted = memchr(b'"', text.as_bytes()).is_some()
        && memmem::find(text.as_bytes(), TRIPLE.as_bytes()).is_some();
    if text.is_empty() || text.ends_with(['"', '\\']) || quoted {
        out.push_str(&string(text));
    } else {
        out.push('r');
        for part in [TRIPLE, text, TRIPLE] {
            out.push_str(part);
        }
    }
}

impl Visible {
    /// Lines of JSON in which characters that a block cannot hold are escaped. They
    /// can only stand within strings, so their escapes mean the same.
    pub fn of_json(json: String) -> Self {
        if all_visible(&json, |byte| byte == b'\n') { Self(json) } else { Self(escaped(&json)) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Appends it as [`push_block`] would.
    pub fn push_block(&self, out: &mut String) {
        push_visible(&self.0, out);
    }
}

/// A string assigned to a name. ruff puts a literal that is too long for the
/// line of its assignment on one of its own, if it fits there.
pub fn assigned(target: &str, text: &str) -> String {
    let literal = string(text);
    let width = UnicodeWidthStr::width(literal.as_str());
    let too_long = target.len() + " = ".len() + width > LINE_LENGTH;
    if too_long && INDENT.len() + width <= LINE_LENGTH {
        format!("(\n{INDENT}{literal}\n)")
    } else {
        literal
    }
}

/// A docstring of one line. It is for people, so what is awkward in one is left
/// out rather than escaped.
pub fn docstring(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if is_visible(c) && !matches!(c, '"' | '\\') { c } else { '?' })
        .collect();
    format!("\"\"\"{}\"\"\"", plain.trim())
}

fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_visible(c) || matches!(c, '\t' | '\n') {
            out.push(c);
        } else if c == '\r' {
            // Unescaped it only stands between values, where a space does as well.
            out.push(' ');
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// Whether every character of a text is visible or one `other` of ASCII.
fn all_visible(text: &str, other: impl Fn(u8) -> bool) -> bool {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') | other(byte);
    let mut rest = text;
    loop {
        // Most of what is recorded is ASCII, and is looked at without a branch, so
        // that it takes many bytes at a time.
        let (chunks, _) = rest.as_bytes().as_chunks::<32>();
        let all_plain = |chunk: &&[u8; 32]| chunk.iter().fold(true, |all, &b| all & plain(b));
        let start = 32 * chunks.iter().take_while(all_plain).count();
        rest = rest[start..].trim_start_matches(|c: char| u8::try_from(c).is_ok_and(plain));
        match rest.chars().next() {
            None => return true,
            Some(c) if c.is_ascii() => return false,
            Some(_) => {}
        }
        let after = rest.trim_start_matches(|c: char| !c.is_ascii() && is_visible(c));
        if after.len() == rest.len() {
            return false;
        }
        rest = after;
    }
}

/// Whether a character may stand in source as itself. Those that have no shape
/// of their own or change how others are shown may not; neither may those that
/// some tools take for line ends.
fn is_visible(c: char) -> bool {
    !matches!(
        c,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{a0}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{1680}'
            | '\u{180e}'
            | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}'
            | '\u{3000}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{ffff}'
            | '\u{e0000}'..='\u{10ffff}'
    )
}

fn escape(c: char, literal: &mut String) {
    let code = u32::from(c);
    // Writing into a String cannot fail.
    let _ = match code {
        0..=0xff => write!(literal, "\\x{code:02x}"),
        0x100..=0xffff => write!(literal, "\\u{code:04x}"),
        _ => write!(literal, "\\U{code:08x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::{Visible, assigned, docstring, push_block, string};

    #[test]
    fn strings_are_quoted_as_ruff_would() {
        assert_eq!(string("plain"), r#""plain""#);
        assert_eq!(string(r#"say "hi""#), r#"'say "hi"'"#);
        assert_eq!(string(r#"it's "x""#), r#"'it\'s "x"'"#);
        assert_eq!(string("it's"), r#""it's""#);
        assert_eq!(string("a\\b\r\n\t\0"), r#""a\\b\r\n\t\x00""#);
        assert_eq!(string("é\u{2028}\u{feff}\u{10ffff}"), "\"é\\u2028\\ufeff\\U0010ffff\"");
    }

    #[test]
    fn blocks_are_raw_where_that_loses_nothing() {
        let block = |text: &str| {
            let mut literal = String::new();
            push_block(text, &mut literal);
            literal
        };
        assert_eq!(block("SELECT 1"), "r\"\"\"SELECT 1\"\"\"");
        assert_eq!(block("a\n\\d \"x\" "), "r\"\"\"a\n\\d \"x\" \"\"\"");
        assert_eq!(block(""), "\"\"");
        assert_eq!(block("a\r\nb"), r#""a\r\nb""#);
        assert_eq!(block("a\0b"), r#""a\x00b""#);
        assert_eq!(block("x = \"y\""), r#"'x = "y"'"#);
        assert_eq!(block("a\\"), r#""a\\""#);
        assert_eq!(block("a\"\"\"b"), "'a\"\"\"b'");
        assert_eq!(block("a\u{2029}b"), r#""a\u2029b""#);
    }

    #[test]
    fn json_keeps_its_meaning() {
        let json = "[\"a\u{200b}\u{10fffd}é\"]";
        let visible_json = |json: &str| Visible::of_json(json.to_owned()).0;
        let visible = visible_json(json);
        assert_eq!(visible, "[\"a\\u200b\\udbff\\udffdé\"]");
        assert_eq!(visible_json("[1]\n[\t\"é\"]\n"), "[1]\n[\t\"é\"]\n");
        assert_eq!(visible_json("[1,\r2]\n"), "[1, 2]\n");
        let parse = |text: &str| serde_json::from_str::<Vec<String>>(text).expect("valid JSON");
        assert_eq!(parse(&visible), parse(json));
    }

    #[test]
    fn long_strings_stand_on_a_line_of_their_own_if_they_fit() {
        assert_eq!(assigned("A", &"x".repeat(82)), format!("\"{}\"", "x".repeat(82)));
        assert_eq!(assigned("A", &"x".repeat(83)), format!("\"{}\"", "x".repeat(83)));
        assert_eq!(assigned("ABCDE", &"x".repeat(82)), format!("(\n    \"{}\"\n)", "x".repeat(82)));
        assert_eq!(assigned("ABCDE", &"x".repeat(83)), format!("\"{}\"", "x".repeat(83)));
        assert_eq!(
            assigned("ABCDE", &"日".repeat(41)),
            format!("(\n    \"{}\"\n)", "日".repeat(41))
        );
    }

    #[test]
    fn docstrings_hold_no_syntax() {
        assert_eq!(docstring("a\"b\\c\nd"), "\"\"\"a?b?c?d\"\"\"");
    }
}
