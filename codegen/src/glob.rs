//! Globs over SQL texts and parameter names: `*` stands for any text.
//!
//! Deliberately knows neither `?` nor `[…]`, which SQL texts contain.

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
    use super::matches;

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
}
