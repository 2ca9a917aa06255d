//! What generation needs of a stack's `stack.toml`.
//!
//! Does not look at how the application is started; that is the recorder's side
//! of the file.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::{Error, Finding, Result};
use crate::glob;
use crate::kind::Kind;
use crate::trace::RedactRule;

/// The file's part that concerns generation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackFile {
    /// Must be the profile of the traces, if given.
    #[serde(default)]
    pub profile: Option<toml::Spanned<String>>,
    /// In which order exchanges of a scope may be asked for.
    #[serde(default)]
    pub order: Order,
    /// What may differ at replay, or must not.
    #[serde(default)]
    pub volatile: Vec<VolatileRule>,
    /// What is recorded as pseudonyms.
    #[serde(default)]
    pub redact: Vec<toml::Spanned<RedactRule>>,
    /// What looks like a secret and is none.
    #[serde(default)]
    pub not_secret: Vec<NotSecret>,
    /// The recorder's.
    #[serde(default, rename = "command")]
    _command: IgnoredAny,
    /// The recorder's.
    #[serde(default, rename = "ready")]
    _ready: IgnoredAny,
    /// The recorder's.
    #[serde(default, rename = "deterministic")]
    _deterministic: IgnoredAny,
    /// The recorder's.
    #[serde(default, rename = "environment")]
    _environment: IgnoredAny,
    /// Where it was read from, for messages.
    #[serde(skip)]
    pub path: PathBuf,
    /// As read, for the places in messages.
    #[serde(skip)]
    text: String,
}

/// In which order the exchanges of a scope may be asked for at replay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Equal ones in recorded order, different ones in any, as tasks interleave.
    #[default]
    Any,
    /// As recorded.
    Strict,
}

impl Order {
    /// As the file spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Strict => "strict",
        }
    }
}

/// Declares what of some statements may differ from run to run, or forbids that it does:
///
/// ```toml
/// [[volatile]]
/// statement = "INSERT INTO users*"
/// parameters = ["created_at*", "profile/session"]
/// kind = "timestamp"
///
/// [[volatile]]
/// statement = "DROP TABLE tmp_{token}"
///
/// [[volatile]]
/// statement = "UPDATE licences *"
/// parameters = ["key"]
/// forbidden = true
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolatileRule {
    /// A glob over the SQL text, or over the operation of what has none, as `tpc_begin`; a
    /// kind in braces stands for a part of that kind, which may differ.
    pub statement: toml::Spanned<String>,
    /// Globs over the names of parameters, or over their positions, with the steps into
    /// arrays and documents behind them.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// What the parameters hold; any value of its type and shape if absent.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// They must be equal, whatever was inferred or suspected.
    #[serde(default)]
    pub forbidden: bool,
}

/// Declares that something which looks like a secret is none:
///
/// ```toml
/// [[not_secret]]
/// value = "4242424242424242"
/// reason = "the test card of the payment service's documentation"
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotSecret {
    /// A glob over what was found.
    pub value: toml::Spanned<String>,
    /// Why it may be kept, for who reads the file.
    pub reason: Reason,
}

/// A text that says something.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Reason(pub String);

impl TryFrom<String> for Reason {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        if text.trim().is_empty() { Err("a reason that says nothing") } else { Ok(Self(text)) }
    }
}

impl StackFile {
    /// In the place of a stack's own: another file, which says nothing yet.
    pub fn within(path: &Path, text: &str) -> Self {
        Self { path: path.to_path_buf(), text: text.to_owned(), ..Self::default() }
    }

    /// Reads the file's content.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let place = place(path, &valid, valid.len());
                let (what, hint) = ("not UTF-8".to_owned(), "TOML is written in UTF-8".to_owned());
                return Err(Error::from(Finding { what, hint, ..place }));
            }
        };
        match toml::from_str::<Self>(text) {
            Ok(file) => {
                let file = Self { path: path.to_path_buf(), text: text.to_owned(), ..file };
                file.check_rules()?;
                Ok(file)
            }
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let what = error.message().lines().next().unwrap_or_default().to_owned();
                let hint = "see \"How to add a stack\" in the README";
                let place = place(path, text, offset);
                Err(Error::from(Finding { what, hint: hint.to_owned(), ..place }))
            }
        }
    }

    /// A rule that can name nothing is a mistake.
    fn check_rules(&self) -> Result<()> {
        for VolatileRule { statement, parameters, .. } in &self.volatile {
            if parameters.is_empty() && !glob::names_a_part(statement.get_ref()) {
                let what = "a rule that names neither parameters nor a part of its statement";
                let kinds = Kind::ALL.map(|kind| format!("{{{}}}", kind.as_str())).join(" ");
                return Err(Error::from(Finding {
                    what: what.to_owned(),
                    hint: format!("add `parameters`, or name the part that differs: {kinds}"),
                    ..self.place(statement.span().start)
                }));
            }
        }
        Ok(())
    }

    /// The place of a byte of this file, for a finding that adds the rest.
    pub fn place(&self, offset: usize) -> Finding {
        place(&self.path, &self.text, offset)
    }
}

/// The place of a byte of a file, for a finding that adds the rest.
pub fn place(path: &Path, text: &str, offset: usize) -> Finding {
    let before = text.get(..offset).unwrap_or_default();
    Finding {
        path: path.to_path_buf(),
        line: before.matches('\n').count() + 1,
        column: before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1,
        what: String::new(),
        hint: String::new(),
    }
}
