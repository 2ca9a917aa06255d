//! Kinds of values, which say what of a volatile value must be equal.
//!
//! The runtime knows the same kinds (`forms.py`), and compares by them.

use serde::{Deserialize, Serialize};

/// What a position holds in every run, whatever its value is.
///
/// | kind | what it stands for | what must be equal |
/// |---|---|---|
/// | `uuid` | a `UUID`, or its text with or without hyphens | version and spelling |
/// | `timestamp` | a `datetime`, or its ISO text | time zone or none, and spelling |
/// | `hash` | a text of bcrypt, scrypt, argon2 or PBKDF2 | scheme, cost, and lengths |
/// | `token` | a JWT, or a text of eight letters and digits or more | length; of hexadecimal ones that, too |
/// | `number` | an integer, a float or a decimal, or its text | the type |
/// | `text` | any text | nothing |
/// | `value` | any value | its type; of arrays the length, of documents the keys |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the table above says what each is")]
pub enum Kind {
    Uuid,
    Timestamp,
    Hash,
    Token,
    Number,
    Text,
    Value,
}

impl Kind {
    /// The narrowest first.
    pub const ALL: [Self; 7] = [
        Self::Uuid,
        Self::Timestamp,
        Self::Hash,
        Self::Token,
        Self::Number,
        Self::Text,
        Self::Value,
    ];

    /// As it is spelled in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Timestamp => "timestamp",
            Self::Hash => "hash",
            Self::Token => "token",
            Self::Number => "number",
            Self::Text => "text",
            Self::Value => "value",
        }
    }
}
