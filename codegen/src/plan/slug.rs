//! Names of modules for names of scopes.
//!
//! Never looks at what a scope holds, so that a scope keeps its file when its
//! exchanges change.

use std::collections::BTreeSet;

/// Longer slugs are cut: many file systems allow 255 bytes, people fewer.
const LONGEST: usize = 60;

/// Python's keywords, soft ones included, what Windows reserves, and the words
/// that a module of this name would be mistaken for.
const RESERVED: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "case", "class", "continue", "def", "del",
    "elif", "else", "except", "false", "finally", "for", "from", "global", "if", "import", "in",
    "is", "lambda", "match", "none", "nonlocal", "not", "or", "pass", "raise", "return", "true",
    "try", "type", "while", "with", "yield", "aux", "con", "nul", "prn", "init", "main",
];

/// Slugs given so far; each is given once.
#[derive(Debug, Default)]
pub struct Slugs {
    given: BTreeSet<String>,
}

impl Slugs {
    /// Leaves out a slug that was given elsewhere.
    pub fn take(&mut self, slug: &str) {
        self.given.insert(slug.to_owned());
    }

    /// A module name: lower-case ASCII, digits and underscores.
    pub fn slug(&mut self, name: &str) -> String {
        let plain = plain(name);
        let usable = !plain.is_empty()
            && plain.len() <= LONGEST
            && !plain.starts_with(|c: char| c.is_ascii_digit())
            && !RESERVED.contains(&plain.as_str())
            && !is_device(&plain);
        let mut slug = if usable { plain.clone() } else { hashed(&plain, name) };
        let mut salt = String::from(name);
        while !self.given.insert(slug.clone()) {
            slug = hashed(&plain, &salt);
            salt.push('\0');
        }
        slug
    }
}

fn plain(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    slug.truncate(slug.trim_end_matches('_').len());
    slug
}

fn is_device(slug: &str) -> bool {
    (slug.starts_with("com") || slug.starts_with("lpt"))
        && slug.len() == 4
        && slug.ends_with(|c: char| c.is_ascii_digit())
}

fn hashed(plain: &str, name: &str) -> String {
    let hash = format!("_{:08x}", fnv1a(name.as_bytes()));
    let lead = if plain.starts_with(|c: char| !c.is_ascii_digit()) { "" } else { "scope_" };
    let mut slug = format!("{lead}{plain}");
    slug.truncate(LONGEST - hash.len());
    slug.truncate(slug.trim_end_matches('_').len());
    slug + &hash
}

/// FNV-1a, 32 bits: the standard library's hasher promises no stable value.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, RESERVED, Slugs};

    #[test]
    fn plain_names_stay_readable() {
        let mut slugs = Slugs::default();
        assert_eq!(slugs.slug("start-up"), "start_up");
        assert_eq!(slugs.slug("create user"), "create_user");
        assert_eq!(slugs.slug("GET /users/7?x=1 (2)"), "get_users_7_x_1_2");
    }

    #[test]
    fn colliding_names_get_a_hash() {
        let mut slugs = Slugs::default();
        assert_eq!(slugs.slug("create user"), "create_user");
        let second = slugs.slug("create-user");
        assert_eq!(second.len(), "create_user_".len() + 8);
        assert!(second.starts_with("create_user_"));
    }

    #[test]
    fn every_slug_is_a_usable_and_unique_module_name() {
        let long = "x".repeat(500);
        let names = [
            "",
            "/",
            "1",
            "7 dwarfs",
            "class",
            "Été",
            "日本",
            "_",
            "__init__",
            "None",
            "con",
            "COM1",
            "a\0b",
            "a\nb",
            &long,
            &format!("{long}y"),
            "match",
        ];
        let mut slugs = Slugs::default();
        for name in names {
            let slug = slugs.slug(name);
            assert!(slug.len() <= LONGEST, "{slug}");
            assert!(slug.starts_with(|c: char| c.is_ascii_lowercase()), "{slug}");
            assert!(
                slug.bytes().all(|b| b == b'_' || b.is_ascii_lowercase() || b.is_ascii_digit())
            );
            assert!(!RESERVED.contains(&slug.as_str()), "{slug}");
        }
        assert_eq!(slugs.given.len(), names.len());
    }

    #[test]
    fn a_slug_depends_on_its_name_only() {
        assert_eq!(Slugs::default().slug("日本"), Slugs::default().slug("日本"));
        assert_ne!(Slugs::default().slug("日本"), Slugs::default().slug("日木"));
    }
}
