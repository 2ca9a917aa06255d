//! Splits Python source into what may be renamed and what may not.
//!
//! Deliberately no parser: it knows names, strings, comments and the rest.

use memchr::memmem;

/// A piece of source; all pieces in a row are the source again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'s> {
    /// An identifier or a keyword.
    Name(&'s str),
    /// A string literal with its prefix and quotes.
    Text(&'s str),
    /// From `#` to the end of the line.
    Comment(&'s str),
    /// Anything else.
    Other(&'s str),
}

/// Splits source into tokens. A string that does not end takes the rest.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (token, length) = if first == '#' {
            let length = rest.find('\n').unwrap_or(rest.len());
            (Token::Comment(&rest[..length]), length)
        } else if first == '"' || first == '\'' {
            let length = string_length(rest);
            (Token::Text(&rest[..length]), length)
        } else if is_name(first) && !first.is_ascii_digit() {
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let name = &rest[..end];
            if is_prefix(name) && rest[end..].starts_with(['"', '\'']) {
                let length = end + string_length(&rest[end..]);
                (Token::Text(&rest[..length]), length)
            } else {
                (Token::Name(name), end)
            }
        } else {
            // Digits with the letters behind them, so that `1e5` has no name in it.
            let length = if first.is_ascii_digit() {
                rest.find(|c| !is_name(c)).unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            (Token::Other(&rest[..length]), length)
        };
        tokens.push(token);
        rest = &rest[length..];
    }
    tokens
}

/// Whether a character may stand in a name.
pub fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn is_prefix(name: &str) -> bool {
    name.len() <= 2 && name.chars().all(|c| "rRbBfFuU".contains(c))
}

/// The length of the literal whose first quote starts `text`.
fn string_length(text: &str) -> usize {
    let quote = &text[..1];
    let triple = quote.repeat(3);
    let (end, start) = if text.starts_with(&triple) { (triple.as_str(), 3) } else { (quote, 1) };
    let bytes = text.as_bytes();
    let mut index = start;
    while let Some(offset) = memmem::find(&bytes[index..], end.as_bytes()) {
        index += offset;
        let backslashes = bytes[start..index].iter().rev().take_while(|&&byte| byte == b'\\');
        // A backslash keeps the next quote from ending even a raw string, unless it
        // stands behind another one itself.
        if backslashes.count() % 2 == 0 {
            return index + end.len();
        }
        index += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{Token, tokens};

    #[test]
    fn pieces_make_the_source_again() {
        let source = "x = rb'\\'' # it's\ny = f\"\"\"a\"b'\"\"\"\nz = 1e5 + await_(\"#\")\n'open";
        let pieces = tokens(source).into_iter().map(|token| match token {
            Token::Name(text) | Token::Text(text) | Token::Comment(text) | Token::Other(text) => {
                text
            }
        });
        assert_eq!(pieces.collect::<String>(), source);
        let found = tokens(source);
        assert!(found.contains(&Token::Text("rb'\\''")));
        assert!(found.contains(&Token::Comment("# it's")));
        assert!(found.contains(&Token::Text("f\"\"\"a\"b'\"\"\"")));
        assert!(found.contains(&Token::Name("await_")));
        let raw = "r\"\"\"a\\\"\"\"\\\\\"\"\"";
        assert_eq!(tokens(raw), [Token::Text(raw)]);
        assert!(found.contains(&Token::Text("\"#\"")));
        assert!(!found.contains(&Token::Name("e5")));
    }
}
