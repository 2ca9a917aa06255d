//! What a trace holds as pseudonyms, by the rules that its recorder followed.
//!
//! Makes no pseudonym: recorder and replay do, with a key that stands in no file of ours.

use serde::{Deserialize, Serialize};

/// Of a [`Header`](super::Header): `{"rules":[{"columns":["email"],"detectors":["card"]}],"key":"5f1c09ab"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// As `stack.toml` had them.
    pub rules: Vec<RedactRule>,
    /// Tells one key from another, and nothing of either.
    pub key: String,
}

/// What is replaced, in all statements or in some:
///
/// ```toml
/// [[redact]]
/// statement = "*users*"
/// columns = ["email", "name"]
/// parameters = ["email*", "name*"]
///
/// [[redact]]
/// detectors = ["key", "password", "card", "email"]
///
/// [[redact]]
/// pattern = "cus_[0-9a-z]+"
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields")]
pub struct RedactRule {
    /// A glob over the SQL text; all statements if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// Globs over the names of columns, whose cells are replaced as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Globs over the names of top-level parameters, or over their positions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
    /// A regular expression, as Python knows them; what its group finds, if it has one,
    /// is replaced within every text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What is found by its look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub detectors: Vec<Detector>,
}

/// A kind of secret or of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detector {
    /// Private keys, and the keys and tokens of known services.
    Key,
    /// Passwords in URLs and assignments, and values that are named for a secret.
    Password,
    /// Numbers of payment cards.
    Card,
    /// E-mail addresses.
    Email,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    statement: Option<String>,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    parameters: Vec<String>,
    #[serde(default)]
    pattern: Option<String>,
    #[serde(default)]
    detectors: Vec<Detector>,
}

impl TryFrom<Fields> for RedactRule {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let Fields { statement, columns, parameters, pattern, detectors } = fields;
        let names_nothing = columns.is_empty() && parameters.is_empty() && detectors.is_empty();
        if names_nothing && pattern.is_none() {
            return Err("a rule that names no columns, parameters, pattern or detectors");
        }
        Ok(Self { statement, columns, parameters, pattern, detectors })
    }
}
