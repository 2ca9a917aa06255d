//! Text within XML.
//!
//! Writes no markup.

use std::borrow::Cow;
use std::fmt::Write as _;

/// For element content and attributes in double quotes. What no XML document may hold
/// (most control characters) is shown as Python would escape it.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(needs_escape) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // In an attribute they would be read as spaces.
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            other if needs_escape(other) => {
                let _ = write!(out, "\\u{:04x}", other as u32);
            }
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

fn needs_escape(character: char) -> bool {
    matches!(character, '<' | '>' | '&' | '"' | '\u{fffe}' | '\u{ffff}') || character < ' '
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_of_a_text_is_markup_and_every_text_may_stand() {
        assert_eq!(escaped("a é 'b'"), "a é 'b'");
        assert_eq!(
            escaped("<a b=\"c\">&\n\t\0\u{ffff}"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&#10;&#9;\\u0000\\uffff"
        );
    }
}
